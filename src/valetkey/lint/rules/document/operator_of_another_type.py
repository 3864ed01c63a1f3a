"""A condition operator does not fit the type of its key.

## What
The operator compares numbers, dates, addresses, booleans, ARNs or text, and the condition key is
of another type: `Bool` on `aws:SourceIp`, `StringEquals` with a CIDR range, `NumericEquals` on
`aws:PrincipalType`.

## Why
A value that the operator can't read makes the condition fail in an Allow, and hold in a Deny.
Text operators compare characters: `10.0.0.0/8` under `StringEquals` equals no address, and
`True` does not equal `true`.

## Example
    "Condition": {"StringEquals": {"aws:SourceIp": "203.0.113.0/24"}}

## Instead
    "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint import iam
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.document._reading import EVERY_TYPE, conditions
from valetkey.policy import ConditionEntry, Family

_TEXT: Final = frozenset({Family.STRING, Family.FOLDED_STRING, Family.LIKE})
_FITS: Final[dict[str, frozenset[Family]]] = {
    "String": _TEXT,
    "ARN": _TEXT | {Family.ARN},
    "Bool": frozenset({Family.BOOLEAN}),
    "Numeric": frozenset({Family.NUMBER}),
    "Date": frozenset({Family.DATE}),
    "EpochDate": frozenset({Family.DATE, Family.NUMBER}),
    "IPAddress": frozenset({Family.ADDRESS}),
}
_WRITE: Final = {
    "ARN": ("ArnLike", "ArnNotLike"),
    "Bool": ("Bool", "Bool"),
    "Numeric": ("NumericEquals", "NumericNotEquals"),
    "Date": ("DateLessThan", "DateGreaterThan"),
    "EpochDate": ("DateLessThan", "DateGreaterThan"),
    "IPAddress": ("IpAddress", "NotIpAddress"),
    "String": ("StringEquals", "StringNotEquals"),
}
_WORDS: Final = {
    "ARN": "an ARN",
    "Bool": "a boolean",
    "Numeric": "a number",
    "Date": "a date",
    "EpochDate": "a date",
    "IPAddress": "an IP address",
    "String": "text",
}
# Text that may well be a number, a date or an ARN: its owner chose it.
_FREE: Final = frozenset(
    {
        "aws:federatedprovider",
        "aws:principalaccount",
        "aws:resourceaccount",
        "aws:sourceaccount",
        "aws:sourceidentity",
        "aws:sourceowner",
        "aws:vpceaccount",
    }
)


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find operators that can't compare what their key holds."""
    for _statement, entry in conditions(subject):
        key = iam.condition_key(entry.key)
        if key is None or not _is_misfit(entry, key):
            continue
        places = (
            (subject.document.span(entry.operator_range), f"compares {_compared(entry)}"),
            (subject.document.span(entry.key_range), f"is {_WORDS[key.kind]}"),
        )
        yield RULE.finding(
            f"`{entry.operator.name}` does not fit `{entry.key}`, which is {_WORDS[key.kind]}",
            *places,
            severity=_severity(entry, key),
            help=f"compare it with `{_WRITE[key.kind][entry.operator.base.negated]}`",
        )


def _is_misfit(entry: ConditionEntry, key: iam.ConditionKey) -> bool:
    family = entry.operator.base.family
    fits = _FITS.get(key.kind)
    if fits is None or family in fits or family is Family.PRESENCE:
        return False
    if key.kind != "String":
        return True
    # What is typed as text in a service's list may hold anything; the global keys are known.
    folded = key.name.lower()
    return folded.startswith("aws:") and not folded.endswith("/") and folded not in _FREE


def _severity(entry: ConditionEntry, key: iam.ConditionKey) -> Severity:
    """Text operators on typed keys work as long as the spelling is the one that requests have."""
    if entry.operator.base.family not in _TEXT:
        return Severity.ERROR
    texts = [value.text for value in entry.values]
    if key.kind == "IPAddress":
        return Severity.ERROR if any("/" in text for text in texts) else Severity.WARNING
    if key.kind == "Bool":
        plain = all(text in ("true", "false") for text in texts)
        return Severity.NOTE if plain else Severity.ERROR
    return Severity.WARNING


def _compared(entry: ConditionEntry) -> str:
    return {
        Family.NUMBER: "numbers",
        Family.DATE: "dates",
        Family.BOOLEAN: "booleans",
        Family.BINARY: "octets",
        Family.ADDRESS: "IP addresses",
        Family.ARN: "ARNs",
    }.get(entry.operator.base.family, "text")


RULE = PolicyRule(
    code="POL005",
    name="operator_of_another_type",
    severity=Severity.ERROR,
    page=__doc__,
    types=EVERY_TYPE,
    check=check,
)
