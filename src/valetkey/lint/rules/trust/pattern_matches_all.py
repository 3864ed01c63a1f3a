"""A pattern of stars alone restricts nothing.

## What
A condition of an Allow has a value that is `*`, beside which no other value of the condition
counts.

## Why
`*` matches every value, the empty one included, so the condition only asks whether the key is
there. Beside other values it makes them superfluous. (A subject of stars alone is the finding of
`subject_names_nobody`.)

## Example
    "StringLike": {"gitlab.example:aud": ["https://sts.example", "*"]}

## Instead
    "StringEquals": {"gitlab.example:aud": "https://sts.example"}

If only the presence matters, say so: `"Null": {"gitlab.example:environment": "false"}`.

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import whole
from valetkey.lint.rules.trust._reading import TRUST, plain_values, readings
from valetkey.lint.rules.trust._text import key_of, quoted


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find patterns that everything matches."""
    for reading in readings(subject):
        names = {id(test.entry) for test in reading.of("sub")}
        if reading.statement.denies:
            continue
        for entry in reading.statement.conditions:
            operator = entry.operator
            if not operator.takes_wildcards or operator.base.negated or id(entry) in names:
                continue
            for value in plain_values(reading.document, entry):
                if value.text and not value.text.strip("*"):
                    yield RULE.finding(
                        f"`{value.text}` matches every value of {quoted(entry.key)}",
                        (whole(reading.document, value), "no restriction"),
                        key_of(reading.document, entry),
                        help="write the values that are meant",
                    )


RULE = PolicyRule(
    code="TRUST009",
    name="pattern_matches_all",
    severity=Severity.WARNING,
    page=__doc__,
    types=TRUST,
    check=check,
)
