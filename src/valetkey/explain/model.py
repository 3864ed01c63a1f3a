"""The words of an explanation: the case, the ladder of steps, and what to say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from valetkey.diagnostics import Diagnostic
from valetkey.policy.decision import Decision

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A request that was decided, wherever: what the explanation is made from.

    ``check`` names the check that refused before any policy was asked. ``context`` are the
    condition keys that the policies saw. ``role_arn`` is the role asked for, as it was written.
    ``unchecked`` names rungs of the ladder that nobody checked, and why.
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
class Explanation:
    """A decision as a person reads it. ``allowed`` is the decision's own verdict.

    ``answer`` is what the client was told, where the request came over the wire.
    """

    allowed: bool
    title: str
    steps: tuple[Step, ...]
    diagnostics: tuple[Diagnostic, ...]
    request_id: str | None = None
    answer: str | None = None
