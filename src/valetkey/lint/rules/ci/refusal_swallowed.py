"""A refused `aws sts` call does not stop the job.

## What
The exit code of an `aws sts assume-role…` call is lost: it stands in `export NAME=$(…)` or in
`export $(printf … $(aws …))`, before `|| true` or `&&`, after `set +e`, or in another place
where the shell looks at the exit code of something else.

## Why
`export`, `local`, `printf`, `eval` and `echo` succeed whatever the substitutions among their
words did. When the exchange is refused, the job goes on: with empty variables, or with what
`aws` finds next, such as the role of the machine that the runner lives on. It ends at another
command with another message, or it does not end.

## Example
    script:
      - >
        export $(printf "AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s AWS_SESSION_TOKEN=%s"
        $(aws sts assume-role-with-web-identity --role-arn "$ROLE_ARN" …))

## Instead
A plain assignment has the exit code of the command in it. Assign first, then export:

    script:
      - >
        credentials=$(aws sts assume-role-with-web-identity --role-arn "$ROLE_ARN" …)
      - >
        export $(printf "AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s AWS_SESSION_TOKEN=%s"
        $credentials)

Or leave the exchange to `aws` and the SDKs, which then also renew the credentials: write the
token to a file (`printf '%s' "$ID_TOKEN" > "$AWS_WEB_IDENTITY_TOKEN_FILE"`) and set `AWS_ROLE_ARN`.

## References
- https://docs.gitlab.com/ci/cloud_services/aws/
- https://www.gnu.org/software/bash/manual/html_node/Simple-Command-Expansion.html
- https://www.gnu.org/software/bash/manual/html_node/The-Set-Builtin.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity, Span
from valetkey.lint.model import CiRule, CiSubject, Finding
from valetkey.lint.rules.ci._aws import Invocation, credential_calls
from valetkey.lint.rules.ci._credentials import CREDENTIALS, tested
from valetkey.lint.rules.ci._scripts import Shell, main_shells, once
from valetkey.lint.rules.ci._values import assignments
from valetkey.lint.shell import Kind, Loss, loss

_ASSIGN_FIRST = (
    "assign first, `credentials=$(aws sts …)`, then export on the next line:"
    " a plain assignment has the exit code of the command in it"
)
_HELP = {
    Kind.CHAINED: "put what follows `&&` on a line of its own",
    Kind.PIPED: "take `set +o pipefail` away",
}


def check(subject: CiSubject) -> Iterator[Finding]:
    """Find calls whose failure nothing notices."""
    return once(finding for shell in main_shells(subject) for finding in _in_shell(shell))


def _in_shell(shell: Shell) -> Iterator[Finding]:
    checks = _checks(shell)
    for call in credential_calls(shell.aws):
        if any(at > call.start for at in checks):
            continue
        lost = loss(shell.script, call.command, shell.settings_of(call.command))
        if lost is not None:
            yield _finding(shell, call, lost)


def _checks(shell: Shell) -> tuple[int, ...]:
    """Return the last place at which the script looks whether it has credentials."""
    assigned = assignments(shell)
    places = [at for at, name in tested(shell) if name in CREDENTIALS or name in assigned]
    return tuple(places[-1:])


def _finding(shell: Shell, call: Invocation, lost: Loss) -> Finding:
    places: list[Span | tuple[Span, str]] = [
        (shell.span(call.start, call.end), "its failure is lost")
    ]
    step = lost.step
    if step.name:
        place = shell.span(step.start, step.start + len(step.name))
        places.append((place, "succeeds all the same"))
    return RULE.finding(
        f"a refusal of `{call.title}` goes unnoticed: {lost.by}",
        *places,
        notes=["the job goes on without credentials, or with those of the runner's machine"],
        help=_help(lost),
    )


def _help(lost: Loss) -> str:
    if lost.by.startswith("`set +e`"):
        return "keep `errexit` on, or look at `$?` after the call"
    if lost.step.kind is Kind.GUARDED:
        return f"take `|| {lost.step.name}` away: a refused job should stop here"
    return _HELP.get(lost.step.kind, _ASSIGN_FIRST)


RULE = CiRule(
    code="CI001",
    name="refusal_swallowed",
    severity=Severity.WARNING,
    page=__doc__,
    check=check,
)
