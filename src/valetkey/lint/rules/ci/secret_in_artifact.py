"""A token or temporary credentials are written into a file that is kept.

## What
The job writes an ID token, or credentials that it obtained, into a file below `artifacts:paths`,
a report such as `artifacts:reports:dotenv`, or a cache.

## Why
Artifacts and reports can be downloaded by everybody who may see the pipeline's jobs; caches are
shared with other jobs and branches. Nothing in them is masked.

## Example
    assume:
      script:
        - echo "AWS_SECRET_ACCESS_KEY=$AWS_SECRET_ACCESS_KEY" >> aws.env
      artifacts:
        reports:
          dotenv: aws.env

## Instead
Let each job that needs credentials declare an ID token and exchange it. What the jobs share is
the way to do it, not its result:

    .assume:
      id_tokens:
        ID_TOKEN: { aud: https://aws.example }
      before_script:
        - …

## References
- https://docs.gitlab.com/ci/jobs/job_artifacts/
- https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv
- https://docs.gitlab.com/ci/secrets/id_token_authentication/
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import CiRule, CiSubject, Finding
from valetkey.lint.rules.ci._artifacts import changes_folder, handed_on, project_path, taking
from valetkey.lint.rules.ci._credentials import SECRETS, pipe_end, pipe_ends, shows_secret
from valetkey.lint.rules.ci._scripts import Shell, once, shells
from valetkey.lint.rules.ci._values import Names, holds
from valetkey.lint.shell import Command, Word


def check(subject: CiSubject) -> Iterator[Finding]:
    """Find secrets that are written where they are kept."""
    return once(finding for shell in shells(subject) for finding in _in_shell(subject, shell))


def _in_shell(subject: CiSubject, shell: Shell) -> Iterator[Finding]:
    handed = tuple(handed_on(shell.job))
    if not handed or changes_folder(shell):
        return
    names = Names(subject, shell)
    ends = pipe_ends(shell)
    for command, what in _secrets(shell):
        for target in _targets(command, ends):
            path = project_path(names, target)
            kept = None if path is None else taking(handed, path)
            if kept is not None:
                yield RULE.finding(
                    f"{what} is written to `{path}`, which `{kept.by}` keeps",
                    (shell.span(target.start, target.end), "written here"),
                    (kept.glob.span, "kept by this"),
                    help="exchange the token in each job that needs credentials,"
                    " or write outside the project, as to `$(mktemp)`",
                )


def _secrets(shell: Shell) -> Iterator[tuple[Command, str]]:
    """Yield the commands whose output holds a secret."""
    calls = {call.command.start: call for call in shell.aws if shows_secret(call)}
    tokens = frozenset(token.name for token in shell.job.id_tokens)
    obtained = bool(calls) or any(call.makes_credentials for call in shell.aws)
    for command in shell.script.commands:
        call = calls.get(command.start)
        if call is not None and call.command is command:
            yield command, f"the answer of `{call.title}`"
            continue
        if command.name not in {"cat", "echo", "printf"}:
            continue
        words = [*command.arguments, *_fed(command)]
        if any(holds(word, tokens) for word in words):
            yield command, "the ID token"
        elif obtained and any(holds(word, SECRETS) for word in words):
            yield command, "a temporary credential"


def _fed(command: Command) -> Iterator[Word]:
    return (each.target for each in command.redirects if each.operator in {"<<", "<<<"})


def _targets(command: Command, ends: dict[tuple[int, int], Command]) -> Iterator[Word]:
    """Yield the files that the output of a command is written to."""
    yield from (each.target for each in command.redirects if each.takes_output)
    end = pipe_end(command, ends)
    if end is not None and end.name == "tee":
        yield from (word for word in end.arguments if not (word.literal or "").startswith("-"))


RULE = CiRule(
    code="CI015",
    name="secret_in_artifact",
    severity=Severity.ERROR,
    page=__doc__,
    check=check,
)
