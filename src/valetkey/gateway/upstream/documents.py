"""XML documents that others wrote, read for a few texts; no document type is taken.

A document type is how an XML reader is made to fetch or to swell; no AWS answer has one.
"""

from collections.abc import Collection
from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate

_DEPTH: Final = 32
Path = tuple[str, ...]


class MalformedDocument(ValueError):
    """Not an XML document that may be read."""


def elements(document: bytes) -> list[tuple[Path, str]]:
    """Return each element that holds text only: its path of local names, and its text.

    Raises :class:`MalformedDocument`. The caller bounds the document's size.
    """
    reader = _Reader()
    parser = ParserCreate(encoding=None)
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(document, True)
    except (ExpatError, ValueError) as error:
        raise MalformedDocument("not an XML document that may be read") from error
    return reader.found


def texts(document: bytes, names: Collection[str]) -> dict[str, str]:
    """Return the text of the first element of each of these names, wherever it stands."""
    found: dict[str, str] = {}
    for path, text in elements(document):
        if path[-1] in names:
            found.setdefault(path[-1], text)
    return found


class _Reader:
    def __init__(self) -> None:
        self.found: list[tuple[Path, str]] = []
        self._path: list[str] = []
        self._text: list[str] = []
        self._leaf = False

    def start(self, name: str, _attributes: object) -> None:
        if len(self._path) == _DEPTH:
            raise MalformedDocument("nested too deeply")
        self._path.append(name.rpartition(":")[2])
        self._text.clear()
        self._leaf = True

    def text(self, data: str) -> None:
        self._text.append(data)

    def end(self, _name: str) -> None:
        if self._leaf:
            self.found.append((tuple(self._path), "".join(self._text).strip()))
        self._leaf = False
        self._path.pop()


def _refuse_doctype(*_declared: object) -> None:
    raise MalformedDocument("a document type")
