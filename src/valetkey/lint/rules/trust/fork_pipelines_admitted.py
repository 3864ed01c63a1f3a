"""A project is named only by where the job runs, so merge requests of forks are admitted.

## What
A statement names a GitLab project by `job_project_id` or `job_project_path` (or their group)
alone, or by a subject that begins with them, and does not demand a protected ref.

## Why
A member can run the pipeline of a fork's merge request in the parent project. Its token names the
fork in `sub`, `project_path` and `project_id`, and the parent in `job_project_path` and
`job_project_id`. Whoever forks decides what such a job does, and may call the branch `main`.

## Example
    "StringEquals": {"gitlab.example:job_project_id": "20"}

## Instead
    "StringEquals": {
      "gitlab.example:job_project_id": "20",
      "gitlab.example:ref_protected": "true"
    }

or name the project by `project_id` as well, which is the fork's in such a pipeline.

## References
- https://docs.gitlab.com/ci/secrets/id_token_authentication/
- https://docs.gitlab.com/ci/pipelines/merge_request_pipelines/
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.issuers import Platform
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.trust._names import Trusted, trusted
from valetkey.lint.rules.trust._reading import TRUST, web_allows
from valetkey.lint.rules.trust._text import key_of, quoted


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find projects that are named by where the job runs."""
    for reading in web_allows(subject):
        every = [each for each in trusted(reading) if each.test.issuer.platform is Platform.GITLAB]
        by_job = [each for each in every if _runs_in(each)]
        others = {each.test.claim for each in every if not _runs_in(each)}
        if not by_job or others & _SOURCE or reading.demands("ref_protected", "true"):
            continue
        first = by_job[0]
        name = first.name.label if first.name is not None else first.test.claim
        yield RULE.finding(
            f"{quoted(name)} is the parent's also in a merge request of a fork, whose author"
            " decides what the job does",
            key_of(reading.document, first.test.entry),
            help=f'add `"StringEquals": {{"{first.test.host}:ref_protected": "true"}}`, or a'
            f" condition on `{first.test.host}:{name.removeprefix('job_')}`",
        )


def _runs_in(each: Trusted) -> bool:
    if each.test.claim == "sub":
        text = each.value.text
        return text.startswith("job_") and ":ref_protected:true" not in text
    return each.test.claim.startswith("job_") and each.test.claim != "job_workflow_ref"


_SOURCE: Final = frozenset(
    {
        *("sub", "project_id", "project_path", "namespace_id", "namespace_path"),
        *("source_project_id", "source_project_path"),
        *("source_namespace_id", "source_namespace_path"),
    }
)

RULE = PolicyRule(
    code="TRUST038",
    name="fork_pipelines_admitted",
    severity=Severity.WARNING,
    page=__doc__,
    types=TRUST,
    check=check,
)
