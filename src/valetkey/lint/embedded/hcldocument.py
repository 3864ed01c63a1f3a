"""``data "aws_iam_policy_document"`` as the policy that the AWS provider would make of it."""

from collections.abc import Iterator
from typing import Final

import tree_sitter

from valetkey.lint.embedded.hclvalues import HclFile
from valetkey.lint.embedded.tree import Known, List, Map, Member, Node, Opaque, Text, Unknown, whole

_ELEMENTS: Final = {
    "sid": "Sid",
    "effect": "Effect",
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}
_PRINCIPALS: Final = {"principals": "Principal", "not_principals": "NotPrincipal"}
_ELSEWHERE: Final = ("source_policy_documents", "override_policy_documents", "source_json")


def is_policy_document(file: HclFile, block: tree_sitter.Node) -> bool:
    """Tell whether a block is such a data source."""
    words = [file.text(each).strip('"') for each in block.named_children[:2]]
    return words == ["data", "aws_iam_policy_document"]


def document_of(file: HclFile, block: tree_sitter.Node) -> Map:
    """Return the policy of such a block; statements that are not in the file are unknown."""
    start, end = file.place(block)
    attributes, blocks = _body(file, block)
    statements: list[Node] = []
    for name, each in blocks:
        if name == "statement":
            statements.append(_statement(file, each))
        elif name.startswith("dynamic "):
            statements.append(file.opaque(each))
    statements += [file.opaque(attributes[name][1]) for name in _ELSEWHERE if name in attributes]
    version = attributes.get("version")
    head = (
        Member(whole("Version", *file.place(version[0])), file.value(version[1]))
        if version
        else Member(whole("Version", start, start), whole("2012-10-17", start, start))
    )
    body = Member(whole("Statement", start, start), List(start, end, tuple(statements)))
    return Map(start, end, (head, body))


Attributes = dict[str, tuple[tree_sitter.Node, tree_sitter.Node]]
"""By name: the identifier and the expression."""


def _body(
    file: HclFile, block: tree_sitter.Node
) -> tuple[Attributes, list[tuple[str, tree_sitter.Node]]]:
    attributes: Attributes = {}
    blocks: list[tuple[str, tree_sitter.Node]] = []
    for body in block.named_children:
        for each in body.named_children if body.type == "body" else ():
            if each.type == "attribute":
                name, *others = each.named_children
                if others:
                    attributes.setdefault(file.text(name), (name, others[-1]))
            elif each.type == "block":
                words = [file.text(one).strip('"') for one in each.named_children[:2]]
                dynamic = words[:1] == ["dynamic"]
                blocks.append((" ".join(words) if dynamic else words[0], each))
    return attributes, blocks


def _statement(file: HclFile, block: tree_sitter.Node) -> Map:
    start, end = file.place(block)
    attributes, blocks = _body(file, block)
    members = [
        Member(whole(element, *file.place(attributes[name][0])), _value(file, attributes[name][1]))
        for name, element in _ELEMENTS.items()
        if name in attributes
    ]
    if "effect" not in attributes:
        members.append(Member(whole("Effect", start, start), whole("Allow", start, start)))
    for name, element in _PRINCIPALS.items():
        members += _principals(file, name, element, blocks)
    members += _conditions(file, blocks)
    return Map(start, end, tuple(members))


def _principals(
    file: HclFile, name: str, element: str, blocks: list[tuple[str, tree_sitter.Node]]
) -> Iterator[Member]:
    entries: dict[str, tuple[Text, list[Node]]] = {}
    own = [each for word, each in blocks if word == name]
    more = _dynamic(file, name, blocks)
    for each in own:
        attributes, _ = _body(file, each)
        kind = file.value(attributes["type"][1]) if "type" in attributes else None
        if not isinstance(kind, Text) or kind.plain is None:
            more = file.opaque(each)
            continue
        values = entries.setdefault(kind.plain, (kind, []))[1]
        values += _items(file, attributes, "identifiers")
    place = own[0] if own else None
    if place is None and more is None:
        return
    start, end = file.place(place) if place is not None else (more.start, more.end)  # type: ignore[union-attr]  # one of the two is there
    key = whole(element, start, start + len(name) if place is not None else end)
    if set(entries) == {"*"} and more is None:
        yield Member(key, entries["*"][0])
        return
    members = tuple(
        Member(kind, values[0] if len(values) == 1 else List(kind.start, kind.end, tuple(values)))
        for kind, values in entries.values()
    )
    if not members or set(entries) == {"*"}:  # alone it is `"*"`, beside others a kind of them
        yield Member(key, Opaque(start, end, name))
        return
    yield Member(key, Map(start, end, members, more))


def _conditions(file: HclFile, blocks: list[tuple[str, tree_sitter.Node]]) -> Iterator[Member]:
    own = [each for word, each in blocks if word == "condition"]
    more = _dynamic(file, "condition", blocks)
    operators: dict[str, tuple[Text, dict[str, tuple[Text, list[Node]]]]] = {}
    for each in own:
        attributes, _ = _body(file, each)
        parts = [attributes.get(name) for name in ("test", "variable")]
        test, variable = (file.value(part[1]) if part else None for part in parts)
        if isinstance(variable, Opaque):
            place = (variable.start, variable.end)
            variable = Text(*place, (Unknown(variable.expression, *place),))
        if not isinstance(test, Text) or test.plain is None or not isinstance(variable, Text):
            more = file.opaque(each)
            continue
        keys = operators.setdefault(test.plain, (test, {}))[1]
        written = file.source.text[variable.start : variable.end]
        # The provider puts the values of one key under one operator together.
        keys.setdefault(written, (variable, []))[1].extend(_items(file, attributes, "values"))
    if not own and more is None:
        return
    first = file.place(own[0]) if own else (more.start, more.end)  # type: ignore[union-attr]  # one of the two is there
    last = file.place(own[-1]) if own else first
    members = tuple(
        Member(test, Map(test.start, test.end, tuple(_keys(keys))))
        for test, keys in operators.values()
    )
    key = whole("Condition", first[0], first[0] + len("condition"))
    yield Member(key, Map(first[0], last[1], members, more))


def _keys(keys: dict[str, tuple[Text, list[Node]]]) -> Iterator[Member]:
    for key, values in keys.values():
        one = values[0] if len(values) == 1 else List(key.start, key.end, tuple(values))
        yield Member(key, one)


def _items(file: HclFile, attributes: Attributes, name: str) -> list[Node]:
    if name not in attributes:
        return []
    value = _value(file, attributes[name][1])
    return list(value.items) if isinstance(value, List) else [value]


def _value(file: HclFile, expression: tree_sitter.Node) -> Node:
    """Return a value with the provider's ``&{…}`` read as a policy variable's ``${…}``."""
    return _variables(file.value(expression))


def _variables(node: Node) -> Node:
    if isinstance(node, List):
        return List(node.start, node.end, tuple(_variables(item) for item in node.items))
    if not isinstance(node, Text):
        return node
    pieces = tuple(
        Known(piece.text.replace("&{", "${"), piece.start, piece.end, piece.exact)
        if isinstance(piece, Known)
        else piece
        for piece in node.pieces
    )
    return Text(node.start, node.end, pieces)


def _dynamic(file: HclFile, name: str, blocks: list[tuple[str, tree_sitter.Node]]) -> Opaque | None:
    found = [each for word, each in blocks if word == f"dynamic {name}"]
    return file.opaque(found[0]) if found else None
