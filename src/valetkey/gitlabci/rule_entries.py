"""``rules``, ``workflow:rules``, ``only`` and ``except`` as written."""

from collections.abc import Iterator

from valetkey.gitlabci.entries import (
    MAX_NESTING,
    check_keys,
    is_absent,
    read_strings,
    read_variables,
    text_of,
)
from valetkey.gitlabci.errors import MalformedCiFile
from valetkey.gitlabci.expression import Expression, parse_expression
from valetkey.gitlabci.keywords import nearest
from valetkey.gitlabci.nodes import Mapping, Node, Scalar, Sequence
from valetkey.gitlabci.report import Report
from valetkey.gitlabci.rules import RefFilter, Rule

_MAX_GLOBS = 50


def read_rules(
    path: str, node: Node, report: Report, *, known: frozenset[str], when: tuple[str, ...]
) -> tuple[Rule, ...]:
    """Return rules; ``known`` and ``when`` are what this place allows."""
    if not isinstance(node, Sequence):
        report.error(f"{path} config should be an array of hashes", node.span)
        return ()
    rules = []
    for item in _flattened(path, node, 1, report):
        check_keys(f"{path}:rule", item, known, report)
        rules.append(_rule(f"{path}:rule", item, when, report))
    return tuple(rules)


def _flattened(path: str, node: Sequence, level: int, report: Report) -> Iterator[Mapping]:
    for item in node.items:
        if isinstance(item, Mapping) and item.entries:
            yield item
        elif isinstance(item, Sequence) and level < MAX_NESTING:
            yield from _flattened(path, item, level + 1, report)
        else:
            report.error(f"{path}:rule config should be a hash", item.span)


def _rule(path: str, node: Mapping, allowed: tuple[str, ...], report: Report) -> Rule:
    when = node.get("when")
    word = text_of(when)
    if when is not None and not is_absent(when) and word not in allowed:
        near = nearest(word or "", allowed)
        report.error(f"{path} when unknown value: {word or '?'}", when.span, help=near)
    variables = node.get("variables")
    return Rule(
        node.span,
        condition=_condition(path, node.get("if"), report),
        changes=_globs(f"{path} changes", node.get("changes"), report),
        exists=_globs(f"{path} exists", node.get("exists"), report),
        when=word,
        allow_failure=_allow_failure(path, node.get("allow_failure"), report),
        variables={} if variables is None else read_variables(path, variables, report),
    )


def _condition(path: str, node: Node | None, report: Report) -> Expression | None:
    if node is None or is_absent(node):
        return None
    text = text_of(node)
    if text is None:
        report.error(f"{path} if should be a string", node.span)
        return None
    try:
        return parse_expression(text, node.span)
    except MalformedCiFile as error:
        report.error(f"{path} if {error.message}", node.span)
        return None


def _globs(path: str, node: Node | None, report: Report) -> tuple[str, ...] | None:
    if node is None or is_absent(node):
        return None
    if isinstance(node, Mapping):
        for entry in node:
            if entry.name != "paths":
                message = f"`{path.rpartition(' ')[2]}:{entry.name}` looks at other commits"
                report.refuse(message, entry.key.span, help="decide by `if`")
        paths = node.get("paths")
        return () if paths is None else read_strings(f"{path} paths", paths, report)
    globs = read_strings(path, node, report)
    if len(globs) > _MAX_GLOBS:
        report.error(f"{path} is too long (maximum is {_MAX_GLOBS} characters)", node.span)
    return globs


def _allow_failure(path: str, node: Node | None, report: Report) -> bool | None:
    if node is None or is_absent(node):
        return None
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return node.value
    report.error(f"{path} allow failure should be a boolean value", node.span)
    return None


def read_refs(keyword: str, path: str, node: Node, report: Report) -> RefFilter:
    """Return the refs of ``only`` or ``except``; their other clauses are refused by name."""
    if isinstance(node, Mapping):
        for entry in node:
            if entry.name != "refs":
                message = f"`{keyword}:{entry.name}` is not evaluated here"
                report.refuse(message, entry.key.span, help="use `rules`")
        refs = node.get("refs")
        if refs is None:
            return RefFilter(node.span, ())
        node = refs
    if (one := text_of(node)) is not None:
        return RefFilter(node.span, (one,))
    found = read_strings(path, node, report)
    for ref in found:
        if "@" in ref and not ref.startswith("/"):
            report.refuse(
                f"`{keyword}: {ref}` names another project", node.span, help="use `rules`"
            )
    return RefFilter(node.span, found)
