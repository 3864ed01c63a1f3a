"""The words of an explanation: the case, the ladder of steps, and what to say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from valetkey.diagnostics import Diagnostic, Span
from valetkey.policy import Decision, Policies, PolicyTrace, Request

Documents = Callable[[str], str | None]
"""Finds the text of a policy by the SHA-256 that the decision names it by."""

LEEWAY = 300


class State(StrEnum):
    """How a step of the ladder went."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not checked"
    NOT_REACHED = "not reached"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the ladder that a request climbs, with the fact that it hung on."""

    name: str
    state: State
    fact: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """The very question that was decided: it can be asked again of a policy that is changed."""

    policies: Policies
    request: Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A request that was decided, wherever: what the explanation is made from.

    ``check`` names the check that refused before any policy was asked. ``context`` are the
    condition keys that the policies saw. ``role_arn`` is the role asked for, as it was written.
    ``unchecked`` names rungs of the ladder that nobody checked, and why. ``asked`` is the question
    itself where it is at hand; for a record it is put together again from its trace.
    """

    allowed: bool
    time: float
    documents: Documents
    operation: str = "AssumeRoleWithWebIdentity"
    action: str | None = None
    resource: str | None = None
    role_arn: str | None = None
    issuer: str | None = None
    caller: str | None = None
    claims: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    check: str | None = None
    reason: str | None = None
    help: str | None = None
    wire_code: str | None = None
    wire_message: str | None = None
    decision: Decision | None = None
    asked: Asked | None = None
    unchecked: Mapping[str, str] = field(default_factory=dict)
    client_ids: Sequence[str] | None = None
    issuers: Sequence[str] | None = None
    kid: str | None = None
    kids: Sequence[str] | None = None
    skipped_keys: Sequence[tuple[str, str]] = ()
    leeway: int = LEEWAY
    request_id: str | None = None

    @property
    def provider(self) -> str | None:
        """Return the issuer as condition keys and provider ARNs spell it: without a scheme."""
        return self.issuer.split("://", 1)[-1] if self.issuer else None

    @property
    def is_web_identity(self) -> bool:
        """Return whether a token was shown, and no signature made."""
        return self.operation.endswith("AssumeRoleWithWebIdentity")


@dataclass(frozen=True, slots=True)
class DecidedBy:
    """The one step that decided: a rung of the ladder, or a policy and its statement.

    ``statement`` counts from 1: the one that decided, or the one that came nearest.
    """

    step: str
    fact: str
    policy: str | None = None
    statement: int | None = None
    sid: str | None = None


@dataclass(frozen=True, slots=True)
class NearMiss:
    """One way in which a policy nearly admitted a request; a list of them has the nearest first."""

    code: str
    message: str
    where: str
    place: Span | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to write instead: it admits the request that was refused, and nobody else.

    ``diff`` is unified; ``after`` is the whole text with the change made. ``held_against`` are
    the strangers of whom the evaluator was asked, and who stay outside.
    """

    policy: str
    diff: str
    after: str
    why: str
    held_against: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Temptation:
    """A change that comes to mind and lets strangers in; the evaluator says which ones."""

    fix: str
    admits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision as a person reads it. ``allowed`` is the decision's own verdict.

    ``answer`` is what the client was told, where the request came over the wire. ``policies`` is
    the whole trace, with which every statement can be shown.
    """

    allowed: bool
    title: str
    steps: tuple[Step, ...]
    diagnostics: tuple[Diagnostic, ...]
    request_id: str | None = None
    answer: str | None = None
    decided_by: DecidedBy | None = None
    near_misses: tuple[NearMiss, ...] = ()
    suggestion: Suggestion | None = None
    temptations: tuple[Temptation, ...] = ()
    policies: tuple[PolicyTrace, ...] = ()
