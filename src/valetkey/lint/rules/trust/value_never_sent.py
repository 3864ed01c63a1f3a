"""A value that the issuer never sends for this claim.

## What
A part of a subject, or a claim, is compared with a value that is none of the few that the issuer
has for it: `ref_type:mr`, `ref_protected` `yes`, `pipeline_source` `merge_request`, a GitHub ref
without `refs/`.

## Why
Nothing matches. An Allow then admits nobody by this value, a Deny keeps nobody out. GitLab knows
no type of ref for merge requests: their pipelines say `ref_type:branch` and name the source
branch.

## Example
    "StringLike": {"gitlab.example:sub": "project_path:acme/infra:ref_type:mr:ref:*"}

## Instead
On a role that may only read (it admits ordinary branch pipelines too):

    "StringLike": {"gitlab.example:sub": "project_path:acme/infra:ref_type:branch:ref:*"}

or, where claims other than `sub` and `aud` are condition keys,
`"StringEquals": {"gitlab.example:pipeline_source": "merge_request_event"}` beside it.

## References
- https://docs.gitlab.com/ci/secrets/id_token_authentication/
- https://docs.github.com/en/actions/reference/security/oidc
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity, Span, did_you_mean
from valetkey.lint.issuers import Platform
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import whole, within
from valetkey.lint.rules.trust._parts import is_ours, parts_of
from valetkey.lint.rules.trust._reading import TRUST, Reading, Test, readings
from valetkey.lint.rules.trust._text import first_wildcard, listed, quoted
from valetkey.oidc.issuers.github import repository_of
from valetkey.policy import Value, glob

_SOURCES: Final = {
    "merge_request": "merge_request_event",
    "mr": "merge_request_event",
    "merge_requests": "merge_request_event",
    "scheduled": "schedule",
    "manual": "web",
    "child_pipeline": "parent_pipeline",
    "pull_request": "external_pull_request_event",
}
_MERGE_REQUEST: Final = (
    "a merge request's pipeline says `branch` and names its source branch: write"
    " `ref_type:branch` on a role that may only read, which admits ordinary branch pipelines too,"
    " or compare the claim `pipeline_source` with `merge_request_event`"
)


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find values that can't occur."""
    for reading in readings(subject):
        for test in reading.tests:
            for value in reading.values(test) if test.compares_texts else ():
                yield from _in_value(reading, test, value)


def _in_value(reading: Reading, test: Test, value: Value) -> Iterator[Finding]:
    if test.claim != "sub":
        yield from _in_claim(reading, test, value)
    elif test.issuer.platform is Platform.GITLAB:
        parts = parts_of(value.text)
        for pair in parts.pairs if is_ours(parts) else ():
            start = pair.start + len(pair.label) + 1
            place = within(reading.document, value, start, start + len(pair.value))
            yield from _closed(test, pair.label, pair.value, place)
    elif test.issuer.platform is Platform.GITHUB:
        yield from _github_ref(reading, value)


def _in_claim(reading: Reading, test: Test, value: Value) -> Iterator[Finding]:
    place = whole(reading.document, value)
    if test.issuer.platform is Platform.GITLAB:
        if test.claim == "ref_path" and value.text.startswith("refs/merge-requests"):
            yield RULE.finding(
                "`ref_path` never names a merge request; GitLab sends its source branch",
                place,
                help="compare the claim `pipeline_source` with `merge_request_event`",
            )
        right = _SOURCES.get(value.text) if test.claim == "pipeline_source" else None
        if right is not None:
            yield RULE.finding(
                f"GitLab never sends `pipeline_source` {quoted(value.text)}",
                place,
                help=f"did you mean `{right}`?",
            )
    yield from _closed(test, test.claim, value.text, place)


def _closed(test: Test, label: str, text: str, place: Span) -> Iterator[Finding]:
    values = test.issuer.values.get(label)
    if not values or not text or _occurs(test, text, values):
        return
    near = did_you_mean(text, values)
    if label == "ref_type" and near is None:
        advice = _MERGE_REQUEST if test.issuer.platform is Platform.GITLAB else "write `branch`"
    else:
        advice = f"did you mean `{near}`?" if near else f"write {listed(sorted(values))}"
    yield RULE.finding(
        f"{test.issuer.name} never sends `{label}` {quoted(text)}, only {listed(sorted(values))}",
        place,
        help=advice,
    )


def _occurs(test: Test, text: str, values: frozenset[str]) -> bool:
    # A star under `StringEquals` is another rule's finding.
    if not test.is_pattern and first_wildcard(text) is not None:
        return True
    pattern = glob(text)
    return any(pattern.matches(value) for value in values)


def _github_ref(reading: Reading, value: Value) -> Iterator[Finding]:
    found = repository_of(value.text)
    if found is None or found.form != "ref":
        return
    ref = found.context.partition(":")[2]
    written = ref[: first_wildcard(ref)]
    if any(full.startswith(written) or written.startswith(full) for full in _REFS):
        return
    start = len(value.text) - len(ref)
    right = f"refs/heads/{ref}" if not ref.startswith("refs/") else None
    yield RULE.finding(
        f"no ref of a GitHub subject is {quoted(ref)}: it is written in full",
        within(reading.document, value, start, len(value.text)),
        help=f"did you mean {quoted(right)}?" if right else "write `refs/heads/…` or `refs/tags/…`",
    )


_REFS: Final = ("refs/heads/", "refs/tags/", "refs/pull/")

RULE = PolicyRule(
    code="TRUST011",
    name="value_never_sent",
    severity=Severity.ERROR,
    page=__doc__,
    types=TRUST,
    check=check,
)
