"""A statement that says what another one says.

## What
Two statements have the same effect, principals, actions and conditions; the order of lists and
the letters of keys and actions do not count.

## Why
The second one changes nothing. Most often it was meant to say something else: a copy in which the
project or branch was not changed.

## Example
    {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"...": "main"}},
    {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"...": "main"}}

## Instead
Leave one of them out, or change what was to differ.

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.trust._reading import TRUST
from valetkey.lint.statements import Said, said
from valetkey.policy import Statement


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find statements that are there twice."""
    seen: dict[Said, Statement] = {}
    for statement in subject.document.statements:
        first = seen.setdefault(said(statement), statement)
        if first is not statement:
            source = subject.document.source
            brace = source.span(statement.range.start, statement.range.start + 1)
            yield RULE.finding(
                f"statement {statement.index + 1} says what statement {first.index + 1} says",
                (brace, "again here"),
                (source.span(first.range.start, first.range.start + 1), "first here"),
                help="leave one of them out, or change what was to differ",
            )


RULE = PolicyRule(
    code="TRUST033",
    name="statement_repeated",
    severity=Severity.WARNING,
    page=__doc__,
    types=TRUST,
    check=check,
)
