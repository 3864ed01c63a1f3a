"""The conditions of a statement on one key can't hold together.

## What
A statement tests one condition key several times, and no value of it passes all of the tests:
two `StringEquals` lists without a common value, `StringLike` patterns that no text fits both of,
a range of numbers or dates that ends before it begins, `Null` true beside a test of the value.

## Why
All conditions of a statement must hold; a list within one condition is "or", two conditions are
"and". An Allow of this kind grants nothing, a Deny protects nothing. (Of a trust policy only
numbers, dates, addresses and booleans are looked at here; TRUST016 does the rest.)

## Example
    "Condition": {
      "StringEquals": {"aws:RequestedRegion": "eu-central-1"},
      "StringLike": {"aws:RequestedRegion": "us-*"}
    }

## Instead
Put the values into one list, or write two statements:

    "Condition": {"StringLike": {"aws:RequestedRegion": ["eu-central-1", "us-*"]}}

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint import iam
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.patterns import overlap
from valetkey.lint.rules.document._reading import EVERY_TYPE, conditions, without_effect
from valetkey.lint.rules.document._representatives import representatives
from valetkey.policy import ConditionEntry, Context, Family, PolicyType, Qualifier
from valetkey.policy.conditions import Condition
from valetkey.policy.wanted import Unreadable

_MOST_PAIRS: Final = 256
_TYPED: Final = frozenset({Family.NUMBER, Family.DATE, Family.ADDRESS, Family.BOOLEAN})


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find keys of which no value passes."""
    by_key: dict[tuple[int, str], list[ConditionEntry]] = {}
    statements = subject.document.statements
    for statement, entry in conditions(subject):
        if subject.type is PolicyType.TRUST and entry.operator.base.family not in _TYPED:
            continue
        # Of several values each test may be passed by another one.
        if entry.values and not _may_be_several(entry):
            by_key.setdefault((statement.index, entry.key.lower()), []).append(entry)
    variables = subject.document.has_variables
    for (index, _), entries in by_key.items():
        if len(entries) < 2 or not are_exclusive(entries, variables=variables):  # noqa: PLR2004 - two
            continue
        first, *others = entries
        yield RULE.finding(
            f"the conditions on `{first.key}` can't hold together: "
            f"{without_effect(statements[index])}",
            (subject.document.span(others[0].range), "and this"),
            (subject.document.span(first.range), "this"),
            help="put alternatives into one list, or write a statement for each",
        )


def _may_be_several(entry: ConditionEntry) -> bool:
    known = iam.condition_key(entry.key)
    return entry.operator.qualifier is Qualifier.ANY if known is None else known.several


def are_exclusive(entries: Sequence[ConditionEntry], *, variables: bool) -> bool:
    """Tell whether no request passes all of some conditions on one key; True is certain."""
    try:
        compiled = [Condition(entry, variables=variables) for entry in entries]
    except Unreadable:
        return False
    key = entries[0].key

    def all_fail(context: Context) -> bool:
        return any(each.test(context) is False for each in compiled)

    if not all_fail(Context({})):
        return False
    tried = representatives(entries, variables=variables)
    if tried is not None:
        return all(all_fail(Context({key: text})) for text in tried)
    return _are_apart(entries, variables=variables)


def _are_apart(entries: Sequence[ConditionEntry], *, variables: bool) -> bool:
    """Tell whether two conditions have patterns of which no text fits one of each."""
    patterns = [entry for entry in entries if _is_pattern(entry, variables=variables)]
    for one, other in combinations(patterns[:8], 2):
        pairs = len(one.values) * len(other.values)
        if pairs <= _MOST_PAIRS and not any(
            overlap(first.text, second.text) for first in one.values for second in other.values
        ):
            return True
    return False


def _is_pattern(entry: ConditionEntry, *, variables: bool) -> bool:
    operator = entry.operator
    like = operator.base.family is Family.LIKE and not operator.base.negated
    plain = operator.qualifier is Qualifier.NONE
    return like and plain and not (variables and any("${" in each.text for each in entry.values))


RULE = PolicyRule(
    code="POL014",
    name="conditions_exclude_each_other",
    severity=Severity.ERROR,
    page=__doc__,
    types=EVERY_TYPE,
    check=check,
)
