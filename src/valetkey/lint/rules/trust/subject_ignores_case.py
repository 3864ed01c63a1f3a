"""A subject compared without regard to case, though branches differ by case.

## What
`StringEqualsIgnoreCase` is used on `sub`, or on a claim with a ref.

## Why
Names of groups and projects ignore case, those of branches and tags do not: whoever may not push
to the protected branch `main` can push a branch `Main`, and the condition admits it. The fix
writes `StringEquals`, which admits fewer.

## Example
    "StringEqualsIgnoreCase": {
      "gitlab.example:sub": "project_path:acme/api:ref_type:branch:ref:main"
    }

## Instead
    "StringEquals": {"gitlab.example:sub": "project_path:acme/api:ref_type:branch:ref:main"}

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.model import Edit, Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.trust._reading import TRUST, Reading, Test, demands, may_rename, web_allows
from valetkey.lint.rules.trust._text import quoted
from valetkey.policy import Family

_REFS: Final = ("sub", "ref", "ref_path", "environment", "workflow_ref", "job_workflow_ref")
_SUFFIX: Final = "IgnoreCase"


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find subjects that are compared without their case."""
    for reading in web_allows(subject):
        seen = set()
        for test in reading.of(*_REFS):
            folded = test.entry.operator.base.family is Family.FOLDED_STRING
            # One operator may have several keys; it is written once.
            place = test.entry.operator_range
            if folded and demands(test.entry) and test.entry.values and place.start not in seen:
                seen.add(place.start)
                yield _finding(reading, test)


def _finding(reading: Reading, test: Test) -> Finding:
    operator = test.entry.operator
    place = reading.document.span(test.entry.operator_range)
    plain = operator.written.removesuffix(_SUFFIX)
    fits = place.text == f'"{operator.written}"'
    fits = fits and may_rename(reading.statement, operator.written)
    at = place.start + 1 + len(plain)
    return RULE.finding(
        f"`{operator.written}` also admits {quoted(_other_case(test.entry.values[0].text))}: names"
        " of refs differ by case",
        place,
        help=f"write `{plain}`",
        edits=(Edit(at, at + len(_SUFFIX), ""),) if fits else (),
    )


def _other_case(text: str) -> str:
    head, colon, last = text.rpartition(":")
    return f"{head}{colon}{last.upper() if last != last.upper() else last.lower()}"


RULE = PolicyRule(
    code="TRUST032",
    name="subject_ignores_case",
    severity=Severity.WARNING,
    page=__doc__,
    types=TRUST,
    check=check,
)
