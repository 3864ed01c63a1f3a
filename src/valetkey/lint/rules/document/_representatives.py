"""Values of which one at least passes a set of conditions, if any value does.

The conditions of a statement on one key cut its values into stretches within which every
condition says the same; one value of each stretch is enough to try. Where that can't be done
(wildcards, variables, sets of values) there is no answer.
"""

from collections.abc import Iterable
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from itertools import pairwise
from typing import Final

from valetkey.policy import ConditionEntry, Family, Qualifier
from valetkey.policy.values import instant, network, number

MOST: Final = 96
"""More values than that are not tried: each is held against every condition."""

_SECOND: Final = 1_000_000_000
_VERSION_4: Final = 4
_BITS: Final = {4: 32, 6: 128}


def representatives(entries: Iterable[ConditionEntry], *, variables: bool) -> list[str] | None:
    """Return the values to try, or None where no finite choice of them stands for all."""
    tested = [each for each in entries if each.operator.base.family is not Family.PRESENCE]
    if any(each.operator.qualifier is not Qualifier.NONE for each in tested):
        return None
    if variables and any("${" in value.text for each in tested for value in each.values):
        return None
    found = _of_exact(tested) or _of_one_family(tested)
    return None if found is None or len(found) > MOST else sorted(found)


def _of_exact(entries: list[ConditionEntry]) -> set[str] | None:
    """Return the values that a plain `StringEquals` leaves: no others need be tried."""
    for entry in entries:
        operator = entry.operator
        plain = operator.base.family is Family.STRING and not operator.base.negated
        if plain and entry.values:
            return {value.text for value in entry.values}
    return None


def _of_one_family(entries: list[ConditionEntry]) -> set[str] | None:
    families = {entry.operator.base.family for entry in entries}
    if len(families) != 1:
        return {"any"} if not families else None
    texts = [value.text for entry in entries for value in entry.values]
    match families.pop():
        case Family.NUMBER:
            return _numbers(texts)
        case Family.DATE:
            return _dates(texts)
        case Family.ADDRESS:
            return _addresses(texts)
        case Family.BOOLEAN:
            return {"true", "false"}
        case _:
            return None


def _numbers(texts: list[str]) -> set[str] | None:
    """Return the borders, and a number in each gap between and beyond them."""
    borders = sorted({border for text in texts if (border := number(text)) is not None})
    if not borders:
        return None
    gaps = [(low + high) / 2 for low, high in pairwise(borders)]
    tried = {*texts, *(f"{gap:f}" for gap in (*gaps, borders[0] - 1, borders[-1] + 1))}
    return tried if all(_is_exact(text) for text in tried) else None


def _is_exact(text: str) -> bool:
    """Tell whether a number is read, and is small enough that a gap's middle is exact."""
    value = number(text)
    return value is not None and abs(value) < Decimal(10) ** 20 and len(text) <= len("1" * 24)


def _dates(texts: list[str]) -> set[str] | None:
    """Return the borders, and a whole second in each gap; none where a gap is too small."""
    borders = sorted({border for text in texts if (border := instant(text)) is not None})
    if not borders or borders[0] <= _SECOND:
        return None
    tried = {*texts, str(borders[0] // _SECOND - 1), str(borders[-1] // _SECOND + 1)}
    for low, high in pairwise(borders):
        middle = (low + high) // 2 // _SECOND
        if not low < middle * _SECOND < high:
            return None
        tried.add(str(middle))
    return tried


def _addresses(texts: list[str]) -> set[str]:
    """Return the addresses at and next to both borders of each range, and one of each version."""
    tried = {"0.0.0.0", "::"}  # noqa: S104 - an address to compare with
    for text in texts:
        found = network(text)
        if found is None:
            continue
        last = found.first | (~found.mask & ((1 << _BITS[found.version]) - 1))
        for at in (found.first - 1, found.first, last, last + 1):
            if 0 <= at < 1 << _BITS[found.version]:
                form = IPv4Address if found.version == _VERSION_4 else IPv6Address
                tried.add(str(form(at)))
    return tried
