"""A subject with a component that GitLab does not have, or has in other letters.

## What
A wanted subject of GitLab's has a label that is none of its components: a typing error
(`projectpath:`, `ref-type:`), another case (`Project_Path:`), or a claim that is no component
(`environment:`, `namespace_path:`).

## Why
A subject is `label:value` pairs of the components in the project's setting
`ci_id_token_sub_claim_components`. Comparison is to the character, so a subject with any other
label matches nothing.

## Example
    "StringLike": {"gitlab.example:sub": "project-path:acme/api:ref_type:branch:ref:main"}

## Instead
    "StringLike": {"gitlab.example:sub": "project_path:acme/api:ref_type:branch:ref:main"}

A claim that is no component has a condition key of its own:
`"StringEquals": {"gitlab.example:environment": "production"}`.

## References
- https://docs.gitlab.com/ci/secrets/id_token_authentication/
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity, did_you_mean
from valetkey.lint.issuers import Platform, platform_of_subject
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import whole, within
from valetkey.lint.rules.trust._parts import parts_of
from valetkey.lint.rules.trust._reading import TRUST, Reading, Test, readings
from valetkey.lint.rules.trust._text import quoted
from valetkey.oidc.issuers.gitlab import CLAIMS, FIRST_LABELS, SUBJECT_LABELS
from valetkey.policy import Value


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find labels that no subject has."""
    for reading in readings(subject):
        for test in reading.of("sub"):
            if test.issuer.platform is Platform.GITLAB and test.compares_texts:
                for value in reading.values(test):
                    yield from _in_subject(reading, test, value)


def _in_subject(reading: Reading, test: Test, value: Value) -> Iterator[Finding]:
    if platform_of_subject(value.text) is Platform.GITHUB:
        return
    pairs = parts_of(value.text).pairs
    if not pairs:
        # Digits alone are a person, who signs in through the same issuer.
        if value.text and not set("*?:") & set(value.text) and not value.text.isdecimal():
            yield RULE.finding(
                f"{quoted(value.text)} is no subject of GitLab's, which is `label:value` pairs",
                whole(reading.document, value),
                help="write `project_path:GROUP/PROJECT:ref_type:branch:ref:BRANCH`",
            )
        return
    if pairs[0].label in SUBJECT_LABELS - FIRST_LABELS:
        yield RULE.finding(
            f"no subject begins with `{pairs[0].label}`, but with the project",
            within(reading.document, value, 0, len(pairs[0].label)),
            help=f"write {quoted(f'project_path:GROUP/PROJECT:{value.text}')}",
        )
    for pair in pairs:
        if pair.label in SUBJECT_LABELS:
            continue
        near = did_you_mean(pair.label.replace("-", "_"), SUBJECT_LABELS)
        claim = pair.label.lower()
        if claim in CLAIMS and claim not in SUBJECT_LABELS:
            help_ = f'compare `"{test.host}:{claim}"` with {quoted(pair.value)} instead'
        else:
            help_ = f"did you mean `{near}`?" if near else "leave the component out"
        yield RULE.finding(
            f"a subject of GitLab's has no component {quoted(pair.label)}",
            within(reading.document, value, pair.start, pair.start + len(pair.label)),
            help=help_,
        )


RULE = PolicyRule(
    code="TRUST012",
    name="subject_component_unknown",
    severity=Severity.ERROR,
    page=__doc__,
    types=TRUST,
    check=check,
)
