"""Places in the text of a policy: where a character of a value stands among its escapes."""

import re
from typing import Final

from valetkey.diagnostics import Source, Span
from valetkey.policy.decision import TextRange, Wanted

_CHARACTER: Final = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.DOTALL)
_VARIABLE: Final = re.compile(r"\$\{[^}]*\}")
_HIGH: Final = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}")
_LOW: Final = re.compile(r"\\u[dD][c-fC-F][0-9a-fA-F]{2}")


def span(source: Source, place: TextRange) -> Span:
    """Return a stretch of a source; what lies outside of it is cut off."""
    size = len(source.text)
    start = min(max(place.start, 0), size)
    return source.span(start, min(max(place.end, start), size))


def inside(source: Source, place: TextRange) -> Span:
    """Return a stretch without the quotes around it."""
    whole = span(source, place)
    if len(whole.text) > 1 and whole.text[0] == whole.text[-1] == '"':
        return source.span(whole.start + 1, whole.end - 1)
    return whole


def character(source: Source, place: TextRange, index: int) -> Span:
    """Return the character of a JSON string by its index; the closing quote after the last one."""
    body = inside(source, place)
    at = body.start
    for _ in range(index):
        step = _CHARACTER.match(source.text, at, body.end)
        if not step:
            break
        at = step.end()
        # One character beyond the basic plane is written as two escapes.
        if _HIGH.fullmatch(step[0]):
            low = _LOW.match(source.text, at, body.end)
            at = low.end() if low else at
    step = _CHARACTER.match(source.text, at, body.end)
    return source.span(at, step.end() if step else min(at + 1, len(source.text)))


def wanted_character(source: Source, wanted: Wanted, index: int) -> Span:
    """Return the written character behind a character of a wanted value.

    Where a policy variable stands for it, that is the whole ``${…}``.
    """
    if wanted.value is None or wanted.value == wanted.written:
        return character(source, wanted.range, index)
    written = 0
    filled = 0
    for start, end, size in _parts(wanted.written, wanted.value):
        if index < filled + (start - written):
            return character(source, wanted.range, written + index - filled)
        filled += start - written
        if index < filled + size:
            first = character(source, wanted.range, start)
            last = character(source, wanted.range, end - 1)
            return source.span(first.start, last.end)
        filled += size
        written = end
    return character(source, wanted.range, written + index - filled)


def _parts(written: str, value: str) -> list[tuple[int, int, int]]:
    """Return the variables of a text: start, end, and the length of what each stands for.

    Only where one variable is in the text can the length be told for certain.
    """
    variables = list(_VARIABLE.finditer(written))
    if len(variables) != 1:
        return [(m.start(), m.end(), 0) for m in variables[:1]]
    one = variables[0]
    return [(one.start(), one.end(), max(0, len(value) - len(written) + len(one[0])))]
