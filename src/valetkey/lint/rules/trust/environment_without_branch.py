"""A subject with an environment says nothing of the branch.

## What
A condition trusts a GitHub subject of the form `repo:OWNER/NAME:environment:NAME`, and no other
condition says which ref is meant.

## Why
A job that names an environment has the environment in its subject in place of the ref, so a
workflow on any branch gets in by naming it, unless the environment itself is limited to branches
or asks for a review. That is a setting of the repository, which a policy can't see: a note.

## Example
    "StringEquals": {
      "token.actions.githubusercontent.com:sub": "repo:acme/api:environment:production"
    }

## Instead
Limit the environment to protected branches in the repository's settings; or demand the ref too:

    "StringEquals": {
      "token.actions.githubusercontent.com:sub": "repo:acme/api:environment:production",
      "token.actions.githubusercontent.com:ref": "refs/heads/main"
    }

## References
- https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments
- https://github.com/aws-actions/configure-aws-credentials/issues/452
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.issuers import Platform
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import within
from valetkey.lint.rules.trust._names import Trusted, trusted
from valetkey.lint.rules.trust._reading import TRUST, Reading, web_allows
from valetkey.lint.rules.trust._text import quoted
from valetkey.oidc.issuers.github import repository_of

_REFS: Final = ("ref", "ref_protected", "workflow_ref", "job_workflow_ref", "base_ref")


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find environments that stand for any branch."""
    for reading in web_allows(subject):
        if any(reading.demands(claim) for claim in _REFS):
            continue
        for each in trusted(reading):
            github = each.test.issuer.platform is Platform.GITHUB and each.test.claim == "sub"
            found = repository_of(each.value.text) if github else None
            if found is not None and found.form == "environment":
                yield _finding(reading, each, found.context)


def _finding(reading: Reading, each: Trusted, context: str) -> Finding:
    text = each.value.text
    environment = context.partition(":")[2]
    return RULE.finding(
        f"any branch gets in by naming the environment {quoted(environment)}: the subject has no"
        " ref then",
        within(reading.document, each.value, len(text) - len(context), len(text)),
        help="limit the environment to protected branches, or add"
        f' `"StringEquals": {{"{each.test.host}:ref": "refs/heads/BRANCH"}}`',
    )


RULE = PolicyRule(
    code="TRUST037",
    name="environment_without_branch",
    severity=Severity.NOTE,
    page=__doc__,
    types=TRUST,
    check=check,
)
