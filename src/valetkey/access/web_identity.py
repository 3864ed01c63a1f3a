"""A web identity token becomes a trusted identity; a role's trust policy says yes or no.

The caller of AssumeRoleWithWebIdentity signs nothing: the token is all there is. What the token
claims decides no answer before its signature is verified.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from valetkey.access.authorise import AccessDenied, decide_and_record
from valetkey.access.context import RequestFacts, context_of, request_values, tag_values
from valetkey.access.event import Event
from valetkey.diagnostics import Source
from valetkey.errors import AwsError
from valetkey.oidc import (
    MAX_TOKEN_CHARS,
    KeySource,
    ProviderKeys,
    SessionTags,
    VerifiedClaims,
    check_role,
    claim_values,
    condition_values,
    parse_token,
    session_tags,
    source_identity,
    verify,
)
from valetkey.policy import (
    CompiledPolicy,
    Context,
    Policies,
    PolicyType,
    Request,
    Requester,
    compile_policy,
)
from valetkey.store import Directory, ProviderRecord, RoleRecord

NOT_AUTHORIZED = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
ASSUME = "sts:AssumeRoleWithWebIdentity"
_NOBODY = """{
    "Version": "2012-10-17",
    "Statement": [{
        "Effect": "Allow",
        "Principal": {"Federated": "arn:aws:iam::000000000000:oidc-provider/nobody.example"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {"sts:RoleSessionName": ""}}
    }]
}"""


class ProviderUnknown(AwsError):
    """No provider of that URL is registered in the role's account."""

    refusal = True
    check = "provider"

    def __init__(self, issuer: str, account: str, known: tuple[str, ...]) -> None:
        super().__init__(
            "InvalidIdentityToken",
            f"No OpenIDConnect provider found in your account for {issuer}",
            reason=f"account `{account}` has no OIDC provider for issuer `{issuer}`",
            help="register it with `aws iam create-open-id-connect-provider`, or use the issuer"
            " URL exactly as the token spells it",
        )
        self.known = known


@dataclass(frozen=True, slots=True)
class WebIdentity:
    """Who a verified token speaks for. Only ``authenticate_web_identity`` builds one."""

    provider: ProviderRecord
    claims: VerifiedClaims
    authorised_by_idp: bool
    values: Mapping[str, str | tuple[str, ...]]
    """The claims as policies compare them, by name."""
    tags: SessionTags
    source_identity: str | None


def trust_context(
    claims: Mapping[str, str | tuple[str, ...]],
    provider_key: str,
    account: str,
    session_name: str,
    facts: RequestFacts,
    *,
    tags: SessionTags,
    source_identity: str | None,
    authorised_by_idp: bool,
) -> Context:
    """Return the condition values that a role's trust policy sees of a web identity.

    ``claims`` are the values of ``oidc.claim_values``; ``provider_key`` is the provider's URL
    without its scheme, ``account`` the provider's.
    """
    provider_arn = f"arn:aws:iam::{account}:oidc-provider/{provider_key}"
    # Claims first: whatever they are called, they never stand in for what the server knows.
    values = condition_values(claims, provider_key)
    values.update(request_values(facts))
    values.update(tag_values(tags.tags, tags.transitive))
    # As AWS evaluates it: the caller is a "User" whose id is the provider, and has no ARN.
    values["aws:PrincipalAccount"] = account
    values["aws:ResourceAccount"] = account
    values["aws:PrincipalType"] = "User"
    values["aws:userid"] = provider_arn
    values["aws:FederatedProvider"] = provider_arn
    values["sts:RoleSessionName"] = session_name
    values["sts:RoleAuthorizedByIdp"] = "true" if authorised_by_idp else "false"
    if source_identity is not None:
        values["sts:SourceIdentity"] = source_identity
    return context_of(values)


async def authenticate_web_identity(
    unverified_jwt: str,
    role_arn: str,
    account: str,
    *,
    directory: Directory,
    source: KeySource,
    now: float,
    leeway: int,
    event: Event,
    max_chars: int = MAX_TOKEN_CHARS,
) -> WebIdentity:
    """Return the identity that a token proves, for a role of ``account``.

    Raises the refusals of ``oidc`` and :class:`ProviderUnknown`. Awaits only where the issuer's
    keys are not at hand; an unregistered issuer opens no socket.
    """
    token = parse_token(unverified_jwt, max_chars=max_chars)
    event.token_sha256 = token.sha256
    event.claims = dict(token.unverified_claims)
    event.issuer = token.unverified_issuer
    issuer = token.require_issuer()

    provider = directory.provider(account, issuer.split("://", 1)[-1])
    if provider is None:
        known = tuple(p.url for p in directory.providers(account))
        event.details["registered_issuers"] = list(known)
        raise ProviderUnknown(issuer, account, known)

    event.details["client_ids"] = list(provider.client_ids)
    wanted = ProviderKeys(provider.url, provider.thumbprints)
    keys = source.cached(wanted, token.kid)
    if keys is None:
        keys = await source.fetch(wanted, token.kid)
    claims = verify(
        token, keys, client_ids=provider.client_ids, issuer=provider.url, now=now, leeway=leeway
    )
    event.details["signature_verified"] = True

    return WebIdentity(
        provider=provider,
        claims=claims,
        authorised_by_idp=check_role(claims, role_arn),
        values=claim_values(claims),
        tags=session_tags(claims),
        source_identity=source_identity(claims),
    )


def authorise_web_identity(
    identity: WebIdentity,
    role: RoleRecord | None,
    role_arn: str,
    session_name: str,
    *,
    directory: Directory,
    facts: RequestFacts,
    event: Event,
) -> RoleRecord:
    """Return the role if its trust policy admits the identity, tags and source identity too.

    Raises :class:`AccessDenied`; a role that is not there answers like one that refuses.
    """
    event.action, event.resource = ASSUME, role_arn
    provider = identity.provider
    context = trust_context(
        identity.values,
        provider.key,
        provider.account,
        session_name,
        facts,
        tags=identity.tags,
        source_identity=identity.source_identity,
        authorised_by_idp=identity.authorised_by_idp,
    )
    requester = Requester("Federated", (provider.arn,), provider.account)
    if role is None:
        # Decided and forgotten: a role that is not there must not answer sooner than one that
        # refuses, any more than in other words.
        request = Request(ASSUME, role_arn, context, requester, provider.account)
        unkept = Event(event.request_id, event.time)
        decide_and_record(Policies(resource=_nobody()), request, unkept)
        raise AccessDenied(NOT_AUTHORIZED, check="role", reason=f"there is no role `{role_arn}`")
    trust = directory.role_policies(role).trust

    for action in _actions(identity):
        request = Request(
            action=action,
            resource=role.arn,
            context=context,
            requester=requester,
            resource_account=role.account,
        )
        event.action = action
        if not decide_and_record(Policies(resource=trust), request, event).allowed:
            raise AccessDenied(
                f"Not authorized to perform {action}",
                reason=f"no statement of the trust policy of `{role_arn}` allows `{action}`",
            )
    event.action = ASSUME
    return role


@cache
def _nobody() -> CompiledPolicy:
    """Return a trust policy such as roles have, which admits nobody."""
    return compile_policy(Source("no role", _NOBODY), PolicyType.TRUST, name="no role")


def _actions(identity: WebIdentity) -> tuple[str, ...]:
    tag = ("sts:TagSession",) if identity.tags.tags else ()
    source = ("sts:SetSourceIdentity",) if identity.source_identity is not None else ()
    return (ASSUME, *tag, *source)
