"""A run of lint: files read, looked at, mended where asked, and the report of it."""

import difflib
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TextIO

import click

from valetkey import __version__
from valetkey.cli.lint_choice import Codes
from valetkey.cli.lint_files import Target, read, targets, text_of, write
from valetkey.cli.lint_project import config_file, config_of, includes_of, path_from
from valetkey.cli.options import colored, show
from valetkey.diagnostics import Source
from valetkey.lint.config import Answered, LintConfig
from valetkey.lint.embedded import Checked
from valetkey.lint.fix import Fixed, fixed, is_refusal
from valetkey.lint.model import Facts, Finding
from valetkey.lint.reports import Report, as_codequality, as_json, as_sarif, as_text
from valetkey.lint.silence import Used, silenced
from valetkey.lint.text import Asking, lint_text
from valetkey.policy import PolicyType

_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")


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
    _used: set[tuple[str, int]] = field(default_factory=set)
    _text: bytes | None = None
    """What standard input becomes, where that is asked for."""

    def over(self, paths: tuple[str, ...], stdin: TextIO) -> Report:
        """Look at every file of the arguments. Raises ``click.UsageError``."""
        for target in targets(paths, self.options.stdin_name):
            if isinstance(target, Target):
                self._one(target, stdin)
            else:
                self._keep([Finding(target, stops=True)])
        codes = self.options.codes
        for place, answered in self._answered.items():
            config = config_of(place)
            if config is not None:
                self._keep(answered.findings(codes.known, codes.ran))
        found = tuple(each for each in self._found.values() if not self._is_busy(each))
        return Report(found, self._files, self._silenced, __version__)

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
            # a file's name may hold bytes that are no UTF-8
            output.write_text(f"{text}\n", encoding="utf-8", errors="surrogateescape")
        else:
            show(text, err=self._text is not None)
        if self._text is not None:
            click.echo(self._text, nl=False)

    def _one(self, target: Target, stdin: TextIO) -> None:
        data = stdin.buffer.read() if target.path is None else None
        if self.options.fix and not self.options.diff:
            self._text = self._text if data is None else data
        source = text_of(target, data) if data is not None else read(target)
        if source is None:
            return
        if not isinstance(source, Source):
            self._files += 1
            self._keep([Finding(source, stops=True)])
            return
        asking = self._asking(target)
        if (self.options.fix or self.options.diff) and not target.foreign:
            source = self._mend(target, source, asking)
        found = self._examine(target, source, asking, self._answered_of(target))
        if found is not None:
            self._files += 1
            self._keep(found)

    def _asking(self, target: Target) -> Asking:
        kind = self.options.kind
        config = config_of(self._place(target)) or LintConfig()
        own = self.options.facts
        facts = Facts(
            (*own.providers, *config.facts.providers), own.variables | config.facts.variables
        )
        return Asking(
            facts,
            self.options.codes.rules,
            PolicyType(kind) if kind in set(PolicyType) else kind,
            includes_of(target),
            target.named,
        )

    def _examine(
        self, target: Target, source: Source, asking: Asking, answered: Answered
    ) -> tuple[Finding, ...] | None:
        found = lint_text(source, asking)
        if found is None:
            return None
        left, silent, used = self._unanswered(target, source, found, answered)
        self._silenced += silent
        self._used |= used
        return left

    def _unanswered(
        self, target: Target, source: Source, found: tuple[Checked, ...], answered: Answered
    ) -> tuple[tuple[Finding, ...], int, Used]:
        """Return the findings to be said, and how many were answered for, by which comments."""
        codes = self.options.codes
        chosen = [each for each in found if codes.wants(each.finding)]
        left = silenced(source, chosen, codes.known, codes.ran)
        kept = left.kept
        place = self._place(target)
        config = config_of(place)
        if config is not None and place:
            folder = Path(place).parent
            kept = answered.kept(config, kept, source.name, lambda name: path_from(name, folder))
        silent = left.count + len(left.kept) - len(kept)
        wanted = tuple(each.finding for each in kept if codes.wants(each.finding))
        return wanted, silent, left.used

    def _mend(self, target: Target, source: Source, asking: Asking) -> Source:
        def lint(text: Source) -> tuple[Finding, ...]:
            found = lint_text(text, asking)
            if found is None:
                return ()
            # What a text is refused for is held against an edit also where it is not to be said.
            refusals = (each.finding for each in found if is_refusal(each.finding.code))
            left, _, _ = self._unanswered(target, text, found, Answered())
            return (*refusals, *(each for each in left if not is_refusal(each.code)))

        mended = fixed(source, lint)
        if self._text is not None and target.path is None:
            self._text = mended.text.encode("utf-8")
        if mended.text == source.text:
            return source
        self._tell(source, mended)
        if not self.options.diff and target.path is not None:
            write(target.path, mended.text)
        return Source(source.name, mended.text)

    def _tell(self, source: Source, mended: Fixed) -> None:
        err = self.options.form != "text" or self._text is not None
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
            if not self.options.codes.wants(finding):
                continue
            labels = finding.diagnostic.labels
            span = labels[0].span if labels else None
            place = (span.source.name, span.start, span.end) if span else ()
            self._found.setdefault((finding.code, finding.diagnostic.message, *place), finding)

    def _is_busy(self, finding: Finding) -> bool:
        """Tell whether a comment that is idle in its own file answers for one that includes it."""
        if finding.code != "lint-ignore-unused" or not finding.diagnostic.labels:
            return False
        span = finding.diagnostic.labels[0].span
        return (span.source.name, span.start) in self._used

    def _place(self, target: Target) -> str:
        if self.options.config is not None:
            return str(self.options.config)
        path = target.path or Path(target.name)
        return config_file(str(path.absolute().parent))

    def _answered_of(self, target: Target) -> Answered:
        return self._answered.setdefault(self._place(target), Answered())


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _dumped(value: object) -> str:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    if _SURROGATE.search(text):  # of a file's name that is no UTF-8: JSON has escapes for them
        text = json.dumps(value, indent=2)
    return text
