"""Form-encoded parameters, strictly: each once, valid UTF-8, whole escapes, no NUL."""

import re
from collections import Counter
from urllib.parse import unquote_to_bytes

from valetkey.wire.errors import WireError, malformed_input

MAX_PARAMETERS = 4096
"""More than any operation can mean: 50 tags are 100 parameters."""

_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def parse_form(raw: bytes) -> list[tuple[str, str]]:
    """Return the pairs of a query string or form body, in order."""
    pieces = raw.split(b"&", MAX_PARAMETERS)
    if len(pieces) > MAX_PARAMETERS:
        raise malformed_input(f"more than {MAX_PARAMETERS} parameters")
    pairs = []
    for piece in pieces:
        if piece:
            name, _, value = piece.partition(b"=")
            pairs.append((_text(name), _text(value)))
    return pairs


def merge(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Return the pairs as a mapping; raises :class:`WireError` on a name that is there twice."""
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        # In one pass: counting each name among all would be the sender's lever on our time.
        times = Counter(name for name, _ in pairs)
        twice = next(name for name in times if times[name] > 1)
        raise WireError("ValidationError", f"The parameter {twice} is given more than once.")
    return parameters


def _text(raw: bytes) -> str:
    if b"+" in raw:
        raw = raw.replace(b"+", b" ")
    if b"%" in raw:
        if _BROKEN_ESCAPE.search(raw):
            raise malformed_input("a parameter has a `%` without two hexadecimal digits")
        raw = unquote_to_bytes(raw)
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise malformed_input("a parameter is not UTF-8") from error
    if "\0" in text:
        raise WireError("ValidationError", "A parameter contains a NUL character.")
    return text
