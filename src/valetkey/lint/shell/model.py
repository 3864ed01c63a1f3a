"""The words of a shell script: command, word, expansion, and what a command stands in."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a command stands in, as far as it matters for its exit code and its effects."""

    ARGUMENT = "argument"
    """Substituted among the words of another command."""
    DECLARED = "declared"
    """Substituted in an assignment that is an argument of ``export`` and kin."""
    PREFIX = "prefix"
    """Substituted in an assignment before a command."""
    STORED = "stored"
    """The last substitution of a plain assignment, which takes over its exit code."""
    OVERSHADOWED = "overshadowed"
    """An earlier substitution of a plain assignment."""
    INPUT = "input"
    """Substituted in a heredoc, a here string or the target of a redirect."""
    PROCESS = "process"
    """In a process substitution."""
    WORDS = "words"
    """Substituted in the words of a ``for`` loop or of ``case``."""
    EARLIER = "earlier"
    """Not the last of the statements that it stands among."""
    PIPED = "piped"
    """In a pipeline and not its last command; its output goes to the next."""
    PIPE_END = "pipe end"
    """The last command of a pipeline: in bash, a shell of its own."""
    GUARDED = "guarded"
    """Left of ``||``; the name is that of the simple command at the right, if it is one."""
    CHAINED = "chained"
    """Left of ``&&``."""
    NEGATED = "negated"
    TESTED = "tested"
    """In the condition of ``if``, ``while`` or ``until``."""
    BACKGROUND = "background"
    SUBSHELL = "subshell"
    GROUP = "group"
    """In braces."""
    BRANCH = "branch"
    """In a part that may not run, or may run many times."""
    FUNCTION = "function"
    OUTPUT = "output"
    """In a compound command whose standard output goes elsewhere."""


SUBSTITUTED = frozenset({
    Kind.ARGUMENT, Kind.DECLARED, Kind.PREFIX, Kind.STORED, Kind.OVERSHADOWED, Kind.INPUT,
    Kind.PROCESS, Kind.WORDS,
})  # fmt: skip
"""In a shell of its own, whose output is put in elsewhere."""


class Step(NamedTuple):
    """One of the things that a command stands in, with the stretch of the outer command."""

    kind: Kind
    start: int
    end: int
    name: str = ""


class Text(NamedTuple):
    """Characters of a word that stand for themselves, quotes and backslashes taken off."""

    start: int
    end: int
    text: str
    quoted: bool


class Expansion(NamedTuple):
    """The value of a variable in a word: ``$NAME`` or ``${NAME…}``.

    ``operator`` is what follows the name in braces, such as ``:-default``; empty for the plain
    value. ``index`` is the one of an array, as written.
    """

    start: int
    end: int
    name: str
    quoted: bool
    operator: str = ""


class Substitution(NamedTuple):
    """The output of commands in a word."""

    start: int
    end: int
    quoted: bool


class Unknown(NamedTuple):
    """A part of a word that is not looked into: arithmetic, braces, patterns."""

    start: int
    end: int


Part = Text | Expansion | Substitution | Unknown


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a command."""

    start: int
    end: int
    parts: tuple[Part, ...]

    @property
    def literal(self) -> str | None:
        """Return the word as the command gets it, where it is known."""
        if all(isinstance(part, Text) for part in self.parts):
            return "".join(part.text for part in self.parts if isinstance(part, Text))
        return None

    @property
    def expansions(self) -> tuple[Expansion, ...]:
        """Return the variables whose values are put into the word."""
        return tuple(part for part in self.parts if isinstance(part, Expansion))

    @property
    def sole(self) -> Expansion | None:
        """Return the variable that is all of the word."""
        parts = [part for part in self.parts if not isinstance(part, Text) or part.text]
        only = parts[0] if len(parts) == 1 else None
        return only if isinstance(only, Expansion) else None


EMPTY = Word(0, 0, ())


@dataclass(frozen=True, slots=True)
class Assignment:
    """``NAME=value``, alone, before a command or after ``export`` and kin."""

    start: int
    end: int
    name: str
    value: Word


@dataclass(frozen=True, slots=True)
class Redirect:
    """``2>> file``; ``target`` is the text itself for ``<<``."""

    start: int
    end: int
    descriptor: int | None
    operator: str
    target: Word

    @property
    def takes_output(self) -> bool:
        """Return whether standard output goes to a file by this."""
        return self.operator in {">", ">>", ">|", "&>", "&>>"} and self.descriptor in {None, 1}


@dataclass(frozen=True, slots=True)
class Command:
    """A simple command, or a plain assignment (then ``words`` is empty).

    ``within`` tells what it stands in, outermost first. ``declares`` are the assignments after
    ``export``, ``local`` and kin; ``assigns`` those before the command.
    """

    start: int
    end: int
    within: tuple[Step, ...]
    words: tuple[Word, ...] = ()
    assigns: tuple[Assignment, ...] = ()
    declares: tuple[Assignment, ...] = ()
    redirects: tuple[Redirect, ...] = ()

    @property
    def name(self) -> str:
        """Return the command's name without its folder; empty where it is not known."""
        literal = self.words[0].literal if self.words else None
        return (literal or "").rpartition("/")[2]

    @property
    def arguments(self) -> tuple[Word, ...]:
        """Return the words after the name."""
        return self.words[1:]

    @property
    def assignments(self) -> tuple[Assignment, ...]:
        """Return every assignment of the command."""
        return (*self.assigns, *self.declares)

    def stands_in(self, *kinds: Kind) -> bool:
        """Return whether any of the things that the command stands in is of these kinds."""
        return any(step.kind in kinds for step in self.within)


@dataclass(frozen=True, slots=True)
class Script:
    """The simple commands of a script, in the order of the text; also those in substitutions.

    ``expansions`` are all of them, wherever they stand. ``understood`` is false where a part of
    the script could not be read; then there is nothing in it.
    """

    commands: tuple[Command, ...] = ()
    expansions: tuple[Expansion, ...] = ()
    functions: frozenset[str] = frozenset()
    loops: frozenset[str] = frozenset()
    """Variables of ``for`` loops."""
    understood: bool = True
