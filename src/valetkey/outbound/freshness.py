"""How long an answer may be used, by its own words (RFC 9111, sections 4.2 and 5.2)."""

from valetkey.outbound.exchange import Answer

_MAX_DIGITS = 10


def fresh_seconds(answer: Answer) -> float | None:
    """Return for how many seconds from now an answer says it is fresh; None if it does not say.

    Words that are not understood say nothing. Where two contradict each other, the shorter wins.
    """
    said: list[float] = []
    for key, value in answer.headers:
        if key.lower() != "cache-control":
            continue
        for directive in value.lower().split(","):
            name, _, argument = directive.strip().partition("=")
            if name in {"no-store", "no-cache"}:
                said.append(0.0)
            elif name == "max-age":
                seconds = _seconds(argument.strip('"'))
                if seconds is not None:
                    said.append(seconds)
    if not said:
        return None
    return max(0.0, min(said) - (_seconds(answer.header("age")) or 0.0))


def _seconds(text: str) -> float | None:
    if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS:
        return float(text)
    return None
