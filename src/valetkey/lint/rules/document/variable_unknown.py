"""A policy variable names no condition key, or one that can't be a variable.

## What
`${…}` in a resource or a condition value has a name that is no condition key (a misspelt one, one
without prefix, a placeholder of a template such as `${AWS::AccountId}` that nobody filled in), or
one with several values, which IAM does not fill in.

## Why
A variable without a value matches nothing in an Allow, and everything that the rest of the
pattern allows for in a Deny.

## Example
    "Resource": "arn:aws:s3:::kiln/${aws:user}/*"

## Instead
    "Resource": "arn:aws:s3:::kiln/${aws:username}/*"

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint import iam
from valetkey.lint.data.global_keys import VARIABLES_OF
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import within
from valetkey.lint.rules.document._reading import EVERY_TYPE, Advice, values_with_variables
from valetkey.lint.rules.document.condition_key_unknown import meant, unknown
from valetkey.policy import Value


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find variables that are never filled in."""
    if not subject.document.has_variables:
        return
    advice = Advice()
    for statement in subject.document.statements:
        for value in values_with_variables(statement):
            for start, end, name in _names(value):
                fault = _fault(name)
                if fault is not None:
                    near = None if "::" in name else meant(name, advice)
                    yield RULE.finding(
                        fault,
                        within(subject.document, value, start, end),
                        help=f"did you mean `{near}`?" if near and near != name else (),
                    )


def _names(value: Value) -> Iterator[tuple[int, int, str]]:
    """Yield the names of a value's variables with their places in its text."""
    text, at = value.text, value.text.find("${")
    while at >= 0:
        end = text.find("}", at)
        if end < 0:
            return
        inner = text[at + 2 : end].partition(",")[0]
        name = inner.strip(" ")
        start = at + 2 + len(inner) - len(inner.lstrip(" "))
        if name and name not in ("*", "?", "$"):
            yield start, start + len(name), name
        at = text.find("${", end)


def _fault(name: str) -> str | None:
    if "::" in name:
        return f"`{name[:80]}` is a placeholder of a template that nobody filled in"
    if ":" not in name:
        return f"variable `{name[:80]}` has no prefix such as `aws:`"
    if name.partition(":")[0].lower() in VARIABLES_OF:
        return None
    known = iam.condition_key(name)
    if known is None:
        return unknown(name)
    if known.several:
        return f"`{name[:80]}` may have several values and is never filled in"
    return None


RULE = PolicyRule(
    code="POL012",
    name="variable_unknown",
    severity=Severity.WARNING,
    page=__doc__,
    types=EVERY_TYPE,
    check=check,
)
