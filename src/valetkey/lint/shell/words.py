"""Words of a script: their parts, quotes taken off, and where they stand."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from valetkey.lint.shell.model import Expansion, Part, Substitution, Text, Unknown, Word

_BRACED = re.compile(r"\$\{([#!]?)([A-Za-z_]\w*|[0-9]+|[@*#?$!-])(.*)\}", re.ASCII | re.DOTALL)
_IN_DOUBLE = re.compile(r'\\([$`"\\\n])')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SUBSTITUTIONS = frozenset({"command_substitution", "process_substitution"})
_TEXTS = frozenset({"word", "number", "string_content", "extglob_pattern", "variable_name"})
_SPREAD = frozenset({"concatenation", "command_name"})


class Words:
    """The words of one text."""

    def __init__(self, text: str, data: bytes) -> None:
        self._text = text
        # offsets of the grammar count bytes
        self._at: list[int] | None = None
        if len(data) != len(text):
            self._at = [at for at, char in enumerate(text) for _ in char.encode()]
            self._at.append(len(text))

    def range(self, node: Node) -> tuple[int, int]:
        """Return the stretch of the text that a node covers."""
        if self._at is None:
            return node.start_byte, node.end_byte
        return self._at[node.start_byte], self._at[node.end_byte]

    def text(self, node: Node) -> str:
        """Return the text of a node."""
        start, end = self.range(node)
        return self._text[start:end]

    def between(self, left: Node, right: Node) -> str:
        """Return the text between two nodes."""
        return self._text[self.range(left)[1] : self.range(right)[0]]

    def token(self, node: Node) -> Word:
        """Return a keyword as a word."""
        start, end = self.range(node)
        return Word(start, end, (Text(start, end, self._text[start:end], quoted=False),))

    def word(self, node: Node) -> Word:
        """Return a word with its parts."""
        start, end = self.range(node)
        return Word(start, end, tuple(self._parts(node, quoted=False)))

    def expansions(self, node: Node) -> Iterator[Expansion]:
        """Yield every variable in a word, however deep, but for those in substitutions."""
        stack = [(node, False)]
        while stack:
            one, quoted = stack.pop()
            if one.type in {"simple_expansion", "expansion"}:
                found = self._expansion(one, quoted=quoted)
                if isinstance(found, Expansion):
                    yield found
            if one.type in _SUBSTITUTIONS:
                continue
            inside = quoted or one.type in {"string", "heredoc_body"}
            stack.extend((child, inside) for child in one.children)

    def substitutions(self, node: Node) -> Iterator[Node]:
        """Yield the outermost substitutions in a word, in the order of the text."""
        stack = [node]
        while stack:
            one = stack.pop()
            if one.type in _SUBSTITUTIONS:
                yield one
            else:
                stack.extend(reversed(one.children))

    def _parts(self, node: Node, *, quoted: bool) -> Iterator[Part]:
        start, end = self.range(node)
        match node.type:
            case "string":
                yield from self._string(node, start, end)
            case "heredoc_body":
                yield from self._filled(node, start, end)
            case "raw_string":
                yield Text(start, end, self._text[start + 1 : end - 1], quoted=True)
            case "simple_expansion" | "expansion":
                yield self._expansion(node, quoted=quoted)
            case "command_substitution":
                yield Substitution(start, end, quoted)
            case kind if kind in _SPREAD:
                for child in node.children:
                    yield from self._parts(child, quoted=quoted)
            case kind if kind in _TEXTS and not node.named_child_count:
                yield Text(start, end, _ESCAPE.sub(_escaped, self._text[start:end]), quoted=False)
            case _:
                yield Unknown(start, end)

    def _string(self, node: Node, start: int, end: int) -> Iterator[Part]:
        first = start + (2 if self._text.startswith("$", start) else 1)
        if first == end - 1:
            yield Text(first, first, "", quoted=True)
            return
        yield from self._filled(node, first, end - 1)

    def _filled(self, node: Node, start: int, end: int) -> Iterator[Part]:
        """Yield the parts of a quoted text: what no expansion covers stands for itself."""
        at = start
        for child in node.named_children:
            if child.type in {"string_content", "heredoc_content"}:
                continue
            first, last = self.range(child)
            if first > at:
                yield self._quoted(at, first)
            yield from self._parts(child, quoted=True)
            at = last
        if at < end:
            yield self._quoted(at, end)

    def _quoted(self, start: int, end: int) -> Text:
        raw = self._text[start:end]
        return Text(start, end, _IN_DOUBLE.sub(_escaped, raw), quoted=True)

    def _expansion(self, node: Node, *, quoted: bool) -> Part:
        start, end = self.range(node)
        raw = self._text[start:end]
        if node.type == "simple_expansion":
            return Expansion(start, end, raw[1:], quoted)
        match = _BRACED.fullmatch(raw)
        if match is None:
            return Unknown(start, end)
        return Expansion(start, end, match[2], quoted, match[1] + match[3])


def _escaped(match: re.Match[str]) -> str:
    return "" if match[1] == "\n" else match[1]
