"""Three-valued truth: True, False, and None for what can't be evaluated.

A variable without a value or a claim that is no number makes a test impossible, not false: an
Allow must not apply then, and a Deny must. So the third value is carried up to the statement,
which knows its effect, and only what is certain beats it.
"""

from collections.abc import Iterable

Truth = bool | None


def any_of(truths: Iterable[Truth]) -> Truth:
    """Return True where one is; None where one could be; False for none."""
    found: Truth = False
    for truth in truths:
        if truth:
            return True
        if truth is None:
            found = None
    return found


def all_of(truths: Iterable[Truth]) -> Truth:
    """Return False where one is; None where one could be; True for none."""
    found: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            found = None
    return found


def inverse(truth: Truth) -> Truth:
    """Return the opposite of what is certain."""
    return None if truth is None else not truth
