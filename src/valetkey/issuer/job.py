"""A CI job as GitLab knows it: the facts that its ID tokens tell.

Defaults are those of a push to a protected ``main`` on a self-managed runner. What can be derived
is derived: namespaces from paths, ``ref_path`` from the ref, the configuration's URI from the
server.
"""

from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct

DEFAULT_SUB_COMPONENTS = ("project_path", "ref_type", "ref")


class Project(Struct, frozen=True, kw_only=True):
    """A project: its full path with groups, and its ids."""

    path: str = "group/project"
    id: int = 20
    namespace_id: int = 72

    @property
    def namespace_path(self) -> str:
        """Return the group or user that the project stands in directly."""
        return self.path.rpartition("/")[0]


class User(Struct, frozen=True, kw_only=True):
    """Who runs the job. ``identities`` are (provider, external uid), shown if the user wishes."""

    id: int = 1
    login: str = "local-user"
    email: str = "local-user@example.com"
    access_level: str = "maintainer"
    direct_groups: tuple[str, ...] | None = None
    identities: tuple[tuple[str, str], ...] | None = None


class Environment(Struct, frozen=True, kw_only=True):
    """The environment that the job deploys to. Only GitLab's paid editions protect any."""

    name: str
    protected: bool = False
    tier: str = "production"
    action: str = "start"


class Runner(Struct, frozen=True, kw_only=True):
    """What runs the job."""

    id: int = 1
    environment: Literal["self-hosted", "gitlab-hosted"] = "self-hosted"


class Job(Struct, frozen=True, kw_only=True):
    """One job.

    ``issuer`` is the ``iss`` of its tokens; ``server_url`` is GitLab's own URL where that is
    another. ``source_project`` is the fork in a merge request pipeline that runs in the parent.
    ``timeout`` is in seconds; without one a token lives for 300.
    """

    issuer: str
    server_url: str | None = None
    project: Project = Project()
    source_project: Project | None = None
    visibility: Literal["private", "internal", "public"] = "private"
    user: User | None = User()
    pipeline_id: int = 574
    pipeline_source: str = "push"
    job_id: int = 302
    job_source: str | None = None
    ref: str = "main"
    ref_type: Literal["branch", "tag"] = "branch"
    ref_protected: bool = True
    sha: str = "0" * 40
    environment: Environment | None = None
    runner: Runner | None = Runner()
    config_path: str = ".gitlab-ci.yml"
    timeout: int | None = 3600
    sub_components: tuple[str, ...] = DEFAULT_SUB_COMPONENTS

    @property
    def ref_path(self) -> str:
        """Return the ref in full: ``refs/heads/main``, ``refs/tags/v1``."""
        kind = "tags" if self.ref_type == "tag" else "heads"
        return f"refs/{kind}/{self.ref}"

    @property
    def config_ref_uri(self) -> str:
        """Return where the job's configuration stands, without scheme."""
        server = urlsplit(self.server_url or self.issuer)
        place = server.netloc + server.path.rstrip("/")
        return f"{place}/{self.project.path}//{self.config_path}@{self.ref_path}"
