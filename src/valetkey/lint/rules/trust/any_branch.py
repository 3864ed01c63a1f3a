"""Every branch is admitted, also unprotected ones.

## What
A pattern leaves the ref open, and nothing in the statement asks that it is protected.

## Why
Whoever may push to the project can make a branch and decide what its job does with the role; the
pipelines of merge requests count too, for they have `ref_type:branch` and the source branch. On
GitHub `repo:OWNER/NAME:*` also stands for pull requests and every environment. A note: for a role
that may only read this can be what is wanted.

## Example
    "StringLike": {"gitlab.example:sub": "project_path:acme/api:*"}

## Instead
    "StringEquals": {"gitlab.example:sub": "project_path:acme/api:ref_type:branch:ref:main"}

or demand protection: `"StringEquals": {"gitlab.example:ref_protected": "true"}`. GitHub's
`ref_protected` is no condition key on AWS: there let the subject end with an environment that
only protected branches may use.

## References
- https://docs.gitlab.com/user/project/repository/branches/protected/
- https://docs.gitlab.com/ci/secrets/id_token_authentication/
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.issuers import Platform
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import within
from valetkey.lint.rules.trust._reading import TRUST, Reading, web_allows
from valetkey.lint.rules.trust._refs import Kind, Refs, demand, open_refs
from valetkey.lint.rules.trust._text import quoted


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find patterns for every branch."""
    for reading in web_allows(subject):
        for refs in open_refs(reading):
            if refs.is_any and refs.kind is not Kind.TAG:
                yield _finding(reading, refs)


def _finding(reading: Reading, refs: Refs) -> Finding:
    value = refs.trusted.value
    github = refs.platform is Platform.GITHUB
    who = "a merge request's source branch among them" if not github else "protected or not"
    exact = "ref:refs/heads/BRANCH" if github else "ref_type:branch:ref:BRANCH"
    return RULE.finding(
        f"{quoted(value.text)} admits every {_WHAT[refs.kind]}, {who}",
        within(reading.document, value, refs.start, len(value.text)),
        help=f"end the subject with `{exact}`, or {demand(refs, 'branches')}",
    )


_WHAT: Final = {
    Kind.ANY: "branch and tag",
    Kind.ANY_JOB: "branch, tag, pull request and environment",
    Kind.BRANCH: "branch",
}


RULE = PolicyRule(
    code="TRUST028",
    name="any_branch",
    severity=Severity.NOTE,
    page=__doc__,
    types=TRUST,
    check=check,
)
