"""The policy document of an upload form (S3, *Creating a POST Policy*)."""

import base64
import binascii
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, NoReturn

from msgspec import Struct

from valetkey.sigv4.refusals import FormCheck, FormRefused, MalformedForm

_MEMBERS = frozenset(("expiration", "conditions"))
_MATCHES = frozenset(("eq", "starts-with"))
_RANGE = "content-length-range"
_OPERANDS = 3
_EXPIRATION = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]{1,9})?Z", re.ASCII
)
_NUMBER = re.compile(r"[0-9]{1,15}", re.ASCII)


class Match(NamedTuple):
    """A condition on one field: ``operator`` is ``eq`` or ``starts-with``.

    ``field`` is in the policy's spelling, and has its ``$`` before it.
    """

    operator: str
    field: str
    value: str


class LengthRange(NamedTuple):
    """How long the file may be, in bytes; both ends belong to it."""

    minimum: int
    maximum: int


class FormPolicy(Struct, frozen=True):
    """A policy as it was written; ``expiration`` is in seconds since 1970."""

    expiration: float
    matches: tuple[Match, ...]
    ranges: tuple[LengthRange, ...]


def read_policy(encoded: str) -> FormPolicy:
    """Read a policy from its base64; raises :class:`MalformedForm` (``InvalidPolicyDocument``)."""
    document = _document(encoded)
    unexpected = next((name for name in document if name not in _MEMBERS), None)
    if unexpected is not None:
        raise _invalid(f"Unexpected: '{unexpected[:64].lower()}'")
    if "expiration" not in document:
        raise _invalid("Policy missing expiration.")
    if "conditions" not in document:
        raise _invalid("Policy missing conditions.")
    if not isinstance(document["conditions"], list):
        raise _invalid("Invalid 'conditions' value: must be a List.")
    conditions = [_condition(condition) for condition in document["conditions"]]
    return FormPolicy(
        _expiration(document["expiration"]),
        tuple(one for one in conditions if isinstance(one, Match)),
        tuple(one for one in conditions if isinstance(one, LengthRange)),
    )


def condition_failed(condition: Sequence[str | int], reason: str) -> FormRefused:
    """Return S3's answer to a condition that does not hold, which repeats the condition."""
    shown = json.dumps(list(condition), ensure_ascii=False)
    return FormRefused(
        FormCheck.CONDITION,
        "AccessDenied",
        f"Invalid according to Policy: Policy Condition failed: {shown}",
        403,
        reason=reason,
    )


def _document(encoded: str) -> dict[str, Any]:
    try:
        text = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise _invalid("invalid Base64 encoding.") from None
    try:
        document = json.loads(
            text, object_pairs_hook=_members, parse_float=_no_number, parse_constant=_no_number
        )
    except (ValueError, RecursionError):
        raise _invalid("Invalid JSON.") from None
    if not isinstance(document, dict):
        raise _invalid("Invalid JSON.")
    return document


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    # Of a member given twice, the signer may have meant the other.
    if len(members) != len(pairs):
        raise ValueError("a member is given twice")
    return members


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of bytes")


def _expiration(text: object) -> float:
    found = _EXPIRATION.fullmatch(text) if isinstance(text, str) else None
    try:
        if found is not None:
            return datetime(*map(int, found.groups()), tzinfo=UTC).timestamp()  # type: ignore[misc,arg-type]  # six numbers
    except ValueError:
        pass
    raise _invalid(f"Invalid 'expiration' value: '{str(text)[:64]}'")


def _condition(condition: object) -> Match | LengthRange:
    if isinstance(condition, dict):
        return _simple(condition)
    if not isinstance(condition, list):
        raise _invalid("Invalid condition test: must be a List or Object.")
    if not condition or not isinstance(condition[0], str):
        raise _invalid("Invalid Condition: missing operation identifier.")
    operation = condition[0].lower()
    if operation != _RANGE and operation not in _MATCHES:
        raise _invalid(f"Invalid Condition: unknown operation '{condition[0][:64]}'.")
    if len(condition) != _OPERANDS:
        raise _invalid(f"Invalid {operation}: wrong number of arguments.")
    if operation == _RANGE:
        return _range(condition)
    _, field, value = condition
    if not isinstance(field, str) or not isinstance(value, str):
        raise _invalid("Invalid JSON.")
    if not field.startswith("$"):
        raise condition_failed((operation, field, value), f"`{field[:64]}` lacks its `$`")
    return Match(operation, field, value)


def _simple(condition: dict[str, Any]) -> Match:
    if len(condition) != 1:
        raise _invalid(
            "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified."
        )
    ((field, value),) = condition.items()
    if not isinstance(value, str):
        raise _invalid("Invalid Simple-Condition: value must be a string.")
    return Match("eq", f"${field}", value)


def _range(condition: list[Any]) -> LengthRange:
    ends = [_length(end) for end in condition[1:]]
    if any(end is None for end in ends):
        if all(isinstance(end, str) for end in condition[1:]):
            raise condition_failed(condition, "an end of the range is no number of bytes")
        raise _invalid(f"Invalid {_RANGE}: the ends must be numbers of bytes.")
    return LengthRange(ends[0] or 0, ends[1] or 0)


def _length(end: object) -> int | None:
    if isinstance(end, str):
        return int(end) if _NUMBER.fullmatch(end) else None
    if isinstance(end, bool) or not isinstance(end, int) or end < 0:
        return None
    return end


def _invalid(text: str) -> MalformedForm:
    return MalformedForm(
        "InvalidPolicyDocument",
        f"Invalid Policy: {text}",
        reason="the policy of the form can't be read",
        help="the policy is JSON in base64: `expiration`, and `conditions`",
    )
