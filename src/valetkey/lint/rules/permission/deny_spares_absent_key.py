"""A Deny does not reach the requests that lack its key.

## What
A Deny tests with a positive operator for the value that a missing key is taken to have: `Bool`
`false` on `aws:MultiFactorAuthPresent`, a greatest age of it, or `none`, `null` or the empty text.

## Why
A positive operator fails where the key is absent, so the Deny does not apply. Requests signed
with long-term access keys have no `aws:MultiFactorAuthPresent` at all: the Deny that demands
multi-factor authentication spares just those. An upload without the encryption header has no
`s3:x-amz-server-side-encryption`; it does not equal `none`.

## Example
    {"Effect": "Deny", "Action": "*", "Resource": "*",
     "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}

## Instead
    {"Effect": "Deny", "Action": "*", "Resource": "*",
     "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}

For a header, deny `"Null": {"s3:x-amz-server-side-encryption": "true"}` as well, or use a negated
operator, which is true of a missing key.

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Null
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.permission._grants import PERMISSIONS
from valetkey.policy import ConditionEntry, Family, PolicyDocument, Qualifier

_NOTHING: Final = frozenset({"", "none", "null", "undefined"})
_TEXT: Final = frozenset({Family.STRING, Family.FOLDED_STRING, Family.LIKE})


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find Deny statements that a missing key escapes."""
    document = subject.document
    for statement in document.statements:
        for entry in statement.conditions if statement.denies else ():
            operator = entry.operator
            plain = operator.qualifier is Qualifier.NONE and not operator.if_exists
            if not plain or operator.base.negated or _is_caught(document, entry.key):
                continue
            mfa = _tests_mfa(entry)
            if not mfa and not _tests_nothing(entry):
                continue
            yield RULE.finding(
                f"requests without `{entry.key}` are not denied",
                (document.span(entry.operator_range), "false where the key is absent"),
                (document.span(entry.key_range), "may be absent"),
                help=f"write `{operator.written}IfExists`"
                if mfa
                else f'deny `"Null": {{"{entry.key}": "true"}}`',
                severity=Severity.WARNING if mfa else Severity.NOTE,
            )


def _tests_mfa(entry: ConditionEntry) -> bool:
    key, texts = entry.key.lower(), [value.text.lower() for value in entry.values]
    if key == "aws:multifactorauthpresent":
        return texts == ["false"]
    return key == "aws:multifactorauthage" and entry.operator.name.startswith("NumericGreaterThan")


def _tests_nothing(entry: ConditionEntry) -> bool:
    texts = [value.text.lower() for value in entry.values]
    text = entry.operator.base.family in _TEXT
    return text and bool(texts) and all(each in _NOTHING for each in texts)


def _is_caught(document: PolicyDocument, key: str) -> bool:
    """Tell whether some Deny of the document is about the key being absent."""
    return any(
        entry.key.lower() == key.lower()
        and entry.operator.base.family is Family.PRESENCE
        and [value.text.lower() for value in entry.values] == ["true"]
        for statement in document.statements
        if statement.denies
        for entry in statement.conditions
    )


RULE = PolicyRule(
    code="PERM020",
    name="deny_spares_absent_key",
    severity=Severity.WARNING,
    page=__doc__,
    types=PERMISSIONS,
    check=check,
)
