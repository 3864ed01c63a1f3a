"""What ``valetkey explain`` asks: the record of a request, or a token and a policy.

The rooms that verify and decide are the server's own; what is explained is their answer.
"""

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from valetkey.access import Event, RequestFacts, trust_context
from valetkey.arn import parse_arn
from valetkey.cli.options import UnreadableText, read_text
from valetkey.clock import system_clock
from valetkey.diagnostics import Source
from valetkey.errors import ValetkeyError
from valetkey.explain import Explanation, explain_record, explain_token
from valetkey.oidc import (
    Claims,
    KeySet,
    TokenError,
    UnverifiedToken,
    claim_values,
    parse_token,
    session_tags,
    source_identity,
    suppose,
    verify,
)
from valetkey.policy import (
    CompiledPolicy,
    Context,
    Decision,
    Policies,
    PolicyType,
    Request,
    Requester,
    compile_policy,
    decide,
    principals_of,
)
from valetkey.server import Home
from valetkey.store import DecisionLog

ASSUME = "sts:AssumeRoleWithWebIdentity"
NO_ACCOUNT = "000000000000"


class NothingRecorded(ValetkeyError):
    """The decision log has no such request."""

    code = "not-recorded"


@dataclass(frozen=True, slots=True)
class TokenQuestion:
    """A token, and what is given about its provider."""

    token: str
    session_name: str
    jwks: bytes | None = None
    provider_url: str | None = None
    audiences: tuple[str, ...] = ()
    account: str | None = None


def explain_request(home: Path, request_id: str) -> Explanation:
    """Explain a request that a server of this home answered. Raises ``NothingRecorded``."""
    place = Home(home)
    place.key_ring()
    if not place.decision_log.exists():
        raise NothingRecorded(
            f"no server of `{home}` has answered a request yet",
            help="name the home of the server that answered with --home",
        )
    with DecisionLog.open(place.decision_log, create=False) as log:
        record = log.find(request_id)
        if record is None:
            raise NothingRecorded(
                f"there is no record of request `{request_id}` in `{place.decision_log}`",
                help="name the home of the server that answered with --home; records are kept for"
                " `audit_retention_days`",
            )
        return explain_record(record, log.document)


def explain_against_file(question: TokenQuestion, trust_policy: Path) -> Explanation:
    """Explain what a trust policy in a file would say to a token; no server is needed."""
    trust = _compiled(trust_policy)
    now = system_clock()
    keys = KeySet.from_json(question.jwks) if question.jwks is not None else None
    token: UnverifiedToken | None = None
    refusal: TokenError | None = None
    asked: tuple[Decision, Context] | None = None
    client_ids = question.audiences
    try:
        token = parse_token(question.token)
        client_ids = client_ids or _own_audience(token)
        claims = _claims(question, token, keys, client_ids, now)
        asked = _ask(question, claims, trust, now)
    except TokenError as error:
        refusal = error
    return explain_token(
        token,
        now=now,
        refusal=refusal,
        trust=trust,
        decision=asked[0] if asked else None,
        context=asked[1] if asked else None,
        keys=keys,
        supposed=keys is None,
        client_ids=client_ids,
        issuers=(question.provider_url,) if question.provider_url else None,
    )


def _compiled(trust_policy: Path) -> CompiledPolicy:
    text = read_text(trust_policy)
    if _looks_like_token(text):
        # What follows would quote it.
        raise UnreadableText(
            f"`{trust_policy}` holds a token, not a policy",
            help="give the token with --token-file, and the policy with --trust-policy",
        )
    name = str(trust_policy)
    return compile_policy(Source(name, text), PolicyType.TRUST, name=name)


def _looks_like_token(text: str) -> bool:
    return text.lstrip().startswith("eyJ") and text.count(".") == 2  # noqa: PLR2004 - header.payload.signature


def _own_audience(token: UnverifiedToken) -> tuple[str, ...]:
    """Return what the token calls its audience, for want of the provider's client ids."""
    claim = token.unverified_claims.get("azp", token.unverified_claims.get("aud"))
    values = claim if isinstance(claim, list) else [claim]
    return tuple(value for value in values if isinstance(value, str))


def _claims(
    question: TokenQuestion,
    token: UnverifiedToken,
    keys: KeySet | None,
    client_ids: tuple[str, ...],
    now: float,
) -> Claims:
    issuer = question.provider_url or token.require_issuer()
    if keys is None:
        return suppose(token, client_ids=client_ids, issuer=issuer, now=now)
    return verify(token, keys, client_ids=client_ids, issuer=issuer, now=now)


def _ask(
    question: TokenQuestion, claims: Claims, trust: CompiledPolicy, now: float
) -> tuple[Decision, Context]:
    provider_key = claims.issuer.split("://", 1)[-1]
    account = question.account or _account_of(trust, provider_key)
    provider_arn = f"arn:aws:iam::{account}:oidc-provider/{provider_key}"
    facts = RequestFacts(now, None, secure=True, region="us-east-1")
    context = trust_context(
        claim_values(claims),
        provider_key,
        account,
        question.session_name,
        facts,
        tags=session_tags(claims),
        source_identity=source_identity(claims),
        authorised_by_idp=False,
    )
    request = Request(
        action=ASSUME,
        resource="*",
        context=context,
        requester=Requester("Federated", (provider_arn,), account),
        resource_account=account,
    )
    return decide(Policies(resource=trust), request, trace=True), context


def _account_of(trust: CompiledPolicy, provider_key: str) -> str:
    """Return the account in which the policy thinks the provider to be."""
    arns = [parse_arn(use.value.text) for use in principals_of(trust.document)]
    providers = [arn for arn in arns if arn and arn.resource.startswith("oidc-provider/")]
    exact = [arn for arn in providers if arn.resource == f"oidc-provider/{provider_key}"]
    return next((arn.account for arn in (*exact, *providers)), NO_ACCOUNT)


def explain_against_role(question: TokenQuestion, home: Path, role_arn: str) -> Explanation:
    """Explain what a role of this home would say to a token, by the server's own way."""
    from valetkey.server.rehearsal import rehearse

    event = Event(
        request_id=str(uuid.uuid4()),
        time=system_clock(),
        service="sts",
        operation="AssumeRoleWithWebIdentity",
        traced=True,
    )
    parameters: Mapping[str, str] = {
        "RoleArn": role_arn,
        "RoleSessionName": question.session_name,
        "WebIdentityToken": question.token,
    }
    asyncio.run(rehearse(Home(home), parameters, event, jwks=question.jwks))
    return explain_record(event.to_record(0), event.documents.get)
