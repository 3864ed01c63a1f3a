"""An explanation as text and as JSON."""

import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from valetkey.diagnostics import render, to_json, visible
from valetkey.explain.model import Explanation, NearMiss, State, Suggestion, Temptation
from valetkey.explain.tree import as_tree, as_values

VERSION: Final = 1
"""Of the JSON form: it changes where a member changes its meaning or goes, not where one comes."""

_SIGNS: Final = {
    State.PASSED: "ok",
    State.FAILED: "FAILED",
    State.NOT_CHECKED: "not checked",
    State.NOT_REACHED: "-",
}
_WIDEST: Final = max(map(len, _SIGNS.values()))
_COLUMNS: Final = 100
_MOST_STRANGERS: Final = 5
_STRONG: Final = "1"
_WARNING: Final = "1;33"
_SIDES: Final = {"-": "31", "+": "32", "@": "36"}
_COLORS: Final = {
    State.PASSED: "32",
    State.FAILED: "1;31",
    State.NOT_CHECKED: "1;33",
    State.NOT_REACHED: "2",
}


def as_text(explanation: Explanation, *, color: bool = False, whole: bool = False) -> str:
    """Return an explanation as people read it, on one screen.

    In this order: the verdict, the step that decided, the findings in the policy's text, near
    misses, what to write instead, what not to. ``whole`` adds every step and every statement.
    """
    rows = [_painted(visible(explanation.title), _STRONG, color=color)]
    decided = explanation.decided_by
    if decided is not None:
        fact = f": {decided.fact}" if decided.fact else ""
        rows.append(visible(f"decided by the {decided.step}{fact}"))
    if explanation.request_id:
        rows.append(f"request {visible(explanation.request_id)}")
    if explanation.answer:
        rows.append(f"the client was told {visible(explanation.answer)}")
    rows += ["", *_whole_ladder(explanation, color=color)] if whole else _ladder(explanation)
    findings = [render(diagnostic, color=color) for diagnostic in explanation.diagnostics]
    sections = [
        *findings,
        _near_misses(explanation),
        _suggested(explanation.suggestion, color=color),
        _tempting(explanation.temptations, color=color),
        "\n".join(as_tree(explanation.policies)) if whole else "",
    ]
    return "\n".join(rows) + "\n" + "".join(f"\n{each.rstrip()}\n" for each in sections if each)


def as_json(explanation: Explanation, *, whole: bool = False) -> dict[str, Any]:
    """Return an explanation as JSON values, as ``docs/explain.schema.json`` has them."""
    decided, suggestion = explanation.decided_by, explanation.suggestion
    return {
        "version": VERSION,
        "allowed": explanation.allowed,
        "title": explanation.title,
        "decided_by": asdict(decided) if decided is not None else None,
        "request_id": explanation.request_id,
        "answer": explanation.answer,
        "steps": [
            {"name": step.name, "state": str(step.state), "fact": step.fact}
            for step in explanation.steps
        ],
        "diagnostics": [to_json(diagnostic) for diagnostic in explanation.diagnostics],
        "near_misses": [_near_miss_values(one) for one in explanation.near_misses],
        "suggestion": asdict(suggestion) if suggestion is not None else None,
        "warnings": [asdict(one) for one in explanation.temptations],
        "policies": as_values(explanation.policies) if whole else None,
    }


def _ladder(explanation: Explanation) -> list[str]:
    """Return the steps by how they went; the one that failed has its line already."""
    passed = [step.name for step in explanation.steps if step.state is State.PASSED]
    rows = _wrapped(f"passed: {', '.join(passed)}") if passed else []
    unchecked: dict[str, list[str]] = {}
    for step in explanation.steps:
        if step.state is State.NOT_CHECKED:
            unchecked.setdefault(step.fact, []).append(step.name)
    if unchecked:
        parts = [f"{', '.join(names)} ({visible(why)})" for why, names in unchecked.items()]
        rows += _wrapped(f"not checked: {'; '.join(parts)}")
    return rows


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _COLUMNS, subsequent_indent="  ", break_on_hyphens=False)


def _whole_ladder(explanation: Explanation, *, color: bool) -> list[str]:
    longest = max((len(step.name) for step in explanation.steps), default=0)
    rows = []
    for step in explanation.steps:
        sign = _painted(f"{_SIGNS[step.state]:<{_WIDEST}}", _COLORS[step.state], color=color)
        rows.append(f"  {sign}  {step.name:<{longest}}  {visible(step.fact)}".rstrip())
    return rows


def _near_misses(explanation: Explanation) -> str:
    if len(explanation.near_misses) < 2:  # noqa: PLR2004 - one is the finding itself
        return ""
    rows = ["near misses, the nearest first:"]
    for rank, one in enumerate(explanation.near_misses, 1):
        line = f":{one.place.position.line}:{one.place.position.column}" if one.place else ""
        rows.append(visible(f"  {rank}. {one.where}{line}: {one.message}"))
    return "\n".join(rows)


def _suggested(suggestion: Suggestion | None, *, color: bool) -> str:
    if suggestion is None:
        return ""
    rows = [_painted("write instead", _STRONG, color=color) + f" ({visible(suggestion.why)}):"]
    rows += [
        _painted(visible(line), _SIDES.get(line[:1], ""), color=color)
        for line in suggestion.diff.rstrip("\n").split("\n")
    ]
    return "\n".join(rows)


def _tempting(temptations: Sequence[Temptation], *, color: bool) -> str:
    word = _painted("warning:", _WARNING, color=color)
    return "\n".join(
        f"{word} {visible(one.fix)} would let strangers in: {_some(one.admits)}"
        for one in temptations
    )


def _some(names: Sequence[str]) -> str:
    more = len(names) - _MOST_STRANGERS
    return ", ".join(names[:_MOST_STRANGERS]) + (f" and {more} more" if more > 0 else "")


def _near_miss_values(one: NearMiss) -> dict[str, Any]:
    place = None
    if one.place is not None:
        line, column = one.place.position
        place = {"file": one.place.source.name, "line": line, "column": column}
    return {"code": one.code, "message": one.message, "where": one.where, "place": place}


def _painted(text: str, code: str, *, color: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if color and code else text
