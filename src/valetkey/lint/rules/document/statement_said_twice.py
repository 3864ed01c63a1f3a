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

from collections.abc import Hashable, Iterator

from valetkey.diagnostics import Severity, Span
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.document._reading import EVERY_TYPE, removals
from valetkey.policy import Element, PolicyDocument, PolicyType, PrincipalElement, Statement


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find statements that an earlier one says already."""
    document = subject.document
    first: dict[Hashable, Statement] = {}
    repeated: dict[int, Statement] = {}
    for at, statement in enumerate(document.statements):
        earlier = first.setdefault(_meaning(statement), statement)
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


def _meaning(statement: Statement) -> Hashable:
    conditions = frozenset(
        (
            entry.operator.written,
            entry.key.lower(),
            frozenset(value.text for value in entry.values),
        )
        for entry in statement.conditions
    )
    effect = statement.effect.text if statement.effect else None
    return (
        effect,
        _principal(statement.principal),
        _element(statement.action, fold=True),
        _element(statement.resource, fold=False),
        conditions,
    )


def _element(element: Element | None, *, fold: bool) -> Hashable:
    if element is None:
        return None
    texts = (value.text.lower() if fold else value.text for value in element.values)
    return element.name, frozenset(texts)


def _principal(element: PrincipalElement | None) -> Hashable:
    if element is None:
        return None
    named = frozenset(
        (entry.kind, value.text) for entry in element.entries for value in entry.values
    )
    return element.name, element.everyone is not None, named


RULE = PolicyRule(
    code="POL003",
    name="statement_said_twice",
    severity=Severity.NOTE,
    page=__doc__,
    types=EVERY_TYPE - {PolicyType.TRUST},
    check=check,
)
