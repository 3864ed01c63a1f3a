"""``Resource``: its shape, in the words of IAM's validator.

The order of the checks within one resource is the one that the table of documents tried on AWS
shows (moto's, read at test time): partition, service, region, IAM's paths, then the shape.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from valetkey.policy.arnpattern import FIELDS
from valetkey.policy.decision import PolicyType
from valetkey.policy.document import Statement, Value
from valetkey.policy.findings import Findings, opening
from valetkey.policy.flaws import Kind
from valetkey.policy.templates import TemplateFlaw, parse_template

_PARTITIONS: Final = frozenset(
    {
        "*",
        "aws",
        "aws-cn",
        "aws-eusc",
        "aws-iso",
        "aws-iso-b",
        "aws-iso-e",
        "aws-iso-f",
        "aws-us-gov",
    }
)
_IAM_PATHS: Final = (
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
)
# The resource types of S3 whose ARNs have a region (AWS Service Authorization Reference).
_S3_WITH_REGION: Final = (
    "accesspoint/",
    "access-grants/",
    "async-request/",
    "job/",
    "storage-lens/",
    "storage-lens-group/",
)


class _Problem(NamedTuple):
    kind: Kind
    message: str
    wire: str | None = None


def check_resource(findings: Findings, statement: Statement, type: PolicyType) -> None:
    """Find what is wrong with a statement's resources."""
    resource = statement.resource
    if type is PolicyType.TRUST:
        if resource is not None:
            kind = Kind.NOT_RESOURCE_PROHIBITED if resource.negated else Kind.RESOURCE_PROHIBITED
            message = f"a trust policy has no `{resource.name}`: it is about its own role"
            findings.add(kind, message, resource.name_range, statement=statement)
        return
    if resource is None or not resource.values:
        place = opening(statement) if resource is None else resource.range
        message = "the statement has no `Resource`" if resource is None else "no resource is listed"
        findings.add(Kind.RESOURCE_MISSING, message, place, statement=statement)
        return
    for value in resource.values:
        _check_variables(findings, statement, value)
        problem = next(_problems(value.text), None)
        if problem is not None:
            findings.add(
                problem.kind, problem.message, value.range, statement=statement, wire=problem.wire
            )


def _check_variables(findings: Findings, statement: Statement, value: Value) -> None:
    """AWS fills variables in after the fifth colon only; elsewhere they are not understood."""
    if not findings.document.has_variables:
        return
    try:
        parse_template(value.text, variables=True, wildcards=True)
    except TemplateFlaw as flaw:
        place = findings.within(value, flaw.start, flaw.end)
        findings.add(Kind.VALUE, flaw.message, place, statement=statement)
        return
    at = value.text.find("${")
    if at >= 0 and value.text.count(":", 0, at) < FIELDS - 1:
        findings.add(
            Kind.VALUE,
            "a variable stands before the resource field of the ARN",
            findings.within(value, at, at + 2),
            statement=statement,
            help="variables are filled in after the fifth colon only; write the field out or `*`",
        )


def _problems(text: str) -> Iterator[_Problem]:
    if text == "*":
        return
    shown = text[:200]
    if ":" not in text:
        yield _Problem(
            Kind.RESOURCE_INVALID,
            f"resource `{shown}` is neither an ARN nor `*`",
            f'Resource {text} must be in ARN format or "*".',
        )
        return
    fields = text.split(":", FIELDS - 1)
    partition = fields[1]
    if partition not in _PARTITIONS:
        yield _Problem(
            Kind.RESOURCE_INVALID,
            f"`{partition[:80]}` is no partition of AWS",
            f'Partition "{partition}" is not valid for resource "{_normal(fields)}".',
        )
        return
    yield from _service_problems(text, fields)
    if fields[0] != "arn" or _is_cut_off(text, fields):
        yield _Problem(
            Kind.RESOURCE_LEGACY,
            f"resource `{shown}` lacks fields of an ARN",
        )


def _service_problems(text: str, fields: list[str]) -> Iterator[_Problem]:
    service, region, _account, resource = (*fields[2:], "", "", "", "")[:4]
    shown = text[:200]
    if len(fields) < 3 or "*" in service or "?" in service:  # noqa: PLR2004 - arn, partition
        yield _Problem(
            Kind.RESOURCE_INVALID,
            f"resource `{shown}` does not name its service in full",
            "Resource vendor must be fully qualified and cannot contain regexes.",
        )
    if service == "iam" and region:
        yield _Problem(
            Kind.RESOURCE_INVALID,
            f"resource `{shown}` of IAM has a region",
            f"IAM resource {text} cannot contain region information.",
        )
    if service == "s3" and region and not resource.startswith(_S3_WITH_REGION):
        yield _Problem(
            Kind.RESOURCE_INVALID,
            f"resource `{shown}` of S3 has a region",
            f"Resource {text} can not contain region information.",
        )
    if service == "iam" and resource != "*" and not resource.startswith(_IAM_PATHS):
        yield _Problem(
            Kind.RESOURCE_INVALID,
            f"`{resource[:80]}` is no path of an IAM resource",
            'IAM resource path must either be "*" or start with ' + ", ".join(_IAM_PATHS) + ".",
        )


def _normal(fields: list[str]) -> str:
    """Write an ARN as AWS repeats it: `arn` in front, `*` for what is missing."""
    rest = fields[2:]
    if rest in ([], [""]):
        rest = ["*"]
    return ":".join(["arn", fields[1], *rest, *["*"] * (FIELDS - 2 - len(rest))])


def _is_cut_off(text: str, fields: list[str]) -> bool:
    """Tell what AWS calls legacy parsing: no service, or an empty field and fields missing."""
    if fields[2:3] == [""]:
        return True
    return len(fields) < FIELDS and "::" in text
