"""An ID token is printed in a form that GitLab does not mask.

## What
A token is piped through `base64`, `xxd`, `rev` or the like, and the result goes to the log.

## Why
GitLab masks the exact value of the token. Any other form of it stays readable, and turns back
into the token, which buys credentials until the job's time is over.

## Example
    - echo "$ID_TOKEN" | base64

## Instead
To see the claims, decode them; the signature stays out of the log:

    - echo "$ID_TOKEN" | cut -d. -f2 | base64 -d || true

## References
- https://docs.gitlab.com/ci/variables/#mask-a-cicd-variable
- https://docs.gitlab.com/ci/secrets/id_token_authentication/
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.model import CiRule, CiSubject, Finding
from valetkey.lint.rules.ci._credentials import pipe_end, pipe_ends, to_log
from valetkey.lint.rules.ci._scripts import Shell, once, shells
from valetkey.lint.rules.ci._values import holds
from valetkey.lint.shell import Command, Kind

_SHOWING: Final = frozenset({"echo", "printf"})
_REVERSIBLE: Final = frozenset({"base32", "base64", "fold", "hexdump", "od", "rev", "xxd"})
_DECODING: Final = frozenset({"-d", "-D", "--decode", "-r", "-p"})


def check(subject: CiSubject) -> Iterator[Finding]:
    """Find tokens that are printed in another form."""
    return once(finding for shell in shells(subject) for finding in _in_shell(shell))


def _in_shell(shell: Shell) -> Iterator[Finding]:
    tokens = frozenset(token.name for token in shell.job.id_tokens)
    ends = pipe_ends(shell)
    lengths = _lengths(shell)
    for command in shell.script.commands if tokens else ():
        end = pipe_end(command, ends)
        shows = command.name in _SHOWING and any(holds(w, tokens) for w in command.arguments)
        if end is None or not shows or not to_log(end):
            continue
        # of a longer pipeline it can't be told what arrives at its end
        step = command.within[-1]
        if lengths[step.start, step.end] == 1 and _is_reversible(end):
            yield RULE.finding(
                f"`{end.name}` turns the ID token into a form that the log does not mask",
                (shell.span(command.start, end.end), "goes to the log"),
                help="show its claims only: `echo … | cut -d. -f2 | base64 -d`",
            )


def _lengths(shell: Shell) -> dict[tuple[int, int], int]:
    """Return how many commands stand before the last one of each pipeline."""
    found: dict[tuple[int, int], int] = {}
    for command in shell.script.commands:
        for step in command.within[-1:]:
            if step.kind is Kind.PIPED:
                found[step.start, step.end] = found.get((step.start, step.end), 0) + 1
    return found


def _is_reversible(command: Command) -> bool:
    words = {word.literal for word in command.arguments}
    return command.name in _REVERSIBLE and not words & _DECODING


RULE = CiRule(
    code="CI014",
    name="token_past_masking",
    severity=Severity.WARNING,
    page=__doc__,
    check=check,
)
