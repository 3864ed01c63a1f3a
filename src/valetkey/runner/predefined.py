"""The variables that GitLab defines for every job (docs: *Predefined CI/CD variables*).

Those of the pipeline exist before a job does, so ``rules`` may use them; those of the job come
on top. Values that only a GitLab has (registries, deploy tokens) are left out, not made up.
"""

from collections.abc import Iterator
from pathlib import PurePath
from urllib.parse import urlsplit

from valetkey import __version__
from valetkey.clock import iso8601
from valetkey.gitlabci import Environment, Job, Variable, guess_tier
from valetkey.runner.pipeline import Pipeline
from valetkey.runner.slug import environment_slug, slug

_PORTS = {"http": "80", "https": "443"}
_SHORT_SHA = 8


def pipeline_variables(pipeline: Pipeline) -> dict[str, Variable]:
    """Return what is known before any job runs."""
    values = dict(
        (
            *_server(pipeline),
            *_project(pipeline),
            *_commit(pipeline),
            *_ref(pipeline),
            ("CI_PIPELINE_CREATED_AT", iso8601(pipeline.created_at)),
            ("CI_PIPELINE_IID", str(pipeline.pipeline_iid)),
            ("CI_PIPELINE_SOURCE", pipeline.source),
            ("GITLAB_USER_EMAIL", pipeline.user_email),
            ("GITLAB_USER_ID", str(pipeline.user_id)),
            ("GITLAB_USER_LOGIN", pipeline.user_login),
            ("GITLAB_USER_NAME", pipeline.user_name),
        )
    )
    return _fixed(values)


def job_variables(
    pipeline: Pipeline,
    job: Job,
    *,
    directory: PurePath,
    timeout: float,
    environment: Environment | None,
    manual: bool = False,
) -> dict[str, Variable]:
    """Return what is known once the job is made; ``timeout`` in seconds."""
    values = {
        "CI_BUILDS_DIR": str(directory.parent),
        "CI_CONCURRENT_ID": "0",
        "CI_CONCURRENT_PROJECT_ID": "0",
        "CI_DISPOSABLE_ENVIRONMENT": "false",
        "CI_JOB_GROUP_NAME": job.name,
        "CI_JOB_ID": str(pipeline.job_id),
        "CI_JOB_NAME": job.name,
        "CI_JOB_NAME_SLUG": slug(job.name),
        "CI_JOB_STAGE": job.stage,
        "CI_JOB_TIMEOUT": str(int(timeout)),
        "CI_JOB_URL": f"{pipeline.project_url}/-/jobs/{pipeline.job_id}",
        "CI_NODE_TOTAL": "1",
        "CI_PIPELINE_ID": str(pipeline.pipeline_id),
        "CI_PIPELINE_URL": f"{pipeline.project_url}/-/pipelines/{pipeline.pipeline_id}",
        "CI_PROJECT_DIR": str(directory),
        "CI_RUNNER_DESCRIPTION": pipeline.runner_description,
        "CI_RUNNER_ID": str(pipeline.runner_id),
        "CI_RUNNER_TAGS": "[]",
        "CI_RUNNER_VERSION": __version__,
        "CI_SERVER": "yes",
    }
    if manual:
        values["CI_JOB_MANUAL"] = "true"
    if environment is not None:
        values.update(_environment(environment))
    token = Variable(pipeline.job_token, expand=False, masked=True)
    return {**_fixed(values), "CI_JOB_TOKEN": token}


def _fixed(values: dict[str, str]) -> dict[str, Variable]:
    return {name: Variable(value, expand=False) for name, value in values.items()}


def _server(pipeline: Pipeline) -> Iterator[tuple[str, str]]:
    url = urlsplit(pipeline.server_url)
    yield "CI", "true"
    yield "GITLAB_CI", "true"
    yield "CI_API_GRAPHQL_URL", f"{pipeline.server_url}/api/graphql"
    yield "CI_API_V4_URL", f"{pipeline.server_url}/api/v4"
    yield "CI_SERVER_FQDN", url.netloc
    yield "CI_SERVER_HOST", url.hostname or ""
    yield "CI_SERVER_NAME", "GitLab"
    yield "CI_SERVER_PORT", str(url.port or _PORTS.get(url.scheme, ""))
    yield "CI_SERVER_PROTOCOL", url.scheme
    yield "CI_SERVER_URL", pipeline.server_url
    yield "CI_SERVER_VERSION", "19.4.1"
    yield "CI_SERVER_VERSION_MAJOR", "19"
    yield "CI_SERVER_VERSION_MINOR", "4"
    yield "CI_SERVER_VERSION_PATCH", "1"


def _project(pipeline: Pipeline) -> Iterator[tuple[str, str]]:
    path = pipeline.project_path
    namespace, _, name = path.rpartition("/")
    yield "CI_CONFIG_PATH", pipeline.config_path
    yield "CI_DEFAULT_BRANCH", pipeline.default_branch
    yield "CI_DEFAULT_BRANCH_SLUG", slug(pipeline.default_branch)
    yield "CI_PROJECT_ID", str(pipeline.project_id)
    yield "CI_PROJECT_NAME", name
    yield "CI_PROJECT_NAMESPACE", namespace
    yield "CI_PROJECT_NAMESPACE_ID", str(pipeline.namespace_id)
    yield "CI_PROJECT_NAMESPACE_SLUG", slug(namespace)
    yield "CI_PROJECT_PATH", path
    yield "CI_PROJECT_PATH_SLUG", slug(path)
    yield "CI_PROJECT_ROOT_NAMESPACE", path.split("/")[0]
    yield "CI_PROJECT_TITLE", name
    yield "CI_PROJECT_URL", pipeline.project_url
    yield "CI_PROJECT_VISIBILITY", pipeline.project_visibility


def _commit(pipeline: Pipeline) -> Iterator[tuple[str, str]]:
    commit = pipeline.commit
    title, _, description = commit.message.partition("\n")
    yield "CI_COMMIT_AUTHOR", commit.author
    yield "CI_COMMIT_BEFORE_SHA", commit.before_sha
    yield "CI_COMMIT_DESCRIPTION", description.lstrip("\n")
    yield "CI_COMMIT_MESSAGE", commit.message
    yield "CI_COMMIT_SHA", commit.sha
    yield "CI_COMMIT_SHORT_SHA", commit.sha[:_SHORT_SHA]
    yield "CI_COMMIT_TIMESTAMP", commit.timestamp
    yield "CI_COMMIT_TITLE", title


def _ref(pipeline: Pipeline) -> Iterator[tuple[str, str]]:
    yield "CI_COMMIT_REF_NAME", pipeline.ref
    yield "CI_COMMIT_REF_PROTECTED", "true" if pipeline.ref_protected else "false"
    yield "CI_COMMIT_REF_SLUG", slug(pipeline.ref)
    if pipeline.source == "merge_request_event":
        yield "CI_MERGE_REQUEST_PROJECT_ID", str(pipeline.project_id)
        yield "CI_MERGE_REQUEST_PROJECT_PATH", pipeline.project_path
        yield "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", pipeline.ref
        yield "CI_MERGE_REQUEST_SOURCE_PROJECT_ID", str(pipeline.project_id)
        yield "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH", pipeline.project_path
        yield "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", pipeline.default_branch
    else:
        yield "CI_COMMIT_TAG" if pipeline.ref_type == "tag" else "CI_COMMIT_BRANCH", pipeline.ref


def _environment(environment: Environment) -> Iterator[tuple[str, str]]:
    yield "CI_ENVIRONMENT_ACTION", environment.action
    yield "CI_ENVIRONMENT_NAME", environment.name
    yield "CI_ENVIRONMENT_SLUG", environment_slug(environment.name)
    yield "CI_ENVIRONMENT_TIER", environment.tier or guess_tier(environment.name)
    if environment.url is not None:
        yield "CI_ENVIRONMENT_URL", environment.url
