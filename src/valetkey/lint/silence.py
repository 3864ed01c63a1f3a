"""``valetkey:ignore CODE[,CODE] reason``: findings that somebody has looked at and answered for."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from valetkey.diagnostics import Diagnostic, Label, Severity, Source, Span, did_you_mean
from valetkey.lint.embedded import Checked
from valetkey.lint.model import Finding

_COMMENT: Final = re.compile(
    r"(?:^|(?<=\s))(?:#|//|/\*)[ \t]*(?P<all>valetkey:ignore\b(?P<rest>.*))$"
)
_CODES: Final = re.compile(
    r"[\s:]*(?P<codes>[A-Za-z][\w-]*(?:[ \t]*,[ \t]*[A-Za-z][\w-]*)*)(?P<reason>.*)"
)
_WORD: Final = re.compile(r"[A-Za-z][\w-]*")
_ALONE: Final = re.compile(r"\s*(?:#|//|/\*)")


@dataclass(frozen=True, slots=True)
class Ignore:
    """A comment that silences codes on some lines."""

    codes: tuple[tuple[str, Span], ...]
    reason: str
    lines: range
    span: Span


@dataclass(frozen=True, slots=True)
class Silenced:
    """What is left to say, and how many findings were answered for."""

    kept: tuple[Checked, ...]
    count: int


def ignores(source: Source) -> Iterator[Ignore]:
    """Yield the comments of a text in order.

    One beside other text is about its own line; one alone is about the next line that is no
    comment.
    """
    if "valetkey:ignore" not in source.text:
        return
    start = 0
    for number in range(1, source.line_count + 1):
        line = source.line(number)
        found = _COMMENT.search(line)
        if found:
            yield _ignore(source, number, start + found.start("all"), found["all"])
        start = source.text.find("\n", start) + 1


def _ignore(source: Source, number: int, start: int, text: str) -> Ignore:
    text = text.rstrip().removesuffix("*/").rstrip()
    match = _CODES.match(text, len("valetkey:ignore"))
    codes: list[tuple[str, Span]] = []
    reason = ""
    if match:
        codes = [
            (word[0], source.span(start + word.start(), start + word.end()))
            for word in _WORD.finditer(text, match.start("codes"), match.end("codes"))
        ]
        reason = match["reason"].strip(" \t:-\u2013\u2014")
    last = number
    if _ALONE.match(source.line(number)):
        last = number + 1
        while last < source.line_count and _ALONE.match(source.line(last)):
            last += 1
    return Ignore(
        tuple(codes), reason, range(number, last + 1), source.span(start, start + len(text))
    )


def silenced(
    source: Source, found: Iterable[Checked], known: Collection[str], ran: Collection[str]
) -> Silenced:
    """Return findings without those that the comments of a text answer for.

    A comment with no reason, or a code that is none, silences nothing and is a finding itself;
    one that had nothing to silence is a note. ``ran`` are the codes that were looked for.
    """
    comments = [each for each in ignores(source) if each.codes]
    unclear = [each for each in ignores(source) if not each.codes or not each.reason]
    used: set[tuple[int, str]] = set()
    kept: list[Checked] = []
    count = 0
    for checked in found:
        hits = [each for each in comments if each.reason and _answers(each, checked, source)]
        used |= {(each.span.start, checked.finding.code) for each in hits}
        count += bool(hits)
        if not hits:
            kept.append(checked)
    kept += [Checked(Finding(_without_reason(each))) for each in unclear]
    for each in comments:
        kept += [Checked(one) for one in _idle(each, used, known, ran)]
    return Silenced(tuple(kept), count)


def _answers(each: Ignore, checked: Checked, source: Source) -> bool:
    labels = checked.finding.diagnostic.labels
    if not labels or labels[0].span.source is not source:
        return False
    codes = {code for code, _ in each.codes}
    return checked.finding.code in codes and labels[0].span.position.line in each.lines


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
    each: Ignore, used: Collection[tuple[int, str]], known: Collection[str], ran: Collection[str]
) -> Iterator[Finding]:
    for code, span in each.codes:
        if code not in known:
            near = did_you_mean(code, known)
            advice = (
                f"did you mean `{near}`?" if near else "`valetkey lint --rules` lists all codes"
            )
            yield Finding(unknown_code(code, span, advice))
        elif each.reason and code in ran and (each.span.start, code) not in used:
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
