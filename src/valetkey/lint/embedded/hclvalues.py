"""HCL expressions as a tree: literals, templates, lists and objects; all else is unknown."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import Final

import tree_sitter
import tree_sitter_hcl

from valetkey.diagnostics import Source
from valetkey.lint.embedded.tree import (
    MAX_DEPTH,
    Known,
    List,
    Literal,
    Map,
    Member,
    Node,
    Opaque,
    Piece,
    Text,
    Unknown,
)

_ESCAPE: Final = re.compile(r"\$\$\{|%%\{|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\.", re.DOTALL)
_DOUBLED: Final = re.compile(r"\$\$\{|%%\{")
_SHORT: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_LITERALS: Final = frozenset({"numeric_lit", "bool_lit", "null_lit"})
_AROUND: Final = frozenset(
    {"quoted_template_start", "quoted_template_end", "heredoc_start", "heredoc_identifier"}
)
_LAST_CHARACTER: Final = 0x10FFFF


class HclFile:
    """An HCL text, parsed; nodes of the grammar are given back as values with places."""

    def __init__(self, source: Source) -> None:
        self.source = source
        data = source.text.encode(errors="surrogatepass")
        language = tree_sitter.Language(tree_sitter_hcl.language())
        self.tree = tree_sitter.Parser(language).parse(data)
        self._starts = None if source.text.isascii() else _starts(source.text)

    def place(self, node: tree_sitter.Node) -> tuple[int, int]:
        """Return a node's characters; the grammar counts bytes."""
        if self._starts is None:
            return node.start_byte, node.end_byte
        return (
            bisect_left(self._starts, node.start_byte),
            bisect_left(self._starts, node.end_byte),
        )

    def text(self, node: tree_sitter.Node) -> str:
        """Return what a node is written as."""
        start, end = self.place(node)
        return self.source.text[start:end]

    def value(self, node: tree_sitter.Node, depth: int = 0) -> Node:
        """Return the value of an expression."""
        parts = node.named_children
        if node.type != "expression" or len(parts) != 1 or depth > MAX_DEPTH:
            return self.opaque(node)
        (part,) = parts
        if part.type == "expression":
            return self.value(part, depth + 1)
        readers: dict[str, Callable[[], Node]] = {
            "literal_value": lambda: self._literal(part),
            "template_expr": lambda: self.template(part),
            "collection_value": lambda: self._collection(part, depth),
            "function_call": lambda: self._call(part, depth),
        }
        reader = readers.get(part.type)
        return reader() if reader else self.opaque(node)

    def opaque(self, node: tree_sitter.Node) -> Opaque:
        """Return a node as unknown."""
        start, end = self.place(node)
        return Opaque(start, end, self.source.text[start:end])

    def template(self, node: tree_sitter.Node) -> Text | Opaque:
        """Return a quoted text or a heredoc; one that is all interpolation may be anything."""
        start, end = self.place(node)
        inner = node.named_children[0] if node.type == "template_expr" else node
        escapes = _DOUBLED if inner.type == "heredoc_template" else _ESCAPE
        pieces: list[Piece] = []
        for child in inner.named_children:
            if child.type == "template_literal":
                pieces += self._pieces(child, escapes)
            elif child.type == "template_interpolation":
                pieces.append(Unknown(self.text(child), *self.place(child)))
            elif child.type not in _AROUND:
                return self.opaque(node)
        if len(pieces) == 1 and isinstance(pieces[0], Unknown):
            return Opaque(start, end, pieces[0].expression)
        return Text(start, end, tuple(pieces) or (Known("", start + 1, end - 1, exact=True),))

    def objects(self, node: tree_sitter.Node, depth: int = 0) -> Map:
        """Return an object; keys may be words, texts or expressions."""
        members: list[Member] = []
        more: Opaque | None = None
        for element in node.named_children:
            if element.type in {"object_start", "object_end", "comment"}:
                continue
            expressions = [each for each in element.named_children if each.type == "expression"]
            key = self.key(expressions[0], depth + 1) if len(expressions) == 2 else None  # noqa: PLR2004 - key and value
            if key is None:
                more = self.opaque(element)
            else:
                members.append(Member(key, self.value(expressions[1], depth + 1)))
        return Map(*self.place(node), tuple(members), more)

    def key(self, node: tree_sitter.Node, depth: int) -> Text | None:
        """Return the key of an object's element, None for one that is not to be known."""
        start, end = self.place(node)
        parts = node.named_children
        if len(parts) == 1 and parts[0].type == "variable_expr" and node.child_count == 1:
            return Text(start, end, (Known(self.text(node), start, end, exact=True),))
        value = self.value(node, depth)
        if isinstance(value, Opaque):
            return Text(start, end, (Unknown(value.expression, start, end),))
        return value if isinstance(value, Text) else None

    def _literal(self, node: tree_sitter.Node) -> Node:
        (part,) = node.named_children or [node]
        if part.type == "string_lit":
            return self.template(part)
        if part.type in _LITERALS:
            return Literal(*self.place(part), self.text(part))
        return self.opaque(node)

    def _collection(self, node: tree_sitter.Node, depth: int) -> Node:
        (part,) = node.named_children or [node]
        if part.type == "object":
            return self.objects(part, depth)
        if part.type == "tuple":
            kept = [each for each in part.named_children if each.type == "expression"]
            items = tuple(self.value(each, depth + 1) for each in kept)
            return List(*self.place(part), items)
        return self.opaque(node)

    def _call(self, node: tree_sitter.Node, depth: int) -> Node:
        name, *others = node.named_children
        arguments = [
            each
            for other in others
            if other.type == "function_arguments"
            for each in other.named_children
            if each.type != "comment"
        ]
        if self.text(name) == "jsonencode" and len(arguments) == 1:
            return self.value(arguments[0], depth + 1)
        if self.text(name) == "concat":
            lists = [self.value(each, depth + 1) for each in arguments]
            parts = [each.items if isinstance(each, List) else (each,) for each in lists]
            return List(*self.place(node), tuple(item for part in parts for item in part))
        return self.opaque(node)

    def _pieces(self, node: tree_sitter.Node, escapes: re.Pattern[str]) -> Iterator[Known]:
        start, end = self.place(node)
        text = self.source.text[start:end]
        at = 0
        for found in escapes.finditer(text):
            if found.start() > at:
                yield Known(text[at : found.start()], start + at, start + found.start(), exact=True)
            place = (start + found.start(), start + found.end())
            yield Known(_meant(found[0]), *place, exact=False)
            at = found.end()
        if at < len(text):
            yield Known(text[at:], start + at, end, exact=True)


def _meant(escape: str) -> str:
    if escape[0] in "$%":
        return escape[1:]
    if len(escape) > 2:  # noqa: PLR2004 - a backslash, a letter, and digits
        code = int(escape.lstrip("\\uU"), 16)
        return chr(code) if code <= _LAST_CHARACTER else escape
    return _SHORT.get(escape[1], escape)


def _starts(text: str) -> list[int]:
    """Return the byte at which each character starts, and the end."""
    starts, at = [], 0
    for character in text:
        starts.append(at)
        at += len(character.encode(errors="surrogatepass"))
    return [*starts, at]
