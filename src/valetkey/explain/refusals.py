"""Tokens that were refused before any policy was asked: by the check that they fell from."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from valetkey.arn import parse_arn
from valetkey.diagnostics import Diagnostic, Label, Source, did_you_mean
from valetkey.explain.claims_text import as_told, token_finding
from valetkey.explain.compare import Difference, common, listed, quoted, side_by_side
from valetkey.explain.model import Case
from valetkey.explain.times import early, expired
from valetkey.explain.urls import url_difference
from valetkey.oidc.errors import Check
from valetkey.oidc.issuers.gitlab import LEGACY_JOB_TOKEN, is_legacy_job_token

PROVIDER = "provider"
ROLE = "role"
ROLE_ARN = "role-arn"


def refusal(case: Case) -> Diagnostic:
    """Return why a request was refused by a check, with the place in the token's claims."""
    if is_legacy_job_token(case.claims) and case.check in {PROVIDER, Check.REQUIRED_CLAIMS}:
        message, advice = LEGACY_JOB_TOKEN
        return token_finding("legacy-job-token", message, case, claim="iss", help=(advice,))
    explain = _BY_CHECK.get(case.check or "")
    return explain(case) if explain else as_told(case)


def _provider(case: Case) -> Diagnostic:
    issuer = case.issuer or ""
    known = case.issuers or ()
    near = _nearest(issuer, known)
    if near is None:
        advice = (
            f"nothing should be changed, unless jobs of {quoted(issuer)} shall have access: then"
            f" `aws iam create-open-id-connect-provider --url {issuer} --client-id-list …`"
            if "://" in issuer
            else "an issuer's URL begins with `https://`; this token is of another kind"
        )
        notes = (f"registered are {listed(known)}",) if known else ("no provider is registered",)
        message = f"issuer {quoted(issuer)} is not registered in the role's account"
        return token_finding(
            "issuer-unknown", message, case, claim="iss", notes=notes, help=(advice,)
        )
    at = common(issuer, near)
    how = url_difference(near, issuer)
    return token_finding(
        "issuer-differs",
        f"issuer {quoted(issuer)} is not registered; {quoted(near)} is"
        + (f", and differs by {how}" if how else ""),
        case,
        claim="iss",
        at=at,
        label="differs from here",
        notes=(_compared("issuer", near, issuer, at),),
        help=(
            f"issuers are compared to the character: register {quoted(issuer)} as it is, and use"
            " it so in the provider's ARN and in condition keys"
            if how
            else f"if {quoted(issuer)} is to be trusted, register it; nothing should be changed"
            " otherwise",
        ),
    )


def _nearest(text: str, known: Sequence[str]) -> str | None:
    alike = next((one for one in known if url_difference(one, text)), None)
    return alike or did_you_mean(text, known, cutoff=0.85)


def _compared(what: str, wanted: str, got: str, at: int) -> str:
    return f"{what}:\n{side_by_side(wanted, got, Difference(at, at))}"


def _key(case: Case) -> Diagnostic:
    notes = []
    if case.kids is not None:
        notes.append(
            f"the issuer's key set holds {listed(case.kids)}"
            if case.kids
            else "the issuer's key set holds no key that can be used"
        )
    notes += [f"key {quoted(kid)} was skipped: {why}" for kid, why in case.skipped_keys[:8]]
    message = case.reason or f"key {quoted(case.kid or '')} is not in the issuer's set"
    advice = case.help or (
        "the token is signed with a key that the issuer does not publish: take a fresh token"
    )
    return token_finding("key-not-found", message, case, notes=tuple(notes), help=(advice,))


def _keys(case: Case) -> Diagnostic:
    advice = [case.help] if case.help else []
    if case.issuer and "://" in case.issuer:
        advice.append(f"run `valetkey doctor {case.issuer}` to see where it stops")
    message = case.reason or "the issuer's keys could not be had"
    return token_finding("keys-unavailable", message, case, help=tuple(advice))


def _signature(case: Case) -> Diagnostic:
    return token_finding(
        "bad-signature",
        case.reason or "the token's signature is not the issuer's",
        case,
        help=(
            (
                "nothing should be changed: the token was altered, cut short, or signed by somebody"
                " else; take a fresh one"
            ),
        ),
    )


def _audience(case: Case) -> Diagnostic:
    claim = "azp" if "azp" in case.claims else "aud"
    got = case.claims.get(claim)
    if isinstance(got, list) and len(got) == 1:
        got = got[0]
    if not isinstance(got, str) or case.client_ids is None:
        return token_finding(
            "audience",
            case.reason or "the token's audience is not the provider's",
            case,
            claim=claim,
            help=(case.help or "give the token one audience, a client id of the provider",),
        )
    near = _nearest(got, case.client_ids)
    how = url_difference(near, got) if near else None
    at = common(got, near) if near else None
    is_text = isinstance(case.claims.get(claim), str)
    registered = listed(case.client_ids) if case.client_ids else "none, so nobody is admitted"
    advice = [
        f"write `aud: {near}` in the job's `id_tokens:`"
        if near
        else "ask for one of the provider's client ids in the job's `aud:`",
    ]
    if got and "$" not in got:
        advice.append(
            f"or, if {quoted(got)} is meant for this server too, add it to the provider's client"
            " ids: `aws iam add-client-id-to-open-id-connect-provider`"
        )
    else:
        advice.append("the value holds a variable that was not filled in, or nothing at all")
    return token_finding(
        "audience-unknown",
        f"audience {quoted(got)} is no client id of the provider"
        + (f"; it differs from {quoted(near or '')} by {how}" if how else ""),
        case,
        claim=claim,
        at=at if is_text else None,
        label="differs from here" if near else "not registered",
        notes=(
            *((_compared("audience", near, got, at),) if near and at is not None else ()),
            f"client ids of the provider: {registered}",
        ),
        help=tuple(advice),
    )


def _role(case: Case) -> Diagnostic:
    arn = case.role_arn or case.resource or ""
    return Diagnostic(
        "role-not-there",
        f"there is no role {quoted(arn)}",
        notes=("the client is told the same as for a role that refuses",),
        help=("check account, path and name: `aws iam list-roles` shows the ARNs",),
    )


def _role_arn(case: Case) -> Diagnostic:
    text = case.role_arn or ""
    source = Source("RoleArn", text)
    arn = parse_arn(text)
    empty = "empty — a CI variable did not expand"
    if text.startswith("arn:") and (arn is None or not arn.account):
        fields = text.split(":")
        at = min(len(":".join(fields[:4])) + 1, len(text))
        return Diagnostic(
            "account-empty",
            f"the account field of RoleArn is {empty}",
            labels=(Label(source.span(at, at), "twelve digits belong here"),),
            help=(
                (
                    "set the variable that holds the account; protected variables are absent on"
                    " unprotected refs"
                ),
            ),
        )
    return Diagnostic(
        "role-arn-invalid",
        f"RoleArn {quoted(text)} is no role's ARN",
        labels=(Label(source.span(0, len(text))),) if text else (),
        help=("write `arn:aws:iam::ACCOUNT:role/NAME`, the account in twelve digits",),
    )


_Explain = Callable[[Case], Diagnostic]

_BY_CHECK: Final[Mapping[str, _Explain]] = {
    PROVIDER: _provider,
    Check.ISSUER: lambda case: _provider(case) if case.issuers else as_told(case),
    Check.KEYS: _keys,
    Check.KEY: _key,
    Check.SIGNATURE: _signature,
    Check.ISSUED_AT: early("iat"),
    Check.NOT_BEFORE: early("nbf"),
    Check.EXPIRY: expired,
    Check.AUDIENCE: _audience,
    ROLE: _role,
    ROLE_ARN: _role_arn,
}
