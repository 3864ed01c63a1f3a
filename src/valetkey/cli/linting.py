"""A run of lint: files read, looked at, mended where asked, and the report of it."""

import difflib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TextIO

import click

from valetkey import __version__
from valetkey.cli.lint_choice import Codes
from valetkey.cli.lint_files import Target, read, targets, text_of, write
from valetkey.cli.options import colored, read_text, show
from valetkey.diagnostics import Source
from valetkey.gitlabci import Includes
from valetkey.lint.config import NAME, Answered, LintConfig, read_config
from valetkey.lint.fix import Fixed, fixed
from valetkey.lint.model import Facts, Finding
from valetkey.lint.reports import Report, as_codequality, as_json, as_sarif, as_text
from valetkey.lint.silence import silenced
from valetkey.lint.text import Asking, lint_text
from valetkey.policy import PolicyType
from valetkey.runner import local_includes


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for."""

    kind: str | None
    stdin_name: str | None
    codes: Codes
    fix: bool
    diff: bool
    form: str
    config: Path | None
    facts: Facts


@dataclass(slots=True)
class Run:
    """A run over files; findings are kept once each, in the order of the files."""

    options: Options
    _answered: dict[str, Answered] = field(default_factory=dict)
    _found: dict[tuple[object, ...], Finding] = field(default_factory=dict)
    _files: int = 0
    _silenced: int = 0
    _mended: str | None = None

    def over(self, paths: tuple[str, ...], stdin: TextIO) -> Report:
        """Look at every file of the arguments. Raises ``click.UsageError``."""
        for target in targets(paths, self.options.stdin_name):
            self._one(target, stdin)
        codes = self.options.codes
        for place, answered in self._answered.items():
            config = _config(place)
            if config is not None:
                self._keep(answered.findings(codes.known, codes.ran))
        return Report(tuple(self._found.values()), self._files, self._silenced, __version__)

    def write(self, report: Report, output: Path | None) -> None:
        """Write the report to a file or standard output."""
        match self.options.form:
            case "json":
                text = _dumped(as_json(report))
            case "sarif":
                text = _dumped(as_sarif(report))
            case "gitlab":
                text = _dumped(as_codequality(report))
            case _:
                color = output is None and colored(sys.stdout)
                text = as_text(report, color=color).rstrip("\n")
        if output is not None:
            output.write_text(f"{text}\n", encoding="utf-8")
        else:
            show(text, err=self._mended is not None)
        if self._mended is not None:
            click.echo(self._mended, nl=False)

    def _one(self, target: Target, stdin: TextIO) -> None:
        data = stdin.buffer.read() if target.path is None else None
        source = text_of(target, data) if data is not None else read(target)
        if source is None:
            return
        if not isinstance(source, Source):
            self._files += 1
            self._keep([Finding(source)])
            return
        asking = self._asking(target)
        if self.options.fix or self.options.diff:
            source = self._mend(target, source, asking)
        found = self._examine(target, source, asking, self._answered_of(target))
        if found is not None:
            self._files += 1
            self._keep(found)

    def _asking(self, target: Target) -> Asking:
        kind = self.options.kind
        config = _config(self._place(target)) or LintConfig()
        own = self.options.facts
        facts = Facts(
            (*own.providers, *config.facts.providers), own.variables | config.facts.variables
        )
        return Asking(
            facts,
            self.options.codes.rules,
            PolicyType(kind) if kind in set(PolicyType) else kind,
            _includes(target),
            target.named,
        )

    def _examine(
        self, target: Target, source: Source, asking: Asking, answered: Answered
    ) -> tuple[Finding, ...] | None:
        found = lint_text(source, asking)
        if found is None:
            return None
        codes = self.options.codes
        chosen = [each for each in found if codes.wants(each.finding.code)]
        left = silenced(source, chosen, codes.known, codes.ran)
        kept = left.kept
        place = self._place(target)
        config = _config(place)
        if config is not None and place:
            path = os.path.relpath(target.path or target.name, Path(place).parent)
            kept = answered.kept(config, kept, Path(path).as_posix())
        self._silenced += left.count + len(left.kept) - len(kept)
        return tuple(each.finding for each in kept if codes.wants(each.finding.code))

    def _mend(self, target: Target, source: Source, asking: Asking) -> Source:
        before = self._silenced

        def lint(text: Source) -> tuple[Finding, ...]:
            return self._examine(target, text, asking, Answered()) or ()

        mended = fixed(source, lint)
        self._silenced = before
        if target.path is None and self.options.fix and not self.options.diff:
            self._mended = mended.text
        if mended.text == source.text:
            return source
        self._tell(source, mended)
        if not self.options.diff and target.path is not None:
            write(target.path, mended.text)
        return Source(source.name, mended.text)

    def _tell(self, source: Source, mended: Fixed) -> None:
        err = self.options.form != "text" or self._mended is not None
        if self.options.diff:
            lines = difflib.unified_diff(
                source.text.splitlines(keepends=True),
                mended.text.splitlines(keepends=True),
                f"a/{source.name}",
                f"b/{source.name}",
            )
            show("".join(_ended(line) for line in lines).rstrip("\n"), err=err)
            return
        for finding in mended.findings:
            place = finding.diagnostic.labels[0].span
            show(f"fixed {finding.code} at {place}: {finding.diagnostic.message}", err=err)

    def _keep(self, findings: Iterator[Finding] | tuple[Finding, ...] | list[Finding]) -> None:
        """Keep findings; a file that is included is looked at more than once."""
        for finding in findings:
            labels = finding.diagnostic.labels
            span = labels[0].span if labels else None
            place = (span.source.name, span.start, span.end) if span else ()
            self._found.setdefault((finding.code, finding.diagnostic.message, *place), finding)

    def _place(self, target: Target) -> str:
        if self.options.config is not None:
            return str(self.options.config)
        path = target.path or Path(target.name)
        return _config_file(str(path.absolute().parent))

    def _answered_of(self, target: Target) -> Answered:
        return self._answered.setdefault(self._place(target), Answered())


@cache
def _config_file(folder: str) -> str:
    """Return the project's file for a folder: in it, or in one above within the repository."""
    here = Path(folder)
    for each in (here, *here.parents):
        if (each / NAME).is_file():
            return os.path.relpath(each / NAME)
        if (each / ".git").exists():
            break
    return ""


@cache
def _config(place: str) -> LintConfig | None:
    if not place:
        return None
    return read_config(Source(place, read_text(Path(place))))


def _includes(target: Target) -> Includes | None:
    """Return what gives the project's files to a CI file; none to a text from elsewhere."""
    if target.path is None:
        return None
    here = target.path.absolute().parent
    root = next((each for each in (here, *here.parents) if (each / ".git").exists()), here)
    inner = local_includes(root)

    def find(path: str) -> Source | tuple[Source, ...] | None:
        found = inner(path)
        if found is None or isinstance(found, Source):
            return found and _renamed(found, root, target)
        return tuple(_renamed(each, root, target) for each in found)

    return find


def _renamed(source: Source, root: Path, target: Target) -> Source:
    """Return a file of the project under the name that it has from here."""
    path = root / source.name
    absolute = Path(target.name).is_absolute()
    return Source(str(path) if absolute else os.path.relpath(path), source.text)


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _dumped(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
