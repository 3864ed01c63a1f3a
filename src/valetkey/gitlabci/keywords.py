"""Every keyword that GitLab knows, and what becomes of it outside GitLab.

A keyword is supported, or it is accepted with a note because the job runs the same without it
here, or it is refused by name because leaving it out would run another job than the file says.
"""

from collections.abc import Iterable

from valetkey.diagnostics import did_you_mean

SUPPORTED = frozenset({
    "after_script", "allow_failure", "before_script", "environment", "except", "extends",
    "id_tokens", "inherit", "only", "rules", "script", "stage", "start_in", "tags", "timeout",
    "variables", "when",
})  # fmt: skip

NOTED = {
    "artifacts": "nothing is uploaded; files stay where the job leaves them",
    "cache": "no cache is restored or saved",
    "coverage": "the log is not searched for a coverage figure",
    "dependencies": "no artifacts of other jobs are fetched",
    "hooks": "no sources are fetched, so their hooks don't run",
    "image": "the job runs in the shell of this machine, not in a container",
    "interruptible": "there is no newer pipeline that could cancel the job",
    "manual_confirmation": "a job run by name is not asked about",
    "needs": "the job runs alone; run what it needs first",
    "pages": "nothing is published",
    "publish": "nothing is published",
    "release": "no release is made",
    "resource_group": "jobs are not queued",
    "retry": "a failed job is not tried again",
    "services": "no service containers are started",
}

REFUSED = {
    "dast_configuration": "it is filled in by GitLab's own scanner profiles",
    "identity": (
        "GitLab signs in to the cloud before the job; ask for an ID token with `id_tokens`"
    ),
    "inputs": "their values come from GitLab's pipeline form; use `variables`",
    "parallel": (
        "it makes several jobs of one; take it out, and give a copy its variables by `--var`"
    ),
    "run": "it needs GitLab's step runner; use `script`",
    "secrets": (
        "GitLab's runner manager fetches them before the job; fetch them in `script` with "
        "`aws secretsmanager get-secret-value` and an ID token of `id_tokens`"
    ),
    "trigger": "it starts another pipeline in GitLab; run the job of that pipeline itself",
    "type": "GitLab removed it; use `stage`",
}

JOB_KEYWORDS = SUPPORTED | NOTED.keys() | REFUSED.keys()

DEFAULT_KEYWORDS = frozenset({
    "after_script", "artifacts", "before_script", "cache", "hooks", "id_tokens", "identity",
    "image", "interruptible", "retry", "services", "tags", "timeout",
})  # fmt: skip
"""What may stand in ``default`` and is inherited by jobs."""

LEGACY_DEFAULTS = frozenset({"after_script", "before_script", "cache", "image", "services"})
"""Defaults that may also stand at the top of the file, GitLab's older way."""

GLOBAL_KEYWORDS = LEGACY_DEFAULTS | {
    "default", "include", "spec", "stages", "types", "variables", "workflow",
}  # fmt: skip

RULE_KEYWORDS = frozenset({
    "allow_failure", "changes", "exists", "if", "interruptible", "needs", "start_in",
    "variables", "when",
})  # fmt: skip

WORKFLOW_KEYWORDS = frozenset({"auto_cancel", "name", "rules"})
WORKFLOW_RULE_KEYWORDS = frozenset({"auto_cancel", "changes", "exists", "if", "variables", "when"})

ENVIRONMENT_KEYWORDS = frozenset({
    "action", "auto_stop_in", "deployment_tier", "kubernetes", "name", "on_stop", "url",
})  # fmt: skip
ENVIRONMENT_ACTIONS = ("start", "prepare", "stop", "verify", "access")
TIERS = ("production", "staging", "testing", "development", "other")

WHEN = ("on_success", "on_failure", "always", "never", "manual", "delayed")

DEFAULT_STAGES = ("build", "test", "deploy")
DEFAULT_STAGE = "test"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the nearest word of a closed list, as a help text."""
    near = did_you_mean(word, known)
    return None if near is None else f"did you mean `{near}`?"
