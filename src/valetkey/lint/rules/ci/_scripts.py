"""The scripts of a CI file as shells read them, with the places of their words in the file.

GitLab runs ``before_script`` and ``script`` of a job line by line in one shell, and
``after_script`` in another.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import accumulate
from typing import Final

from valetkey.diagnostics import Source, Span
from valetkey.gitlabci import CiFile, Job, Layout, layout
from valetkey.gitlabci import Command as Entry
from valetkey.lint.model import CiSubject, Edit, Finding
from valetkey.lint.rules.ci._aws import Invocation, invocations
from valetkey.lint.shell import Command, Script, Settings, read, settings

_MOST_READ: Final = 250_000
"""Characters of different scripts that are read for one file; the rest is not looked at."""
_MOST_NOT_UNDERSTOOD: Final = 50_000
"""Characters of scripts that are no shell's, after which no more are tried: they cost most."""
_MOST_SEEN: Final = 1_000_000
"""Characters of all its jobs' scripts, those of shared ones counted for each job."""


@dataclass(frozen=True, slots=True, eq=False)
class Shell:
    """One shell of a job. ``after`` is that of ``after_script``."""

    job: Job
    text: str
    entries: tuple[Entry, ...]
    after: bool
    script: Script
    settings: tuple[Settings, ...]
    aws: tuple[Invocation, ...]
    _starts: tuple[int, ...] = field(repr=False)

    def span(self, start: int, end: int) -> Span:
        """Return the place of a stretch of the script in the file."""
        at = bisect_right(self._starts, start) - 1
        entry, first = self.entries[at], self._starts[at]
        found = _layout(entry.span, entry.text)
        last = min(end - first, len(entry.text.rstrip()))
        if found is None or last <= start - first:
            return entry.span
        return Span(entry.span.source, *found.range(start - first, last))

    def settled(self) -> Iterator[tuple[Command, Settings]]:
        """Yield each command with the settings that it begins with."""
        yield from zip(self.script.commands, self.settings, strict=True)

    def settings_of(self, command: Command) -> Settings:
        """Return the settings that a command of the script begins with."""
        at = bisect_left(self.script.commands, command.start, key=lambda one: one.start)
        return self.settings[at]

    def quotes_freely(self, start: int) -> bool:
        """Return whether a double quote may be put into the script at a place as it is."""
        entry = self.entries[bisect_right(self._starts, start) - 1]
        found = _layout(entry.span, entry.text)
        return found is not None and found.style != '"'


@lru_cache(maxsize=512)
def _layout(span: Span, text: str) -> Layout | None:
    return layout(span, text)


class Same:
    """A file, the same only as itself: comparing whole files would cost more than reading them."""

    def __init__(self, file: CiFile) -> None:
        self.file = file

    def __hash__(self) -> int:
        return id(self.file)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.file is self.file


def shells(subject: CiSubject) -> tuple[Shell, ...]:
    """Return the shells of every job, the main one of each and that of its ``after_script``."""
    return _shells(Same(subject.file))


def main_shells(subject: CiSubject) -> Iterator[Shell]:
    """Yield the shell of ``before_script`` and ``script`` of every job."""
    return (shell for shell in shells(subject) if not shell.after)


@lru_cache(maxsize=4)
def _shells(same: Same) -> tuple[Shell, ...]:
    found = []
    texts: set[str] = set()
    seen = different = odd = 0
    for job in same.file.jobs.values():
        for after, entries in ((False, job.before_script + job.script), (True, job.after_script)):
            text = "\n".join(entry.text for entry in entries)
            seen += len(text)
            different += 0 if text in texts else len(text)
            texts.add(text)
            if max(seen - _MOST_SEEN, different - _MOST_READ, odd - _MOST_NOT_UNDERSTOOD) <= 0:
                found.append(_shell(job, entries, text, after=after))
                odd += 0 if found[-1].script.understood else len(text)
            else:
                found.append(Shell(job, text, entries, after, Script(understood=False), (), (), ()))
    return tuple(found)


def _shell(job: Job, entries: tuple[Entry, ...], text: str, *, after: bool) -> Shell:
    script = read(text)
    starts = (0, *accumulate(len(entry.text) + 1 for entry in entries))
    calls = invocations(script.commands)
    return Shell(job, text, entries, after, script, settings(script), calls, starts[: len(entries)])


def once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield findings, each once: what several jobs share is found in each of them."""
    seen = set()
    for finding in findings:
        key = _key(finding)
        if key not in seen:
            seen.add(key)
            yield finding


def _key(finding: Finding) -> tuple[object, ...]:
    labels = finding.diagnostic.labels
    places = tuple((one.span.source.name, one.span.start, one.span.end) for one in labels)
    return finding.diagnostic.message, places


def unanimous(subject: CiSubject, found: Iterable[tuple[Shell, Finding]]) -> Iterator[Finding]:
    """Yield findings, each once; their edits stay where every shell with that script agrees."""
    said: dict[tuple[object, ...], tuple[Finding, set[Shell]]] = {}
    for shell, finding in found:
        _, by = said.setdefault((*_key(finding), finding.edits), (finding, set()))
        by.add(shell)
    yield from once(
        finding
        if not finding.edits or by >= users(subject, finding.diagnostic.labels[0].span)
        else replace(finding, edits=())
        for finding, by in said.values()
    )


def users(subject: CiSubject, span: Span) -> frozenset[Shell]:
    """Return the shells that have the script entry which a place lies in."""
    index = _users(Same(subject.file))
    at = bisect_right(index, (span.source.name, span.start), key=lambda one: one[0]) - 1
    return index[at][1] if at >= 0 else frozenset()


@lru_cache(maxsize=4)
def _users(same: Same) -> tuple[tuple[tuple[str, int], frozenset[Shell]], ...]:
    found: dict[tuple[str, int], set[Shell]] = {}
    for shell in _shells(same):
        for entry in shell.entries:
            found.setdefault((entry.span.source.name, entry.span.start), set()).add(shell)
    return tuple((place, frozenset(found[place])) for place in sorted(found))


def edit(source: Source, span: Span, was: str, text: str) -> tuple[Edit, ...]:
    """Return the edit that replaces ``was``, if it stands so in the file that is looked at.

    A place that is known only as that of the whole entry has other characters: no edit.
    """
    exact = span.source is source and span.text == was
    return (Edit(span.start, span.end, text),) if exact else ()
