"""The condition operators, and how a name such as ``ForAnyValue:StringLikeIfExists`` is read."""

from difflib import get_close_matches
from enum import StrEnum
from typing import Final, NamedTuple


class Family(StrEnum):
    """What an operator compares."""

    STRING = "string"
    FOLDED_STRING = "string, case ignored"
    LIKE = "string with wildcards"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    BINARY = "base64"
    ADDRESS = "IP address"
    ARN = "ARN"
    PRESENCE = "presence"


class Relation(StrEnum):
    """How the value of the request must stand to the value of the policy."""

    EQUAL = "="
    LESS = "<"
    LESS_EQUAL = "<="
    GREATER = ">"
    GREATER_EQUAL = ">="


class Qualifier(StrEnum):
    """How many of a key's values must pass."""

    NONE = ""
    ALL = "ForAllValues:"
    ANY = "ForAnyValue:"


class Base(NamedTuple):
    """An operator without qualifier and suffix."""

    family: Family
    relation: Relation = Relation.EQUAL
    negated: bool = False


def _ordered(prefix: str, family: Family) -> dict[str, Base]:
    return {
        f"{prefix}Equals": Base(family),
        f"{prefix}NotEquals": Base(family, negated=True),
        f"{prefix}LessThan": Base(family, Relation.LESS),
        f"{prefix}LessThanEquals": Base(family, Relation.LESS_EQUAL),
        f"{prefix}GreaterThan": Base(family, Relation.GREATER),
        f"{prefix}GreaterThanEquals": Base(family, Relation.GREATER_EQUAL),
    }


BASES: Final[dict[str, Base]] = {
    "StringEquals": Base(Family.STRING),
    "StringNotEquals": Base(Family.STRING, negated=True),
    "StringEqualsIgnoreCase": Base(Family.FOLDED_STRING),
    "StringNotEqualsIgnoreCase": Base(Family.FOLDED_STRING, negated=True),
    "StringLike": Base(Family.LIKE),
    "StringNotLike": Base(Family.LIKE, negated=True),
    **_ordered("Numeric", Family.NUMBER),
    **_ordered("Date", Family.DATE),
    "Bool": Base(Family.BOOLEAN),
    "BinaryEquals": Base(Family.BINARY),
    "IpAddress": Base(Family.ADDRESS),
    "NotIpAddress": Base(Family.ADDRESS, negated=True),
    # ArnEquals and ArnLike behave alike on AWS: both take wildcards.
    "ArnEquals": Base(Family.ARN),
    "ArnLike": Base(Family.ARN),
    "ArnNotEquals": Base(Family.ARN, negated=True),
    "ArnNotLike": Base(Family.ARN, negated=True),
    "Null": Base(Family.PRESENCE),
}

_SUFFIX: Final = "IfExists"


class Operator(NamedTuple):
    """An operator as written and as understood."""

    written: str
    name: str
    base: Base
    qualifier: Qualifier
    if_exists: bool

    @property
    def takes_variables(self) -> bool:
        """Tell whether ``${key}`` is filled in: AWS does so for strings and ARNs."""
        return self.base.family in (
            Family.STRING,
            Family.FOLDED_STRING,
            Family.LIKE,
            Family.ARN,
        )

    @property
    def takes_wildcards(self) -> bool:
        """Tell whether ``*`` and ``?`` are wildcards."""
        return self.base.family in (Family.LIKE, Family.ARN)


def parse_operator(written: str) -> Operator | None:
    """Read an operator's name, or return None for one that AWS does not have."""
    qualifier, rest = Qualifier.NONE, written
    for prefix in (Qualifier.ALL, Qualifier.ANY):
        if written.startswith(prefix):
            qualifier, rest = prefix, written[len(prefix) :]
    name = rest.removesuffix(_SUFFIX)
    if_exists = name != rest
    base = BASES.get(name)
    if base is None:
        return None
    if base.family is Family.PRESENCE and (if_exists or qualifier is not Qualifier.NONE):
        # AWS: IfExists goes with every operator but Null, which asks that very question.
        return None
    return Operator(written, name, base, qualifier, if_exists)


def similar_operator(written: str) -> str | None:
    """Return the operator that was most likely meant."""
    if len(written) > 64:  # noqa: PLR2004 - longer than any operator; comparing is quadratic
        return None
    head, colon, rest = written.partition(":")
    prefix = ""
    if colon:
        folded = {qualifier.lower().rstrip(":"): qualifier for qualifier in Qualifier if qualifier}
        nearest = get_close_matches(head.lower(), folded, n=1, cutoff=0.8)
        if not nearest:
            return None
        prefix = folded[nearest[0]]
    rest = (rest if colon else written).lstrip(":")
    suffix = _SUFFIX if rest.lower().endswith(_SUFFIX.lower()) else ""
    stem = rest[: len(rest) - len(suffix)]
    by_folded = {name.lower(): name for name in BASES}
    found = get_close_matches(stem.lower(), by_folded, n=1, cutoff=0.6)
    return f"{prefix}{by_folded[found[0]]}{suffix}" if found else None
