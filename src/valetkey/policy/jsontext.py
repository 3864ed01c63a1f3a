"""JSON with the place of every value, and no leniency: what a policy is written in.

The standard parser keeps no places, takes the last of two members with one name, and accepts
``NaN``. A policy whose readers disagree on what it says is no policy, so all of that is refused
here (RFC 8259; RFC 7493 for duplicate members and lone surrogates).
"""

import re
from collections.abc import Callable
from typing import Final

from valetkey.diagnostics import Label, Source
from valetkey.policy.jsonnodes import Array, Boolean, Member, Node, Null, Number, Object, Text

MAX_CHARACTERS: Final = 131_072
"""IAM's longest ``PolicyDocument`` parameter."""

MAX_STRING: Final = 10_240
"""IAM's longest kept policy. What a pattern costs to compile grows by the square of its length."""

MAX_DEPTH: Final = 64
"""The deepest useful policy has seven levels; beyond this the text is an attack or a mistake."""

_BLANK = re.compile(r"[ \t\n\r]*")
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z0-9_+.\-]+")
_HEX4 = re.compile(r"[0-9a-fA-F]{4}")
_ESCAPES: Final = {
    '"': '"',
    "\\": "\\",
    "/": "/",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
}
_HIGH_SURROGATES: Final = range(0xD800, 0xDC00)
_LOW_SURROGATES: Final = range(0xDC00, 0xE000)


class JsonFlaw(Exception):
    """The text is not the JSON that we accept; the first label is the place."""

    def __init__(self, message: str, labels: tuple[Label, ...], help: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.labels = labels
        self.help = help


def parse_json(
    source: Source, *, most: int = MAX_CHARACTERS, longest_string: int = MAX_STRING
) -> Node:
    """Read the whole of a text as one JSON value; raises :class:`JsonFlaw`.

    ``most`` and ``longest_string`` count characters; what holds policies may be longer than one.
    """
    if len(source.text) > most:
        raise JsonFlaw(
            f"the text has {len(source.text)} characters, {most} are allowed",
            (Label(source.span(0, 1)),),
        )
    return _Reader(source, longest_string).document()


class _Reader:
    """Recursive descent with a bound on the depth, so that no text reaches Python's own."""

    __slots__ = ("_at", "_longest_string", "_source", "_text")

    def __init__(self, source: Source, longest_string: int) -> None:
        self._source = source
        self._longest_string = longest_string
        self._text = source.text
        self._at = 0

    def document(self) -> Node:
        node = self._value(1)
        self._skip_blank()
        if self._at < len(self._text):
            raise self._flaw("text follows the end of the document", self._at)
        return node

    def _value(self, depth: int) -> Node:
        self._skip_blank()
        if depth > MAX_DEPTH:
            raise self._flaw(f"values are nested more than {MAX_DEPTH} levels deep", self._at)
        readers: dict[str, Callable[[int], Node]] = {
            "{": self._object,
            "[": self._array,
            '"': lambda _: self._string(),
        }
        reader = readers.get(self._text[self._at : self._at + 1])
        return reader(depth) if reader else self._scalar()

    def _object(self, depth: int) -> Object:
        start = self._at
        members: dict[str, Member] = {}
        self._at += 1
        if self._next_is("}"):
            return Object(start, self._at, ())
        while True:
            self._skip_blank()
            if self._text[self._at : self._at + 1] != '"':
                raise self._expected("a name in double quotes")
            name = self._string()
            if name.value in members:
                raise self._duplicate(members[name.value].name, name)
            if not self._next_is(":"):
                raise self._expected("`:`")
            members[name.value] = Member(name, self._value(depth + 1))
            if self._next_is("}"):
                return Object(start, self._at, tuple(members.values()))
            if not self._next_is(","):
                raise self._expected("`,` or `}`")

    def _array(self, depth: int) -> Array:
        start = self._at
        items: list[Node] = []
        self._at += 1
        if self._next_is("]"):
            return Array(start, self._at, ())
        while True:
            items.append(self._value(depth + 1))
            if self._next_is("]"):
                return Array(start, self._at, tuple(items))
            if not self._next_is(","):
                raise self._expected("`,` or `]`")

    def _string(self) -> Text:
        start = self._at
        pieces: list[str] = []
        self._at += 1
        while True:
            plain_end = _end_of(_PLAIN, self._text, self._at)
            pieces.append(self._text[self._at : plain_end])
            self._at = plain_end
            following = self._text[plain_end : plain_end + 1]
            if following == '"':
                self._at += 1
                return Text(start, self._at, self._checked("".join(pieces), start))
            if following == "":
                raise self._flaw("the string is not closed", start, start + 1)
            if following != "\\":
                raise self._flaw(
                    f"control character U+{ord(following):04X} stands in a string",
                    self._at,
                    help=f"write it as `\\u{ord(following):04x}`",
                )
            pieces.append(self._escape())

    def _checked(self, value: str, start: int) -> str:
        if len(value) > self._longest_string:
            message = f"the string has {len(value)} characters, {self._longest_string} are allowed"
            raise self._flaw(message, start)
        # Surrogates can also stand raw in a Python string; they have no UTF-8 form.
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise self._flaw("half of a surrogate pair stands in a string", start, self._at)
        return value

    def _escape(self) -> str:
        start = self._at
        letter = self._text[start + 1 : start + 2]
        if letter in _ESCAPES:
            self._at += 2
            return _ESCAPES[letter]
        if letter != "u":
            raise self._flaw(f"`\\{letter}` is no escape of JSON", start, start + 2)
        code = self._hex(start)
        if code in _HIGH_SURROGATES:
            if self._text[start + 6 : start + 8] != "\\u":
                raise self._flaw("half of a surrogate pair stands alone", start, start + 6)
            low = self._hex(start + 6)
            if low not in _LOW_SURROGATES:
                raise self._flaw("half of a surrogate pair stands alone", start, start + 6)
            return chr(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00))
        if code in _LOW_SURROGATES:
            raise self._flaw("half of a surrogate pair stands alone", start, start + 6)
        return chr(code)

    def _hex(self, start: int) -> int:
        digits = _HEX4.match(self._text, start + 2)
        if digits is None:
            raise self._flaw("`\\u` wants four hexadecimal digits", start, start + 2)
        self._at = digits.end()
        return int(digits.group(), 16)

    def _scalar(self) -> Node:
        start = self._at
        number = _NUMBER.match(self._text, start)
        end = _end_of(_WORD, self._text, start)
        if number is not None and number.end() == end:
            self._at = end
            return Number(start, end, number.group())
        word = self._text[start:end]
        self._at = end
        if word in ("true", "false"):
            return Boolean(start, end, word == "true")
        if word == "null":
            return Null(start, end)
        if word:
            raise self._flaw(f"`{word[:40]}` is no value of JSON", start, end)
        raise self._expected("a value")

    def _skip_blank(self) -> None:
        self._at = _end_of(_BLANK, self._text, self._at)

    def _next_is(self, mark: str) -> bool:
        self._skip_blank()
        if self._text[self._at : self._at + 1] != mark:
            return False
        self._at += 1
        return True

    def _expected(self, what: str) -> JsonFlaw:
        found = self._text[self._at : self._at + 1]
        got = f"`{found}`" if found else "the end of the text"
        return self._flaw(f"expected {what}, got {got}", self._at)

    def _duplicate(self, first: Text, second: Text) -> JsonFlaw:
        return JsonFlaw(
            f"`{second.value[:80]}` is given twice in one object",
            (
                Label(self._source.span(second.start, second.end), "given again here"),
                Label(self._source.span(first.start, first.end), "given first here"),
            ),
            help="readers of JSON differ on which one counts; keep one of them",
        )

    def _flaw(
        self, message: str, start: int, end: int | None = None, help: str | None = None
    ) -> JsonFlaw:
        span = self._source.span(start, start + 1 if end is None else end)
        return JsonFlaw(message, (Label(span),), help)


def _end_of(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.match(text, start)
    return start if found is None else found.end()
