"""The code that somebody may have meant."""

from collections.abc import Iterable

from valetkey.diagnostics import did_you_mean


def nearest(code: str, known: Iterable[str]) -> str:
    """Return the advice for a code that no rule has."""
    near = did_you_mean(code, known)
    return f"did you mean `{near}`?" if near else "`valetkey lint --rules` lists all"
