"""Tests written as Markdown: sections with fenced blocks, the last one of them the expectation."""

import re
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[2]

_SECTION = re.compile(r"^## (?P<title>.+)$", re.MULTILINE)
_BLOCK = re.compile(r"^```(?P<info>\S.*)\n(?P<body>(?:.*\n)*?)```$", re.MULTILINE)


class Block(NamedTuple):
    """A fenced block: the words after its fence, and its text without the last line break."""

    info: tuple[str, ...]
    body: str


class Section(NamedTuple):
    """A section: its title and its blocks."""

    title: str
    blocks: tuple[Block, ...]

    def __str__(self) -> str:
        return self.title

    def all(self, word: str) -> list[Block]:
        """Return the blocks whose fence begins with a word."""
        return [block for block in self.blocks if block.info[0] == word]

    def one(self, word: str) -> str:
        """Return the text of the only block whose fence begins with a word."""
        (block,) = self.all(word)
        return block.body


def sections(path: Path) -> list[Section]:
    """Return the sections of a document."""
    parts = _SECTION.split(path.read_text(encoding="utf-8"))[1:]
    return [
        Section(
            title,
            tuple(
                Block(tuple(match["info"].split(" ")), match["body"].removesuffix("\n"))
                for match in _BLOCK.finditer(text)
            ),
        )
        for title, text in zip(parts[::2], parts[1::2], strict=True)
    ]
