"""A token and a trust policy, without a server, as a case to explain."""

from collections.abc import Mapping, Sequence

from valetkey.arn import ACCOUNT_ID, parse_arn
from valetkey.explain.explain import explain
from valetkey.explain.ladder import JUDGED, PROVEN, REGISTERED, ROLE_ARN_NAMED, ROLE_THERE, TIMES
from valetkey.explain.model import LEEWAY, Asked, Case, Explanation
from valetkey.explain.refusals import ROLE_ARN
from valetkey.oidc import KeySet, TokenError, UnverifiedToken
from valetkey.policy import CompiledPolicy, Context, Decision


def explain_token(
    token: UnverifiedToken | None,
    *,
    now: float,
    refusal: TokenError | None = None,
    trust: CompiledPolicy | None = None,
    decision: Decision | None = None,
    asked: Asked | None = None,
    context: Context | None = None,
    role_arn: str | None = None,
    keys: KeySet | None = None,
    supposed: bool = False,
    timeless: bool = False,
    known: bool = False,
    client_ids: Sequence[str] | None = None,
    issuers: Sequence[str] | None = None,
    leeway: int = LEEWAY,
) -> Explanation:
    """Explain what became of a token: ``refusal`` of ``oidc``, or the policy's ``decision``.

    ``token`` is None where it could not even be read. Without ``keys`` the signature was not
    checked, and the explanation says so; ``supposed`` tells that ``oidc.suppose`` judged the
    claims all the same; ``timeless`` that they name no times to judge. ``context`` are the
    condition keys that were decided upon; ``trust`` is the policy, for its text, and ``asked`` the
    question that it was asked. ``role_arn`` is judged by its form alone, unless role and issuer
    are ``known`` from a server's state.
    """
    malformed = role_arn is not None and not is_role_arn(role_arn)
    refused = refusal is not None or malformed
    texts = {trust.sha256: trust.source.text} if trust is not None else {}
    return explain(
        Case(
            allowed=not refused and decision is not None and decision.allowed,
            time=now,
            documents=texts.get,
            action=asked.request.action if asked else None,
            resource=role_arn,
            role_arn=role_arn,
            issuer=token.unverified_issuer if token else None,
            claims=token.unverified_claims if token else {},
            context=_values(context),
            check=ROLE_ARN if malformed else refusal.check if refusal else None,
            reason=refusal.reason if refusal and not malformed else None,
            help=refusal.help if refusal and not malformed else None,
            decision=None if refused else decision,
            asked=None if refused else asked,
            unchecked=_unchecked(keys, role_arn, supposed, timeless, known),
            client_ids=client_ids,
            issuers=issuers,
            kid=token.kid if token else None,
            kids=[key.kid for key in keys.keys] if keys is not None else None,
            skipped_keys=[(key.kid or "", key.reason) for key in keys.skipped] if keys else (),
            leeway=leeway,
        )
    )


def _unchecked(
    keys: KeySet | None, role_arn: str | None, supposed: bool, timeless: bool, known: bool
) -> Mapping[str, str]:
    rungs = {} if known else dict.fromkeys((REGISTERED, ROLE_THERE), "no server was asked")
    if keys is None:
        rungs |= dict.fromkeys(PROVEN, "no keys were given")
        rungs |= {} if supposed else dict.fromkeys(JUDGED, "no keys were given")
    rungs |= {TIMES: "the claims name no times"} if timeless else {}
    return rungs if role_arn is not None else rungs | {ROLE_ARN_NAMED: "no role was named"}


def is_role_arn(text: str) -> bool:
    """Return whether a text has the form of a role's ARN."""
    arn = parse_arn(text)
    return (
        arn is not None
        and arn.service == "iam"
        and bool(ACCOUNT_ID.fullmatch(arn.account))
        and arn.resource.startswith("role/")
    )


def _values(context: Context | None) -> Mapping[str, str | Sequence[str]]:
    return dict(context.items()) if context is not None else {}
