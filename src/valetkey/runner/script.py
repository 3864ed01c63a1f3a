"""The text that the shell runs, as GitLab Runner writes it for bash.

The commands are one text given to ``eval`` at the end of a pipe from ``:``, so they find an
empty standard input and share one shell; ``errexit`` and, where the shell has it, ``pipefail``
are on. The ``eval`` runs in a subshell (GitLab's ``FF_USE_NEW_EVAL_STRATEGY``), so that the
exit code of a failed command is the job's.
"""

from collections.abc import Iterable

from valetkey.gitlabci import Command

_PROLOGUE = """\
trap 'exit 1' TERM
if set -o | grep pipefail > /dev/null; then set -o pipefail; fi; set -o errexit
set +o noclobber
"""
_GREEN = "\x1b[32;1m"
_RESET = "\x1b[0;m"
_COLLAPSED = " # collapsed multi-line command"


def script_text(commands: Iterable[Command], *, color: bool = False) -> str:
    """Return a shell script that shows each command and runs it."""
    body = "".join(_step(command.text.strip(), color=color) for command in commands)
    return f"{_PROLOGUE}: | (eval {quoted(body)})\nexit 0\n"


def _step(command: str, *, color: bool) -> str:
    if not command:
        return "echo\n"
    first, *more = command.split("\n", 1)
    text = f"$ {first}{_COLLAPSED if more else ''}"
    if color:
        text = f"{_GREEN}{text}{_RESET}"
    return f"printf '%s\\n' {quoted(text)}\n{command}\n"


def quoted(text: str) -> str:
    """Return a text as one word of a POSIX shell, whatever is in it."""
    return "'" + text.replace("'", "'\\''") + "'"
