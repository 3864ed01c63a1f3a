"""The write-time rule for issuers whose tokens anyone can get.

For a shared issuer (one host for all its customers) the provider alone says nothing about whose
job asks, so AWS refuses a trust policy that does not look at the tenant: "identity-provider
controls", checked on CreateRole and UpdateAssumeRolePolicy, purely by the form of the policy.
A self-hosted GitLab is private and needs none.

The table is AWS's own
(https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html).
The same rule holds for any other issuer that the server's settings name (:data:`RequiredClaims`).
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from valetkey.arn import parse_arn
from valetkey.policy.document import ConditionEntry, Statement, Value
from valetkey.policy.findings import Findings
from valetkey.policy.flaws import Kind

# ForAnyValue asks for the same. ForAllValues and IfExists pass where the claim is missing, so
# they are no look at the tenant.
_OPERATORS: Final = frozenset(
    f"{qualifier}{name}"
    for qualifier in ("", "ForAnyValue:")
    for name in ("StringEquals", "StringLike", "StringEqualsIgnoreCase")
)

_SUB: Final = ("sub",)
_AUD: Final = ("aud",)
SHARED_ISSUERS: Final[dict[str, tuple[str, ...]]] = {
    "token.actions.githubusercontent.com": ("sub", "job_workflow_ref"),
    "vstoken.actions.githubusercontent.com": _SUB,
    "oidc-configuration.audit-log.githubusercontent.com": _SUB,
    "gitlab.com": _SUB,
    "agent.buildkite.com": _SUB,
    "app.terraform.io": _SUB,
    "oidc.codefresh.io": _SUB,
    "studio.datachain.ai/api": _SUB,
    "scalr.io": _SUB,
    "tokens.cloud.shisho.dev": _SUB,
    "proidc.upbound.io": _SUB,
    "cognito-identity.amazonaws.com": _AUD,
    "api.pulumi.com/oidc": _AUD,
    "sandboxes.cloud": _AUD,
    "oidc.vercel.com": _AUD,
    # IBM Turbonomic: six clusters by name; other clusters of these hosts are their owners' own.
    "oidc.op1.openshiftapps.com/2c51blsaqa9gkjt0o9rt11mle8mmropu": _SUB,
    "oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb": _SUB,
    "rh-oidc.s3.us-east-1.amazonaws.com/22ejnvnnturfmt6km08idd0nt4hekbn7": _SUB,
    "rh-oidc.s3.us-east-1.amazonaws.com/23e3sd27sju1hoou6ohfs68vbno607tr": _SUB,
    "rh-oidc.s3.us-east-1.amazonaws.com/23ne21h005qjl3n33d8dui5dlrmv2tmg": _SUB,
    "rh-oidc.s3.us-east-1.amazonaws.com/24jrf12m5dj7ljlfb4ta2frhrcoadm26": _SUB,
}
"""The claims of which a trust policy must look at one, by provider URL without scheme."""

RequiredClaims = Mapping[str, tuple[str, ...]]
"""What a trust policy must look at besides, all of it: claims (or whole condition keys of
``aws:`` and ``sts:``) by provider URL without scheme."""

NO_MORE: Final[RequiredClaims] = MappingProxyType({})

_GITHUB: Final = "token.actions.githubusercontent.com"
_SENTINEL: Final = "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d"
_COGNITO: Final = "cognito-identity.amazonaws.com"


class _Demand(NamedTuple):
    """Condition keys of which a statement must look at one, because of this principal."""

    principal: Value
    url: str
    keys: tuple[str, ...]
    shared: bool


def check_shared_issuers(
    findings: Findings, statement: Statement, required: RequiredClaims = NO_MORE
) -> None:
    """Find Allow statements that trust a shared issuer whoever its customer is.

    ``required`` adds issuers and claims that AWS's table does not have.
    """
    if statement.denies or statement.principal is None:
        return
    for entry in statement.principal.entries:
        for value in entry.values if entry.kind == "Federated" else ():
            for demand in _demands(value, required):
                if not _is_met(statement, demand):
                    _report(findings, statement, demand)


def required_keys(provider_url: str) -> tuple[str, ...]:
    """Return the condition keys of which a trust policy must look at one; none if private."""
    url = _same(provider_url)
    if url == _SENTINEL:
        return ("sts:RoleSessionName",)
    return tuple(f"{provider_url}:{claim}" for claim in SHARED_ISSUERS.get(url, ()))


def _demands(principal: Value, required: RequiredClaims) -> Iterator[_Demand]:
    arn = parse_arn(principal.text)
    url = principal.text if arn is None else arn.resource.removeprefix("oidc-provider/")
    keys = required_keys(url)
    if keys:
        yield _Demand(principal, url, keys, shared=True)
    for issuer, claims in required.items():
        if _same(issuer) == _same(url):
            for claim in claims:
                whole = claim.lower().startswith(("aws:", "sts:"))
                key = claim if whole else f"{url}:{claim}"
                yield _Demand(principal, url, (key,), shared=False)


def _same(provider_url: str) -> str:
    """Return a provider's URL as it is compared here: nobody gets past by its spelling."""
    return provider_url.rstrip("/").lower()


def _is_met(statement: Statement, demand: _Demand) -> bool:
    keys = {key.lower() for key in demand.keys}
    looks = [
        entry
        for entry in statement.conditions
        if entry.operator.written in _OPERATORS and entry.key.lower() in keys
    ]
    if _is_github(demand):
        # Observed on AWS: there each condition on either key has to narrow, from its first letter.
        return bool(looks) and all(map(_narrows_from_the_start, looks))
    return any(map(_narrows, looks))


def _is_github(demand: _Demand) -> bool:
    return demand.shared and _same(demand.url) == _GITHUB


def _narrows(entry: ConditionEntry) -> bool:
    """Tell whether every value has a character that is no wildcard; one open one opens all."""
    return bool(entry.values) and all(value.text.strip("*?") for value in entry.values)


def _narrows_from_the_start(entry: ConditionEntry) -> bool:
    return _narrows(entry) and all(
        value.text.strip() and not value.text.startswith("*") for value in entry.values
    )


def _report(findings: Findings, statement: Statement, demand: _Demand) -> None:
    # As observed on AWS: a shared issuer by its URL, GitHub by its ARN.
    by_url = demand.shared and not _is_github(demand)
    principal = demand.url if by_url else demand.principal.text
    wire = (
        f"Trust policy with trusted principal {principal} must evaluate, using "
        "StringEquals, StringLike or StringEqualsIgnoreCase, "
        f"{' or '.join(demand.keys)} which is not scoped to all."
    )
    if demand.shared and demand.url == _COGNITO:
        wire = "A condition block must be present for the Cognito provider"
    why = (
        f"`{demand.url}` is shared by all its customers, and the statement admits every one"
        if demand.shared
        else f"the statement trusts `{demand.url}` and does not look at `{demand.keys[0]}`"
    )
    notes = ["`ForAllValues:` and `IfExists` pass where the claim is missing"]
    if not demand.shared:
        notes.append("this server's setting `required_trust_claims` asks for it")
    findings.add(
        Kind.SHARED_ISSUER,
        why,
        demand.principal.range,
        statement=statement,
        help=f"add a condition on `{demand.keys[0]}` with `StringEquals` or `StringLike`",
        notes=notes,
        wire=wire,
    )
