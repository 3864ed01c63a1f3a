"""Running one job of a ``.gitlab-ci.yml`` on this machine, in a real shell, with its ID tokens.

Owns what GitLab Runner does around a script: predefined variables and their precedence, the
shell's options, before, main and after script, masking, timeout and cancellation, the log's
first and last lines. It asks for tokens through a callable (``mint``) and knows nothing of
issuers, keys or servers; it opens no connection.

Where it differs from GitLab Runner, each on purpose: the exit code of a failed command is the
job's, as with ``FF_USE_NEW_EVAL_STRATEGY``; the job gets an empty home directory and little of
the caller's environment, so that no credentials but its own are within reach; AWS credentials
that a job obtains are masked in its log; nothing is cloned, cached or uploaded.
"""

from valetkey.runner.environ import KEPT, KEPT_PREFIXES, job_environment
from valetkey.runner.errors import JobLeftOut, JobUnusable, ShellUnavailable
from valetkey.runner.git import read_commit
from valetkey.runner.include_files import file_exists, local_includes
from valetkey.runner.mask import MASK, Masker
from valetkey.runner.pipeline import NO_SHA, Commit, Pipeline
from valetkey.runner.prepare import DEFAULT_TIMEOUT, Audience, PreparedJob, prepare
from valetkey.runner.run import AFTER_SCRIPT_TIMEOUT, JobResult, Mint, find_shell, run_job

__all__ = [
    "AFTER_SCRIPT_TIMEOUT",
    "DEFAULT_TIMEOUT",
    "KEPT",
    "KEPT_PREFIXES",
    "MASK",
    "NO_SHA",
    "Audience",
    "Commit",
    "JobLeftOut",
    "JobResult",
    "JobUnusable",
    "Masker",
    "Mint",
    "Pipeline",
    "PreparedJob",
    "ShellUnavailable",
    "file_exists",
    "find_shell",
    "job_environment",
    "local_includes",
    "prepare",
    "read_commit",
    "run_job",
]
