"""What CloudFormation fills in: its functions, and the braces of other templating languages."""

import re
from collections.abc import Iterator
from typing import Final

from valetkey.lint.embedded.tree import Known, List, Map, Node, Opaque, Piece, Text, Unknown

_SUBSTITUTION: Final = re.compile(r"\$\{(?P<literal>!)?(?P<name>[^{}]*)\}")
_OPENING: Final = "{{"
_CLOSING: Final = "}}"
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
    pieces = tuple(part for piece in template.pieces for part in _split(piece))
    return _text(template, pieces)


def templated(node: Text) -> Text | Opaque:
    """Return a text with its ``{{ … }}`` (Jinja, dynamic references) as unknown pieces."""
    if not any(isinstance(piece, Known) and _OPENING in piece.text for piece in node.pieces):
        return node
    pieces = tuple(part for piece in node.pieces for part in _split_braces(piece))
    return _text(node, pieces)


def _text(node: Text, pieces: tuple[Piece, ...]) -> Text | Opaque:
    """Return a text of these pieces; one that is all unknown may be a list as well."""
    if len(pieces) == 1 and isinstance(pieces[0], Unknown):
        return Opaque(node.start, node.end, pieces[0].expression)
    return Text(node.start, node.end, pieces)


def _split_braces(piece: Piece) -> Iterator[Piece]:
    """Yield the parts of a piece; of braces that nobody closes there is one search, not many."""
    if isinstance(piece, Unknown):
        yield piece
        return
    text, at = piece.text, 0
    while (start := text.find(_OPENING, at)) >= 0:
        end = text.find(_CLOSING, start + len(_OPENING)) + len(_CLOSING)
        if end < len(_CLOSING):
            break
        if start > at:
            yield cut(piece, at, start)
        part = cut(piece, start, end)
        yield Unknown(text[start:end], part.start, part.end)
        at = end
    if at < len(text) or not text:
        yield cut(piece, at, len(text))


def _split(piece: Piece) -> Iterator[Piece]:
    """Yield the parts of a template of ``Fn::Sub``."""
    if isinstance(piece, Unknown):
        yield piece
        return
    at = 0
    for found in _SUBSTITUTION.finditer(piece.text):
        if found.start() > at:
            yield cut(piece, at, found.start())
        part = cut(piece, found.start(), found.end())
        if found["literal"]:
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
