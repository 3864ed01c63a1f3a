"""The condition keys that a request brings along, whoever makes it.

Follows the IAM User Guide, *AWS global condition context keys*; :data:`access.keys.CONDITION_KEYS`
says of each when it is there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from valetkey.access.caller import Caller, CallerKind
from valetkey.clock import iso8601
from valetkey.errors import AwsError
from valetkey.policy import AmbiguousKey, Context

ContextValues = dict[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What the edge knows of a request: where from, over what, when, for which region."""

    now: float
    source_ip: str | None
    secure: bool
    region: str
    user_agent: str | None = None
    referer: str | None = None


def context_of(values: ContextValues, unknown: Iterable[str] = ()) -> Context:
    """Return the condition values that a request is judged by, and the keys that nobody knows of.

    Raises ``ValidationError`` where two keys differ in case only: which one a policy means could
    not be told.
    """
    try:
        return Context(values, unknown)
    except AmbiguousKey as ambiguous:
        raise AwsError(
            "ValidationError",
            "The request has keys that differ only in case.",
            reason=ambiguous.message,
        ) from ambiguous


def request_values(facts: RequestFacts) -> ContextValues:
    """Return the keys that stand for the request itself."""
    values: ContextValues = {
        "aws:CurrentTime": iso8601(facts.now),
        "aws:EpochTime": str(int(facts.now)),
        "aws:SecureTransport": "true" if facts.secure else "false",
        "aws:RequestedRegion": facts.region,
        # No service here asks another one on somebody's behalf.
        "aws:ViaAWSService": "false",
    }
    if facts.source_ip is not None:
        values["aws:SourceIp"] = facts.source_ip
    if facts.user_agent is not None:
        values["aws:UserAgent"] = facts.user_agent
    if facts.referer is not None:
        values["aws:Referer"] = facts.referer
    return values


def caller_values(caller: Caller) -> ContextValues:
    """Return the keys that stand for an authenticated principal and its session."""
    if caller.kind is CallerKind.ANONYMOUS:
        return {"aws:PrincipalType": caller.kind.value, "aws:userid": caller.user_id}
    values: ContextValues = {
        "aws:PrincipalAccount": caller.account,
        "aws:PrincipalArn": caller.principal_arn,
        "aws:PrincipalType": caller.kind.value,
        "aws:PrincipalIsAWSService": "false",
        "aws:userid": caller.user_id,
    }
    values.update((f"aws:PrincipalTag/{key}", value) for key, value in caller.tags.items())
    if caller.kind is CallerKind.USER and caller.user:
        values["aws:username"] = caller.user.name
    session = caller.session
    if session is not None:
        values.update(session.context)
        # Absent for long-term keys, present in every session (User Guide, aws:TokenIssueTime).
        values["aws:TokenIssueTime"] = iso8601(session.issued_at)
        values["aws:MultiFactorAuthPresent"] = "false"
        if session.provider is not None:
            values["aws:FederatedProvider"] = session.provider
        if session.source_identity is not None:
            values["aws:SourceIdentity"] = session.source_identity
    return values


def tag_values(tags: Mapping[str, str], transitive: tuple[str, ...] = ()) -> ContextValues:
    """Return the keys that stand for tags which a request passes."""
    if not tags:
        return {}
    values: ContextValues = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    values["aws:TagKeys"] = tuple(tags)
    if transitive:
        values["sts:TransitiveTagKeys"] = transitive
    return values
