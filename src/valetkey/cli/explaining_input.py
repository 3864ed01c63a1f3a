"""What ``valetkey explain`` is given: files, standard input, claims, context keys, times."""

import base64
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from valetkey.cli.options import UnreadableText, read_text
from valetkey.clock import system_clock
from valetkey.diagnostics import Source
from valetkey.errors import ValetkeyError
from valetkey.oidc import NotStrictJson, UnverifiedToken, load_json, parse_token
from valetkey.policy import CompiledPolicy, PolicyType, Values, compile_policy

STDIN: Final = Path("-")
_MOST: Final = 1_048_576  # characters of an input; a policy or token has a few thousand
_LIFETIME: Final = 300


class BadInput(ValetkeyError):
    """Something given to a command has not the form that it must have."""

    code = "bad-input"


class BadOption(BadInput):
    """An option has not the form that it must have: how the command is used is wrong."""


def read_input(path: Path) -> str:
    """Return a file's text, or standard input's for ``-``. Raises ``UnreadableText``, OSError."""
    if path != STDIN:
        text = read_text(path)
    else:
        try:
            text = sys.stdin.buffer.read(4 * _MOST).decode("utf-8")
        except UnicodeDecodeError as error:
            raise UnreadableText(
                f"standard input is not UTF-8 text: byte {error.start} does not fit"
            ) from None
    if len(text) > _MOST:
        raise BadInput(f"`{path}` has {len(text)} characters, more than {_MOST}")
    return text


def name_of(path: Path) -> str:
    """Return what an input is called in findings."""
    return "standard input" if path == STDIN else str(path)


def read_policy(path: Path, type: PolicyType) -> CompiledPolicy:
    """Read, validate and compile a policy. Raises ``MalformedPolicy``, and what reading raises."""
    text, name = read_input(path), name_of(path)
    if _looks_like_token(text):
        # What follows would quote it.
        raise UnreadableText(
            f"`{name}` holds a token, not a policy",
            help="give the token with --token-file, and the policy with --trust-policy",
        )
    return compile_policy(Source(name, text), type, name=name)


def _looks_like_token(text: str) -> bool:
    return text.lstrip().startswith("eyJ") and text.count(".") == 2  # noqa: PLR2004 - header.payload.signature


def as_unsigned(claims: str) -> str:
    """Return claims as the text of a token that nobody signed; it can be read, never verified.

    So claims are read as strictly as a token's: a duplicate member is refused in both.
    """
    header = base64.urlsafe_b64encode(b'{"alg":"RS256"}')
    payload = base64.urlsafe_b64encode(claims.encode("utf-8", "surrogatepass"))
    return b".".join((header, payload, b"AA")).replace(b"=", b"").decode()


def with_times(claims: str, now: float) -> tuple[str, bool]:
    """Return claims with the times that they lack, and whether they named none at all."""
    token = parse_token(as_unsigned(claims))
    known = token.unverified_claims
    if "iat" in known or "exp" in known or "aud" not in known or "sub" not in known:
        return claims, False
    timed = {**known, "iat": int(now), "exp": int(now) + _LIFETIME}
    return json.dumps(timed), True


def instant(written: str | None) -> float:
    """Return the time to judge by: now, seconds since 1970, or a date such as AWS writes."""
    if written is None:
        return system_clock()
    try:
        if written.isascii() and written.isdigit() and len(written) < len("1" * 12):
            return float(written)
        moment = datetime.fromisoformat(written)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise BadOption(
            f"`{written}` is no time",
            help="write `2026-11-25T12:00:00Z`, or seconds since 1970",
        ) from None


def context_values(pairs: Sequence[str], file: Path | None) -> dict[str, Values]:
    """Return condition keys from ``KEY=VALUE`` options and a JSON file.

    A key that comes more than once is multi-valued, and so is one whose value in the file is a
    list. Raises :class:`BadInput`, and :class:`BadOption` for a pair that is none.
    """
    values: dict[str, Values] = _from_file(file) if file is not None else {}
    given: dict[str, list[str]] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise BadOption(
                f"`{pair}` is no condition key with its value",
                help="write --context KEY=VALUE, such as --context aws:SourceIp=192.0.2.1",
            )
        given.setdefault(key, []).append(value)
    for key, several in given.items():
        values[key] = several[0] if len(several) == 1 else tuple(several)
    return values


def _from_file(file: Path) -> dict[str, Values]:
    try:
        members = load_json(read_input(file).encode())
    except NotStrictJson as error:
        raise BadInput(f"`{name_of(file)}` can't be taken as JSON: {error}") from None
    if not isinstance(members, dict):
        raise BadInput(
            f"`{name_of(file)}` is no JSON object",
            help='write `{"aws:SourceIp": "192.0.2.1", "aws:TagKeys": ["team"]}`',
        )
    return {key: _value(key, value) for key, value in members.items()}


def _value(key: str, value: object) -> Values:
    if isinstance(value, list):
        return tuple(_text(key, one) for one in value)
    return _text(key, value)


def _text(key: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    raise BadInput(
        f"condition key `{key}` has a value that is no string, number, boolean or list of those"
    )


def own_audience(token: UnverifiedToken) -> tuple[str, ...]:
    """Return what the token calls its audience, for want of the provider's client ids."""
    claim = token.unverified_claims.get("azp", token.unverified_claims.get("aud"))
    values = claim if isinstance(claim, list) else [claim]
    return tuple(value for value in values if isinstance(value, str))
