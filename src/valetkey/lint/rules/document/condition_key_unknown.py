"""A condition key is one that AWS does not have.

## What
A key begins with `aws:` or with the prefix of a service, and neither the global keys nor the
keys of that service have it; or it has no prefix at all.

## Why
No request has the key. What is tested of it fails, so that an Allow never applies; with a
negated operator, `IfExists` or `ForAllValues:` it passes always, so that it protects nothing.

## Example
    "Condition": {"IpAddress": {"aws:SourceIpAddress": "203.0.113.0/24"}}

## Instead
    "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}

The list of keys is a copy with a date. A key that is newer than it is reported as unknown;
silence it with a reason.

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
- https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from collections.abc import Iterable, Iterator

from valetkey.diagnostics import Severity
from valetkey.lint import iam
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.document._reading import EVERY_TYPE, Advice, conditions


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find condition keys that no request has."""
    advice = Advice()
    for _statement, entry in conditions(subject):
        message = unknown(entry.key)
        if message is None:
            continue
        near = meant(entry.key, advice)
        typo = near is not None and near.startswith("aws:")
        yield RULE.finding(
            message,
            subject.document.span(entry.key_range),
            help=f"did you mean `{near}`?" if near else (),
            severity=Severity.ERROR if typo else Severity.WARNING,
        )


def unknown(key: str) -> str | None:
    """Say why a key is none of AWS's; None for one that is, or that may be somebody else's."""
    prefix, colon, _ = key.partition(":")
    folded = prefix.lower()
    if not colon:
        return f"condition key `{key[:80]}` has no prefix such as `aws:`"
    if iam.condition_key(key) is not None:
        return None
    if folded == "aws":
        return f"`{key[:80]}` is no condition key of AWS"
    if iam.service(folded) is not None:
        return f"service `{folded}` has no condition key `{key[:80]}`"
    return None


def meant(key: str, advice: Advice) -> str | None:
    """Return the key that was most likely meant."""
    prefix, colon, _ = key.partition(":")
    choices: Iterable[str] = iam.global_keys()
    owner = iam.service(prefix.lower()) if colon else None
    if owner is not None:
        choices = [each.name for each in owner.keys.values() if not each.name.startswith("aws:")]
    head, slash, tag = key.partition("/")
    near = advice.nearest(head + slash if slash else (key if colon else f"aws:{key}"), choices)
    return near + tag if near is not None and near.endswith("/") else near


RULE = PolicyRule(
    code="POL007",
    name="condition_key_unknown",
    severity=Severity.WARNING,
    page=__doc__,
    types=EVERY_TYPE,
    check=check,
)
