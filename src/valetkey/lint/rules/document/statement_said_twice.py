"""Two statements say the same.

## What
A statement has the effect, principal, actions, resources and conditions of an earlier one; only
its `Sid` may differ. The order of lists does not count.

## Why
The second one changes nothing, costs characters of a small quota, and whoever withdraws a
permission by deleting one of the two has withdrawn nothing.

## Example
    "Statement": [
      {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::kiln/*"},
      {"Effect": "Allow", "Action": "s3:getobject", "Resource": "arn:aws:s3:::kiln/*"}
    ]

## Instead
    "Statement": [
      {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::kiln/*"}
    ]

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_statement.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity, Span
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.document._reading import EVERY_TYPE, removals
from valetkey.lint.statements import Said, said
from valetkey.policy import PolicyDocument, PolicyType, Statement


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find statements that an earlier one says already."""
    document = subject.document
    first: dict[Said, Statement] = {}
    repeated: dict[int, Statement] = {}
    for at, statement in enumerate(document.statements):
        earlier = first.setdefault(said(statement), statement)
        if earlier is not statement:
            repeated[at] = earlier
    places = tuple((each.range.start, each.range.end) for each in document.statements)
    edits = removals(places, frozenset(repeated))
    for at, earlier in repeated.items():
        yield RULE.finding(
            "the statement says what an earlier one says",
            (_shown(document, document.statements[at]), "changes nothing"),
            (_shown(document, earlier), "said here"),
            help="delete one of them",
            edits=(edits[at],),
        )


def _shown(document: PolicyDocument, statement: Statement) -> Span:
    if statement.sid is not None:
        return document.span(statement.sid.range)
    return document.source.span(statement.range.start, statement.range.start + 1)


RULE = PolicyRule(
    code="POL003",
    name="statement_said_twice",
    severity=Severity.NOTE,
    page=__doc__,
    types=EVERY_TYPE - {PolicyType.TRUST},
    check=check,
)
