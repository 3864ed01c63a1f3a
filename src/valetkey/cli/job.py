"""``valetkey job``: one job of a ``.gitlab-ci.yml`` on this machine, with its ID tokens."""

import os
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import click

from valetkey.cli.issuer import issuer_folder, job_options, open_issuer
from valetkey.cli.options import home_option

if TYPE_CHECKING:
    from valetkey.issuer import Job
    from valetkey.runner import Commit, Pipeline, PreparedJob


@click.command(short_help="Run a job of a .gitlab-ci.yml with its id_tokens.")
@click.argument("name", metavar="[JOB]", required=False)
@home_option
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=Path(".gitlab-ci.yml"),
    show_default=True,
)
@click.option("--issuer", "url", metavar="URL", help="What `iss` says [the issuer's own name].")
@click.option("--var", "variables", metavar="K=V", multiple=True, help="A variable of this run.")
@job_options
def command(  # noqa: PLR0917 - click passes options by name
    name: str | None,
    home: str | None,
    path: Path,
    url: str | None,
    variables: tuple[str, ...],
    project_path: str,
    project_id: int,
    ref: str | None,
    ref_type: str,
    protected: bool | None,
    pipeline_source: str,
) -> int:
    """Run a job in a real shell, as GitLab Runner does, with ID tokens of the local issuer.

    Without JOB, lists the jobs of the file. The exit code is the job's. Credentials of the one
    who runs this do not reach the job; AWS_ENDPOINT_URL, AWS_CA_BUNDLE and the region do.
    """
    from valetkey.clock import system_clock  # noqa: PLC0415
    from valetkey.diagnostics import Source, render  # noqa: PLC0415
    from valetkey.gitlabci import Variable, parse  # noqa: PLC0415
    from valetkey.issuer import mint  # noqa: PLC0415
    from valetkey.runner import (  # noqa: PLC0415
        Commit,
        Pipeline,
        file_exists,
        local_includes,
        prepare,
        read_commit,
        run_job,
    )

    folder = path.absolute().parent
    file = parse(Source(str(path), path.read_text()), local_includes(folder))
    if name is None:
        for found in file.names:
            click.echo(found)
        return 0

    state = open_issuer(issuer_folder(home), url)
    commit = read_commit(folder) or Commit()
    wanted_ref = ref or commit.branch or "main"
    started = system_clock()
    serial = int(started)  # ids that grow, as GitLab's do
    pipeline = Pipeline(
        project_path=project_path,
        server_url=state.issuer,
        project_id=project_id,
        ref=wanted_ref,
        ref_type="tag" if ref_type == "tag" else "branch",
        ref_protected=wanted_ref == "main" if protected is None else protected,
        source=pipeline_source,
        commit=commit,
        config_path=path.name,
        pipeline_id=serial,
        job_id=serial,
        created_at=started,
    )
    prepared = prepare(
        file,
        name,
        pipeline,
        directory=folder,
        run_variables={key: Variable(value) for key, value in map(_split, variables)},
        exists=file_exists(folder),
    )
    for note in prepared.job.notes:
        click.echo(render(note, color=sys.stderr.isatty()), err=True)
    facts = job_facts(prepared, state.issuer, commit)
    result = run_job(
        prepared,
        mint=lambda _variable, aud: mint(
            facts, aud, state.keys.ci, system_clock(), str(uuid.uuid4())
        ),
        environ=os.environ,
        out=_write,
        clock=system_clock,
        color=sys.stdout.isatty(),
    )
    return 0 if result.allowed else result.exit_code


def job_facts(prepared: "PreparedJob", issuer: str, commit: "Commit") -> "Job":
    """Return what the job's tokens say of it: the same facts as its variables."""
    from valetkey.issuer import Environment, Job, Project, Runner, User  # noqa: PLC0415

    pipeline: Pipeline = prepared.pipeline
    environment = prepared.environment
    return Job(
        issuer=issuer,
        project=Project(
            path=pipeline.project_path,
            id=pipeline.project_id,
            namespace_id=pipeline.namespace_id,
        ),
        user=User(id=pipeline.user_id, login=pipeline.user_login, email=pipeline.user_email),
        pipeline_id=pipeline.pipeline_id,
        pipeline_source=pipeline.source,
        job_id=pipeline.job_id,
        ref=pipeline.ref,
        ref_type=pipeline.ref_type,
        ref_protected=pipeline.ref_protected,
        sha=commit.sha,
        environment=Environment(
            name=environment.name,
            tier=environment.tier or "other",
            action=environment.action,
        )
        if environment
        else None,
        runner=Runner(id=pipeline.runner_id),
        config_path=pipeline.config_path,
        timeout=int(prepared.timeout),
    )


def _split(pair: str) -> tuple[str, str]:
    key, equals, value = pair.partition("=")
    if not equals or not key:
        raise click.BadParameter(f"write `{pair}` as NAME=VALUE", param_hint="--var")
    return key, value


def _write(chunk: bytes) -> None:
    sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()
