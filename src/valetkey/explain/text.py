"""An explanation as text and as JSON."""

from typing import Any, Final

from valetkey.diagnostics import render, to_json, visible
from valetkey.explain.model import Explanation, State

_SIGNS: Final = {
    State.PASSED: "ok",
    State.FAILED: "FAILED",
    State.NOT_CHECKED: "not checked",
    State.NOT_REACHED: "-",
}
_WIDEST: Final = max(map(len, _SIGNS.values()))
_COLORS: Final = {
    State.PASSED: "32",
    State.FAILED: "1;31",
    State.NOT_CHECKED: "1;33",
    State.NOT_REACHED: "2",
}


def as_text(explanation: Explanation, *, color: bool = False) -> str:
    """Return an explanation as people read it: verdict, ladder, findings."""
    rows = [_painted(visible(explanation.title), "1", color=color)]
    if explanation.request_id:
        rows.append(f"request {visible(explanation.request_id)}")
    if explanation.answer:
        rows.append(f"the client was told {visible(explanation.answer)}")
    rows.append("")
    longest = max((len(step.name) for step in explanation.steps), default=0)
    for step in explanation.steps:
        sign = _painted(f"{_SIGNS[step.state]:<{_WIDEST}}", _COLORS[step.state], color=color)
        rows.append(f"  {sign}  {step.name:<{longest}}  {visible(step.fact)}".rstrip())
    findings = [render(diagnostic, color=color) for diagnostic in explanation.diagnostics]
    return "\n".join(rows) + "\n" + "".join(f"\n{finding}" for finding in findings)


def as_json(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as JSON values."""
    return {
        "allowed": explanation.allowed,
        "title": explanation.title,
        "request_id": explanation.request_id,
        "answer": explanation.answer,
        "steps": [
            {"name": step.name, "state": str(step.state), "fact": step.fact}
            for step in explanation.steps
        ],
        "diagnostics": [to_json(diagnostic) for diagnostic in explanation.diagnostics],
    }


def _painted(text: str, code: str, *, color: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if color else text
