"""Credentials are set in a shell that ends before anything uses them.

## What
`read` at the end of a pipe, or an assignment in parentheses that nothing follows, sets
`AWS_ACCESS_KEY_ID` and its kin.

## Why
In bash each command of a pipe, and what stands in parentheses, runs in a shell of its own. The
variables end with it; the commands that follow have no credentials, or those of the runner's
machine.

## Example
    - aws sts … --output text | read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN

## Instead
    - credentials=$(aws sts … --output text)
    - read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN <<< "$credentials"
    - export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN

## References
- https://www.gnu.org/software/bash/manual/html_node/Pipelines.html
- https://www.gnu.org/software/bash/manual/html_node/Command-Grouping.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import CiRule, CiSubject, Finding
from valetkey.lint.rules.ci._credentials import CREDENTIALS
from valetkey.lint.rules.ci._scripts import Shell, once, shells
from valetkey.lint.shell import Command, Kind


def check(subject: CiSubject) -> Iterator[Finding]:
    """Find credentials that end with the shell they are set in."""
    return once(finding for shell in shells(subject) for finding in _in_shell(shell))


def _in_shell(shell: Shell) -> Iterator[Finding]:
    if "lastpipe" in shell.text or "AWS_" not in shell.text:
        return
    for command in shell.script.commands:
        names = _sets(command)
        kind = _ends_with(command) if names else None
        if kind is not None:
            listed = ", ".join(f"`{name}`" for name in sorted(names))
            ends = "ends" if len(names) == 1 else "end"
            where = "the pipe" if kind is Kind.PIPE_END else "the parentheses"
            yield RULE.finding(
                f"{listed} {ends} with {where}: a shell of its own",
                (shell.span(command.start, command.end), "gone after this"),
                help="assign the output first, `credentials=$(aws sts …)`, and take it apart"
                ' outside, as with `read -r … <<< "$credentials"`',
            )


def _sets(command: Command) -> frozenset[str]:
    if command.name == "read":
        return CREDENTIALS & {word.literal or "" for word in command.arguments}
    if command.words and not command.declares:
        return frozenset()
    return CREDENTIALS & {assignment.name for assignment in command.assignments}


def _ends_with(command: Command) -> Kind | None:
    """Return what a command is the last one of, if that is a shell of its own."""
    if not command.within:
        return None
    last = command.within[-1].kind
    if last is Kind.PIPE_END and command.name == "read":
        return last
    return last if last is Kind.SUBSHELL else None


RULE = CiRule(
    code="CI024",
    name="credentials_left_in_subshell",
    severity=Severity.ERROR,
    page=__doc__,
    check=check,
)
