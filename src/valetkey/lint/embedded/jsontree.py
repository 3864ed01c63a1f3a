"""JSON as a tree: templates and answers of the AWS CLI that hold policies.

The reader is the policy room's own, which keeps every place and takes no duplicate members.
"""

from collections.abc import Callable
from typing import Final

from valetkey.diagnostics import Diagnostic, Source
from valetkey.lint.embedded.intrinsics import resolved
from valetkey.lint.embedded.tree import Known, List, Literal, Map, Member, Node, Text, Unreadable
from valetkey.policy import jsonnodes as nodes
from valetkey.policy.jsontext import JsonFlaw, parse_json

MAX_CHARACTERS: Final = 1024 * 1024
"""CloudFormation takes templates of up to 1 MB."""


def read_json(source: Source) -> Node:
    """Read a JSON text. Raises :class:`Unreadable`."""
    try:
        node = parse_json(source, most=MAX_CHARACTERS, longest_string=MAX_CHARACTERS)
    except JsonFlaw as flaw:
        advice = (flaw.help,) if flaw.help else ()
        raise Unreadable(
            Diagnostic("policy-json", flaw.message, labels=flaw.labels, help=advice)
        ) from None
    return tree_of(node, source, resolved)


def tree_of(node: nodes.Node, source: Source, finish: Callable[[Map], Node]) -> Node:
    """Return a JSON value as a tree; ``finish`` gets each map when it is complete."""
    match node:
        case nodes.Text():
            return _text(node, source)
        case nodes.Array():
            items = tuple(tree_of(item, source, finish) for item in node.items)
            return List(node.start, node.end, items)
        case nodes.Object():
            members = tuple(
                Member(_text(each.name, source), tree_of(each.value, source, finish))
                for each in node.members
            )
            return finish(Map(node.start, node.end, members))
        case _:
            return Literal(node.start, node.end, source.text[node.start : node.end])


def _text(node: nodes.Text, source: Source) -> Text:
    start, end = node.start + 1, node.end - 1
    exact = source.text[start:end] == node.value
    return Text(node.start, node.end, (Known(node.value, start, end, exact),))
