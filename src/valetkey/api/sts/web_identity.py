"""AssumeRoleWithWebIdentity: an ID token becomes the credentials of a role's session."""

from valetkey.access import WebIdentity, authenticate_web_identity, authorise_web_identity
from valetkey.api.operation import Call
from valetkey.api.sts.issue import Grant, issue
from valetkey.api.sts.role import checked_duration, find_role, named_role, session_documents
from valetkey.api.sts.shapes import (
    AssumeRoleWithWebIdentityRequest,
    AssumeRoleWithWebIdentityResponse,
)
from valetkey.errors import AwsError
from valetkey.oidc import persistent_values
from valetkey.store import RoleRecord

CAP_TAG = "valetkey:cap-session-to-token"
"""A tag of a provider or role, in any case: its sessions end with the token that opened them."""


class NotARole(AwsError):
    """RoleArn is no ARN of a role."""

    check = "role-arn"


async def assume_role_with_web_identity(
    call: Call, request: AssumeRoleWithWebIdentityRequest
) -> AssumeRoleWithWebIdentityResponse:
    """Verify the token, ask the role's trust policy, and issue credentials that expire.

    Follows the STS API reference and, where it is silent or wrong, observed answers:
    ``Provider`` is the provider's ARN, ``Audience`` is ``azp`` where there is one.
    """
    role_arn = request["RoleArn"]
    session_name = request["RoleSessionName"]
    call.event.resource, call.event.session_name = role_arn, session_name
    _refuse_oauth_provider(request.get("ProviderId"))
    account, name = _requested_role(role_arn)
    call.event.account = account

    identity = await authenticate_web_identity(
        # GitLab's documentation has jobs `echo` the token into a file, and SDKs send the file as
        # it is. The line break is not part of the token.
        request["WebIdentityToken"].rstrip("\r\n"),
        role_arn,
        account,
        directory=call.directory,
        source=call.services.source,
        now=call.now,
        leeway=call.services.leeway,
        event=call.event,
        max_chars=call.services.max_token_chars,
    )
    role = authorise_web_identity(
        identity,
        find_role(call.directory, account, name, role_arn),
        role_arn,
        session_name,
        directory=call.directory,
        facts=call.facts,
        event=call.event,
    )
    issued = issue(call, _grant(call, request, identity, role))
    answer: AssumeRoleWithWebIdentityResponse = {
        "Credentials": issued.credentials,
        "SubjectFromWebIdentityToken": identity.claims.subject,
        "AssumedRoleUser": issued.assumed_role_user,
        "PackedPolicySize": issued.packed_size,
        "Provider": identity.provider.arn,
        "Audience": identity.claims.audience,
    }
    if identity.source_identity is not None:
        answer["SourceIdentity"] = identity.source_identity
    return answer


def _grant(
    call: Call,
    request: AssumeRoleWithWebIdentityRequest,
    identity: WebIdentity,
    role: RoleRecord,
) -> Grant:
    duration = checked_duration(request.get("DurationSeconds"), role)
    return Grant(
        role=role,
        session_name=request["RoleSessionName"],
        duration=_capped(duration, identity, role, call.now),
        policies=session_documents(
            call, role.account, request.get("Policy"), request.get("PolicyArns", [])
        ),
        tags=identity.tags.tags,
        transitive_tags=identity.tags.transitive,
        source_identity=identity.source_identity,
        provider=identity.provider.arn,
        context=persistent_values(identity.values, identity.provider.key),
        minimum_token_size=request.get("MinimumSessionTokenSize", 0),
    )


def _capped(duration: int, identity: WebIdentity, role: RoleRecord, now: float) -> int:
    """Cut a session to what is left of its token, where the provider or the role says so.

    Raises ``ExpiredTokenException`` where nothing is left: the tolerance on the clock is for
    verifying a token, not for living on it.
    """
    # Keys of tags ignore case on AWS. Whatever is not plainly "false" caps: a misspelt value must
    # not lengthen a session.
    said = {
        value
        for tags in (identity.provider.tags, role.tags)
        for key, value in tags.items()
        if key.casefold() == CAP_TAG
    }
    if said <= {"false"}:
        return duration
    expires_at = identity.claims.expires_at
    left = expires_at - int(now)
    if left <= 0:
        raise AwsError(
            "ExpiredTokenException",
            f"Token expired: current date/time {int(now)} must be before the expiration date/time"
            f" {expires_at}",
            reason=f"tag `{CAP_TAG}` ends sessions with their token, and the token has ended",
        )
    return min(duration, left)


def _requested_role(role_arn: str) -> tuple[str, str]:
    named = named_role(role_arn)
    if named is not None:
        return named
    help_text = "give the ARN of a role: `arn:aws:iam::ACCOUNT:role/NAME`"
    if ":iam:::" in role_arn or role_arn.startswith("arn:aws:iam::role/"):
        help_text = (
            "the account field of RoleArn is empty: a CI variable did not expand"
            " (protected variables are absent on unprotected refs)"
        )
    raise NotARole(
        "ValidationError",
        "Request ARN is invalid",
        reason=f"`{role_arn}` is not the ARN of a role",
        help=help_text,
    )


_OAUTH_REFUSALS = {
    "www.amazon.com": (
        "InvalidIdentityToken",
        "Provided Token is not a Login With Amazon token",
        400,
    ),
    # Nothing is sent to Facebook: a CI job's token is nobody else's business.
    "graph.facebook.com": (
        "IDPRejectedClaim",
        'graph.facebook.com rejected OAuth token with response "Bad signature" and code 190',
        403,
    ),
}
_UNRECOGNISED = (
    "AccessDenied",
    (
        "Unrecognized OAuth provider. Do not include a provider parameter when submitting"
        " OpenIDConnect ID tokens"
    ),
    403,
)


def _refuse_oauth_provider(provider_id: str | None) -> None:
    if provider_id is None:
        return
    code, text, status = _OAUTH_REFUSALS.get(provider_id, _UNRECOGNISED)
    raise AwsError(
        code,
        text,
        status,
        reason=f"parameter ProviderId is `{provider_id}`",
        help="leave ProviderId out: it is not for OpenID Connect ID tokens",
    )
