"""AssumeRole: signed credentials become those of another role."""

from valetkey.access import AccessDenied, Caller, CallerKind, Target, authorise
from valetkey.access.context import ContextValues, tag_values
from valetkey.api.operation import Call
from valetkey.api.sts.issue import Grant, issue
from valetkey.api.sts.role import (
    DEFAULT_DURATION,
    checked_duration,
    find_role,
    named_role,
    session_documents,
)
from valetkey.api.sts.shapes import AssumeRoleRequest, AssumeRoleResponse
from valetkey.errors import AwsError
from valetkey.store import RoleRecord

CHAINED_LIMIT = 3600


def assume_role(call: Call, request: AssumeRoleRequest) -> AssumeRoleResponse:
    """Ask the caller's policies and the role's trust policy, and issue credentials that expire.

    Follows the STS API reference; a role that is not there answers like one that refuses.
    """
    role_arn = request["RoleArn"]
    session_name = request["RoleSessionName"]
    call.event.resource, call.event.session_name = role_arn, session_name
    named = named_role(role_arn)
    if named is None:
        raise AwsError("ValidationError", f"{role_arn} is invalid")
    _refuse_unoffered(request)

    caller = call.caller
    tags, transitive = _session_tags(request, caller)
    source_identity = _source_identity(request, caller)
    found = find_role(call.directory, *named, role_arn)
    values = _context(request, tags, transitive, source_identity)
    role = _allowed(call, found, role_arn, "sts:AssumeRole", values)
    # What the calling session hands on is asked for like what the request passes, as on AWS: a tag
    # overrides the role's own of that key, and whom the role trusts for tags its policy must say.
    if tags:
        _allowed(call, role, role_arn, "sts:TagSession", values)
    if source_identity is not None:
        _allowed(call, role, role_arn, "sts:SetSourceIdentity", values)

    duration = _duration(request.get("DurationSeconds"), role, caller)
    policies = session_documents(
        call, role.account, request.get("Policy"), request.get("PolicyArns", [])
    )
    issued = issue(
        call,
        Grant(
            role=role,
            session_name=session_name,
            duration=duration,
            policies=policies,
            tags=tags,
            transitive_tags=transitive,
            source_identity=source_identity,
            minimum_token_size=request.get("MinimumSessionTokenSize", 0),
        ),
    )
    answer: AssumeRoleResponse = {
        "Credentials": issued.credentials,
        "AssumedRoleUser": issued.assumed_role_user,
        "PackedPolicySize": issued.packed_size,
    }
    if source_identity is not None:
        answer["SourceIdentity"] = source_identity
    return answer


def _refuse_unoffered(request: AssumeRoleRequest) -> None:
    if "SerialNumber" in request or "TokenCode" in request:
        raise AccessDenied(
            "MultiFactorAuthentication failed, unable to validate MFA code.",
            reason="no MFA device can be registered here",
        )
    if request.get("ProvidedContexts"):
        raise AwsError("InvalidContextAssertion", "The provided context assertion is not valid.")


def _allowed(
    call: Call, role: RoleRecord | None, role_arn: str, action: str, values: ContextValues
) -> RoleRecord:
    caller = call.caller
    if role is None:
        raise AccessDenied(
            f"User: {caller.arn} is not authorized to perform: {action} on resource: {role_arn}",
            check="role",
            reason=f"there is no role `{role_arn}`",
        )
    target = Target(
        resource=role.arn,
        context=values,
        policy=call.directory.role_policies(role).trust,
        account=role.account,
    )
    try:
        authorise(
            caller,
            action,
            target,
            directory=call.directory,
            facts=call.facts,
            event=call.event,
        )
    except AccessDenied as denied:
        # Why is for the operator: the sentence is the same for a role that is not there.
        raise AccessDenied(
            f"User: {caller.arn} is not authorized to perform: {action} on resource: {role_arn}",
            reason=denied.message,
        ) from denied
    return role


def _context(
    request: AssumeRoleRequest,
    tags: dict[str, str],
    transitive: tuple[str, ...],
    source_identity: str | None,
) -> ContextValues:
    values = tag_values(tags, transitive)
    values["sts:RoleSessionName"] = request["RoleSessionName"]
    if "ExternalId" in request:
        values["sts:ExternalId"] = request["ExternalId"]
    if source_identity is not None:
        values["sts:SourceIdentity"] = source_identity
    return values


def _duration(requested: int | None, role: RoleRecord, caller: Caller) -> int:
    if caller.kind is not CallerKind.ROLE_SESSION:
        return checked_duration(requested, role)
    duration = DEFAULT_DURATION if requested is None else requested
    if duration > CHAINED_LIMIT:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by"
            " role chaining.",
        )
    return duration


def _session_tags(
    request: AssumeRoleRequest, caller: Caller
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the new session's tags, those handed on by the calling session included."""
    passed = {tag["Key"]: tag["Value"] for tag in request.get("Tags", [])}
    folded = {key.casefold() for key in passed}
    if len(folded) != len(request.get("Tags", [])):
        raise AwsError(
            "InvalidParameterValue",
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        )
    inherited = _inherited_tags(caller)
    if folded & {key.casefold() for key in inherited}:
        raise AwsError(
            "InvalidParameterValue",
            "One of the specified transitive tag keys can't be set because it conflicts with a"
            " transitive tag key from the calling session.",
        )
    transitive = tuple(request.get("TransitiveTagKeys", []))
    if not {key.casefold() for key in transitive} <= folded:
        raise AwsError(
            "InvalidParameterValue",
            "The specified transitive tag key must be included in the requested tags.",
        )
    return {**inherited, **passed}, (*inherited, *transitive)


def _inherited_tags(caller: Caller) -> dict[str, str]:
    session = caller.session
    if session is None:
        return {}
    transitive = {key.casefold() for key in session.transitive_tag_keys}
    return {k: v for k, v in session.tags.items() if k.casefold() in transitive}


def _source_identity(request: AssumeRoleRequest, caller: Caller) -> str | None:
    """Return the source identity: once set in a session it cannot be changed by chaining."""
    requested = request.get("SourceIdentity")
    held = caller.session.source_identity if caller.session else None
    if held is not None and requested is not None and requested != held:
        raise AccessDenied(
            "SourceIdentity cannot be changed once it is set.",
            reason=f"the session's source identity is `{held}`",
        )
    return requested if requested is not None else held
