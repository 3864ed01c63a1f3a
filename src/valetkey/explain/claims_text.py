"""A token's claims as a text that findings can point into."""

import json
from collections.abc import Mapping
from typing import Any

from valetkey.diagnostics import Diagnostic, Label, Source, Span
from valetkey.explain.model import Case


class ClaimsText:
    """The claims as JSON, a line each, with the place of every value."""

    def __init__(self, claims: Mapping[str, Any]) -> None:
        rows: list[str] = []
        places: dict[str, tuple[int, int]] = {}
        at = len("{\n")
        for name, value in claims.items():
            key = f"  {json.dumps(name)}: "
            text = json.dumps(value)
            places[name] = (at + len(key), at + len(key) + len(text))
            rows.append(key + text)
            at += len(key) + len(text) + len(",\n")
        self._places = places
        self.source = Source("claims of the token", "{\n" + ",\n".join(rows) + "\n}\n")

    def value(self, name: str) -> Span | None:
        """Return the place of a claim's value, quotes included, if the token has it."""
        place = self._places.get(name)
        return None if place is None else self.source.span(*place)

    def character(self, name: str, index: int) -> Span | None:
        """Return the place of a character in a claim that is a string."""
        place = self._places.get(name)
        if place is None:
            return None
        body = self.source.text[place[0] + 1 : place[1] - 1]
        if "\\" in body:  # escapes shift the characters: the whole value it is then
            return self.source.span(*place)
        at = min(place[0] + 1 + index, place[1] - 1)
        return self.source.span(at, at + 1)


def token_finding(
    code: str,
    message: str,
    case: Case,
    *,
    claim: str | None = None,
    at: int | None = None,
    label: str = "",
    notes: tuple[str, ...] = (),
    help: tuple[str, ...] = (),
) -> Diagnostic:
    """Return a finding about a token, at a claim or at a character of it."""
    text = ClaimsText(case.claims)
    place = None
    if claim is not None:
        place = text.value(claim) if at is None else text.character(claim, at)
    labels = () if place is None else (Label(place, label),)
    return Diagnostic(code, message, labels=labels, notes=notes, help=help)


def as_told(case: Case) -> Diagnostic:
    """Repeat the reason that the check gave."""
    message = case.reason or case.wire_message or "the request was refused"
    advice = (case.help,) if case.help else ()
    return token_finding(case.check or "refused", message, case, help=advice)
