"""A subject in the form of another platform than the issuer's.

## What
The key is GitLab's and the value begins like a subject of GitHub's (`repo:`), or the other way
round (`project_path:`).

## Why
Each platform has its own form, so the value matches no token of this issuer. Such a policy was
copied from one for the other platform.

## Example
    "StringLike": {"gitlab.example:sub": "repo:acme/api:ref:refs/heads/main"}

## Instead
    "StringLike": {"gitlab.example:sub": "project_path:acme/api:ref_type:branch:ref:main"}

## References
- https://docs.gitlab.com/ci/secrets/id_token_authentication/
- https://docs.github.com/en/actions/reference/security/oidc
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.issuers import Platform, platform_of_subject
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import within
from valetkey.lint.rules.trust._parts import parts_of
from valetkey.lint.rules.trust._reading import TRUST, readings
from valetkey.lint.rules.trust._text import quoted
from valetkey.oidc.issuers.github import repository_of


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find subjects that are of the wrong platform."""
    for reading in readings(subject):
        for test in reading.of("sub"):
            platform = test.issuer.platform
            if platform is None or not test.compares_texts or not test.issuer.named:
                continue
            for value in reading.values(test):
                other = platform_of_subject(value.text)
                if other is None or other is platform:
                    continue
                yield RULE.finding(
                    f"{quoted(value.text)} is a subject of {other.value}'s, and"
                    f" `{test.host}` is {platform.value}",
                    within(reading.document, value, 0, value.text.index(":")),
                    help=_translated(value.text, platform),
                )


def _translated(text: str, platform: Platform) -> str:
    if platform is Platform.GITLAB:
        found = repository_of(text)
        if found is not None and found.plain and found.context == "*":
            return f"write {quoted(f'project_path:{found.plain}:*')}"
        if found is None or not found.plain or not found.context.startswith("ref:refs/heads/"):
            return "write `project_path:GROUP/PROJECT:ref_type:branch:ref:BRANCH`"
        ref = found.context.removeprefix("ref:refs/heads/")
        return f"write {quoted(f'project_path:{found.plain}:ref_type:branch:ref:{ref}')}"
    parts = parts_of(text)
    project, ref_part, kind = (parts.get(one) for one in ("project_path", "ref", "ref_type"))
    if project is None or ref_part is None or kind is None or kind.value not in _KINDS:
        return "write `repo:OWNER/NAME:ref:refs/heads/BRANCH`"
    ref = f"refs/{_KINDS[kind.value]}/{ref_part.value}"
    return f"write {quoted(f'repo:{project.value}:ref:{ref}')}"


_KINDS = {"branch": "heads", "tag": "tags"}

RULE = PolicyRule(
    code="TRUST013",
    name="subject_of_other_issuer",
    severity=Severity.ERROR,
    page=__doc__,
    types=TRUST,
    check=check,
)
