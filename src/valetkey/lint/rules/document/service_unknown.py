"""An action begins with the prefix of no service.

## What
The part of an action before the colon is no service prefix that AWS has.

## Why
IAM takes any prefix that has the right characters, so the policy is stored and the action
matches no request: an Allow grants nothing, a Deny protects nothing.

## Example
    "Action": "secretmanager:GetSecretValue"

## Instead
    "Action": "secretsmanager:GetSecretValue"

## References
- https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint import iam
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.patterns import is_wild
from valetkey.lint.places import within
from valetkey.lint.rules.document._reading import EVERY_TYPE, Advice


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find actions of services that do not exist."""
    advice = Advice()
    for statement in subject.document.statements:
        for value in statement.action.values if statement.action else ():
            prefix, colon, _ = value.text.partition(":")
            if not colon or not prefix or is_wild(prefix) or iam.service(prefix.lower()):
                continue
            near = advice.nearest(prefix, sorted(iam.service_prefixes()), cutoff=0.7)
            yield RULE.finding(
                f"no service has the prefix `{prefix[:80]}`",
                within(subject.document, value, 0, len(prefix)),
                help=f"did you mean `{near}`?" if near else (),
            )


RULE = PolicyRule(
    code="POL008",
    name="service_unknown",
    severity=Severity.WARNING,
    page=__doc__,
    types=EVERY_TYPE,
    check=check,
)
