"""What becomes of a command's exit code, as bash has it with ``errexit`` and ``pipefail``.

GitLab runs the entries of ``before_script`` and ``script`` line by line in one shell with both
set. Each judgement here is tried on bash in ``tests/lint/test_ci_claims.py``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from valetkey.lint.shell.model import SUBSTITUTED, Command, Kind, Script, Step

_OWN_STATUS: Final = frozenset({
    ":", "cat", "declare", "echo", "eval", "export", "local", "printf", "readonly", "set",
    "typeset",
})  # fmt: skip
"""Commands that succeed whatever the substitutions among their words did."""
_SWALLOWING: Final = frozenset({"true", ":", "echo", "printf"})
_STATUS_READ: Final = frozenset({"?", "PIPESTATUS"})
_OPTIONS: Final = {"e": "errexit", "x": "xtrace"}
_TAKERS: Final = {
    Kind.PREFIX: "the exit code is that of the command after the assignment",
    Kind.OVERSHADOWED: "the exit code is that of the last substitution",
    Kind.WORDS: "nothing looks at the exit code of a substitution in these words",
    Kind.EARLIER: "`errexit` does not hold in a substitution: its last command counts",
    Kind.PIPED: "without `pipefail` the exit code is that of the pipe's last command",
    Kind.CHAINED: "`errexit` does not look at a command before `&&`",
}
_JUDGED: Final = (Kind.GUARDED, Kind.TESTED, Kind.NEGATED)


@dataclass(frozen=True, slots=True)
class Settings:
    """Options of the shell where a command begins; None where that can't be told."""

    errexit: bool | None = True
    pipefail: bool | None = True
    xtrace: bool | None = False


class Loss(NamedTuple):
    """Where an exit code is lost; ``by`` is what takes its place, in words."""

    step: Step
    by: str


def settings(script: Script) -> tuple[Settings, ...]:
    """Return the settings at each command of a script that GitLab runs."""
    now = Settings()
    found = []
    for command in script.commands:
        found.append(now)
        if command.name == "set":
            now = _after(now, command)
    return tuple(found)


def _after(now: Settings, command: Command) -> Settings:
    """Return the settings after a ``set``."""
    changed: dict[str, bool] = {}
    words = iter(command.arguments)
    for word in words:
        literal = word.literal
        if literal is None or literal == "--" or literal[:1] not in {"-", "+"}:
            break
        on = literal.startswith("-")
        for letter in literal[1:]:
            name = _OPTIONS.get(letter)
            if letter == "o":
                following = next(words, None)
                name = following.literal if following is not None else None
            if name in {"errexit", "pipefail", "xtrace"}:
                changed[name] = on
    if not any(step.kind is not Kind.EARLIER for step in command.within):
        return replace(now, **changed)
    # whether, and for which commands, can't be told
    return replace(now, **dict.fromkeys(changed))


def loss(script: Script, command: Command, now: Settings) -> Loss | None:
    """Return where a command's failure is lost, so that the script goes on as if it had not been.

    None where the failure counts, where somebody looks at it, and where that can't be told.
    """
    if _own_way(script):
        return None
    within = command.within
    for at in range(len(within) - 1, -1, -1):
        step = within[at]
        outer = within[:at]
        match step.kind:
            case Kind.STORED | Kind.SUBSHELL | Kind.GROUP | Kind.BRANCH | Kind.PIPE_END:
                continue
            case Kind.OUTPUT:
                continue
            case Kind.PIPED if now.pipefail is True:
                continue
            case Kind.EARLIER if not _in_substitution(outer):
                continue
            case Kind.CHAINED if not _chain_goes_on(outer):
                continue
        return _lost(within, at, now)
    if now.errexit is False and not _status_read(script):
        whole = Step(Kind.EARLIER, command.start, command.end)
        return Loss(whole, "`set +e` lets the script go on")
    return None


def _lost(within: tuple[Step, ...], at: int, now: Settings) -> Loss | None:
    """Return the loss at a step; of commands within each other, the outermost is named."""
    by = _taker(within[at], now)
    if by is None:
        return None
    shown = within[at]
    if shown.kind is Kind.ARGUMENT:
        for outer in reversed(within[:at]):
            if outer.kind not in {Kind.ARGUMENT, Kind.DECLARED} or not _is_lost(outer, now):
                break
            shown = outer
    return Loss(shown, _taker(shown, now) or by)


def _taker(step: Step, now: Settings) -> str | None:
    """Return what takes the place of an exit code, or None where it is not simply lost."""
    if not _is_lost(step, now):
        return None
    if step.kind is Kind.GUARDED:
        return f"`|| {step.name}` makes a success of it"
    return _TAKERS.get(step.kind, f"`{step.name}` has an exit code of its own")


def _is_lost(step: Step, now: Settings) -> bool:
    match step.kind:
        case Kind.ARGUMENT | Kind.INPUT:
            return step.name in {*_OWN_STATUS, "read"}
        case Kind.PROCESS:
            return step.name in {"source", "."}
        case Kind.PIPED:
            return now.pipefail is False
        case Kind.GUARDED:
            return step.name in _SWALLOWING
        case kind:
            return kind is Kind.DECLARED or kind in _TAKERS


def _in_substitution(outer: tuple[Step, ...]) -> bool:
    """Return whether the nearest shell around is that of a substitution."""
    for step in reversed(outer):
        if step.kind is Kind.FUNCTION:
            return False
        if step.kind in SUBSTITUTED:
            return True
    return False


def _chain_goes_on(outer: tuple[Step, ...]) -> bool:
    """Return whether other statements of the same shell run after a chain that failed."""
    steps = list(_same_shell(outer))
    if any(step.kind in _JUDGED for step in steps):
        return False
    return any(step.kind is Kind.EARLIER for step in steps)


def _same_shell(outer: tuple[Step, ...]) -> Iterator[Step]:
    for step in reversed(outer):
        if step.kind in SUBSTITUTED or step.kind in {Kind.SUBSHELL, Kind.FUNCTION, Kind.PIPED}:
            return
        yield step


def _own_way(script: Script) -> bool:
    """Return whether a script changes the rules that are told here."""
    return any(
        command.name == "shopt" and any(w.literal == "inherit_errexit" for w in command.words)
        for command in script.commands
    )


def _status_read(script: Script) -> bool:
    return any(expansion.name in _STATUS_READ for expansion in script.expansions)
