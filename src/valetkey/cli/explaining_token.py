"""A token, or the claims of one, held against a trust policy without asking a server."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from valetkey.access import RequestFacts, trust_context
from valetkey.arn import parse_arn
from valetkey.cli.explaining_input import (
    as_unsigned,
    instant,
    own_audience,
    read_policy,
    with_times,
)
from valetkey.explain import Asked, Explanation, explain_token
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
    decide,
    principals_of,
)

ASSUME: Final = "sts:AssumeRoleWithWebIdentity"
NO_ACCOUNT: Final = "000000000000"


@dataclass(frozen=True, slots=True)
class TokenQuestion:
    """A token, and what is given about its provider.

    ``decoded`` tells that ``token`` holds the claims as JSON, which nobody signed.
    """

    token: str
    session_name: str
    decoded: bool = False
    jwks: bytes | None = None
    provider_url: str | None = None
    audiences: tuple[str, ...] = ()
    account: str | None = None
    at: str | None = None


class Against(NamedTuple):
    """A trust policy, and where it is from if a server's state has it."""

    trust: CompiledPolicy
    role_arn: str | None = None
    known: bool = False


class Read(NamedTuple):
    """A token as it could be read: ``timeless`` where its claims name no times."""

    token: UnverifiedToken
    now: float
    timeless: bool


class _Answer(NamedTuple):
    asked: Asked
    decision: Decision
    context: Context


def explain_against_file(question: TokenQuestion, trust_policy: Path) -> Explanation:
    """Explain what a trust policy in a file would say to a token; no server is needed."""
    return explain_against(question, Against(read_policy(trust_policy, PolicyType.TRUST)))


def explain_against(question: TokenQuestion, against: Against) -> Explanation:
    """Explain what a trust policy says to a token. Raises what reading the question raises."""
    keys = KeySet.from_json(question.jwks) if question.jwks is not None else None
    read: Read | None = None
    refusal: TokenError | None = None
    answer: _Answer | None = None
    client_ids = question.audiences
    try:
        read = read_token(question)
        client_ids = client_ids or own_audience(read.token)
        answer = _ask(question, judged(question, read, keys), against, read.now)
    except TokenError as error:
        refusal = error
    return explain_token(
        read.token if read else None,
        now=read.now if read else instant(question.at),
        refusal=refusal,
        trust=against.trust,
        decision=answer.decision if answer else None,
        asked=answer.asked if answer else None,
        context=answer.context if answer else None,
        role_arn=against.role_arn,
        keys=keys,
        supposed=keys is None,
        timeless=read.timeless if read else False,
        known=against.known,
        client_ids=client_ids,
        issuers=(question.provider_url,) if question.provider_url else None,
    )


def read_token(question: TokenQuestion) -> Read:
    """Read a token or claims. Raises ``TokenError`` for what is neither."""
    now = instant(question.at)
    if not question.decoded:
        return Read(parse_token(question.token), now, timeless=False)
    claims, timeless = with_times(question.token, now)
    return Read(parse_token(as_unsigned(claims)), now, timeless)


def judged(question: TokenQuestion, read: Read, keys: KeySet | None) -> Claims:
    """Return the claims as far as they can be judged. Raises ``TokenRefused``."""
    client_ids = question.audiences or own_audience(read.token)
    issuer = question.provider_url or read.token.require_issuer()
    if keys is None:
        return suppose(read.token, client_ids=client_ids, issuer=issuer, now=read.now)
    return verify(read.token, keys, client_ids=client_ids, issuer=issuer, now=read.now)


def _ask(question: TokenQuestion, claims: Claims, against: Against, now: float) -> _Answer:
    """Ask for the role, and for what the token wants besides, as the server does."""
    provider_key = claims.issuer.split("://", 1)[-1]
    account = question.account or _account_of(against.trust, provider_key)
    provider_arn = f"arn:aws:iam::{account}:oidc-provider/{provider_key}"
    tags, identity = session_tags(claims), source_identity(claims)
    context = trust_context(
        claim_values(claims),
        provider_key,
        account,
        question.session_name,
        RequestFacts(now, None, secure=True, region="us-east-1"),
        tags=tags,
        source_identity=identity,
        authorised_by_idp=False,
    )
    actions = [ASSUME]
    actions += ["sts:TagSession"] if tags.tags else []
    actions += ["sts:SetSourceIdentity"] if identity is not None else []
    policies = Policies(resource=against.trust)
    requester = Requester("Federated", (provider_arn,), account)
    answers = []
    for action in actions:
        request = Request(action, against.role_arn or "*", context, requester, account)
        decision = decide(policies, request, trace=True)
        answers.append(_Answer(Asked(policies, request), decision, context))
        if not decision.allowed:
            return answers[-1]
    return answers[0]


def _account_of(trust: CompiledPolicy, provider_key: str) -> str:
    """Return the account in which the policy thinks the provider to be."""
    arns = [parse_arn(use.value.text) for use in principals_of(trust.document)]
    providers = [arn for arn in arns if arn and arn.resource.startswith("oidc-provider/")]
    exact = [arn for arn in providers if arn.resource == f"oidc-provider/{provider_key}"]
    return next((arn.account for arn in (*exact, *providers)), NO_ACCOUNT)
