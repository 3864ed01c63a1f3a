"""From a job of the file to one that can be run: rules decided, variables gathered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from valetkey.diagnostics import Diagnostic, Label
from valetkey.gitlabci import (
    AllowFailure,
    CiFile,
    Environment,
    FileExists,
    IdToken,
    Job,
    Selection,
    Variable,
    expand,
    expand_all,
    guess_tier,
    references,
    select,
)
from valetkey.runner.errors import JobLeftOut, JobUnusable
from valetkey.runner.pipeline import Pipeline
from valetkey.runner.predefined import job_variables, pipeline_variables

DEFAULT_TIMEOUT = 3600.0
"""Seconds that a job may take where nothing else is said, as in a new GitLab project."""

Audience = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PreparedJob:
    """A job ready to run.

    ``variables`` are in force as GitLab ranks them, values not yet expanded. ``audiences`` and
    ``environment`` have their variables put in; ``environment.tier`` is decided. ``timeout``
    counts seconds; it is also how long GitLab's tokens for the job live.
    """

    job: Job
    pipeline: Pipeline
    directory: Path
    variables: Mapping[str, Variable]
    audiences: Mapping[str, Audience]
    environment: Environment | None
    timeout: float
    when: str
    allow_failure: AllowFailure


def prepare(
    file: CiFile,
    name: str,
    pipeline: Pipeline,
    *,
    directory: Path,
    project_variables: Mapping[str, Variable] | None = None,
    run_variables: Mapping[str, Variable] | None = None,
    default_timeout: float = DEFAULT_TIMEOUT,
    exists: FileExists | None = None,
    changed: Iterable[str] | None = None,
) -> PreparedJob:
    """Decide the rules of a job and gather its variables.

    Precedence, highest first, as GitLab's: ``run_variables`` (given for this run),
    ``project_variables`` (kept with the project), the rules', the job's, the file's, GitLab's
    own. Raises :class:`JobLeftOut` where the rules leave the job out, :class:`JobUnusable` for
    values that can't be used, and what :meth:`CiFile.job` and ``select`` raise.
    """
    job = file.job(name)
    kept = {**(project_variables or {}), **(run_variables or {})}
    before = {**pipeline_variables(pipeline), **file.variables, **job.variables, **kept}
    selection = select(file, job, expand_all(before), exists=exists, changed=changed)
    if not selection.added:
        raise _left_out(job, selection)
    timeout = default_timeout if job.timeout is None else job.timeout
    own = {**job.variables, **selection.variables, **kept}
    environment = _environment(job, {**pipeline_variables(pipeline), **own})
    variables = {
        **pipeline_variables(pipeline),
        **job_variables(
            pipeline,
            job,
            directory=directory,
            timeout=timeout,
            environment=environment,
            manual=selection.when == "manual",
        ),
        **own,
    }
    values = expand_all(variables)
    _check_texts(job, values)
    return PreparedJob(
        job=job,
        pipeline=pipeline,
        directory=directory,
        variables=variables,
        audiences={token.name: _audience(token, values) for token in job.id_tokens},
        environment=environment,
        timeout=timeout,
        when=selection.when,
        allow_failure=selection.allow_failure,
    )


def _left_out(job: Job, selection: Selection) -> JobLeftOut:
    message = f"a pipeline like this would not have job `{job.name}`: {selection.reason}"
    labels = (Label(selection.span),) if selection.span else ()
    advice = "give the ref, its type or the pipeline source that its rules ask for"
    finding = Diagnostic(JobLeftOut.code, message, labels=labels, help=(advice,))
    return JobLeftOut(message, help=advice, diagnostics=(finding,))


def _environment(job: Job, variables: Mapping[str, Variable]) -> Environment | None:
    if job.environment is None:
        return None
    values = expand_all(variables)
    name = expand(job.environment.name, values.get)
    if not name:
        raise _unusable(
            f"environment `{job.environment.name}` of job `{job.name}` has no name",
            Label(job.environment.span),
            help=_unset(job.environment.name, values),
        )
    url = job.environment.url
    return replace(
        job.environment,
        name=name,
        url=None if url is None else expand(url, values.get),
        tier=job.environment.tier or guess_tier(name),
    )


def _audience(token: IdToken, values: Mapping[str, str]) -> Audience:
    written = (token.aud,) if isinstance(token.aud, str) else token.aud
    audience = tuple(expand(text, values.get) for text in written)
    for text, value in zip(written, audience, strict=True):
        if not value:
            # Deny by default: a token for nobody in particular is a token for anybody careless.
            raise _unusable(
                f"audience `{text}` of ID token `{token.name}` is empty",
                Label(token.span),
                help=_unset(text, values) or "give `aud` the address of the service",
            )
    return audience[0] if isinstance(token.aud, str) else audience


def _unset(text: str, values: Mapping[str, str]) -> str | None:
    names = [name for name in references(text) if not values.get(name)]
    return f"variable `{names[0]}` is not set; give it with `--var {names[0]}=…`" if names else None


def _check_texts(job: Job, values: Mapping[str, str]) -> None:
    """Refuse what neither a process environment nor a script can hold."""
    for name, value in values.items():
        if not _is_plain(value):
            raise _unusable(f"variable `{name}` holds a character that no process can be given")
    for command in job.commands:
        if not _is_plain(command.text):
            message = "a command holds a character that no shell can be given"
            raise _unusable(message, Label(command.span))


def _is_plain(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _unusable(message: str, label: Label | None = None, *, help: str | None = None) -> JobUnusable:
    labels = (label,) if label else ()
    helps = (help,) if help else ()
    finding = Diagnostic(JobUnusable.code, message, labels=labels, help=helps)
    return JobUnusable(message, help=help, diagnostics=(finding,))
