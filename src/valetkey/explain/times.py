"""Tokens that came too late or too early: by how much."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from valetkey.clock import iso8601
from valetkey.diagnostics import Diagnostic
from valetkey.explain.claims_text import as_told, token_finding
from valetkey.explain.model import Case

_YEAR_10000: Final = 253_402_300_800
_DAY: Final = 86_400


def expired(case: Case) -> Diagnostic:
    """Return how long ago a token expired."""
    exp = _time(case.claims.get("exp"))
    if exp is None:
        return as_told(case)
    return token_finding(
        "token-expired",
        f"the token expired {_span(case.time - exp)} before the request,"
        f" at {_moment(exp)}; {case.leeway} s are tolerated",
        case,
        claim="exp",
        label=_moment(exp),
        notes=(f"the request came at {_moment(case.time)}", *_lifetime(case.claims)),
        help=(
            case.help or "take a fresh token, or exchange it earlier in the job",
            "a token lives as long as the job may run, or five minutes",
        ),
    )


def early(claim: str) -> Callable[[Case], Diagnostic]:
    """Return the explanation of a claim, `iat` or `nbf`, that lies in the future."""
    words = {"iat": "is issued", "nbf": "is valid"}

    def explain(case: Case) -> Diagnostic:
        start = _time(case.claims.get(claim))
        if start is None:
            return as_told(case)
        return token_finding(
            "token-early",
            f"the token {words[claim]} {_span(start - case.time)} after the request, at"
            f" {_moment(start)}; {case.leeway} s are tolerated",
            case,
            claim=claim,
            label=_moment(start),
            notes=(f"the request came at {_moment(case.time)} by this server's clock",),
            help=("nothing should be changed in the policy: set the clocks right (NTP)",),
        )

    return explain


def _lifetime(claims: Mapping[str, Any]) -> tuple[str, ...]:
    iat, exp = _time(claims.get("iat")), _time(claims.get("exp"))
    return () if iat is None or exp is None else (f"it was made to live for {_span(exp - iat)}",)


def _time(value: object) -> float | None:
    if (
        isinstance(value, str)
        and value.isascii()
        and value.isdigit()
        and len(value) < len("1" * 16)
    ):
        return float(value)
    return float(value) if isinstance(value, int) and abs(value) < _YEAR_10000 else None


def _moment(seconds: float) -> str:
    return iso8601(seconds) if 0 <= seconds < _YEAR_10000 else f"{seconds:.0f} s after 1970"


def _span(seconds: float) -> str:
    """Return a duration in its two largest units."""
    left = max(int(seconds), 0)
    units = (("d", _DAY), ("h", 3600), ("min", 60), ("s", 1))
    parts: list[str] = []
    for name, size in units:
        count, left = divmod(left, size)
        if count or parts or name == "s":
            parts.append(f"{count} {name}")
    return " ".join(parts[:2])
