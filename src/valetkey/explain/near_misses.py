"""The ways in which a policy nearly admitted a request, the nearest first."""

from collections.abc import Iterator
from typing import Final

from valetkey.explain.model import Case, NearMiss
from valetkey.explain.places import span
from valetkey.explain.statements import Nearest, Place, nearest_of, policy_name

MOST: Final = 8


def near_misses(case: Case, nearest: Nearest, others: tuple[Place, ...]) -> tuple[NearMiss, ...]:
    """Return one line for each alternative that failed: a statement, or a value of a list.

    All parts of a statement must hold, so of each statement the first that failed counts; values
    of one list are alternatives, so each of them does.
    """
    rows = [*_of_statement(nearest)]
    for place in others[: MOST - 1]:
        rows += list(_of_statement(nearest_of(case, place)))[:1]
    return tuple(dict.fromkeys(rows[:MOST]))


def _of_statement(nearest: Nearest) -> Iterator[NearMiss]:
    where = f"{nearest.place.name} of {policy_name(nearest.place.policy)}"
    for found in nearest.found[:1]:
        labels = found.diagnostic.labels
        place = labels[0].span if labels else None
        yield NearMiss(found.cause.code, found.cause.message, where, place)
        for cause, wanted in found.others:
            source = nearest.view.source
            place = span(source, wanted.range) if source is not None else None
            yield NearMiss(cause.code, cause.message, where, place)
