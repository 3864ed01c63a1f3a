"""Conditions on the keys of two issuers in one statement.

## What
A statement demands values of keys that belong to different issuers.

## Why
A token has one issuer, so the other issuer's keys are not there, and a condition on a key that is
not there does not hold. All conditions of a statement must hold: the statement admits nobody.

## Example
    "StringEquals": {
      "gitlab.example:aud": "sts.example",
      "token.actions.githubusercontent.com:aud": "sts.example"
    }

## Instead
A statement for each issuer, with its provider as principal and its keys alone.

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
- https://github.com/cloudposse/terraform-aws-eks-iam-role/pull/63
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.trust._hosts import two_issuers
from valetkey.lint.rules.trust._reading import TRUST, web_allows
from valetkey.lint.rules.trust._text import key_of, quoted


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find statements that ask for two issuers at once."""
    for reading in web_allows(subject):
        pair = two_issuers(reading)
        if pair is None:
            continue
        one, other = pair
        yield RULE.finding(
            f"a token has one issuer, never the keys {quoted(one.entry.key)} and"
            f" {quoted(other.entry.key)} together: the statement admits nobody",
            (key_of(reading.document, other.entry), "of another issuer"),
            (key_of(reading.document, one.entry), "of one issuer"),
            help="write a statement for each issuer",
        )


RULE = PolicyRule(
    code="TRUST017",
    name="keys_of_two_issuers",
    severity=Severity.ERROR,
    page=__doc__,
    types=TRUST,
    check=check,
)
