"""``Principal``: who may be named, in which type of policy, in which shape."""

import re
from typing import Final

from valetkey.arn import ACCOUNT_ID, Arn, parse_arn
from valetkey.policy.decision import PolicyType
from valetkey.policy.document import PrincipalElement, PrincipalEntry, Statement, Value
from valetkey.policy.findings import Findings, opening
from valetkey.policy.flaws import Kind

_UNIQUE_ID = re.compile(r"A(?:IDA|ROA)[A-Z0-9]{12,124}")
_CANONICAL_ID = re.compile(r"[0-9a-f]{64}")
_DOMAIN = re.compile(
    r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,62}", re.IGNORECASE
)
# Printable ASCII but `*` and `?`: a principal is written out, or it is `*` alone.
_WRITTEN_OUT: Final = "[!-)+->@-~]+"
_PROVIDER = re.compile(f"(?:oidc|saml)-provider/{_WRITTEN_OUT}")
_IAM_NAME = re.compile(f"root|(?:user|role)/{_WRITTEN_OUT}")
_STS_NAME = re.compile(
    r"assumed-role/[\w+=,.@\-]+/[\w+=,.@\-]+|federated-user/[\w+=,.@\-]+", re.ASCII
)
_FEDERATED_WIRE: Final = "Federated principals must be valid domain names or SAML metadata ARNs"


def check_principal(findings: Findings, statement: Statement, type: PolicyType) -> None:
    """Find what is wrong with a statement's principal."""
    principal = statement.principal
    if type not in (PolicyType.RESOURCE, PolicyType.TRUST):
        if principal is not None:
            message = f"a policy of type `{type}` has no `{principal.name}`: it is about its owner"
            findings.add(
                Kind.PRINCIPAL_PROHIBITED, message, principal.name_range, statement=statement
            )
        return
    if principal is None:
        message = "the statement has no `Principal`"
        findings.add(Kind.PRINCIPAL_MISSING, message, opening(statement), statement=statement)
        return
    _check_form(findings, statement, principal, type)
    for entry in principal.entries:
        for value in entry.values:
            _check_name(findings, statement, entry, value, type)


def _check_form(
    findings: Findings, statement: Statement, principal: PrincipalElement, type: PolicyType
) -> None:
    if principal.negated and not statement.denies:
        # AWS: everyone else, the public included, would be allowed; its guide says never to.
        message = "`NotPrincipal` in an Allow admits everyone who is not listed"
        findings.add(Kind.NOT_PRINCIPAL_ALLOW, message, principal.name_range, statement=statement)
    elif principal.negated and type is PolicyType.TRUST:
        message = "a trust policy has no `NotPrincipal`"
        findings.add(Kind.NOT_PRINCIPAL, message, principal.name_range, statement=statement)
    if principal.everyone is not None and type is PolicyType.TRUST:
        findings.add(
            Kind.PRINCIPAL_SHAPE,
            "the principal of a trust policy is an object, got `*`",
            principal.range,
            statement=statement,
            help='name the provider: `{"Federated": "arn:aws:iam::…:oidc-provider/…"}`',
        )
    listed = [value for entry in principal.entries for value in entry.values]
    empty_entry = any(not entry.values for entry in principal.entries)
    if principal.everyone is None and (not listed or empty_entry):
        message = "the principal names nobody"
        findings.add(Kind.PRINCIPAL_EMPTY, message, principal.range, statement=statement)


def _check_name(
    findings: Findings,
    statement: Statement,
    entry: PrincipalEntry,
    value: Value,
    type: PolicyType,
) -> None:
    text, kind = value.text, entry.kind
    advice: str | None = None
    wire = f'Invalid principal in policy: "{kind}":"{text}"'
    match kind:
        case "AWS":
            fine = is_aws_principal(text)
            advice = "write an account id, or the ARN of a user, role or session; `*` only alone"
        case "Federated":
            # A star would trust every provider of the account, registered by whoever may do
            # so; no AWS text allows it, so it is refused.
            fine = is_federated_principal(text)
            wire = _FEDERATED_WIRE
            advice = "write `arn:aws:iam::ACCOUNT:oidc-provider/HOST`"
        case "Service":
            fine = _DOMAIN.fullmatch(text) is not None
            wire = f'Invalid principal in policy: "SERVICE":"{text}"'
        case _:
            fine = type is PolicyType.RESOURCE and _CANONICAL_ID.fullmatch(text) is not None
            wire = f'Invalid principal in policy: "{kind}"'
    if not fine:
        findings.add(
            Kind.PRINCIPAL_INVALID,
            f"`{text[:200]}` is no `{kind}` principal",
            value.range,
            statement=statement,
            help=advice,
            wire=wire,
        )


def is_aws_principal(text: str) -> bool:
    """Tell whether a text may stand as an ``AWS`` principal (that it exists is not asked)."""
    if text == "*" or ACCOUNT_ID.fullmatch(text) or _UNIQUE_ID.fullmatch(text):
        return True
    arn = parse_arn(text)
    if arn is None or not _belongs_to_account(arn):
        return False
    pattern = {"iam": _IAM_NAME, "sts": _STS_NAME}.get(arn.service)
    return pattern is not None and pattern.fullmatch(arn.resource) is not None


def is_federated_principal(text: str) -> bool:
    """Tell whether a text may stand as a ``Federated`` principal: a provider's ARN or a domain."""
    arn = parse_arn(text)
    if arn is None:
        return _DOMAIN.fullmatch(text) is not None
    named = arn.service == "iam" and _PROVIDER.fullmatch(arn.resource) is not None
    return named and _belongs_to_account(arn)


def _belongs_to_account(arn: Arn) -> bool:
    plain = arn.partition.startswith("aws") and "*" not in arn.partition
    return plain and arn.region == "" and ACCOUNT_ID.fullmatch(arn.account) is not None
