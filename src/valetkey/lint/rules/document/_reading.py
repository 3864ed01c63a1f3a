"""What rules over documents share: which conditions are theirs, and how places are found."""

from collections.abc import Iterable, Iterator
from typing import Final

from valetkey.diagnostics import did_you_mean
from valetkey.lint import iam
from valetkey.lint.conditions import demanded_keys
from valetkey.lint.model import Edit, PolicySubject
from valetkey.policy import ConditionEntry, PolicyType, Statement, Value

EVERY_TYPE: Final = frozenset(PolicyType)
MOST_ADVICE: Final = 5
"""Looking for the word that was meant is dear; nobody needs it more often in one document."""


def conditions(subject: PolicySubject) -> Iterator[tuple[Statement, ConditionEntry]]:
    """Yield the conditions with a key; a token's claims in a trust policy have their own rules."""
    trust = subject.type is PolicyType.TRUST
    for statement in subject.document.statements:
        for entry in statement.conditions:
            if entry.key and not (trust and is_claim(entry.key)):
                yield statement, entry


def undemanded(subject: PolicySubject) -> Iterator[ConditionEntry]:
    """Yield the conditions of Allow statements that hold also for requests without the key."""
    of, demanded = None, frozenset[str]()
    for statement, entry in conditions(subject):
        if statement is not of:
            of, demanded = statement, demanded_keys(statement)
        if not statement.denies and entry.key.lower() not in demanded:
            yield entry


def is_claim(key: str) -> bool:
    """Tell whether a key is a claim of a token: it begins with an issuer, not with a service."""
    prefix = key.partition(":")[0].lower()
    return prefix != "aws" and iam.service(prefix) is None


def without_effect(statement: Statement) -> str:
    """Say what a statement is that never applies."""
    return "the statement never denies" if statement.denies else "the statement never allows"


def values_with_variables(statement: Statement) -> Iterator[Value]:
    """Yield the values that would have a variable in a document of version 2012-10-17."""
    resources = statement.resource.values if statement.resource else ()
    tested = (
        value
        for entry in statement.conditions
        if entry.operator.takes_variables
        for value in entry.values
    )
    for value in (*resources, *tested):
        if "${" in value.text:
            yield value


def removals(places: tuple[tuple[int, int], ...], gone: frozenset[int]) -> dict[int, Edit]:
    """Return an edit for each item of a list that is to go, comma included; one at least stays.

    ``places`` are the items' characters in order.
    """
    edits: dict[int, Edit] = {}
    stays = False
    for at, (start, end) in enumerate(places):
        if at not in gone:
            stays = True
        elif stays:
            edits[at] = Edit(places[at - 1][1], end, "")
        else:
            edits[at] = Edit(start, places[at + 1][0], "")
    return edits


class Advice:
    """Says what was most likely meant, a few times a document."""

    def __init__(self) -> None:
        self._left = MOST_ADVICE

    def nearest(self, word: str, choices: Iterable[str], *, cutoff: float = 0.75) -> str | None:
        """Return the choice that is spelt most like a word, or None."""
        if self._left == 0:
            return None
        self._left -= 1
        return did_you_mean(word, choices, cutoff=cutoff)
