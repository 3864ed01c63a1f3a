"""Merge requests from forks run a job that exchanges its ID token.

## What
The job exchanges an ID token, its rules are about merge requests, and they let in those whose
branch is in another project.

## Why
Such a pipeline runs what the merge request says, in this project, once a member starts it. The
token then speaks of the fork: `sub`, `project_path` and `project_id` are the fork's, `ref` is the
source branch, and `ref_protected` is `false`. A trust policy that names this project refuses the
job; one that was widened so that merge requests pass lets strangers' code in.

## Example
    plan:
      rules:
        - if: $CI_PIPELINE_SOURCE == "merge_request_event"

## Instead
    plan:
      rules:
        - if: $CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID

and a role of its own for merge requests, that may read only.

## References
- https://docs.gitlab.com/ci/pipelines/merge_request_pipelines/#use-with-forked-projects
- https://docs.gitlab.com/ci/secrets/id_token_authentication/
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.errors import ValetkeyError
from valetkey.gitlabci import CiFile, Job, Rule, Selection, select
from valetkey.lint.model import CiRule, CiSubject, Finding
from valetkey.lint.rules.ci._scripts import Shell, main_shells

_OWN: Final = "lanterns/kiln"
_FORK: Final = {
    "CI": "true",
    "GITLAB_CI": "true",
    "CI_PIPELINE_SOURCE": "merge_request_event",
    "CI_PROJECT_ID": "1",
    "CI_PROJECT_PATH": _OWN,
    "CI_PROJECT_NAMESPACE": "lanterns",
    "CI_DEFAULT_BRANCH": "main",
    "CI_COMMIT_REF_NAME": "patch-1",
    "CI_COMMIT_REF_SLUG": "patch-1",
    "CI_COMMIT_REF_PROTECTED": "false",
    "CI_MERGE_REQUEST_ID": "1",
    "CI_MERGE_REQUEST_IID": "1",
    "CI_MERGE_REQUEST_EVENT_TYPE": "detached",
    "CI_MERGE_REQUEST_PROJECT_ID": "1",
    "CI_MERGE_REQUEST_PROJECT_PATH": _OWN,
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "2",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": "stranger/kiln",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "patch-1",
}
"""A pipeline for a merge request from a fork, with names made up."""
_ABOUT: Final = "CI_MERGE_REQUEST_"


def check(subject: CiSubject) -> Iterator[Finding]:
    """Find jobs that exchange a token and run for forks."""
    for shell in main_shells(subject):
        if not _exchanges(shell):
            continue
        rule = _letting_in(subject.file, shell.job)
        if rule is not None:
            call = next(call for call in shell.aws if call.exchanges)
            yield RULE.finding(
                f"merge requests from forks run job `{shell.job.name}`, which exchanges its token",
                (rule.span, "lets them in"),
                (shell.span(call.start, call.end), "with a token that speaks of the fork"),
                help="add `$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID` to the rule",
            )


def _exchanges(shell: Shell) -> bool:
    return any(call.exchanges for call in shell.aws)


def _letting_in(file: CiFile, job: Job) -> Rule | None:
    """Return the rule about merge requests that lets forks in."""
    rules = [rule for rule in job.rules or () if _about_merge_requests(rule)]
    variables = {**{name: one.value for name, one in job.variables.items()}, **_FORK}
    selection = _selected(file, job, variables) if rules else None
    if selection is None or not selection.added or selection.when == "never":
        return None
    for rule in rules:
        try:
            if rule.condition is not None and rule.condition.holds(variables):
                return rule
        except ValetkeyError:
            return None
    return None


def _about_merge_requests(rule: Rule) -> bool:
    condition = rule.condition
    if condition is None or rule.changes is not None or rule.exists is not None:
        return False
    if any(name.startswith(_ABOUT) for name in condition.variables):
        return True
    return "CI_PIPELINE_SOURCE" in condition.variables and "merge_request" in condition.span.text


def _selected(file: CiFile, job: Job, variables: dict[str, str]) -> Selection | None:
    """Return what the rules make of the pipeline, or None where that can't be told."""
    try:
        return select(file, job, variables)
    except ValetkeyError:
        return None


RULE = CiRule(
    code="CI021",
    name="fork_gets_token",
    severity=Severity.NOTE,
    page=__doc__,
    check=check,
)
