"""Safe edits put into a text, again and again until there are none left."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from valetkey.diagnostics import Source
from valetkey.lint.model import Edit, Finding

MOST_ROUNDS: Final = 10
MOST_EDITED: Final = 500
"""Findings whose edits are put in at once; comparing them is quadratic."""
_REFUSALS: Final = ("policy-", "ci-", "lint-")

Linter = Callable[[Source], tuple[Finding, ...]]


@dataclass(frozen=True, slots=True)
class Fixed:
    """A text after its edits, and the findings whose cause they removed, in order."""

    text: str
    findings: tuple[Finding, ...]


def fixed(source: Source, lint: Linter) -> Fixed:
    """Apply the edits of a text's findings, look again, and so on until it is stable.

    Edits that overlap wait for the next round. A finding whose edits would make the text one
    that is refused keeps its text: ``lint`` must tell of every refusal, also of those that nobody
    asked for or that are answered for.
    """
    done: list[Finding] = []
    current = source
    found = lint(current)
    for _ in range(MOST_ROUNDS):
        editable = (each for each in found if each.edits and _is_own(each, current))
        taken = compatible(islice(editable, MOST_EDITED))
        if not taken:
            break
        after = Source(source.name, edited(current.text, taken))
        looked = lint(after)
        if _harmed(found, looked):
            taken, after, looked = _one_by_one(current, taken, found, lint)
        if not taken or after.text == current.text:
            break
        done += taken
        current, found = after, looked
    return Fixed(current.text, tuple(done))


def edited(text: str, findings: Iterable[Finding]) -> str:
    """Return a text with the edits of findings, which do not overlap."""
    edits = {edit for finding in findings for edit in finding.edits}
    for edit in sorted(edits, key=lambda one: (one.start, one.end), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def compatible(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings whose edits do not touch those of an earlier one."""
    taken: list[Finding] = []
    used: list[Edit] = []
    for finding in findings:
        free = all(edit == other or _apart(edit, other) for edit in finding.edits for other in used)
        if finding.edits and free and _is_orderly(finding.edits):
            taken.append(finding)
            used += finding.edits
    return taken


def _is_orderly(edits: tuple[Edit, ...]) -> bool:
    return all(
        _apart(edit, other) for index, edit in enumerate(edits) for other in edits[index + 1 :]
    )


def _apart(edit: Edit, other: Edit) -> bool:
    return edit.end < other.start or other.end < edit.start


def _is_own(finding: Finding, source: Source) -> bool:
    """Tell whether a finding is about this text, not about one that it includes."""
    labels = finding.diagnostic.labels
    return bool(labels) and labels[0].span.source == source


def is_refusal(code: str) -> bool:
    """Tell whether a code is none of a rule: what IAM, GitLab or lint itself would not take."""
    return code.startswith(_REFUSALS)


def _harmed(before: Iterable[Finding], after: Iterable[Finding]) -> bool:
    """Tell whether a text is refused for more than it was; one refusal may hide others."""
    return bool(_refusals(after) - _refusals(before))


def _refusals(found: Iterable[Finding]) -> Counter[str]:
    return Counter(each.code for each in found if is_refusal(each.code))


def _one_by_one(
    current: Source, taken: list[Finding], found: tuple[Finding, ...], lint: Linter
) -> tuple[list[Finding], Source, tuple[Finding, ...]]:
    """Return the first finding whose edits alone do no harm, and what is found after it."""
    for finding in taken:
        after = Source(current.name, edited(current.text, [finding]))
        looked = lint(after)
        if not _harmed(found, looked):
            return [finding], after, looked
    return [], current, found
