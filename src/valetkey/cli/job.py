"""``valetkey job``: one job of a ``.gitlab-ci.yml`` on this machine, with its ID tokens."""

import os
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from valetkey.cli.issuer import issuer_folder, open_issuer
from valetkey.cli.job_options import JobFacts, job_options
from valetkey.cli.options import colored, home_option, read_text, show

if TYPE_CHECKING:
    from valetkey.gitlabci import CiFile
    from valetkey.issuer import IssuerState, Job
    from valetkey.runner import Commit, Pipeline, PreparedJob


@click.command(short_help="Run a job of a .gitlab-ci.yml with its id_tokens.")
@click.argument("name", metavar="[JOB]", required=False)
@home_option
@click.option(
    "--file",
    "path",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=Path(".gitlab-ci.yml"),
    show_default=True,
    help="The CI file; the job runs in its folder.",
)
@click.option("--issuer", "url", metavar="URL", help="What `iss` says [the issuer's own name].")
@click.option(
    "--var", "pairs", metavar="K=V", multiple=True, help="A variable of this run; repeat it."
)
@job_options
def command(
    name: str | None,
    home: str | None,
    path: Path,
    url: str | None,
    pairs: tuple[str, ...],
    facts: JobFacts,
) -> int:
    """Run a job in a real shell, as GitLab Runner does, with ID tokens of the local issuer.

    Without JOB, lists the jobs of the file. The exit code is the job's. Credentials of the one
    who runs this do not reach the job; AWS_ENDPOINT_URL, AWS_CA_BUNDLE and the region do.
    """
    from valetkey.diagnostics import Source
    from valetkey.gitlabci import parse
    from valetkey.runner import local_includes

    variables = dict(map(_split, pairs))
    file = parse(Source(str(path), read_text(path)), local_includes(path.absolute().parent))
    if name is None:
        for found in file.names:
            click.echo(found)
        return 0
    state = open_issuer(issuer_folder(home), url)
    return _run(file, name, path.absolute(), state, facts, variables)


def _run(
    file: "CiFile",
    name: str,
    path: Path,
    state: "IssuerState",
    facts: JobFacts,
    variables: Mapping[str, str],
) -> int:
    from valetkey.clock import system_clock
    from valetkey.diagnostics import render
    from valetkey.gitlabci import Variable
    from valetkey.issuer import mint
    from valetkey.runner import Commit, file_exists, prepare, read_commit, run_job

    folder = path.parent
    commit = read_commit(folder) or Commit()
    prepared = prepare(
        file,
        name,
        _pipeline(facts, state.issuer, commit, path.name, system_clock()),
        directory=folder,
        run_variables={key: Variable(value) for key, value in variables.items()},
        exists=file_exists(folder),
    )
    for note in prepared.job.notes:
        show(render(note, color=colored(sys.stderr)).rstrip("\n"), err=True)
    job = job_facts(prepared, state.issuer, commit)
    result = run_job(
        prepared,
        mint=lambda _variable, aud: mint(
            job, aud, state.keys.ci, system_clock(), str(uuid.uuid4())
        ),
        environ=os.environ,
        out=_write,
        clock=system_clock,
        color=colored(sys.stdout),
    )
    return 0 if result.allowed else result.exit_code


def _pipeline(
    facts: JobFacts, server_url: str, commit: "Commit", config: str, started: float
) -> "Pipeline":
    from valetkey.runner import Pipeline

    ref = facts.ref(commit.branch)
    serial = int(started)  # ids that grow, as GitLab's do
    return Pipeline(
        project_path=facts.project_path,
        server_url=server_url,
        project_id=facts.project_id,
        ref=ref,
        ref_type=facts.ref_type,
        ref_protected=facts.ref_protected(ref),
        source=facts.pipeline_source,
        commit=commit,
        config_path=config,
        pipeline_id=serial,
        job_id=serial,
        created_at=started,
    )


def job_facts(prepared: "PreparedJob", issuer: str, commit: "Commit") -> "Job":
    """Return what the job's tokens say of it: the same facts as its variables."""
    from valetkey.issuer import Environment, Job, Project, Runner, User

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
