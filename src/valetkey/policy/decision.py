"""Allow or deny, with the reasons: one value from one evaluator.

These are plain data that can be stored as JSON and read back (msgspec). Offsets in them count
characters of the policy's text; the text itself is known by ``PolicyTrace.sha256``.
"""

from enum import StrEnum
from typing import NoReturn

from msgspec import Struct


class PolicyType(StrEnum):
    """What a policy document is used as; IAM's rules for each differ."""

    IDENTITY = "identity"
    BOUNDARY = "boundary"
    SESSION = "session"
    RESOURCE = "resource"
    TRUST = "trust"


class Reason(StrEnum):
    """Why a request was decided as it was (the kinds of IAM's access-denied messages)."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicit-deny"
    NO_IDENTITY_ALLOW = "no-identity-allow"
    NO_BOUNDARY_ALLOW = "no-boundary-allow"
    NO_SESSION_ALLOW = "no-session-allow"
    NO_RESOURCE_ALLOW = "no-resource-allow"
    NO_TRUST_ALLOW = "no-trust-allow"


class TextRange(Struct, frozen=True):
    """Characters ``start`` up to, not including, ``end`` of the policy's text."""

    start: int
    end: int


class StatementRef(Struct, frozen=True):
    """Which statement: of which policy, at which place (counted from 0)."""

    policy: str
    type: PolicyType
    index: int
    sid: str | None
    effect: str
    range: TextRange


class Wanted(Struct, frozen=True):
    """A value that the policy asks for: as written, and with its variables filled in.

    ``value`` is None where a variable had no value, so that nothing can match.
    """

    written: str
    value: str | None
    range: TextRange
    matched: bool


class ElementTrace(Struct, frozen=True):
    """How one of Principal, Action, Resource (or its Not… form) judged the request."""

    name: str
    range: TextRange
    got: tuple[str, ...]
    wanted: tuple[Wanted, ...]
    matched: bool
    note: str | None = None


class ConditionTrace(Struct, frozen=True):
    """How one operator on one condition key judged the request.

    ``got`` is None where the request had no such key. ``note`` says in words what the outcome
    hung on where it is not plain from the values (a missing key, a value that is no number).
    """

    operator: str
    key: str
    operator_range: TextRange
    key_range: TextRange
    got: tuple[str, ...] | None
    wanted: tuple[Wanted, ...]
    matched: bool
    note: str | None = None


class StatementTrace(Struct, frozen=True):
    """Everything that a statement looked at, also past the first mismatch."""

    ref: StatementRef
    matched: bool
    elements: tuple[ElementTrace, ...]
    conditions: tuple[ConditionTrace, ...]


class PolicyTrace(Struct, frozen=True):
    """A policy's statements in order."""

    policy: str
    type: PolicyType
    sha256: str
    statements: tuple[StatementTrace, ...]


class Decision(Struct, frozen=True):
    """The verdict, why, and by which statements.

    ``determining`` holds the matching Deny statements of an explicit deny, or the matching Allow
    statements of a grant. ``denied_by`` is the type of policy that denied or lacked an Allow.
    ``trace`` is there where it was asked for; the verdict is the same with and without it.
    """

    allowed: bool
    reason: Reason
    determining: tuple[StatementRef, ...] = ()
    denied_by: PolicyType | None = None
    trace: tuple[PolicyTrace, ...] | None = None

    def __bool__(self) -> NoReturn:
        """Refuse to be read as truth by accident: ask for ``allowed``."""
        raise TypeError("a decision has no truth value; ask for `decision.allowed`")
