"""Patterns for ARNs: six fields, wildcards within each of them.

The first five colons separate fields; the resource field may hold colons and slashes, and its
wildcards cross both. A wildcard of another field stays within that field.

Of ``Resource`` AWS says that a star which ends a field "can expand to match beyond the colon
boundaries", not when it does: what fits only so can't be evaluated.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from valetkey.policy.globs import Glob, Token, Wild
from valetkey.policy.kleene import Truth, all_of
from valetkey.policy.request import Context
from valetkey.policy.templates import Part, Template

FIELDS: Final = 6
_MOST_PIECES: Final = 64
"""Between how many colons it is looked for where a star may run on to; beyond that it may fit."""


class ArnPattern:
    """A pattern compiled as far as its variables allow.

    ``literal_prefix`` is text that every match starts with; the index is built on it.
    """

    __slots__ = (
        "_everything",
        "_fields",
        "_glob",
        "_head",
        "_loose",
        "_template",
        "literal_prefix",
        "short",
    )

    def __init__(self, template: Template, *, runs_on: bool = False) -> None:
        self._template = template
        self.literal_prefix: Final = template.literal_prefix
        self._everything = template.parts == (Wild.MANY,)
        fields = split_fields(template.parts)
        # IAM takes ARNs of less than six fields and shows them with `*` for what is missing
        # (`arn:aws:s3` as `arn:aws:s3:*:*:*`). Whether they match so was seen nowhere: they
        # may deny, they never allow.
        self.short: Final = len(fields) < FIELDS
        self._loose = _loose(fields) if runs_on and not self._everything else None
        self._fields = [*fields, *([(Wild.MANY,)] * (FIELDS - len(fields)))]
        head, resource = self._fields[:-1], self._fields[-1]
        self._head = _literal_head(head)
        self._glob = _constant_glob(resource) if self._head is not None else None

    def test(self, text: str, context: Context) -> Truth:
        """Tell whether ``text`` fits; None where the pattern can't be filled in, but may fit."""
        if self._everything:
            return True
        if self._head is not None:
            if not text.startswith(self._head):
                return False
            resource = text[len(self._head) :]
            if self._glob is not None:
                return self._glob.matches(resource)
            return _fits(self._fields[-1], resource, context)
        fits = self._test_fields(text, context)
        if fits is False and self._loose is not None and text.startswith(self.literal_prefix):
            return self._test_running_on(self._loose, text, context)
        return None if fits and self.short else fits

    def _test_fields(self, text: str, context: Context) -> Truth:
        got = text.split(":", FIELDS - 1)
        if len(got) != FIELDS:
            return False
        pairs = zip(self._fields, got, strict=True)
        return all_of(_fits(parts, value, context) for parts, value in pairs)

    def _test_running_on(self, loose: "tuple[_Field, ...]", text: str, context: Context) -> Truth:
        """Tell whether it would fit if stars that end a field ran on: None, or False."""
        pieces = text.split(":")
        if len(pieces) < FIELDS or (len(pieces) == FIELDS and not self.short):
            return False  # nothing to run on to
        if len(pieces) > _MOST_PIECES:
            return None
        places = {0}
        for field in loose:
            after = {place + 1 for place in places if field.fits(pieces, place)}
            places = set(range(min(after), len(pieces) + 1)) if after and field.open else after
        if self.short:
            return None if len(pieces) in places else False
        rests = (":".join(pieces[place:]) for place in places if place < len(pieces))
        found = any(_fits(self._fields[-1], rest, context) is not False for rest in rests)
        return None if found else False

    def shown(self, context: Context) -> str | None:
        """Return the pattern as people read it with its variables filled in."""
        return self._template.shown(context.folded)

    def missing(self, context: Context) -> str | None:
        """Return a variable that has no value in this request."""
        for variable in self._template.variables():
            if variable.value(context.folded) is None:
                return variable.written
        return None


class _Field(NamedTuple):
    """A field before the resource's: its pattern, and whether it ends with a star."""

    glob: Glob
    open: bool

    def fits(self, pieces: list[str], place: int) -> bool:
        return place < len(pieces) and self.glob.matches(pieces[place])


def _loose(fields: list[tuple[Part, ...]]) -> tuple[_Field, ...] | None:
    """Return the fields in which a star may run on; None where none may."""
    found = tuple(
        _Field(Glob(Template(field).filled(_nothing)[0]), field[-1:] == (Wild.MANY,))
        for field in fields[: FIELDS - 1]
    )
    return found if any(field.open for field in found) else None


def _nothing(_key: str) -> None:
    return None


def _fits(parts: tuple[Part, ...], text: str, context: Context) -> Truth:
    tokens, complete = Template(parts).filled(context.folded)
    if not Glob(tokens).matches(text):
        return False
    return True if complete else None


def split_fields(parts: Iterable[Part]) -> list[tuple[Part, ...]]:
    """Split a template at the first five colons of its own text, not at those of values."""
    fields: list[list[Part]] = [[]]
    for part in parts:
        if not isinstance(part, str):
            fields[-1].append(part)
            continue
        pieces = part.split(":", FIELDS - len(fields))
        for index, piece in enumerate(pieces):
            if index:
                fields.append([])
            if piece:
                fields[-1].append(piece)
    return [tuple(field) for field in fields]


def _literal_head(fields: list[tuple[Part, ...]]) -> str | None:
    """Return the text up to the resource field, where there is no wildcard in it."""
    texts: list[str] = []
    for field in fields:
        if not all(isinstance(part, str) for part in field):
            return None
        texts.append("".join(part for part in field if isinstance(part, str)))
    return ":".join(texts) + ":"


def _constant_glob(parts: Iterable[Part]) -> Glob | None:
    template = Template(tuple(parts))
    tokens: tuple[Token, ...] = template.tokens
    return Glob(tokens) if template.constant else None
