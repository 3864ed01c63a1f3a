"""What is kept of a request: who asked for what, the answer, and why."""

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct

from valetkey.policy.decision import Decision
from valetkey.store.errors import UnfitRecord, UnreadableRecord

FORMAT = 1
"""Of the body: the record's fields as JSON. New fields with a default need no new number."""

PLENTY = 65_536
"""Bytes of a record that is kept as it is; a larger one is cut to about as much."""

MAX_TEXT = 2_048
"""Characters of a text that are kept of a record that is cut."""

_MAX_TRACE = 4 * PLENTY
_MAX_DEPTH = 16
_MAX_BITS = 64


class Outcome(StrEnum):
    """How a request ended; bad input is apart from honest refusal."""

    GRANTED = "granted"
    REFUSED = "refused"
    INVALID = "invalid"
    FAILED = "failed"


class RequestRecord(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One request. It has no place for a token, a secret key or a secret value.

    A token is known by its SHA-256 and its claims. ``reason`` and ``help`` are the operator's;
    ``check`` names the check that failed. ``issued_access_key_id`` is the session that the
    request opened, ``access_key_id`` the one that it was made with. ``context`` holds the
    condition values that the decision was made on. ``details`` is for what an operation adds.
    """

    request_id: str
    time: float
    service: str
    operation: str
    outcome: Outcome
    status: int
    account: str | None = None
    action: str | None = None
    resource: str | None = None
    wire_code: str | None = None
    wire_message: str | None = None
    caller_arn: str | None = None
    caller_id: str | None = None
    access_key_id: str | None = None
    session_name: str | None = None
    issued_access_key_id: str | None = None
    issuer: str | None = None
    token_sha256: str | None = None
    claims: dict[str, Any] | None = None
    source_ip: str | None = None
    user_agent: str | None = None
    duration_us: int = 0
    reason: str | None = None
    help: str | None = None
    check: str | None = None
    decision: Decision | None = None
    context: dict[str, str | list[str]] = {}
    details: dict[str, Any] = {}

    @property
    def job_id(self) -> str | None:
        """Return the CI job that is behind the request: by its token, or by its session."""
        value = (self.claims or {}).get("job_id", self.context.get("valetkey:claim/job_id"))
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value) if value.bit_length() <= _MAX_BITS else None
        return value if isinstance(value, str) else None


_decoder = msgspec.json.Decoder(RequestRecord)
_encoder = msgspec.json.Encoder()


def encode(record: RequestRecord) -> bytes:
    """Return the body to keep, cut where it is larger than `PLENTY`.

    What strangers sent (claims, names, agents) never makes a record unfit: it is cut, and
    characters that are no text are escaped. Raises `UnfitRecord` for a time that is none.
    """
    if not math.isfinite(record.time):
        raise UnfitRecord(f"a record's time can't be `{record.time}`")
    try:
        body = _encoder.encode(record)
    except (ValueError, TypeError, RecursionError):
        body = None
    if body is None or len(body) > PLENTY:
        body = _encoder.encode(_cut(record))
    return body


def decode(format: int, body: bytes) -> RequestRecord:
    """Read a kept record. Raises `UnreadableRecord`."""
    if format != FORMAT:
        raise UnreadableRecord(f"the record has the format `{format}` of another version")
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableRecord(f"the record can't be read: {error}") from error


def plain(text: str) -> str:
    """Return a text with what UTF-8 has no bytes for written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


def _cut(record: RequestRecord) -> RequestRecord:
    cutter = _Cutter(PLENTY)
    fields = {
        name: cutter.cut(getattr(record, name))
        for name in record.__struct_fields__
        if name not in {"outcome", "decision"}
    }
    fields["details"] = {**fields["details"], "valetkey:cut": True}
    fields["decision"] = _cut_decision(record.decision)
    return msgspec.structs.replace(record, **fields)


def _cut_decision(decision: Decision | None) -> Decision | None:
    if decision is None:
        return None
    whole = msgspec.convert(_with_short_texts(msgspec.to_builtins(decision)), Decision)
    if len(_encoder.encode(whole)) <= _MAX_TRACE:
        return whole
    return msgspec.structs.replace(whole, trace=None)


def _with_short_texts(value: Any) -> Any:
    """Shorten the texts of a value that we made ourselves, whose shape is small and stays."""
    if isinstance(value, str):
        return plain(value[:MAX_TEXT])
    if isinstance(value, dict):
        return {name: _with_short_texts(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_with_short_texts(member) for member in value]
    return value


class _Cutter:
    """Cuts values of any shape, so that all of them together stay under a number of characters."""

    def __init__(self, characters: int) -> None:
        self._left = characters

    def cut(self, value: Any, depth: int = 0) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if value is None or isinstance(value, bool | float):
            return value
        if isinstance(value, int):
            bits = value.bit_length()
            return value if bits <= _MAX_BITS else f"<number of {bits} bits>"
        if isinstance(value, Mapping):
            return self._mapping(value, depth)
        if isinstance(value, list | tuple):
            members = value if depth < _MAX_DEPTH else ()
            return [self.cut(member, depth + 1) for member in members if self._spend(1)]
        return f"<{type(value).__name__}>"

    def _text(self, text: str) -> str:
        kept = text[: max(0, min(MAX_TEXT, self._left))]
        self._spend(len(kept))
        return plain(kept) + ("…" if len(kept) < len(text) else "")

    def _mapping(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        if depth >= _MAX_DEPTH:
            return {}
        return {
            self._text(str(name)): self.cut(member, depth + 1)
            for name, member in value.items()
            if self._spend(1)
        }

    def _spend(self, characters: int) -> bool:
        self._left -= characters
        return self._left > 0
