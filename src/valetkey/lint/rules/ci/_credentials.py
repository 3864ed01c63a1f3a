"""Temporary credentials and tokens in a script: what sets them, tests them, shows them."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from valetkey.lint.rules.ci._aws import Invocation
from valetkey.lint.rules.ci._scripts import Shell
from valetkey.lint.shell import Command, Kind
from valetkey.lint.shell.model import SUBSTITUTED

CREDENTIALS: Final = frozenset({"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"})
SECRETS: Final = CREDENTIALS - {"AWS_ACCESS_KEY_ID"}
TESTS: Final = frozenset({"test", "[", "[["})
_WRITTEN = re.compile(r"\b(AWS_[A-Z_]+)=")
_FILES = re.compile(r"\.aws/|AWS_SHARED_CREDENTIALS_FILE|AWS_CONFIG_FILE|\bconfigure\b")
_SECRET_FIELDS = re.compile(r"Secret|SessionToken|Credentials\s*(?:$|\|)|^\*|^@")


def tested(shell: Shell) -> Iterator[tuple[int, str]]:
    """Yield the variables that a script looks at before it relies on them, and where."""
    ranges = [(c.start, c.end) for c in shell.script.commands if c.name in TESTS]
    starts = [start for start, _ in ranges]
    for expansion in shell.script.expansions:
        if expansion.operator.startswith((":?", "?", ":-", "-", ":+", "+", ":=", "=")):
            yield expansion.start, expansion.name
            continue
        at = bisect_right(starts, expansion.start) - 1
        if at >= 0 and expansion.start < ranges[at][1]:
            yield expansion.start, expansion.name


def written_names(shell: Shell, command: Command) -> frozenset[str]:
    """Return the ``AWS_…`` variables that a command gives a value, also in what it prints."""
    own = {assignment.name for assignment in command.assignments}
    text = shell.text[command.start : command.end]
    named = {(word.literal or "").partition("=")[0] for word in command.arguments}
    return frozenset(own | {*_WRITTEN.findall(text)} | (named & CREDENTIALS))


def exports(shell: Shell) -> Iterator[tuple[Command, frozenset[str]]]:
    """Yield the commands that export credentials for those that follow, and which."""
    for command in shell.script.commands:
        if command.name in {"export", "declare", "eval", "typeset"}:
            names = written_names(shell, command) & CREDENTIALS
            if names:
                yield command, names


def writes_files(shell: Shell) -> bool:
    """Return whether a script sets up the files in which ``aws`` looks for credentials."""
    return _FILES.search(shell.text) is not None


def needs_credentials(call: Invocation) -> bool:
    """Return whether a call of ``aws`` is one that must be signed."""
    return (
        call.service not in {"", "configure", "help"}
        and call.operation not in {"", "help"}
        and not call.exchanges
        and call.option("--no-sign-request") is None
        and call.option("--profile") is None
    )


def shows_secret(call: Invocation) -> bool:
    """Return whether the answer of a call, as ``--query`` cuts it, holds a secret."""
    if not call.makes_credentials:
        return False
    query = call.option("--query")
    if query is None:
        return True
    literal = query.value.literal if query.value is not None else None
    return literal is not None and _SECRET_FIELDS.search(literal.strip()) is not None


def to_log(command: Command) -> bool:
    """Return whether the standard output of a command is that of the job."""
    return not (
        command.stands_in(Kind.PIPED, Kind.OUTPUT, *SUBSTITUTED)
        or any(redirect.takes_output or redirect.operator == ">&" for redirect in command.redirects)
    )


def pipe_ends(shell: Shell) -> dict[tuple[int, int], Command]:
    """Return the last command of each pipeline, by the stretch of the pipeline."""
    return {
        (step.start, step.end): command
        for command in shell.script.commands
        for step in command.within[-1:]
        if step.kind is Kind.PIPE_END
    }


def pipe_end(command: Command, ends: dict[tuple[int, int], Command]) -> Command | None:
    """Return the last command of the pipeline that a command begins or goes on."""
    step = command.within[-1] if command.within else None
    if step is None or step.kind is not Kind.PIPED:
        return None
    return ends.get((step.start, step.end))
