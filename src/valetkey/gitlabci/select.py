"""Whether a pipeline would have a job, and what its rules change about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from valetkey.diagnostics import Span
from valetkey.gitlabci.expand import Variable
from valetkey.gitlabci.file import CiFile
from valetkey.gitlabci.model import AllowFailure, Job
from valetkey.gitlabci.rules import FileExists, first_match


@dataclass(frozen=True, slots=True)
class Selection:
    """What the rules make of a job.

    Where ``added`` is false, ``reason`` says which rule left it out and ``span`` where it
    stands. ``variables`` are those of the rules that matched; they go over the job's own.
    """

    added: bool
    when: str
    allow_failure: AllowFailure
    variables: Mapping[str, Variable] = field(default_factory=dict)
    reason: str = ""
    span: Span | None = None


def select(
    file: CiFile,
    job: Job,
    variables: Mapping[str, str],
    *,
    exists: FileExists | None = None,
    changed: Iterable[str] | None = None,
) -> Selection:
    """Decide as GitLab does whether a pipeline with these variables has the job.

    ``changed`` are the files of the push, or None where nobody knows. Raises
    :class:`UnsupportedCiFile` where the answer hangs on what is not known here.
    """
    changed = None if changed is None else tuple(changed)
    brought: dict[str, Variable] = {}
    if file.workflow is not None:
        rule = first_match(file.workflow, variables, exists=exists, changed=changed)
        if rule is None or rule.when == "never":
            reason = "`workflow:rules` makes no pipeline for this"
            return _left_out(job, reason, rule.span if rule else job.span)
        brought.update(rule.variables)
    if job.rules is None:
        return _by_refs(file, job, variables, brought)
    variables = {**variables, **{name: v.value for name, v in brought.items()}}
    rule = first_match(job.rules, variables, exists=exists, changed=changed)
    if rule is None:
        return _left_out(job, "none of its `rules` matches", job.span)
    when = rule.when or job.when
    if when == "never":
        return _left_out(job, "a rule with `when: never` matches", rule.span)
    allowed = job.allow_failure
    if rule.allow_failure is not None:
        allowed = AllowFailure(always=rule.allow_failure)
    return Selection(True, when, allowed, {**brought, **rule.variables})


def _by_refs(
    file: CiFile, job: Job, variables: Mapping[str, str], brought: Mapping[str, Variable]
) -> Selection:
    """Decide by ``only`` and ``except``; without either, GitLab takes branches and tags."""
    if job.only is not None and not job.only.matches(variables):
        return _left_out(job, "`only` does not match", job.only.span)
    merge_request = variables.get("CI_PIPELINE_SOURCE") == "merge_request_event"
    if job.only is None and file.workflow is None and merge_request:
        reason = "without `rules` a job is not part of merge request pipelines"
        return _left_out(job, reason, job.span)
    if job.unless is not None and job.unless.matches(variables):
        return _left_out(job, "`except` matches", job.unless.span)
    return Selection(True, job.when, job.allow_failure, dict(brought))


def _left_out(job: Job, reason: str, span: Span) -> Selection:
    return Selection(False, "never", job.allow_failure, reason=reason, span=span)
