"""The job prints temporary credentials to its log.

## What
The answer of an `aws sts` call that makes credentials goes to the log, or `echo`, `env`,
`set -x`, `--debug` or `CI_DEBUG_TRACE` show what it was.

## Why
GitLab masks the ID token in the log; it knows nothing of credentials that the script obtains.
Everybody who may read the log can use them until they expire.

## Example
    - aws sts assume-role-with-web-identity --role-arn "$ROLE_ARN" … | tee credentials.json
    - env | sort

## Instead
Catch the answer, `credentials=$(aws sts …)`, and show who the job is now instead of how:

    - aws sts get-caller-identity

## References
- https://docs.gitlab.com/ci/variables/#mask-a-cicd-variable
- https://docs.gitlab.com/ci/variables/variables_troubleshooting/#enable-debug-logging
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.model import CiRule, CiSubject, Finding
from valetkey.lint.rules.ci._aws import Invocation, credential_calls
from valetkey.lint.rules.ci._credentials import (
    CREDENTIALS,
    SECRETS,
    exports,
    pipe_end,
    pipe_ends,
    shows_secret,
    to_log,
    written_names,
)
from valetkey.lint.rules.ci._scripts import Shell, once, shells
from valetkey.lint.rules.ci._values import holds
from valetkey.lint.shell import Command

_SHOWING: Final = frozenset({"echo", "printf"})
_PASSING: Final = frozenset({"cat", "sort", "tee"})
_CATCH = "catch it: `credentials=$(aws sts …)`"
_Ends = dict[tuple[int, int], Command]


def check(subject: CiSubject) -> Iterator[Finding]:
    """Find what shows temporary credentials."""
    return once(_found(subject))


def _found(subject: CiSubject) -> Iterator[Finding]:
    for shell in shells(subject):
        calls = tuple(credential_calls(shell.aws))
        if not calls:
            continue
        ends = pipe_ends(shell)
        for call in calls:
            yield from _answer(shell, call, ends)
        yield from _shown(shell, calls[0].start, ends)
        yield from _traced(shell)
        yield from _debugged(shell)


def _reaches_log(command: Command, ends: _Ends) -> bool:
    """Return whether the output comes to the log, also through commands that pass it on."""
    if to_log(command):
        return True
    end = pipe_end(command, ends)
    return end is not None and to_log(end) and _passes(end)


def _passes(command: Command) -> bool:
    if command.name == "grep":
        words = [word.literal or "" for word in command.arguments]
        flags = "".join(word for word in words if word.startswith("-"))
        sought = next((word for word in words if not word.startswith("-")), "-")
        return not {"q", "c", "v", "l", "o"} & set(flags) and any(
            sought.upper().lstrip("^") in name for name in SECRETS
        )
    return command.name in _PASSING


def _answer(shell: Shell, call: Invocation, ends: _Ends) -> Iterator[Finding]:
    if shows_secret(call) and _reaches_log(call.command, ends):
        yield RULE.finding(
            f"the answer of `{call.title}`, with the secret key in it, is printed to the log",
            (shell.span(call.start, call.end), "its output is not caught"),
            help=_CATCH,
        )
    debug = call.option("--debug")
    if debug is not None:
        yield RULE.finding(
            "`--debug` prints the answer, with the secret key in it, to the log",
            shell.span(debug.flag.start, debug.flag.end),
            help="take it out; the record of the exchange says why it was refused",
        )


def _shown(shell: Shell, since: int, ends: _Ends) -> Iterator[Finding]:
    """Find commands that print the variables with the credentials."""
    exported = [command.start for command, _ in exports(shell)]
    for command in shell.script.commands:
        if command.start < since or not _reaches_log(command, ends):
            continue
        if command.name in _SHOWING:
            word = next((word for word in command.arguments if holds(word, SECRETS)), None)
            if word is not None:
                yield RULE.finding(
                    "a temporary credential is printed to the log",
                    (shell.span(word.start, word.end), "not masked"),
                    help="show who the job is instead: `aws sts get-caller-identity`",
                )
        elif _lists_environment(command) and exported and exported[0] < command.start:
            yield RULE.finding(
                f"`{command.name}` prints the temporary credentials to the log",
                (shell.span(command.start, command.end), "they are exported by now"),
                help="print the variables that you look for by name",
            )


def _lists_environment(command: Command) -> bool:
    words = tuple(word.literal for word in command.arguments)
    match command.name:
        case "env" | "printenv" | "set":
            return not words
        case "export" | "declare" | "typeset":
            return not command.declares and words in {(), ("-p",), ("-x",), ("-px",), ("-xp",)}
    return False


def _traced(shell: Shell) -> Iterator[Finding]:
    """Find ``set -x`` in force where credentials are handled."""
    last: Command | None = None
    for command, now in shell.settled():
        if command.name == "set":
            last = command
        if now.xtrace is not True or last is None or not _handles(shell, command):
            continue
        yield RULE.finding(
            "`set -x` prints the temporary credentials to the log",
            (shell.span(last.start, last.end), "in force from here"),
            (shell.span(command.start, command.end), "printed with its values"),
            help="turn it on after the credentials are set, or off before: `set +x`",
        )
        return


def _handles(shell: Shell, command: Command) -> bool:
    """Return whether the words of a command hold credentials once expanded."""
    if command.name == "set":
        return False
    written = written_names(shell, command) & CREDENTIALS
    return bool(written) or any(holds(word, SECRETS) for word in command.words)


def _debugged(shell: Shell) -> Iterator[Finding]:
    variable = shell.job.variables.get("CI_DEBUG_TRACE")
    if variable is not None and variable.key is not None and variable.value.lower() == "true":
        yield RULE.finding(
            "`CI_DEBUG_TRACE` prints the temporary credentials to the log",
            (variable.key, "traces every command with its values"),
            help="set it for single runs of the pipeline, and in jobs without credentials",
        )


RULE = CiRule(
    code="CI013",
    name="credentials_in_log",
    severity=Severity.ERROR,
    page=__doc__,
    check=check,
)
