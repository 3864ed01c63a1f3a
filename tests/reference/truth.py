"""Three truths and one way to match text: what the reference evaluator is built from.

True and False are what AWS documents. None stands for what can't be evaluated: AWS documents
no outcome, or two pages of it disagree. The project's rule for None is applied in one place
(``evaluator.applies``): an Allow does not apply and a Deny does.
"""

from collections.abc import Iterable, Sequence
from typing import Final

Truth = bool | None

STAR: Final = "STAR"
ANY_ONE: Final = "ANY ONE"
STAR_WITHIN: Final = "STAR WITHIN A SEGMENT"
ONE_WITHIN: Final = "ANY ONE WITHIN A SEGMENT"
UNRESOLVED: Final = "UNRESOLVED"
Token = str
"""One character, or one of the marks above; a segment ends at a colon."""


def either(truths: Iterable[Truth]) -> Truth:
    """One true suffices; one that can't be evaluated leaves the rest open."""
    found = list(truths)
    if True in found:
        return True
    return None if None in found else False


def every(truths: Iterable[Truth]) -> Truth:
    """One false suffices to fail, whatever can't be evaluated beside it."""
    found = list(truths)
    if False in found:
        return False
    return None if None in found else True


def negated(truth: Truth) -> Truth:
    """What can't be evaluated can't be evaluated the other way round either."""
    return None if truth is None else not truth


def covers(pattern: Sequence[Token], text: str) -> bool:
    """Whether the pattern matches the whole text.

    "An asterisk (*) represents any combination of characters and a question mark (?) represents
    any single character." (User Guide, *Resource*)
    """
    if not pattern:
        return not text
    head, rest = pattern[0], pattern[1:]
    if head in (STAR, STAR_WITHIN) and covers(rest, text):
        return True
    if not text or (head in (STAR_WITHIN, ONE_WITHIN) and text[0] == ":"):
        return False
    if head in (STAR, STAR_WITHIN):
        return covers(pattern, text[1:])
    return head in (ANY_ONE, ONE_WITHIN, text[0]) and covers(rest, text[1:])


def matches(pattern: Sequence[Token], text: str) -> Truth:
    """Whether the pattern matches the whole text, a part of it being perhaps unresolved.

    "If AWS cannot resolve a variable, this might cause the entire statement to be invalid."
    (User Guide, *Variables*) So a text that no value of the variable makes fit is no match, and
    any other can't be evaluated.
    """
    widest = [STAR if token == UNRESOLVED else token for token in pattern]
    if not covers(widest, text):
        return False
    return None if UNRESOLVED in pattern else True
