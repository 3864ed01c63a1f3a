"""The write-time rule for issuers whose tokens anyone can get.

For a shared issuer (one host for all its customers) the provider alone says nothing about whose
job asks, so AWS refuses a trust policy that does not look at the tenant: "identity-provider
controls", checked on CreateRole and UpdateAssumeRolePolicy, purely by the form of the policy.
A self-hosted GitLab is private and needs none.

The table is AWS's own
(https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html).
"""

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
}
"""The claims of which a trust policy must look at one, by provider URL without scheme."""

_TURBONOMIC: Final = "oidc.op1.openshiftapps.com/"
_SENTINEL: Final = "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d"
_COGNITO: Final = "cognito-identity.amazonaws.com"


class _Demand(NamedTuple):
    principal: Value
    url: str
    keys: tuple[str, ...]


def check_shared_issuers(findings: Findings, statement: Statement) -> None:
    """Find Allow statements that trust a shared issuer whoever its customer is."""
    if statement.denies or statement.principal is None:
        return
    for entry in statement.principal.entries:
        for value in entry.values if entry.kind == "Federated" else ():
            demand = _demand(value)
            if demand is not None and not _is_met(statement, demand):
                _report(findings, statement, demand)


def required_keys(provider_url: str) -> tuple[str, ...]:
    """Return the condition keys of which a trust policy must look at one; none if private."""
    url = provider_url.rstrip("/").lower()
    if url == _SENTINEL:
        return ("sts:RoleSessionName",)
    claims = _SUB if provider_url.startswith(_TURBONOMIC) else SHARED_ISSUERS.get(url, ())
    return tuple(f"{provider_url}:{claim}" for claim in claims)


def _demand(principal: Value) -> _Demand | None:
    arn = parse_arn(principal.text)
    url = principal.text if arn is None else arn.resource.removeprefix("oidc-provider/")
    keys = required_keys(url)
    return _Demand(principal, url, keys) if keys else None


def _is_met(statement: Statement, demand: _Demand) -> bool:
    keys = {key.lower() for key in demand.keys}
    return any(
        entry.operator.written in _OPERATORS and entry.key.lower() in keys and _narrows(entry)
        for entry in statement.conditions
    )


def _narrows(entry: ConditionEntry) -> bool:
    """Tell whether every value has a character that is no wildcard; one open one opens all."""
    return bool(entry.values) and all(value.text.strip("*?") for value in entry.values)


def _report(findings: Findings, statement: Statement, demand: _Demand) -> None:
    wire = (
        f"Trust policy with trusted principal {demand.principal.text} must evaluate, using "
        "StringEquals, StringLike or StringEqualsIgnoreCase, "
        f"{' or '.join(demand.keys)} which is not scoped to all."
    )
    if demand.url == _COGNITO:
        wire = "A condition block must be present for the Cognito provider"
    findings.add(
        Kind.SHARED_ISSUER,
        f"`{demand.url}` is shared by all its customers, and the statement admits every one",
        demand.principal.range,
        statement=statement,
        help=f"add a condition on `{demand.keys[0]}` with `StringEquals` or `StringLike`",
        notes=("`ForAllValues:` and `IfExists` pass where the claim is missing",),
        wire=wire,
    )
