"""A subject that only a project with other settings than the default sends.

## What
A wanted subject of GitLab's can't match the default form
`project_path:…:ref_type:…:ref:…`: it ends early, leaves a component out or has another order.
For GitHub: it ends behind the repository.

## Why
A pattern is compared with the whole subject. `project_path:acme/api` alone, or
`project_path:acme/api:ref:main` without `ref_type`, matches only if a maintainer has set
`ci_id_token_sub_claim_components` so; with the default setting nobody is admitted.

## Example
    "StringEquals": {"gitlab.example:sub": "project_path:acme/api:ref:main"}

## Instead
    "StringEquals": {"gitlab.example:sub": "project_path:acme/api:ref_type:branch:ref:main"}

## References
- https://docs.gitlab.com/ci/secrets/id_token_authentication/
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.issuers import Platform
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import whole
from valetkey.lint.rules.trust._names import name_in
from valetkey.lint.rules.trust._parts import Parts, is_ours, parts_of
from valetkey.lint.rules.trust._reading import TRUST, Reading, Test, readings
from valetkey.lint.rules.trust._text import first_wildcard, quoted
from valetkey.lint.rules.trust.project_path_impossible import fault_of, is_path
from valetkey.oidc.issuers.github import repository_of
from valetkey.policy import Value


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find subjects that are not of the default form."""
    for reading in readings(subject):
        for test in reading.of("sub"):
            if not test.compares_texts or test.entry.operator.base.negated:
                continue
            for value in reading.values(test):
                fault = _fault(test, value)
                # A project that can't be is to be written anew: that is another rule's.
                if fault is not None and not _is_impossible(value):
                    yield _finding(reading, value, *fault)


def _is_impossible(value: Value) -> bool:
    name = name_in("sub", value.text)
    return name is not None and is_path(name) and fault_of(name) is not None


def _finding(reading: Reading, value: Value, what: str, right: str) -> Finding:
    return RULE.finding(
        f"{quoted(value.text)} {what}",
        whole(reading.document, value),
        help=f"write {quoted(right)}",
    )


def _fault(test: Test, value: Value) -> tuple[str, str] | None:
    if test.issuer.platform is Platform.GITHUB:
        return _github(value.text)
    parts = parts_of(value.text)
    if test.issuer.platform is not Platform.GITLAB or not is_ours(parts):
        return None
    dangling = parts.rest is not None and value.text[parts.rest :]
    if dangling is not False and dangling.endswith("*"):
        return None
    if dangling is not False and first_wildcard(value.text) is None:
        return _dangling(value.text, parts)
    if parts.rest is not None or any("*" in pair.value[:-1] for pair in parts.pairs):
        return None
    return _gitlab(value.text, parts)


def _dangling(text: str, parts: Parts) -> tuple[str, str]:
    label = text[parts.rest :].strip(":")
    rest = "VALUE" if label else "ref_type:branch:ref:BRANCH" if len(parts.pairs) == 1 else ""
    return "ends with a component that has no value", f"{text.rstrip(':')}:{rest}".rstrip(":")


def _github(text: str) -> tuple[str, str] | None:
    found = repository_of(text)
    if found is None or found.context or text.endswith(("*", "?")):
        return None
    return "ends behind the repository", f"{text.rstrip(':')}:ref:refs/heads/BRANCH"


def _gitlab(text: str, parts: Parts) -> tuple[str, str] | None:
    # A star at the end of a value can stand for the components that are not written.
    open_at = [pair.label for pair in parts.pairs if pair.value.endswith("*")]
    labels = parts.labels
    first = f"{labels[0]}:{parts.pairs[0].value}"
    if not open_at and len(labels) == 1:
        what = "ends behind the project, which is no default subject"
        return what, f"{first}:ref_type:branch:ref:BRANCH"
    if labels[1:] == ("ref_type",) and not open_at:
        return "ends without a ref, which is no default subject", f"{text}:ref:NAME"
    ref = parts.get("ref")
    if labels[1:2] == ("ref",) and ref is not None and labels[0] not in open_at:
        what = "has no `ref_type` before `ref`, as default subjects have"
        return what, f"{text[: ref.start]}ref_type:branch:{text[ref.start :]}"
    return None


RULE = PolicyRule(
    code="TRUST014",
    name="subject_incomplete",
    severity=Severity.WARNING,
    page=__doc__,
    types=TRUST,
    check=check,
)
