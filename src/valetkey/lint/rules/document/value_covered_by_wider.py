"""An action or a resource is taken in by a wider one of the same statement.

## What
A value of `Action`, `NotAction`, `Resource` or `NotResource` is repeated, or a pattern beside it
matches all that it matches.

## Why
It changes nothing and hides what the statement says: that `s3:GetObject` is listed looks like a
narrow grant while `s3:*` stands two lines below. The fix deletes the narrower one; no decision
changes.

## Example
    "Action": ["s3:GetObject", "s3:Get*"]

## Instead
    "Action": ["s3:Get*"]

Or drop the wider one, if that was the mistake.

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.patterns import FIELDS, is_wild, wider_ones
from valetkey.lint.rules.document._reading import EVERY_TYPE, removals
from valetkey.policy import Element


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find values that another one takes in."""
    for statement in subject.document.statements:
        for element in (statement.action, statement.resource):
            if element is not None and len(element.values) > 1:
                yield from _of_element(subject, element)


def _of_element(subject: PolicySubject, element: Element) -> Iterator[Finding]:
    action = element.name.endswith("Action")
    texts = tuple(value.text.lower() if action else value.text for value in element.values)
    wider = wider_ones(texts)
    if not action:
        wider = [
            other if other is None or _certain(texts[at], texts[other]) else None
            for at, other in enumerate(wider)
        ]
    gone = frozenset(at for at, other in enumerate(wider) if other is not None)
    edits = removals(tuple((value.start, value.end) for value in element.values), gone)
    for at in sorted(gone):
        value, other = element.values[at], element.values[wider[at] or 0]
        same = texts[at] == other.text or (action and texts[at] == other.text.lower())
        yield RULE.finding(
            f"`{value.text[:80]}` is listed twice"
            if same
            else f"`{value.text[:80]}` is taken in by `{other.text[:80]}`",
            (subject.document.span(value.range), "changes nothing"),
            (subject.document.span(other.range), "takes it in"),
            help="delete one of the two",
            edits=(edits[at],),
        )


def _certain(narrow: str, wide: str) -> bool:
    """Tell whether a wider text is a wider ARN: wildcards stay within their field there.

    With a variable in it, what a text stands for is not known.
    """
    if wide in (narrow, "*"):
        return True
    if "${" in narrow or "${" in wide or narrow.count(":") < FIELDS - 1:
        return False
    one, two = narrow.split(":", FIELDS - 1), wide.split(":", FIELDS - 1)
    return one[:-1] == two[:-1] and is_wild(two[-1])


RULE = PolicyRule(
    code="POL018",
    name="value_covered_by_wider",
    severity=Severity.NOTE,
    page=__doc__,
    types=EVERY_TYPE,
    check=check,
)
