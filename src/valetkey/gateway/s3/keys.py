"""Object keys: from a request's bytes to text and back, without ever meaning two things.

A key is any text of up to 1024 bytes of UTF-8; slashes, dots and blanks are letters like others.
What is between us and the object may see it otherwise: a router that resolves ``..``, a file
system below. So:

- percent escapes are decoded once, strictly; an escaped slash is a slash, as in S3, and no
  Unicode normalisation is done. What goes on is encoded anew from the decoded key.
- keys with a ``.`` or ``..`` segment, with a NUL and those of nothing but slashes are refused.
  S3 takes them, but what they name at another store can't be known.
- keys with an empty segment (``a//b``, a leading slash) or a backslash go on as they are. As some
  stores fold slashes, and take a backslash for one (SeaweedFS does both), what is asked must be
  allowed for each of the spellings that the store may act on (:func:`spellings`).
"""

import re
from typing import Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

from valetkey.gateway.s3.errors import S3Error, invalid_uri

MAX_KEY_BYTES: Final = 1024
_SAFE: Final = "/~"
_BROKEN_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_DOTS: Final = frozenset({".", ".."})
_SLASHES: Final = re.compile("/{2,}")
_SHOWN: Final = 200


def decoded(raw: bytes) -> str:
    """Return percent-encoded UTF-8 as text; a plus is a plus. Raises ``InvalidURI``."""
    if _BROKEN_ESCAPE.search(raw):
        raise invalid_uri(_shown(raw), reason="the URI has a `%` that begins no percent escape")
    data = unquote_to_bytes(raw) if b"%" in raw else raw
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise invalid_uri(_shown(raw), reason="the URI holds bytes that are no UTF-8") from None
    if "\0" in text:
        raise invalid_uri(_shown(raw), reason="the URI holds a NUL, at which some stores stop")
    return text


def encoded(text: str) -> bytes:
    """Return text percent-encoded as S3 signs it: all but letters, digits, ``-._~`` and slashes."""
    return quote_from_bytes(text.encode("utf-8"), safe=_SAFE).encode("ascii")


def encoded_value(text: str) -> bytes:
    """Return text percent-encoded for a query: slashes as well."""
    return quote_from_bytes(text.encode("utf-8"), safe="~").encode("ascii")


def check_key(key: str) -> str:
    """Return a key that can be passed on with one meaning; raises S3Error."""
    size = len(key.encode("utf-8", "surrogatepass"))
    if size > MAX_KEY_BYTES:
        details = (("Size", str(size)), ("MaxSizeAllowed", str(MAX_KEY_BYTES)))
        raise S3Error("KeyTooLongError", details=details)
    reason = _unclear(key)
    if reason is not None:
        raise invalid_uri(
            _shown(key.encode("utf-8", "backslashreplace")),
            reason=reason,
            help="name the object without it: stores differ in what such a key means",
        )
    return key


def _unclear(key: str) -> str | None:
    slashed = key.replace("\\", "/")
    if not _DOTS.isdisjoint(slashed.split("/")):
        return "the key has a segment `.` or `..`"
    if not slashed.strip("/"):
        return "the key has nothing but slashes" if key else "the key is empty"
    if "\0" in key:
        return "the key holds a NUL"
    if not key.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in key):
        return "the key holds half of a surrogate pair"
    return None


def check_prefix(prefix: str) -> str:
    """Return what keys shall begin with; raises S3Error where it leads through ``.`` or ``..``.

    The last segment is a beginning, no segment yet: ``.`` is what all dot files begin with.
    """
    if not _DOTS.isdisjoint(prefix.replace("\\", "/").split("/")[:-1]):
        raise invalid_uri(
            _shown(prefix.encode("utf-8", "backslashreplace")),
            reason="the prefix has a segment `.` or `..`",
        )
    return prefix


def spellings(key: str) -> tuple[str, ...]:
    """Return the key, and whatever else a store that folds slashes may take it for."""
    if "\\" not in key and "//" not in key and not key.startswith("/"):
        return (key,)
    slashed = key.replace("\\", "/")
    return tuple(dict.fromkeys((key, _folded(key), slashed, _folded(slashed))))


def _folded(key: str) -> str:
    return _SLASHES.sub("/", key).removeprefix("/")


def _shown(raw: bytes) -> str:
    return raw[:_SHOWN].decode("ascii", "backslashreplace")
