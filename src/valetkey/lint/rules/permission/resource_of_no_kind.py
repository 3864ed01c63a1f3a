"""A resource's ARN has a shape that no resource of its service has.

## What
The ARN names a service whose kinds of resource are known, and it can be none of them: it has a
region or an account where the service's ARNs have none (an error), lacks a region where they all
have one, or begins its last field with a word that the service does not use.

## Why
Such an ARN matches nothing. An Allow on it grants nothing, a Deny on it protects nothing.

## Example
    "Resource": "arn:aws:route53:eu-test-1::hostedzone/Z111111QQQQQQQ"

## Instead
    "Resource": "arn:aws:route53:::hostedzone/Z111111QQQQQQQ"

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
- https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import re
from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint import iam
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.patterns import FIELDS, arn_overlap, is_wild
from valetkey.lint.places import within
from valetkey.lint.rules.document._reading import Advice
from valetkey.lint.rules.permission._fit import fitting
from valetkey.lint.rules.permission._grants import PERMISSIONS
from valetkey.policy import Value

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]*[/:]")
_PLACES = ((3, "region"), (4, "account"))


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find ARNs that no resource can have."""
    advice = Advice()
    for statement in subject.document.statements:
        for value in statement.resource.values if statement.resource else ():
            if fitting(value.text) == frozenset():
                yield _of_shape(subject, value, advice)
            elif value.text.count(":") >= FIELDS - 1:
                yield from _of_service(subject, value, advice)


def _of_shape(subject: PolicySubject, value: Value, advice: Advice) -> Finding:
    """Tell which field of an ARN keeps it from being one of the service's."""
    fields = value.text.split(":", FIELDS - 1)
    types = iam.resource_types(fields[2])
    for place, word in _PLACES:
        wanted = [each for each in types if arn_overlap(_with(fields, place, "*"), each.arn)]
        if not wanted:
            continue
        start = sum(len(field) + 1 for field in fields[:place])
        none_there = all(each.arn.split(":")[place] == "" for each in wanted)
        kind = f"the ARN of `{wanted[0].name}` in `{fields[2]}`"
        return RULE.finding(
            f"{kind} has no {word}, got `{fields[place][:80]}`"
            if none_there
            else f"{kind} has another {word} than `{fields[place][:80]}`",
            within(subject.document, value, start, start + len(fields[place]))
            if fields[place]
            else subject.document.span(value.range),
            help=f"it reads `{wanted[0].arn}`",
            severity=Severity.ERROR if none_there else Severity.WARNING,
        )
    return RULE.finding(
        f"no kind of resource of `{fields[2]}` has an ARN like `{value.text[:120]}`",
        subject.document.span(value.range),
        help=_help(fields[-1], types, advice),
        notes=(f"the list of resources is of {iam.provenance().retrieved}",),
    )


def _with(fields: list[str], place: int, text: str) -> str:
    return ":".join([*fields[:place], text, *fields[place + 1 :]])


def _help(last: str, types: tuple[iam.ResourceType, ...], advice: Advice) -> str:
    # Of kinds that begin alike, the one with the shortest ARN comes to stand last.
    arns = sorted((each.arn for each in types), key=len, reverse=True)
    known = {arn.split(":", FIELDS - 1)[-1]: arn for arn in arns}
    word = _WORD.match(last)
    by_word = {found[0]: arn for part, arn in known.items() if (found := _WORD.match(part))}
    near = advice.nearest(word[0], by_word) if word else None
    if near is not None:
        return f"did you mean `{by_word[near]}`?"
    return f"one of its kinds reads `{arns[-1]}`"


def _of_service(subject: PolicySubject, value: Value, advice: Advice) -> Iterator[Finding]:
    """Find a service that no ARN names, if it is near to one that they do."""
    service = value.text.split(":", FIELDS - 1)[2]
    if is_wild(service) or "$" in service or not service or iam.resource_types(service):
        return
    if iam.service(service) is not None:
        return
    near = advice.nearest(service, iam.arn_services(), cutoff=0.8)
    if near is not None:
        start = len(":".join(value.text.split(":")[:2])) + 1
        yield RULE.finding(
            f"no ARN is of a service `{service[:80]}`",
            within(subject.document, value, start, start + len(service)),
            help=f"did you mean `{near}`?",
        )


RULE = PolicyRule(
    code="PERM014",
    name="resource_of_no_kind",
    severity=Severity.WARNING,
    page=__doc__,
    types=PERMISSIONS,
    check=check,
)
