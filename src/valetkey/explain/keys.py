"""Condition keys that a request does not have: which key was meant, or why it is not there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from valetkey.diagnostics import did_you_mean
from valetkey.explain.compare import common, quoted
from valetkey.explain.mismatch import Cause
from valetkey.oidc.issuers import Claim, gitlab, recognise
from valetkey.policy.decision import ConditionTrace

_MEANT: Final = {
    "subject": "sub",
    "audience": "aud",
    "client_id": "aud",
    "issuer": "iss",
    "branch": "ref",
    "tag": "ref",
    "project": "project_path",
    "repo": "repository",
    "group": "namespace_path",
    "namespace": "namespace_path",
    "user": "user_login",
    "email": "user_email",
    "protected": "ref_protected",
}
_GLOBAL: Final = frozenset({"aws", "sts", "iam", "s3", "saml", "secretsmanager", "valetkey"})
_OF_ENVIRONMENTS: Final = frozenset(
    {"environment", "environment_protected", "environment_action", "deployment_tier"}
)


@dataclass(frozen=True, slots=True)
class Keys:
    """The condition keys that a request had, and whose token it brought.

    ``provider`` is the issuer as condition keys spell it; ``present`` are all keys, ``claims``
    the claims of the token.
    """

    provider: str | None
    present: Sequence[str]
    claims: Mapping[str, Any]

    def claim_names(self) -> list[str]:
        """Return what stands after the issuer in the token's condition keys."""
        prefix = f"{self.provider}:".lower()
        names = [key[len(prefix) :] for key in self.present if key.lower().startswith(prefix)]
        return names or [*self.claims]

    def known_claims(self) -> Mapping[str, Claim]:
        """Return the claims that the issuer's tokens may have, where it is one that we know."""
        issuer, sub = self.claims.get("iss"), self.claims.get("sub")
        if not isinstance(issuer, str) or not isinstance(sub, str):
            return {}
        known = recognise(issuer, self.claims)
        if known is not None:
            return known.CLAIMS
        return gitlab.CLAIMS if gitlab.parse_subject(sub) else {}

    def split(self, key: str) -> tuple[str, str]:
        """Return a key's issuer and claim; claims may hold colons, so known ones come first."""
        own = f"{self.provider}:"
        if key.lower().startswith(own.lower()):
            return key[: len(own) - 1], key[len(own) :]
        host, _, claim = key.rpartition(":")
        return host, claim


def missing_key(condition: ConditionTrace, keys: Keys, others: Sequence[str]) -> Cause:
    """Return why a condition key is not there. ``others`` are the statement's other keys."""
    host, claim = keys.split(condition.key)
    if keys.provider is None or host.lower() in _GLOBAL:
        return _no_such_key(condition, keys)
    if host.lower() != keys.provider.lower():
        return _other_host(condition, host, claim, keys, others)
    return _no_such_claim(condition, claim, keys)


def _no_such_key(condition: ConditionTrace, keys: Keys) -> Cause:
    near = did_you_mean(condition.key, keys.present, cutoff=0.75)
    return Cause(
        "missing-key",
        f"the request has no condition key {quoted(condition.key)}",
        "no such key in this request",
        (
            f"did you mean {quoted(near)}?"
            if near
            else "a condition on a key that is not there is never met; remove it, or use one that"
            " is there",
        ),
        notes=_present("request", keys.present),
        at=_differs(condition.key, near),
        key=near,
    )


def _other_host(
    condition: ConditionTrace, host: str, claim: str, keys: Keys, others: Sequence[str]
) -> Cause:
    provider = keys.provider or ""
    right = f"{provider}:{claim}"
    own = [key for key in others if key.lower().startswith(f"{provider}:".lower())]
    if any(key.lower() == right.lower() for key in own) and not _misspelt(host, provider):
        return Cause(
            "other-issuer",
            f"condition key {quoted(condition.key)} is of another issuer than the token's,"
            f" {quoted(provider)}",
            "a token has one issuer, and this is not it",
            (
                (
                    "conditions of one statement must all hold, so one on each of two issuers never"
                    " does: write a statement for each issuer"
                ),
            ),
            at=common(condition.key.lower(), right.lower()),
        )
    return Cause(
        "wrong-issuer-in-key",
        f"condition key {quoted(condition.key)} is not of the token's issuer, {quoted(provider)}",
        "differs from the token's issuer from here",
        (
            (
                f"if the token's issuer is meant, write {quoted(right)}; a key begins with the"
                " provider's URL without `https://`, to the character"
            ),
        ),
        at=common(condition.key.lower(), right.lower()),
        key=right,
    )


def _misspelt(host: str, provider: str) -> bool:
    bare = host.lower().split("://", 1)[-1].rstrip("/")
    return bare == provider.lower().rstrip("/") or bool(did_you_mean(bare, [provider], cutoff=0.9))


def _no_such_claim(condition: ConditionTrace, claim: str, keys: Keys) -> Cause:
    names = keys.claim_names()
    near = _MEANT.get(claim.lower())
    if near not in names:
        near = did_you_mean(claim, names)
    if claim.lower() in keys.known_claims():
        return _not_this_time(condition, claim.lower())
    right = f"{keys.provider}:{near}" if near else None
    return Cause(
        "missing-claim",
        f"the token has no claim {quoted(claim)}, so condition key {quoted(condition.key)} is not"
        " there",
        f"did you mean {quoted(near)}?" if near else "no such claim in this token",
        (
            f"write {quoted(right)}"
            if right
            else "use a claim that the token has; the note lists them",
        ),
        notes=_present("token", names),
        at=_differs(condition.key, right),
        key=right,
    )


def _not_this_time(condition: ConditionTrace, claim: str) -> Cause:
    """Explain a claim that the issuer has, and this token has not."""
    advice = "nothing should be changed in the policy: this token does not have the claim"
    if claim in _OF_ENVIRONMENTS:
        advice = (
            "nothing should be changed in the policy: name an `environment:` in the job if the job"
            " is to have access"
        )
    return Cause(
        "missing-claim",
        f"this token has no claim {quoted(claim)}; only some of its issuer's tokens do",
        "not in this token",
        (advice,),
        at=len(condition.key) - len(claim),
    )


def _present(what: str, names: Sequence[str]) -> tuple[str, ...]:
    listed = ", ".join(quoted(name) for name in sorted(names)[:40])
    return (f"the {what} has {listed}",) if names else ()


def _differs(key: str, right: str | None) -> int:
    return common(key.lower(), right.lower()) if right else 0
