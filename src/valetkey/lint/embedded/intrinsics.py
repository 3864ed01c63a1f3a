"""What CloudFormation fills in: its functions, and the braces of other templating languages."""

import re
from collections.abc import Iterator
from typing import Final

from valetkey.lint.embedded.tree import Known, List, Map, Node, Opaque, Piece, Text, Unknown

_SUBSTITUTION: Final = re.compile(r"\$\{(?P<literal>!)?(?P<name>[^{}]*)\}")
_BRACES: Final = re.compile(r"\{\{.*?\}\}", re.DOTALL)
SUB: Final = "Fn::Sub"


def resolved(node: Map) -> Node:
    """Return what a map is once functions are taken for what they are: values yet unknown."""
    if len(node.members) != 1 or node.more is not None:
        return node
    (member,) = node.members
    name = member.key.plain or ""
    if name == SUB:
        return substituted(member.value)
    if name == "Ref" or name.startswith("Fn::"):
        return Opaque(node.start, node.end, name)
    return node


def substituted(node: Node) -> Node:
    """Return the argument of ``Fn::Sub`` with its ``${…}`` as unknown pieces."""
    template = node.items[0] if isinstance(node, List) and node.items else node
    if not isinstance(template, Text):
        return Opaque(node.start, node.end, SUB)
    pieces = tuple(part for piece in template.pieces for part in _split(piece, _SUBSTITUTION))
    return _text(template, pieces)


def templated(node: Text) -> Text | Opaque:
    """Return a text with its ``{{ … }}`` (Jinja, dynamic references) as unknown pieces."""
    if not any(isinstance(piece, Known) and "{{" in piece.text for piece in node.pieces):
        return node
    pieces = tuple(part for piece in node.pieces for part in _split(piece, _BRACES))
    return _text(node, pieces)


def _text(node: Text, pieces: tuple[Piece, ...]) -> Text | Opaque:
    """Return a text of these pieces; one that is all unknown may be a list as well."""
    if len(pieces) == 1 and isinstance(pieces[0], Unknown):
        return Opaque(node.start, node.end, pieces[0].expression)
    return Text(node.start, node.end, pieces)


def _split(piece: Piece, pattern: re.Pattern[str]) -> Iterator[Piece]:
    if isinstance(piece, Unknown):
        yield piece
        return
    at = 0
    for found in pattern.finditer(piece.text):
        if found.start() > at:
            yield cut(piece, at, found.start())
        part = cut(piece, found.start(), found.end())
        if found.groupdict().get("literal"):
            yield Known(f"${{{found['name']}}}", part.start, part.end, exact=False)
        else:
            yield Unknown(found[0], part.start, part.end)
        at = found.end()
    if at < len(piece.text) or not piece.text:
        yield cut(piece, at, len(piece.text))


def cut(piece: Known, start: int, end: int) -> Known:
    """Return a stretch of a piece; without exact places, at the place of the whole."""
    if not piece.exact:
        return Known(piece.text[start:end], piece.start, piece.end, exact=False)
    return Known(piece.text[start:end], piece.start + start, piece.start + end, exact=True)
