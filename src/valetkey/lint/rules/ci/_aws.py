"""Calls of the ``aws`` command: service, operation, options."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from valetkey.lint.shell import Command, Text, Word

_WRAPPERS: Final = frozenset({"command", "env", "exec", "sudo", "time"})
_FLAGS: Final = frozenset({
    "--cli-auto-prompt", "--debug", "--no-cli-auto-prompt", "--no-cli-pager", "--no-paginate",
    "--no-sign-request", "--no-verify-ssl", "--version",
})  # fmt: skip
EXCHANGE: Final = "assume-role-with-web-identity"
_MAKES_CREDENTIALS: Final = frozenset({
    "assume-role", EXCHANGE, "assume-role-with-saml", "get-federation-token", "get-session-token",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Option:
    """An option with its value; ``flag`` is the word that it begins in."""

    name: str
    flag: Word
    value: Word | None


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of ``aws``; service and operation are empty where they are not known.

    ``start`` and ``end`` are those of its words up to the operation.
    """

    command: Command
    start: int
    end: int
    service: str
    operation: str
    options: tuple[Option, ...]

    @property
    def title(self) -> str:
        """Return the call as people name it."""
        return f"aws {self.service} {self.operation}"

    @property
    def makes_credentials(self) -> bool:
        """Return whether the call answers with temporary credentials."""
        return self.service == "sts" and self.operation in _MAKES_CREDENTIALS

    @property
    def exchanges(self) -> bool:
        """Return whether the call hands in an ID token."""
        return self.service == "sts" and self.operation == EXCHANGE

    def option(self, name: str) -> Option | None:
        """Return an option; of several, the last counts."""
        return next((one for one in reversed(self.options) if one.name == name), None)

    def value(self, name: str) -> Word | None:
        """Return the value of an option."""
        found = self.option(name)
        return None if found is None else found.value


def invocations(commands: Iterable[Command]) -> tuple[Invocation, ...]:
    """Return the calls of ``aws`` among commands."""
    return tuple(call for command in commands if (call := _call(command)) is not None)


def _call(command: Command) -> Invocation | None:
    words = list(command.words)
    if command.name in _WRAPPERS:
        words = words[1:]
        while words and _is_setting(words[0]):
            words = words[1:]
    if not words or (words[0].literal or "").rpartition("/")[2] != "aws":
        return None
    options: list[Option] = []
    positional: list[str] = []
    end = words[0].end
    rest = iter(words[1:])
    for word in rest:
        option, takes = _option(word)
        if option is None:
            positional.append(word.literal or "")
            end = word.end if len(positional) <= len(("service", "operation")) else end
            continue
        following = next(rest, None) if takes else None
        while following is not None and _option(following)[0] is not None:
            options.append(option)  # a value that begins like an option is none
            option, takes = _split(following)
            following = next(rest, None) if takes else None
        options.append(option if following is None else _with(option, following))
    service, operation = (*positional, "", "")[:2]
    return Invocation(command, words[0].start, end, service, operation, tuple(options))


def _is_setting(word: Word) -> bool:
    first = word.parts[0] if word.parts else None
    return isinstance(first, Text) and "=" in first.text


def _with(option: Option, value: Word) -> Option:
    return Option(option.name, option.flag, value)


def _option(word: Word) -> tuple[Option | None, bool]:
    """Return the option that a word is, and whether the next word is its value."""
    first = word.parts[0] if word.parts else None
    if not isinstance(first, Text) or not first.text.startswith("--"):
        return None, False
    return _split(word)


def _split(word: Word) -> tuple[Option, bool]:
    first = word.parts[0]
    text = first.text if isinstance(first, Text) else ""
    name, equals, rest = text.partition("=")
    if not equals:
        return Option(name, word, None), name not in _FLAGS
    start = word.start + len(name) + 1
    kept = (Text(start, first.end, rest, quoted=False), *word.parts[1:])
    return Option(name, word, Word(start, word.end, kept)), False


def credential_calls(calls: Iterable[Invocation]) -> Iterator[Invocation]:
    """Yield the calls that answer with temporary credentials."""
    return (call for call in calls if call.makes_credentials)
