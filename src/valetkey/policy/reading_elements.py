"""What reading the elements of a policy has in common: shapes, names, and gathering flaws."""

from collections.abc import Iterable
from difflib import get_close_matches

from valetkey.diagnostics import Diagnostic, Label, Source
from valetkey.policy.decision import TextRange
from valetkey.policy.document import Value
from valetkey.policy.flaws import MOST_DIAGNOSTICS, Flaw, Kind
from valetkey.policy.jsonnodes import (
    Array,
    Boolean,
    Member,
    Node,
    Null,
    Number,
    Object,
    Text,
    describe,
)

_LONGEST_NAME = 64


class ElementReader:
    """Gathers flaws while values are read; ``statement`` is the one being read, or -1."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.statement = -1
        self.flaws: list[Flaw] = []

    def values(
        self, member: Member, *, scalars: bool = False, nullable: bool = False
    ) -> Iterable[Value]:
        """Read a value or a list of values.

        A null in a list of resources is passed over: IAM accepts it there (moto's table of
        documents tried on AWS), and templates produce it. The element remembers it.
        """
        node = member.value
        items = node.items if isinstance(node, Array) else (node,)
        for item in items:
            if isinstance(item, Text) or (scalars and isinstance(item, Boolean | Number)):
                yield value_of(item)
            elif not (nullable and isinstance(item, Null) and isinstance(node, Array)):
                name = member.name.value[:80]
                message = f"`{name}` wants a string or a list of strings, got {describe(item)}"
                self.flaw(Kind.SHAPE, message, item)

    def text(self, member: Member | None) -> Value | None:
        """Read a value that is one string; None where it is absent or of another kind."""
        if member is None:
            return None
        if not isinstance(member.value, Text):
            message = f"`{member.name.value}` is a string, got {describe(member.value)}"
            self.flaw(Kind.SHAPE, message, member.value)
            return None
        return value_of(member.value)

    def members(self, node: Object, known: tuple[str, ...], what: str) -> dict[str, Member]:
        """Return an object's members by name; any that is not known is a flaw."""
        found: dict[str, Member] = {}
        for member in node.members:
            if member.name.value in known:
                found[member.name.value] = member
                continue
            name = member.name.value
            similar = _similar(name, known) if self.advises() else None
            self.flaw(
                Kind.UNKNOWN_ELEMENT,
                f"{what} has no element `{name[:80]}`",
                member.name,
                help=f"did you mean `{similar}`?" if similar else f"known: {', '.join(known)}",
            )
        return found

    def advises(self) -> bool:
        """Tell whether advice will still be read; it is the dear part of a flaw."""
        return len(self.flaws) < MOST_DIAGNOSTICS

    def flaw(
        self,
        kind: Kind,
        message: str,
        place: Node | Value,
        help: str | None = None,
        wire: str | None = None,
    ) -> None:
        """Note a flaw at the place of a value."""
        finding = Diagnostic(
            kind,
            message,
            labels=(Label(self.source.span(place.start, place.end)),),
            help=(help,) if help else (),
        )
        self.flaws.append(Flaw(kind, finding, self.statement, wire))


def value_of(node: Node) -> Value:
    """Return a string, boolean or number as a value of the document."""
    match node:
        case Text():
            return Value(node.value, node.start, node.end)
        case Boolean():
            return Value("true" if node.value else "false", node.start, node.end, quoted=False)
        case Number():
            return Value(node.written, node.start, node.end, quoted=False)
        case _:
            raise TypeError(f"{describe(node)} has no text")


def range_of(node: Node) -> TextRange:
    """Return the characters of a JSON value."""
    return TextRange(node.start, node.end)


def _similar(name: str, known: tuple[str, ...]) -> str | None:
    if len(name) > _LONGEST_NAME:
        return None
    by_folded = {candidate.lower(): candidate for candidate in known}
    found = get_close_matches(name.lower(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None
