"""``valetkey:ignore CODE[,CODE] reason``: findings that somebody has looked at and answered for."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from valetkey.diagnostics import Diagnostic, Label, Severity, Source, Span
from valetkey.lint.codes import nearest
from valetkey.lint.comments import Comment, comments
from valetkey.lint.embedded import Checked
from valetkey.lint.model import Finding

MARK: Final = "valetkey:ignore"
_COMMENT: Final = re.compile(
    r"(?:^|(?<=\s))(?:#|//|/\*)[ \t]*(?P<all>valetkey:ignore\b[^\n]*)", re.MULTILINE
)
_CODES: Final = re.compile(
    r"[\s:]*(?P<codes>[A-Za-z][\w-]*(?:[ \t]*,[ \t]*[A-Za-z][\w-]*)*)(?P<reason>.*)"
)
_WORD: Final = re.compile(r"[A-Za-z][\w-]*")

Used = frozenset[tuple[str, int]]
"""Answers that silenced something: a file's name, and where in it the code stands."""


@dataclass(frozen=True, slots=True)
class Ignore:
    """A comment that silences codes on some lines."""

    codes: tuple[tuple[str, Span], ...]
    reason: str
    lines: range
    span: Span


@dataclass(frozen=True, slots=True)
class Silenced:
    """What is left to say, how many findings were answered for, and by which answers."""

    kept: tuple[Checked, ...]
    count: int
    used: Used = frozenset()


def ignores(source: Source) -> Iterator[Ignore]:
    """Yield the comments of a text in order.

    One beside other text is about its own lines; one alone is about the next line that is no
    comment.
    """
    if MARK not in source.text:
        return
    all_of_them = list(comments(source))
    ends = _ends(source, all_of_them)
    for comment in all_of_them:
        found = _COMMENT.search(source.text, comment.start, comment.end)
        if found:
            first = source.position(found.start()).line
            last = source.position(comment.end).line
            lines = range(first, (ends[last] if comment.alone else last) + 1)
            yield _ignore(source, found, lines)


def _ends(source: Source, found: Iterable[Comment]) -> dict[int, int]:
    """Return for each line that a comment ends on alone the next line that is no comment."""
    firsts = {
        source.position(each.start).line: source.position(each.end).line
        for each in found
        if each.alone
    }
    ends: dict[int, int] = {}
    for last in reversed(firsts.values()):
        following = last + 1
        ends[last] = ends[firsts[following]] if following in firsts else following
    return ends


def _ignore(source: Source, found: re.Match[str], lines: range) -> Ignore:
    start = found.start("all")
    text = found["all"].rstrip().removesuffix("*/").rstrip()
    match = _CODES.match(text, len(MARK))
    codes: list[tuple[str, Span]] = []
    reason = ""
    if match:
        codes = [
            (word[0], source.span(start + word.start(), start + word.end()))
            for word in _WORD.finditer(text, match.start("codes"), match.end("codes"))
        ]
        reason = match["reason"].strip(" \t:-\u2013\u2014")
    return Ignore(tuple(codes), reason, lines, source.span(start, start + len(text)))


def silenced(
    source: Source, found: Iterable[Checked], known: Collection[str], ran: Collection[str]
) -> Silenced:
    """Return findings without those that the comments beside them answer for.

    A finding may stand in a file that the text includes: then that file's comments count. A
    comment with no reason, or a code that is none, silences nothing and is a finding itself;
    one that had nothing to silence is a note; both are said of the text itself only. ``ran`` are
    the codes that were looked for.
    """
    answers = {source: _Answers(source)}
    kept: list[Checked] = []
    used: set[tuple[str, int]] = set()
    count = 0
    for checked in found:
        labels = checked.finding.diagnostic.labels
        place = labels[0].span if labels else None
        if place is None:
            kept.append(checked)
            continue
        own = answers.get(place.source) or _Answers(place.source)
        answers[place.source] = own
        hits = own.to(checked.finding.code, place.position.line)
        used |= {(place.source.name, start) for start in hits}
        count += bool(hits)
        if not hits:
            kept.append(checked)
    own = answers[source]
    kept += [Checked(Finding(_without_reason(each))) for each in own.unclear]
    for each in own.clear:
        kept += [Checked(one) for one in _idle(each, used, known, ran)]
    return Silenced(tuple(kept), count, frozenset(used))


class _Answers:
    """The comments of a text by the lines that they are about."""

    def __init__(self, source: Source) -> None:
        found = list(ignores(source))
        self.clear = [each for each in found if each.codes]
        self.unclear = [each for each in found if not each.codes or not each.reason]
        self._places: dict[tuple[str, int], list[int]] = {}
        for each in self.clear:
            for code, span in each.codes if each.reason else ():
                for line in {each.lines[0], each.lines[-1]}:
                    self._places.setdefault((code, line), []).append(span.start)

    def to(self, code: str, line: int) -> list[int]:
        """Return where a code stands in the comments that answer for it on a line."""
        return self._places.get((code, line), [])


def _without_reason(each: Ignore) -> Diagnostic:
    what = "gives no reason" if each.codes else "names no code"
    return Diagnostic(
        "lint-ignore-reason",
        f"the comment {what}, so it silences nothing",
        Severity.WARNING,
        (Label(each.span),),
        help=("write `valetkey:ignore CODE the reason why it is right here`",),
    )


def _idle(
    each: Ignore,
    used: Collection[tuple[str, int]],
    known: Collection[str],
    ran: Collection[str],
) -> Iterator[Finding]:
    for code, span in each.codes:
        mark = (span.source.name, span.start)
        if code not in known:
            yield Finding(unknown_code(code, span, nearest(code, known)))
        elif each.reason and code in ran and mark not in used:
            message = f"there is no `{code}` here to silence"
            yield Finding(
                Diagnostic(
                    "lint-ignore-unused",
                    message,
                    Severity.NOTE,
                    (Label(span),),
                    help=("take it out, so that it does not silence what comes later",),
                )
            )


def unknown_code(code: str, span: Span, help: str) -> Diagnostic:
    """Return the finding for a code that no rule has."""
    message = f"`{code}` is no code of a rule"
    return Diagnostic("lint-ignore-code", message, Severity.WARNING, (Label(span),), help=(help,))
