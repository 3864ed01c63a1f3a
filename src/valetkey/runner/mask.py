"""Secrets out of a log while it streams.

Two ways: values that are known (ID tokens, masked variables, what a caller adds), in the forms
they are likely to be printed in; and AWS credentials that the job obtained itself, known by
what stands before them (``"SecretAccessKey": "…"``, ``AWS_SESSION_TOKEN=…``, the row of
``--output text``). A value seen the second way is known from then on.

Nothing is held back but the beginning of what may become a secret, and a value whose end has
not come yet.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import quote_from_bytes

MASK = b"[MASKED]"

_BASE64_LINE = 76
_BASE64_WORTHWHILE = 16  # below, three characters of base64 are as likely to be anything else
_LONGEST_VALUE = 64 * 1024

_MOST_LEARNT = 20
_LONGEST_LEARNT = 8 * 1024

_MARKERS = (
    b"SecretAccessKey",
    b"secretAccessKey",
    b"SessionToken",
    b"sessionToken",
    b"AWS_SECRET_ACCESS_KEY",
    b"AWS_SESSION_TOKEN",
    b"aws_secret_access_key",
    b"aws_session_token",
)
_KEY_ID = b"ASIA"
_MARKER = re.compile(b"|".join((*_MARKERS, _KEY_ID)))
_LONGEST_MARKER = max(map(len, _MARKERS))

_VALUE = rb"[A-Za-z0-9+/=_%-]"
_BETWEEN = rb"""["'\\:=>| \t]"""
_AFTER_MARKER = re.compile(rb"%s{1,60}(%s{16,})" % (_BETWEEN, _VALUE))
_MAYBE_AFTER_MARKER = re.compile(rb"%s{0,60}%s*" % (_BETWEEN, _VALUE))
_ROW = re.compile(
    rb"(ASIA[A-Z0-9]{12,28})(?:[\t ]+([A-Za-z0-9+/]{40})(?:[\t ]+([A-Za-z0-9+/=]{16,}))?)?"
    rb"(?![A-Za-z0-9])"
)
_MAYBE_ROW = re.compile(
    rb"ASIA[A-Z0-9]{0,28}(?:[\t ]+[A-Za-z0-9+/]{0,40}(?:[\t ]+[A-Za-z0-9+/=]*)?)?"
)
_UNFINISHED = bytes(c for c in range(128) if re.match(rb"%s|%s" % (_VALUE, _BETWEEN), bytes([c])))
"""What the end of the buffer consists of while a value is not complete."""


class _Found(NamedTuple):
    """A stretch of the buffer and the secrets in it."""

    start: int
    end: int
    secrets: tuple[bytes, ...]


class Masker:
    """Replaces secrets in a stream of bytes by ``[MASKED]``.

    Feed it what a process prints, in pieces of any size; ``flush`` at the end gives what was
    held back. Matches are found from left to right, the longest first.
    """

    def __init__(self, secrets: Iterable[str | bytes] = ()) -> None:
        self._forms: set[bytes] = set()
        self._buffer = b""
        self._known = _MARKER
        self._learnt = 0
        for secret in secrets:
            self._add(secret)
        self._compile()

    def mask(self, secret: str | bytes) -> None:
        """Never show a value again from here on; an empty one is ignored."""
        self._add(secret)
        self._compile()

    def feed(self, chunk: bytes) -> bytes:
        """Take what was printed, return what may be shown by now."""
        return self._take(chunk, final=False)

    def flush(self) -> bytes:
        """Return what was held back; the stream has ended."""
        return self._take(b"", final=True)

    def _add(self, secret: str | bytes) -> None:
        value = secret.encode(errors="surrogateescape") if isinstance(secret, str) else secret
        self._forms.update(form for form in _forms(value) if form)

    def _compile(self) -> None:
        words = sorted({*self._forms, *_MARKERS, _KEY_ID}, key=len, reverse=True)
        self._known = re.compile(b"|".join(re.escape(word) for word in words))

    def _take(self, chunk: bytes, *, final: bool) -> bytes:
        self._buffer += chunk
        end = len(self._buffer)
        shown: list[bytes] = []
        at = 0
        limit = end if final else self._held(at)
        while (match := self._known.search(self._buffer, at)) and match.start() < limit:
            found = self._found(match)
            if found.end > limit and match[0] not in self._forms:
                # a known secret may begin within the value and go on after it
                limit = found.start
                break
            shown += (self._buffer[at : found.start], self._hidden(found))
            at = found.end
            if (self._learn(found) or at > limit) and not final:
                limit = self._held(at)
        limit = max(at, limit)
        shown.append(self._buffer[at:limit])
        self._buffer = self._buffer[limit:]
        return b"".join(shown)

    def _learn(self, found: _Found) -> bool:
        """Remember credentials that were seen; return whether there were new ones."""
        known = len(self._forms)
        for secret in found.secrets:
            # bounded, or a job that prints nothing but credentials would slow its own log down
            new = secret not in self._forms and len(secret) <= _LONGEST_LEARNT
            if new and self._learnt < _MOST_LEARNT:
                self._learnt += 1
                self.mask(secret)
        return len(self._forms) > known

    def _hidden(self, found: _Found) -> bytes:
        text = self._buffer[found.start : found.end]
        for secret in found.secrets:
            text = text.replace(secret, MASK)
        return text

    def _found(self, match: re.Match[bytes]) -> _Found:
        """Return the secrets at a known word: itself, or what a marker stands before."""
        start, end = match.span()
        if match[0] in self._forms:
            return _Found(start, end, (match[0],))
        row = match[0] == _KEY_ID
        seen = _ROW.match(self._buffer, start) if row else _AFTER_MARKER.match(self._buffer, end)
        if seen is None:
            return _Found(start, start + 1, ())  # a known secret may begin within the marker
        end, secrets = seen.end(), [group for group in seen.groups() if group]
        for other in self._known.finditer(self._buffer, start + 1):
            if other.start() >= end:
                break
            if other[0] in self._forms:
                end = max(end, other.end())
                secrets.append(other[0])
        return _Found(start, end, tuple(sorted(secrets, key=len, reverse=True)))

    def _held(self, at: int) -> int:
        """Return from where on the buffer may still become a secret."""
        return min(self._unfinished_word(at), self._unfinished_value(at))

    def _unfinished_word(self, at: int) -> int:
        """Return where the buffer's end begins to look like a known word."""
        end = len(self._buffer)
        held = end
        for word in (*self._forms, *_MARKERS, _KEY_ID):
            place = self._buffer.find(word[:1], max(at, end - len(word) + 1))
            while -1 < place < held:
                if word.startswith(self._buffer[place:]):
                    held = place
                    break
                place = self._buffer.find(word[:1], place + 1)
        return held

    def _unfinished_value(self, at: int) -> int:
        """Return where a marker stands whose value reaches to the buffer's end."""
        end = len(self._buffer)
        tail = len(self._buffer.rstrip(_UNFINISHED)) - _LONGEST_MARKER
        for marker in _MARKER.finditer(self._buffer, max(at, tail, end - _LONGEST_VALUE)):
            if marker[0] == _KEY_ID:
                value = _MAYBE_ROW.match(self._buffer, marker.start())
            else:
                value = _MAYBE_AFTER_MARKER.match(self._buffer, marker.end())
            if value is not None and value.end() == end:
                return marker.start()
        return end


def _forms(value: bytes) -> Iterator[bytes]:
    """Yield a secret as it is, in URLs, and in base64 at each of its three alignments."""
    yield value
    yield quote_from_bytes(value, safe="").encode()
    for shift in range(3):
        encoded = b64encode(b"\0" * shift + value)
        # the first and last characters mix with what stands around the secret
        core = encoded[(0, 2, 3)[shift] : (shift + len(value)) // 3 * 4]
        if len(core) >= _BASE64_WORTHWHILE:
            yield core
        if shift == 0 and len(core) > _BASE64_LINE:
            lines = (core[i : i + _BASE64_LINE] for i in range(0, len(core), _BASE64_LINE))
            yield b"\n".join(lines)
