"""What the runner pretends to know of GitLab: the project, the ref, the people."""

from dataclasses import dataclass
from typing import Literal

NO_SHA = "0" * 40
NO_JOB_TOKEN = "valetkey-job-tokens-open-nothing"  # noqa: S105 - it says what it is


@dataclass(frozen=True, slots=True)
class Commit:
    """The commit that the job runs for."""

    sha: str = NO_SHA
    message: str = ""
    author: str = ""
    """``Name <mail>``."""
    timestamp: str = ""
    """ISO 8601."""
    before_sha: str = NO_SHA
    branch: str | None = None
    """The branch that is checked out, where one is."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Plain facts that the predefined variables are made of; times are seconds since 1970."""

    project_path: str
    server_url: str = "https://gitlab.example.com"
    project_id: int = 1
    namespace_id: int = 1
    project_visibility: str = "private"
    default_branch: str = "main"
    ref: str = "main"
    ref_type: Literal["branch", "tag"] = "branch"
    ref_protected: bool = False
    source: str = "push"
    commit: Commit = Commit()
    pipeline_id: int = 1
    pipeline_iid: int = 1
    job_id: int = 1
    user_id: int = 1
    user_login: str = "root"
    user_email: str = "root@example.com"
    user_name: str = "Administrator"
    runner_id: int = 1
    runner_description: str = "valetkey"
    config_path: str = ".gitlab-ci.yml"
    created_at: float = 0.0
    job_token: str = NO_JOB_TOKEN
    """GitLab's own token for its API; here it opens nothing, and is masked all the same."""

    @property
    def project_url(self) -> str:
        """Return the address of the project's page."""
        return f"{self.server_url}/{self.project_path}"
