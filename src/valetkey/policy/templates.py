"""Text of a policy that is filled in for each request: ``${key}``, ``${key, 'default'}``.

A variable's value is always taken as it is: a ``*`` that comes from a claim is a star, never a
wildcard. A default stands after a comma and one blank, as AWS writes it; other spellings are
documented nowhere and not read. ``${*}``, ``${?}`` and ``${$}`` write the characters themselves.
Variables exist since version 2012-10-17; in an older policy the same text stands for itself.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from valetkey.policy.globs import Token, Wild

_SPECIAL: Final = ("*", "?", "$")


class Variable(NamedTuple):
    """A condition key whose value is filled in; ``key`` is folded to lower case."""

    key: str
    written: str
    default: str | None

    def value(self, lookup: "Lookup") -> str | None:
        """Return what it stands for; None where it can't be filled in."""
        found = lookup(self.key)
        if found is None or found == ():
            return self.default
        return found if isinstance(found, str) else None


Part = str | Wild | Variable


class TemplateFlaw(Exception):
    """A variable that can't be read, at these characters of the template's text."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end


Lookup = Callable[[str], str | tuple[str, ...] | None]
"""Gives a variable's value by its folded key; None where the request has none.

A key with several values can't stand for a text, and its default is for a key that is missing.
"""


@dataclass(frozen=True, slots=True)
class Template:
    """Literal text, wildcards and variables in order."""

    parts: tuple[Part, ...]

    @property
    def constant(self) -> bool:
        """Tell whether there is no variable in it."""
        return not any(isinstance(part, Variable) for part in self.parts)

    @property
    def tokens(self) -> tuple[Token, ...]:
        """Return a constant template's literal text and wildcards."""
        return tuple(part for part in self.parts if not isinstance(part, Variable))

    @property
    def literal_prefix(self) -> str:
        """Return the text before the first wildcard or variable."""
        first = self.parts[0] if self.parts else ""
        return first if isinstance(first, str) else ""

    def variables(self) -> Iterator[Variable]:
        """Yield the variables in order."""
        for part in self.parts:
            if isinstance(part, Variable):
                yield part

    def filled(self, lookup: Lookup) -> tuple[tuple[Token, ...], bool]:
        """Fill the variables in; the flag says that all of them had a value.

        A variable without a value leaves a wildcard, so that what the rest of the text rules
        out stays ruled out, and the caller learns that more can't be said.
        """
        tokens: list[Token] = []
        complete = True
        for part in self.parts:
            if not isinstance(part, Variable):
                tokens.append(part)
                continue
            value = part.value(lookup)
            complete = complete and value is not None
            tokens.append(Wild.MANY if value is None else value)
        return tuple(tokens), complete

    def shown(self, lookup: Lookup) -> str | None:
        """Return the text as people read it once filled in, or None where that can't be."""
        tokens, complete = self.filled(lookup)
        if not complete:
            return None
        return "".join(token if isinstance(token, str) else token.value for token in tokens)


def parse_template(text: str, *, variables: bool, wildcards: bool) -> Template:
    """Read a text; what is not asked for stands for itself. Raises :class:`TemplateFlaw`."""
    parts: list[Part] = []
    literal: list[str] = []
    at = 0
    while at < len(text):
        if variables and text.startswith("${", at):
            variable, at = _variable(text, at)
            if isinstance(variable, str):
                literal.append(variable)
                continue
            found: Part = variable
        elif wildcards and text[at] in "*?":
            found, at = Wild(text[at]), at + 1
        else:
            end = _plain_end(text, at + 1)
            literal.append(text[at:end])
            at = end
            continue
        if literal:
            parts.append("".join(literal))
            literal.clear()
        parts.append(found)
    if literal:
        parts.append("".join(literal))
    return Template(tuple(parts))


def _plain_end(text: str, start: int) -> int:
    for at in range(start, len(text)):
        if text[at] in "*?$":
            return at
    return len(text)


def _variable(text: str, start: int) -> tuple[Variable | str, int]:
    """Read ``${…}`` at ``start``: a variable, or the special character that it writes."""
    end = start + 2
    while end < len(text) and text[end] not in ",}":
        end += 1
    written = text[start + 2 : end]
    if end == len(text):
        raise TemplateFlaw("the variable is not closed", start, start + 2)
    if not written or "${" in written or "'" in written:
        raise TemplateFlaw("the variable names no condition key", start, end + 1)
    if written != written.strip():
        raise TemplateFlaw("there are blanks around the variable's name", start, end + 1)
    if text[end] == "}":
        if written in _SPECIAL:
            return written, end + 1
        return Variable(written.lower(), written, None), end + 1
    default, after = _default(text, start, end + 1)
    return Variable(written.lower(), written, default), after


def _default(text: str, start: int, at: int) -> tuple[str, int]:
    closing = text.find("'", at + 2)
    if not text.startswith(" '", at) or closing < 0:
        message = "the variable's default does not stand in single quotes after `, `"
        raise TemplateFlaw(message, start, at)
    if text[closing + 1 : closing + 2] != "}":
        raise TemplateFlaw("the variable is not closed after its default", start, closing + 1)
    return text[at + 2 : closing], closing + 2
