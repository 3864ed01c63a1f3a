"""``.valetkey-lint.toml``: what a project tells of its world, and findings it has answered for.

::

    variables = ["ROLE_ARN"]             # CI variables set in the project's settings

    [[provider]]                         # a provider as it is registered
    url = "https://gitlab.example"
    client_ids = ["https://aws.example"]

    [[ignore]]                           # for JSON, which has no comments
    code = "TRUST003"
    file = "policies/*.json"
    statement = 2                        # or sid = "…"; of every policy in the file; or neither
    reason = "that group is closed to everybody else"
"""

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from valetkey.diagnostics import Diagnostic, Label, Severity, Source, Span, did_you_mean
from valetkey.errors import ValetkeyError
from valetkey.gitlabci import glob_matches
from valetkey.lint.codes import nearest
from valetkey.lint.embedded import Checked
from valetkey.lint.model import NO_FACTS, Facts, Finding, Provider
from valetkey.lint.silence import unknown_code
from valetkey.settings.positions import Entry, entries

NAME: Final = ".valetkey-lint.toml"
_TOP: Final = ("ignore", "provider", "variables")
_IGNORE: Final[Mapping[str, type]] = {
    "code": str,
    "file": str,
    "reason": str,
    "sid": str,
    "statement": int,
}
_PROVIDER: Final[Mapping[str, type]] = {"url": str, "client_ids": list}
_NEEDED: Final = {"ignore": ("code", "file", "reason"), "provider": ("url",)}
_PLACE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class MalformedLintConfig(ValetkeyError):
    """The file can't be used: unknown names, wrong values, or no TOML at all."""

    code = "lint-config"


@dataclass(frozen=True, slots=True)
class Answer:
    """An ``[[ignore]]``: a code in some files, at a statement where one is named."""

    code: str
    file: str
    reason: str
    span: Span
    sid: str | None = None
    statement: int | None = None

    def covers(self, checked: Checked, path: str) -> bool:
        """Tell whether a finding in a file (its path from the config's folder) is meant."""
        return (
            checked.finding.code == self.code
            and glob_matches(self.file, path)
            and self.sid in {None, checked.sid}
            and self.statement in {None, checked.statement}
        )


@dataclass(frozen=True, slots=True)
class LintConfig:
    """The file, read."""

    facts: Facts = NO_FACTS
    answers: tuple[Answer, ...] = ()


@dataclass(slots=True)
class Answered:
    """Which answers silenced something, over all files of a run."""

    seen: set[Answer] = field(default_factory=set)
    used: set[Answer] = field(default_factory=set)

    def kept(
        self,
        config: LintConfig,
        found: Iterable[Checked],
        name: str,
        path_of: Callable[[str], str] = str,
    ) -> tuple[Checked, ...]:
        """Return the findings of a file that nobody has answered for.

        ``name`` is the file's; what it includes has a name of its own. ``path_of`` makes of a
        name the path from the config's folder, which ``file`` is compared with.
        """
        path = path_of(name)
        self.seen |= {each for each in config.answers if glob_matches(each.file, path)}
        kept = []
        for checked in found:
            labels = checked.finding.diagnostic.labels
            where = path_of(labels[0].span.source.name) if labels else path
            hits = {each for each in config.answers if each.covers(checked, where)}
            self.used |= hits
            if not hits:
                kept.append(checked)
        return tuple(kept)

    def findings(self, known: Collection[str], ran: Collection[str]) -> Iterator[Finding]:
        """Yield answers that silence nothing in the files that were looked at."""
        for each in sorted(self.seen - self.used, key=lambda one: one.span.start):
            if each.code not in known:
                yield Finding(unknown_code(each.code, each.span, nearest(each.code, known)))
            elif each.code in ran:
                message = f"there is no `{each.code}` in `{each.file}` to silence"
                label = (Label(each.span),)
                yield Finding(Diagnostic("lint-ignore-unused", message, Severity.NOTE, label))


def read_config(source: Source) -> LintConfig:
    """Read the file. Raises :class:`MalformedLintConfig` with a finding for every fault."""
    try:
        table = tomllib.loads(source.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _malformed([_syntax(source, str(error))]) from None
    reader = _Reader(source)
    config = reader.read(table)
    if reader.faults:
        raise _malformed(reader.faults)
    return config


class _Reader:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._entries = list(entries(source))
        self.faults: list[Diagnostic] = []

    def read(self, table: dict[str, Any]) -> LintConfig:
        for name in table:
            if name not in _TOP:
                self._fault(
                    f"there is no setting `{name}`", self._place((name,)), _near(name, _TOP)
                )
        variables = table.get("variables", [])
        if not _is_texts(variables):
            self._fault("`variables` is a list of texts", self._place(("variables",)))
            variables = []
        providers = [
            Provider(one["url"], tuple(one.get("client_ids", ())))
            for one, _ in self._tables(table, "provider", _PROVIDER)
        ]
        answers = [
            Answer(
                one["code"], one["file"], one["reason"], span, one.get("sid"), one.get("statement")
            )
            for one, span in self._tables(table, "ignore", _IGNORE)
        ]
        return LintConfig(Facts(tuple(providers), frozenset(variables)), tuple(answers))

    def _tables(
        self, table: dict[str, Any], name: str, members: Mapping[str, type]
    ) -> Iterator[tuple[dict[str, Any], Span]]:
        given = table.get(name, [])
        if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
            self._fault(f"write it as `[[{name}]]`", self._place((name,)))
            return
        headers = [each for each in self._entries if each.path == (name,)]
        for index, one in enumerate(given):
            span = headers[min(index, len(headers) - 1)].key if headers else self._place((name,))
            if self._is_right(name, one, members, span):
                yield one, span

    def _is_right(
        self, name: str, one: dict[str, Any], members: Mapping[str, type], span: Span
    ) -> bool:
        before = len(self.faults)
        for member, value in one.items():
            wanted = members.get(member)
            if wanted is None:
                self._fault(f"`{name}` has no `{member}`", span, _near(member, members))
            elif type(value) is not wanted or (wanted is list and not _is_texts(value)):
                words = {str: "a text", int: "a number", list: "a list of texts"}
                self._fault(f"`{member}` of `{name}` is {words[wanted]}", span)
        for needed in _NEEDED[name]:
            if not str(one.get(needed, "")).strip():
                self._fault(f"`{name}` needs a `{needed}`", span)
        return len(self.faults) == before

    def _place(self, path: tuple[str, ...]) -> Span:
        found: Iterable[Entry] = (e for e in self._entries if e.path[: len(path)] == path)
        return next((each.key for each in found), self._source.span(0, 1))

    def _fault(self, message: str, span: Span, help: str | None = None) -> None:
        advice = (help,) if help else ()
        self.faults.append(Diagnostic("lint-config", message, labels=(Label(span),), help=advice))


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _near(name: str, known: Iterable[str]) -> str:
    known = tuple(known)
    near = did_you_mean(name, known)
    return f"did you mean `{near}`?" if near else f"there are {', '.join(f'`{k}`' for k in known)}"


def _syntax(source: Source, message: str) -> Diagnostic:
    place = _PLACE.search(message)
    at = len(source.text)
    if place and place[1]:
        lines = source.text.split("\n")[: int(place[1]) - 1]
        at = min(at, sum(len(line) + 1 for line in lines) + int(place[2]) - 1)
    words = _PLACE.sub("", message)
    label = Label(source.span(at, min(at + 1, len(source.text))))
    return Diagnostic("lint-config", f"no TOML: {words[:1].lower()}{words[1:]}", labels=(label,))


def _malformed(faults: list[Diagnostic]) -> MalformedLintConfig:
    return MalformedLintConfig(faults[0].message, diagnostics=faults)
