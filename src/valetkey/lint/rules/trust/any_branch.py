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

or demand protection: `"StringEquals": {"gitlab.example:ref_protected": "true"}`.

## References
- https://docs.gitlab.com/user/project/repository/branches/protected/
- https://docs.gitlab.com/ci/secrets/id_token_authentication/
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.issuers import Platform
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.trust._reading import TRUST, Reading, web_allows
from valetkey.lint.rules.trust._refs import Kind, Refs, open_refs
from valetkey.lint.rules.trust._text import quoted, within


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find patterns for every branch."""
    for reading in web_allows(subject):
        for refs in open_refs(reading):
            if refs.is_any and refs.kind is not Kind.TAG:
                yield _finding(reading, refs)


def _finding(reading: Reading, refs: Refs) -> Finding:
    value, issuer = refs.trusted.value, refs.trusted.test.issuer
    github = issuer.platform is Platform.GITHUB
    more = " and tag" if refs.kind is Kind.ANY else ""
    if github and refs.kind is Kind.ANY:
        more = ", tag, pull request and environment"
    who = "a merge request's source branch among them" if not github else "protected or not"
    exact = "ref:refs/heads/BRANCH" if github else "ref_type:branch:ref:BRANCH"
    protected = f'`"StringEquals": {{"{issuer.host}:ref_protected": "true"}}`'
    return RULE.finding(
        f"{quoted(value.text)} admits every branch{more}, {who}",
        within(reading.document, value, refs.start, len(value.text)),
        help=f"end the subject with `{exact}`, or add {protected}",
    )


RULE = PolicyRule(
    code="TRUST028",
    name="any_branch",
    severity=Severity.NOTE,
    page=__doc__,
    types=TRUST,
    check=check,
)
