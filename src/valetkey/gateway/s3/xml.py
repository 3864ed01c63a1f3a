"""S3's XML documents: read within bounds and in one meaning only, written plainly.

What is read here is read by the upstream once more, by another parser. So a document that two
parsers may take differently is refused: DTDs, entities of its own, prefixed names, processing
instructions, comments, another encoding than UTF-8, text between elements.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from valetkey.errors import ValetkeyError

NAMESPACE: Final = "http://s3.amazonaws.com/doc/2006-03-01/"
DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_MAX_DEPTH: Final = 16
_MAX_ELEMENTS: Final = 50_000
# What XML 1.0 can't hold at all, and what a parser would turn into something else.
_ILLEGAL: Final = "\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
_SPECIAL: Final = re.compile(f'[&<>"\r{_ILLEGAL}]')
_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}


class UnreadableXml(ValetkeyError):
    """A document that is no XML, or that could be read in two ways."""

    code = "s3-xml"


@dataclass(slots=True)
class Element:
    """An element: text, or further elements, never both."""

    name: str
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def all(self, name: str) -> list["Element"]:
        """Return the children of a name."""
        return [child for child in self.children if child.name == name]

    def one(self, name: str) -> "Element | None":
        """Return the only child of a name, or None; raises UnreadableXml where there are more."""
        found = self.all(name)
        if len(found) > 1:
            raise UnreadableXml(f"`{self.name}` has more than one `{name}`")
        return found[0] if found else None

    def value(self, name: str) -> str | None:
        """Return the text of the only child of a name; raises UnreadableXml for elements in it."""
        child = self.one(name)
        if child is not None and child.children:
            raise UnreadableXml(f"`{name}` holds elements, wanted text")
        return None if child is None else child.text

    def only(self, *names: str) -> "Element":
        """Return the element itself; raises UnreadableXml where a child has another name."""
        other = next((child.name for child in self.children if child.name not in names), None)
        if other is not None:
            raise UnreadableXml(f"`{self.name}` has no element `{other[:80]}`")
        return self

    def everywhere(self, name: str) -> Iterator["Element"]:
        """Yield the elements of a name, however deep they are."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.everywhere(name)


def read_xml(body: bytes, root: str, *, limit: int) -> Element:
    """Return a document's root element, which has a given name; raises UnreadableXml."""
    if len(body) > limit:
        raise UnreadableXml(f"the document has {len(body)} bytes, at most {limit} are read")
    if b"\0" in body or not _is_utf8(body):
        # Expat takes UTF-16 for what it is, whatever encoding it is told.
        raise UnreadableXml("the document is not in UTF-8")
    builder = _Builder()
    parser = expat.ParserCreate("UTF-8")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.XmlDeclHandler = builder.declared
    parser.StartDoctypeDeclHandler = builder.doctype
    parser.CommentHandler = builder.comment
    parser.ProcessingInstructionHandler = builder.instruction
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise UnreadableXml(f"line {error.lineno}: {expat.ErrorString(error.code)}") from None
    if builder.root is None or builder.root.name != root:
        raise UnreadableXml(f"the document is no `{root}`")
    return builder.root


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


class _Builder:
    """Builds the tree, and refuses what is not plain."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[tuple[Element, list[str]]] = []
        self._count = 0

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > _MAX_ELEMENTS or len(self._open) >= _MAX_DEPTH:
            raise UnreadableXml("the document has too many elements, or too deep ones")
        if ":" in name:
            raise UnreadableXml(f"the name `{name[:80]}` has a prefix")
        element = Element(name)
        if self._open:
            self._open[-1][0].children.append(element)
        else:
            self.root = element
        self._open.append((element, []))

    def end(self, _name: str) -> None:
        element, pieces = self._open.pop()
        text = "".join(pieces)
        if not element.children:
            element.text = text
        elif text.strip():
            raise UnreadableXml(f"`{element.name}` holds text besides elements")

    def data(self, text: str) -> None:
        if self._open:
            self._open[-1][1].append(text)

    @staticmethod
    def declared(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in ("utf-8", "utf8"):
            raise UnreadableXml(f"the document is in `{encoding[:40]}`, wanted `UTF-8`")

    @staticmethod
    def doctype(*_arguments: object) -> None:
        raise UnreadableXml("the document has a DTD")

    @staticmethod
    def comment(_text: str) -> None:
        # Some readers take only the text before it for an element's text.
        raise UnreadableXml("the document has a comment")

    @staticmethod
    def instruction(*_arguments: object) -> None:
        raise UnreadableXml("the document has a processing instruction")


def escape(text: str) -> str:
    """Return text for an element; a character that XML can't hold becomes U+FFFD."""
    if not _SPECIAL.search(text):
        return text
    return _SPECIAL.sub(lambda found: _ESCAPES.get(found[0], "\ufffd"), text)


def element(name: str, text: str) -> str:
    """Return an element with a text."""
    return f"<{name}>{escape(text)}</{name}>"


def tree(found: Element) -> str:
    """Return an element as it was read, without attributes."""
    if not found.children:
        return element(found.name, found.text)
    return f"<{found.name}>{''.join(map(tree, found.children))}</{found.name}>"


def document(root: str, parts: Iterable[str], *, namespace: bool = True) -> bytes:
    """Return a whole document of parts that are written already."""
    opening = f'<{root} xmlns="{NAMESPACE}">' if namespace else f"<{root}>"
    return f"{DECLARATION}{opening}{''.join(parts)}</{root}>".encode()
