"""The claims of a job's ID token, in GitLab's order and types.

Ids are strings but for ``runner_id``; booleans are strings; what does not apply is absent. Follows
GitLab's documentation *OpenID Connect (OIDC) Authentication Using ID Tokens* and the tokens of
GitLab's own code (``vectors/gitlab-tokens``).
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from valetkey.issuer.errors import MalformedJob
from valetkey.issuer.job import Job, Project
from valetkey.oidc import Json

Claims: TypeAlias = dict[str, Json]

NOT_BEFORE_SECONDS = 5
DEFAULT_LIFETIME_SECONDS = 300
MAX_DIRECT_GROUPS = 200

FIRST_SUB_COMPONENTS = frozenset(
    {"project_path", "project_id", "job_project_path", "job_project_id"}
)
SUB_COMPONENTS = FIRST_SUB_COMPONENTS | {
    "ref_type",
    "ref",
    "ref_protected",
    "environment_protected",
    "deployment_tier",
}


def claims(job: Job, aud: str | Sequence[str], *, now: float, jti: str) -> Claims:
    """Return the claims of a token for ``job``, made at ``now``.

    ``aud`` is kept as it is given: a text, or a sequence of them. Raises :class:`MalformedJob`.
    """
    told = _about_the_job(job)
    issued = int(now)
    lifetime = DEFAULT_LIFETIME_SECONDS if job.timeout is None else job.timeout
    told |= {
        "jti": jti,
        "iat": issued,
        "nbf": issued - NOT_BEFORE_SECONDS,
        "exp": issued + lifetime,
        "iss": job.issuer,
        "sub": _subject(job.sub_components, told),
        "aud": aud if isinstance(aud, str) else list(aud),
    }
    return told


def _about_the_job(job: Job) -> Claims:
    user = job.user
    return {
        **_project("", job.source_project or job.project),
        "user_id": str(user.id) if user else "",
        "user_login": user.login if user else None,
        "user_email": user.email if user else None,
        "user_access_level": user.access_level if user else None,
        **_project("job_", job.project),
        "pipeline_id": str(job.pipeline_id),
        "pipeline_source": job.pipeline_source,
        "job_id": str(job.job_id),
        "ref": job.ref,
        "ref_type": job.ref_type,
        "ref_path": job.ref_path,
        "ref_protected": _text(job.ref_protected),
        **_groups(job),
        **_environment(job),
        **_runner(job),
        "sha": job.sha,
        "project_visibility": job.visibility,
        **_identities(job),
        "ci_config_ref_uri": job.config_ref_uri,
        "ci_config_sha": job.sha,
        **({"job_source": job.job_source} if job.job_source is not None else {}),
    }


def _project(prefix: str, project: Project) -> Claims:
    return {
        f"{prefix}project_id": str(project.id),
        f"{prefix}project_path": project.path,
        f"{prefix}namespace_id": str(project.namespace_id),
        f"{prefix}namespace_path": project.namespace_path,
    }


def _groups(job: Job) -> Claims:
    groups = job.user.direct_groups if job.user else None
    if groups is None or len(groups) > MAX_DIRECT_GROUPS:
        return {}
    return {"groups_direct": list(groups)}


def _environment(job: Job) -> Claims:
    environment = job.environment
    if environment is None:
        return {}
    return {
        "environment": environment.name,
        "environment_protected": _text(environment.protected),
        "deployment_tier": environment.tier,
        "environment_action": environment.action,
    }


def _runner(job: Job) -> Claims:
    if job.runner is None:
        return {}
    return {"runner_id": job.runner.id, "runner_environment": job.runner.environment}


def _identities(job: Job) -> Claims:
    identities = job.user.identities if job.user else None
    if identities is None:
        return {}
    pairs: list[Json] = [{"provider": name, "extern_uid": uid} for name, uid in identities]
    return {"user_identities": pairs}


def _subject(components: Sequence[str], told: Mapping[str, Json]) -> str:
    """Join the components with their labels; one without a value is left out, label and all."""
    if not components:
        raise MalformedJob("the subject needs a component", help="the first is a project's")
    for component in components:
        if component not in SUB_COMPONENTS:
            raise MalformedJob(
                f"`{component}` is not an allowed sub claim component",
                help="take of " + ", ".join(f"`{one}`" for one in sorted(SUB_COMPONENTS)),
            )
    if components[0] not in FIRST_SUB_COMPONENTS:
        raise MalformedJob(
            f"`{components[0]}` can't be the first element of the sub claim",
            help="begin with one of "
            + ", ".join(f"`{one}`" for one in sorted(FIRST_SUB_COMPONENTS)),
        )
    pairs = ((component, told.get(component)) for component in components)
    # NOTE: nothing is escaped, because GitLab escapes nothing: refs and paths hold no colon.
    return ":".join(f"{label}:{value}" for label, value in pairs if value is not None)


def _text(value: bool) -> str:
    return "true" if value else "false"
