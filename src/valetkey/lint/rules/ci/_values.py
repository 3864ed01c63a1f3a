"""What variables and words of a job hold, as far as the file tells."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from valetkey.diagnostics import Span
from valetkey.gitlabci import PREDEFINED, Job, Mapping, Variable, layout
from valetkey.gitlabci import Sequence as List
from valetkey.lint.model import CiSubject
from valetkey.lint.rules.ci._scripts import Same, Shell
from valetkey.lint.shell import Assignment, Expansion, Kind, Substitution, Text, Word

_REFERENCE = re.compile(r"\$\$|\$\{([A-Za-z_]\w*)\}|\$([A-Za-z_]\w*)", re.ASCII)
_MAX_DEPTH: Final = 5
_MAX_PIECES: Final = 100
_FROM_ELSEWHERE: Final = frozenset({".", "eval", "source"})
_BY_NAME: Final = frozenset({
    "declare", "export", "getopts", "let", "local", "mapfile", "printf", "read", "readarray",
    "readonly", "select", "typeset",
})  # fmt: skip
_SHELLS_OWN: Final = frozenset({
    "BASHPID", "HOME", "HOSTNAME", "IFS", "LANG", "LINENO", "LOGNAME", "OLDPWD", "PATH", "PPID",
    "PWD", "RANDOM", "SECONDS", "SHELL", "TERM", "TMPDIR", "UID", "USER",
})  # fmt: skip


class Piece(NamedTuple):
    """A part of a value: characters, or (``text`` is None) something that is not known.

    ``name`` is the variable that is not known, empty for what is no variable.
    """

    text: str | None
    name: str
    span: Span
    operator: str = ""


class Names:
    """The variables that a job's shell has, as far as the file and what is beside it tell."""

    def __init__(self, subject: CiSubject, shell: Shell) -> None:
        job = shell.job
        self._shell = shell
        self._assigned = assignments(shell)
        self.declared = frozenset(token.name for token in job.id_tokens)
        self._rules = (*(job.rules or ()), *(subject.file.workflow or ()))
        self._named = frozenset((*_named(shell), *secrets(job)))
        self.outside = subject.facts.variables
        self.open = not shell.script.understood or _open(subject, shell)
        """Whether variables may come from where this can't see."""

    def known(self, name: str) -> bool:
        """Return whether something sets a variable, for all that is known."""
        return (
            name in self._shell.job.variables
            or name in self.declared
            or name in self._named
            or name in self._assigned
            or self._set_elsewhere(name)
            or name in PREDEFINED
            or name in _SHELLS_OWN
            or name.startswith("CI_")
            or not (name[:1].isalpha() or name.startswith("_"))
        )

    def near(self) -> frozenset[str]:
        """Return the names that the file itself gives to variables of the job."""
        ruled = {name for rule in self._rules for name in rule.variables}
        return frozenset({*self._shell.job.variables, *self.declared, *self._assigned, *ruled})

    def anew(self, name: str) -> bool:
        """Return whether the file, or somebody outside it, gives a variable a value of its own."""
        return name in self.near() or name in self._named or name in self.outside

    def _set_elsewhere(self, name: str) -> bool:
        return name in self.outside or any(name in rule.variables for rule in self._rules)

    def pieces(self, word: Word) -> tuple[Piece, ...]:
        """Return what a word holds, with the variables put in that the file gives a value."""
        found = []
        for piece in self._word(word, 0):
            found.append(piece)
            if len(found) > _MAX_PIECES:
                return (Piece(None, "", self._shell.span(word.start, word.end)),)
        return tuple(found)

    def written(self, variable: Variable) -> tuple[Piece, ...]:
        """Return what a value of the file holds; it has its place in ``span``."""
        found: list[Piece] = []
        if variable.span is None:
            return ()
        for piece in self._written(variable.value, variable.span, variable.expand, 0):
            found.append(piece)
            if len(found) > _MAX_PIECES:
                return (Piece(None, "", variable.span),)
        return tuple(found)

    def _word(self, word: Word, depth: int) -> Iterator[Piece]:
        if not word.parts:
            yield Piece("", "", self._shell.span(word.start, word.end))
        for part in word.parts:
            place = self._shell.span(part.start, max(part.end, part.start + 1))
            match part:
                case Text(text=text):
                    yield Piece(text, "", place)
                case Expansion(name=name, operator=operator) if operator:
                    yield Piece(None, name, place, operator)
                case Expansion(name=name):
                    yield from self._variable(name, place, depth)
                case _:
                    yield Piece(None, "", place)

    def _variable(self, name: str, place: Span, depth: int) -> Iterator[Piece]:
        assigned = self._assigned.get(name, ())
        written = self._shell.job.variables.get(name)
        if depth < _MAX_DEPTH and not self._set_elsewhere(name):
            if len(assigned) == 1 and assigned[0] is not None and written is None:
                yield from self._word(assigned[0].value, depth + 1)
                return
            if not assigned and written is not None and written.span is not None:
                yield from self._written(written.value, written.span, written.expand, depth + 1)
                return
        yield Piece(None, name, place)

    def _written(self, value: str, span: Span, expands: bool, depth: int) -> Iterator[Piece]:
        """Yield what a variable of the file holds."""
        places = layout(span, value)
        at = 0
        for match in _REFERENCE.finditer(value) if expands else ():
            if match.start() > at:
                yield Piece(value[at : match.start()], "", span)
            place = span if places is None else Span(span.source, *places.range(*match.span()))
            at = match.end()
            if match[0] == "$$":
                yield Piece("$", "", place)
            else:
                yield from self._variable(match[1] or match[2], place, depth)
        if at < len(value) or not value:
            yield Piece(value[at:], "", span)


def assignments(shell: Shell) -> dict[str, tuple[Assignment | None, ...]]:
    """Return the assignments of each variable; None among them where one may not happen."""
    found: dict[str, tuple[Assignment | None, ...]] = {}
    for command in shell.script.commands:
        plain = all(step.kind in {Kind.EARLIER, Kind.GROUP} for step in command.within)
        scoped = command.words and command.assigns
        for each in command.assignments:
            name = each.name.removesuffix("+").partition("[")[0]
            sure = plain and not scoped and name == each.name
            found[name] = (*found.get(name, ())[-1:], each if sure else None)
    return found


def _named(shell: Shell) -> Iterator[str]:
    """Yield the variables that commands set by name: ``read A B``, ``for A in``."""
    yield from shell.script.loops
    for command in shell.script.commands:
        if command.name in _BY_NAME:
            for word in command.arguments:
                yield (word.literal or "").partition("=")[0]


def secrets(job: Job) -> Iterator[str]:
    """Yield the variables that the runner fills in from a secret store."""
    node = job.keywords.get("secrets") if job.keywords is not None else None
    if isinstance(node, Mapping):
        yield from (entry.name for entry in node)


def _open(subject: CiSubject, shell: Shell) -> bool:
    """Return whether variables come from files, other jobs or matrices."""
    keywords = shell.job.keywords
    if keywords is not None and any(keywords.get(key) for key in ("parallel", "inputs", "hooks")):
        return True
    if _hands_on_variables(Same(subject.file)):
        return True
    return any(
        command.name in _FROM_ELSEWHERE or _exports_output(command.words)
        for command in shell.script.commands
    )


def _exports_output(words: tuple[Word, ...]) -> bool:
    """Return whether the names that are exported are those that another command prints."""
    name = words[0].literal if words else None
    return name in {"declare", "export", "local", "readonly", "typeset"} and any(
        not isinstance(part, Text) for word in words[1:] for part in word.parts[:1]
    )


@lru_cache(maxsize=4)
def _hands_on_variables(same: Same) -> bool:
    return any(any(report_paths(job, "dotenv")) for job in same.file.jobs.values())


def report_paths(job: Job, kind: str) -> Iterator[str]:
    """Yield the files of one kind of ``artifacts:reports``."""
    artifacts = job.keywords.get("artifacts") if job.keywords is not None else None
    reports = artifacts.get("reports") if isinstance(artifacts, Mapping) else None
    node = reports.get(kind) if isinstance(reports, Mapping) else None
    items = node.items if isinstance(node, List) else (node,)
    for item in items:
        value = getattr(item, "value", None)
        if isinstance(value, str):
            yield value


def whole(pieces: tuple[Piece, ...]) -> str | None:
    """Return a value where all of it is known."""
    if any(piece.text is None for piece in pieces):
        return None
    return "".join(piece.text or "" for piece in pieces)


def holds(word: Word, names: frozenset[str]) -> bool:
    """Return whether the value of one of some variables is all or a part of a word."""
    return any(expansion.name in names and not expansion.operator.startswith("+")
               for expansion in word.expansions)  # fmt: skip


def substituted(word: Word) -> bool:
    """Return whether a word holds the output of commands."""
    return any(isinstance(part, Substitution) for part in word.parts)
