"""Where in a policy's text a value stands."""

from valetkey.diagnostics import Span
from valetkey.policy import PolicyDocument, Value


def whole(document: PolicyDocument, value: Value) -> Span:
    """Return the place of a value, without its quotes."""
    quotes = 1 if value.quoted else 0
    return document.source.span(value.start + quotes, value.end - quotes)


def within(document: PolicyDocument, value: Value, start: int, end: int) -> Span:
    """Return the place of some of a value's characters; of all of them if it has escapes."""
    place = whole(document, value)
    if place.text != value.text:
        return place
    return document.source.span(place.start + start, place.start + end)
