"""JSON as two readers can't understand it differently.

RFC 8259 leaves open what a repeated member means, and readers differ: that difference is how a
token says one thing to its issuer and another to us. Refused here: repeated members, NaN and
Infinity, fractions beyond a double, integers of thousands of digits, lone surrogates, U+0000,
nesting deeper than any claim needs, and everything that is not UTF-8.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TypeAlias, cast

import msgspec

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

MAX_DEPTH = 32
_ESCAPED_NUL = b"\\u0000"

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
# A string that does not end is taken whole, so that its quotes are not tried again one by one.
_STRING_OR_BRACKET = re.compile(rb'"(?:[^"\\]++|\\.?)*+(?:"|\Z)|[\[{]|[\]}]', re.DOTALL)


class NotStrictJson(ValueError):
    """The text is not JSON, or is JSON that could be read in two ways; the message says which."""


def load_json(data: bytes) -> Json:
    """Read a JSON text.

    Raises NotStrictJson with the reason, in words for an operator; nothing else, whatever the
    input is.
    """
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH:
        _refuse_depth(data)
    try:
        value = cast(Json, _decode(data))
    except UnicodeDecodeError:
        raise NotStrictJson("it is not UTF-8") from None
    except msgspec.ValidationError:
        raise NotStrictJson("a number in it is too large") from None
    except msgspec.DecodeError:
        raise NotStrictJson("it is not JSON") from None
    # A text that is exactly what its own value is written as has no member twice, for a value
    # can't. Issuers write compact JSON, so this settles nearly every token at a third of the
    # price of the slow way.
    if _encode(value) != data:
        _refuse_duplicates(data)
    if _ESCAPED_NUL in data and any("\0" in text for text in _texts(value)):
        raise NotStrictJson("a text in it holds U+0000")
    return value


def json_text(value: Json) -> str:
    """Write a value as compact JSON: ``true``, ``123``, ``{"a":[1]}``."""
    return _encode(value).decode()


def json_type(value: Json) -> str:
    """Name a value's type as JSON does, for messages."""
    return _TYPES[type(value)]


def quoted(value: Json) -> str:
    """Quote a value from outside for a message: on one line, and not longer than a line."""
    text = value if isinstance(value, str) else json_text(value)
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return f"`{shown}`" if len(shown) <= _LONGEST_QUOTE else f"`{shown[:_LONGEST_QUOTE]}…`"


_LONGEST_QUOTE = 200
_TYPES: Mapping[type, str] = {
    type(None): "null",
    bool: "a boolean",
    int: "an integer",
    float: "a number with a fraction",
    str: "a string",
    list: "an array",
    dict: "an object",
}


def _refuse_depth(data: bytes) -> None:
    depth = 0
    for token in _STRING_OR_BRACKET.finditer(data):
        first = data[token.start()]
        if first in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise NotStrictJson(f"it is nested deeper than {MAX_DEPTH} levels")
        elif first in b"]}":
            depth -= 1


def _refuse_duplicates(data: bytes) -> None:
    try:
        json.loads(data, object_pairs_hook=_unique)
    except NotStrictJson:
        raise
    except (ValueError, RecursionError):
        # Defensive: the first reader took this text, and the second one does not.
        raise NotStrictJson("it is not JSON") from None


def _unique(members: list[tuple[str, object]]) -> dict[str, object]:
    seen = dict(members)
    if len(seen) != len(members):
        # In one pass: counting each name among all would be the sender's lever on our time.
        times = Counter(name for name, _ in members)
        twice = next(name for name in times if times[name] > 1)
        raise NotStrictJson(f"the member {quoted(twice)} is there more than once")
    return seen


def _texts(value: Json) -> Iterator[str]:
    """Yield every text of a value, names of members included."""
    waiting: list[Json] = [value]
    while waiting:
        match waiting.pop():
            case str(text):
                yield text
            case list(items):
                waiting.extend(items)
            case dict(members):
                yield from members
                waiting.extend(members.values())
            case _:
                pass
