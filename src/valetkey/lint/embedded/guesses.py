"""The values that an unknown part of a policy may have, by its place in the grammar."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from valetkey.lint.embedded.slots import Place, Slot
from valetkey.policy import BASES, Family, PolicyType, Qualifier, parse_operator

ACCOUNT: Final = "400000000000"
HOSTS: Final = ("unknown.invalid", "gitlab.com", "token.actions.githubusercontent.com")
_OIDC: Final = re.compile(r"oidc|openid", re.IGNORECASE)
_CLAIMS: Final = ("sub", "aud", "project_id", "ref", "namespace_id")
_TYPED: Final[Mapping[Family, tuple[str, ...]]] = {
    Family.NUMBER: ("1", "0", "3600"),
    Family.DATE: ("2030-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
    Family.BOOLEAN: ("true", "false"),
    Family.PRESENCE: ("true", "false"),
    Family.BINARY: ("dW5rbm93bg==", "AAAA"),
    Family.ADDRESS: ("203.0.113.7/32", "0.0.0.0/0", "10.0.0.0/8"),
}
_OPERATORS: Final = tuple(
    name
    for qualifier in Qualifier
    for base in BASES
    for name in (f"{qualifier}{base}", f"{qualifier}{base}IfExists")
    if parse_operator(name)
)
_ARN_FIELDS: Final[Mapping[int, tuple[str, ...]]] = {
    1: ("aws",),
    2: ("s3", "iam", "sqs"),
    3: ("us-east-1", ""),
    4: (ACCOUNT, "400000000019"),
}


class Asked(NamedTuple):
    """An unknown value: its place, what the file says, a word for it, and the world's issuer."""

    slot: Slot
    expression: str
    name: str
    host: str
    type: PolicyType

    @property
    def role(self) -> str:
        """Return a role named after the value."""
        return f"arn:aws:iam::{ACCOUNT}:role/{self.name}"

    @property
    def provider(self) -> str:
        """Return the provider of the world's issuer."""
        return f"arn:aws:iam::{ACCOUNT}:oidc-provider/{self.host}"

    @property
    def restricted(self) -> dict[str, str]:
        """Return conditions that restrict whatever rules ask for."""
        return {f"{self.host}:{claim}": self.name for claim in _CLAIMS}


def parts(asked: Asked, before: str, after: str) -> Sequence[str]:
    """Return what may stand between two texts."""
    if before.endswith("oidc-provider/"):
        return (asked.host,)
    field = before.count(":")
    if before.startswith("arn:") and before.endswith(":") and after.startswith(":"):
        return _ARN_FIELDS.get(field, (asked.name,))
    slot = asked.slot
    if slot.place is Place.OPERATOR and not before:
        return (asked.host,) if after.startswith(":") else _keys(asked)
    if slot.place is Place.CONDITION:
        return _operator_part(before, after)
    special = _PARTS.get(slot.place)
    return special(asked, before) if special else _any_part(asked)


def wholes(asked: Asked) -> Sequence[Any]:
    """Return what a whole value may be, as JSON has it."""
    special = _WHOLES.get(asked.slot.place, _anything)
    return [each for each in special(asked) if not (asked.slot.listed and isinstance(each, list))]


def _anything(asked: Asked) -> Sequence[Any]:
    several = [f"{asked.name}-a", f"{asked.name}-b"]
    return (asked.name, "*", several, "true", asked.role, "1")


def _any_part(asked: Asked) -> Sequence[str]:
    return (asked.name, "*", "1", "main", "branch", "tag")


def _value_part(asked: Asked, before: str) -> Sequence[str]:
    if asked.slot.family in _TYPED:
        return ("1", "0")
    return _resource_part(asked, before) if asked.slot.family is Family.ARN else _any_part(asked)


def _keys(asked: Asked) -> Sequence[str]:
    tag = f"aws:PrincipalTag/{asked.name}"
    return (tag, f"{asked.host}:sub", f"{asked.host}:aud", "aws:SourceIp", "aws:PrincipalArn")


def _action_part(_: Asked, before: str) -> Sequence[str]:
    return ("*", "GetObject", "Get*") if before else ("s3", "iam", "ec2")


def _operator_part(before: str, after: str) -> Sequence[str]:
    """Return what makes an operator of the texts around; of nothing around, one of strings."""
    if not before and not after:
        return ("StringEquals", "StringLike")
    least = len(before) + len(after)
    fitting = [
        each[len(before) : len(each) - len(after)]
        for each in _OPERATORS
        if each.startswith(before) and each.endswith(after) and len(each) >= least
    ]
    return fitting or ("",)


def _principal_part(asked: Asked, before: str) -> Sequence[str]:
    if asked.slot.kind == "Service":
        return ("ec2", "lambda", "events")
    if not before:
        return (asked.provider if asked.slot.kind == "Federated" else asked.role,)
    return (asked.name, "admin", "main")


def _resource_part(asked: Asked, before: str) -> Sequence[str]:
    """Return what begins an ARN where nothing stands before, else a word."""
    return (
        (asked.name, "*", "1", "main")
        if before
        else tuple(r for r in _resources(asked) if r != "*")
    )


_PARTS: Final[Mapping[Place, Callable[[Asked, str], Sequence[str]]]] = {
    Place.ACTION: _action_part,
    Place.PRINCIPALS: _principal_part,
    Place.RESOURCE: _resource_part,
    Place.VALUE: _value_part,
    Place.SID: lambda asked, _: (asked.name.replace("-", ""),),
    Place.OPERATOR: lambda asked, _: (asked.name,),
    Place.HEAD: lambda asked, _: (asked.name,),
    Place.EFFECT: lambda asked, _: (asked.name,),
}


def _head(asked: Asked) -> Sequence[str]:
    return ("2012-10-17",) if asked.slot.kind == "Version" else (asked.name,)


def _statements(asked: Asked) -> Sequence[dict[str, Any]]:
    """Return a statement that hides, and one that opens, whatever the others say."""
    body: dict[str, Any] = {"Action": "sts:*" if asked.type is PolicyType.TRUST else "*"}
    if asked.type in {PolicyType.TRUST, PolicyType.RESOURCE}:
        body["Principal"] = {"AWS": asked.role}
    if asked.type is not PolicyType.TRUST:
        body["Resource"] = "*"
    return ({"Effect": "Deny", **body}, {"Effect": "Allow", **body})


def _actions(asked: Asked) -> Sequence[str]:
    if asked.type is PolicyType.TRUST:
        return ("sts:AssumeRoleWithWebIdentity", "sts:AssumeRole", "sts:TagSession")
    return ("s3:GetObject", "*", "iam:PassRole", "ec2:DescribeInstances", "sts:AssumeRole")


def _resources(asked: Asked) -> Sequence[str]:
    bucket = f"arn:aws:s3:::{asked.name}"
    instance = f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/{asked.name}"
    return (f"{bucket}/a", "*", asked.role, instance, bucket)


def _principals(asked: Asked) -> Sequence[str]:
    match asked.slot.kind:
        case "Federated" if _OIDC.search(asked.expression):
            return (asked.provider,)
        case "Federated":
            saml = f"arn:aws:iam::{ACCOUNT}:saml-provider/{asked.name}"
            return (asked.provider, asked.provider, saml)
        case "Service":
            return ("ec2.amazonaws.com", "lambda.amazonaws.com", "events.amazonaws.com")
        case "CanonicalUser":
            return ("0" * 64, "a" * 64)
    return (asked.role, f"arn:aws:iam::{ACCOUNT}:root", "*")


def _values(asked: Asked) -> Sequence[Any]:
    if asked.slot.family is Family.ARN:
        return (asked.role, "arn:aws:*:*:*:*", f"arn:aws:iam::{ACCOUNT}:root")
    return _TYPED.get(asked.slot.family) or _anything(asked)


_WHOLES: Final[Mapping[Place, Callable[[Asked], Sequence[Any]]]] = {
    Place.HEAD: _head,
    Place.STATEMENTS: _statements,
    Place.STATEMENT: _statements,
    Place.EFFECT: lambda _: ("Allow", "Deny"),
    Place.SID: lambda asked: (asked.name.replace("-", ""),),
    Place.ACTION: _actions,
    Place.RESOURCE: _resources,
    Place.PRINCIPAL: lambda asked: (
        {"AWS": asked.role},
        {"Federated": asked.provider},
        {"AWS": "*"},
    ),
    Place.PRINCIPALS: _principals,
    Place.CONDITION: lambda asked: ({}, {"StringEquals": asked.restricted}),
    Place.OPERATOR: lambda asked: ({f"{asked.host}:sub": asked.name}, asked.restricted),
    Place.VALUE: _values,
}
