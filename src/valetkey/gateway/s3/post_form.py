"""The body of a browser's upload, ``multipart/form-data``, as it arrives (RFC 7578, RFC 2046).

Sans-I/O: bytes are fed in pieces of any size and come out as fields, then as the file's own bytes.
The file is the last field, as S3 has it; what follows it is not read. What comes before the file
is held within bounds; of the file, no more stays here than a delimiter is long.
"""

import re
from enum import Enum, auto
from typing import Final

from valetkey.gateway.model import Head
from valetkey.gateway.s3.errors import S3Error

MAX_FIELD_BYTES: Final = 20 * 1024
"""What S3 takes in names and values of fields before the file, in bytes."""

_MAX_HEAD_BYTES: Final = 4096
_MAX_FIELDS: Final = 200
_FILE: Final = "file"
_BREAK: Final = b"\r\n"
_BOUNDARY: Final = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]", re.ASCII)
_PARAMETER: Final = re.compile(
    r';[ \t]*([A-Za-z*-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))[ \t]*', re.DOTALL
)
_PLAIN: Final = frozenset({"7bit", "8bit", "binary"})


class _State(Enum):
    DELIMITER = auto()
    HEAD = auto()
    VALUE = auto()
    FILE = auto()
    CLOSING = auto()
    DONE = auto()


def form_boundary(head: Head) -> bytes:
    """Return the boundary that a form's ``Content-Type`` declares; raises S3Error."""
    content_type = head.header(b"content-type") or ""
    media, semicolon, rest = content_type.partition(";")
    boundary = _parameters(semicolon + rest).get("boundary")
    if media.strip().lower() != "multipart/form-data" or boundary is None:
        raise _malformed("the content type declares no form with a boundary")
    if not _BOUNDARY.fullmatch(boundary):
        raise _malformed("the boundary is not one of RFC 2046")
    return boundary.encode("ascii")


class PostFormReader:
    """Reads one form: :meth:`feed` and :meth:`end` in, fields and the file's bytes out.

    ``fields`` has the fields before the file in their order and spelling, whole once
    ``file_begun`` is true; ``filename`` is what the browser says of the file. Once ``finished`` is
    true the file has come whole. Raises S3Error, and is of no use afterwards.
    """

    def __init__(self, boundary: bytes) -> None:
        self.fields: list[tuple[str, str]] = []
        self.filename: str | None = None
        self._delimiter = _BREAK + b"--" + boundary
        # The first delimiter stands at the very beginning, without a line break before it.
        self._buffer = bytearray(_BREAK)
        self._state = _State.DELIMITER
        self._scanned = 0
        self._name = ""
        self._field_bytes = 0

    @property
    def file_begun(self) -> bool:
        """Tell whether all fields are there and the file's bytes come next."""
        return self._state in (_State.FILE, _State.CLOSING, _State.DONE)

    @property
    def finished(self) -> bool:
        """Tell whether the file has come whole, its closing delimiter included."""
        return self._state is _State.DONE

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes of the body; return those that are certain to be the file's."""
        if self._state is _State.DONE:
            return b""
        self._buffer += data
        while self._take_before_file():
            pass
        taken = self._take_file() if self._state is _State.FILE else b""
        if self._state is _State.CLOSING:
            self._close()
        return taken

    def end(self) -> None:
        """Say that the body is over; raises S3Error where the form is not."""
        if self._state is not _State.DONE:
            raise _malformed("the body ends before the form does")

    def _take_before_file(self) -> bool:
        """Take one step through what precedes the file; False where bytes are wanting."""
        match self._state:
            case _State.DELIMITER:
                return self._take_delimiter()
            case _State.HEAD:
                return self._take_head()
            case _State.VALUE:
                return self._take_value()
            case _:
                return False

    def _take_delimiter(self) -> bool:
        end = len(self._delimiter)
        if not self._buffer.startswith(self._delimiter[: len(self._buffer)]):
            raise _malformed("the body does not begin with the boundary")
        if len(self._buffer) < end + len(_BREAK):
            return False
        ending = self._buffer[end : end + len(_BREAK)]
        if ending == b"--":
            raise S3Error("IncorrectNumberOfFilesInPostRequest", reason="the form has no file")
        if ending != _BREAK:
            raise _malformed("the boundary is followed by something else than a line break")
        self._drop(end + len(_BREAK), _State.HEAD)
        return True

    def _take_head(self) -> bool:
        end = self._find(_BREAK * 2)
        if end < 0:
            if len(self._buffer) > _MAX_HEAD_BYTES:
                raise _malformed("a field has a head that is too long")
            return False
        if end > _MAX_HEAD_BYTES:
            raise _malformed("a field has a head that is too long")
        disposition = _disposition(bytes(self._buffer[:end]))
        self._name = disposition["name"]
        is_file = self._name.lower() == _FILE
        if is_file:
            self.filename = disposition.get("filename")
        self._drop(end + len(_BREAK * 2), _State.FILE if is_file else _State.VALUE)
        return True

    def _take_value(self) -> bool:
        end = self._find(self._delimiter)
        # What may be the beginning of the delimiter is not the field's yet.
        size = len(self._buffer) - len(self._delimiter) if end < 0 else end
        name = self._name.encode()
        if self._field_bytes + len(name) + size > MAX_FIELD_BYTES:
            raise S3Error(
                "MaxPostPreDataLengthExceeded",
                details=(("MaxPostPreDataLengthBytes", str(MAX_FIELD_BYTES)),),
            )
        if end < 0:
            return False
        if len(self.fields) >= _MAX_FIELDS:
            raise _malformed("the form has too many fields")
        self._field_bytes += len(name) + size
        self.fields.append((self._name, _text(bytes(self._buffer[:end]))))
        self._drop(end, _State.DELIMITER)
        return True

    def _take_file(self) -> bytes:
        end = self._find(self._delimiter)
        if end >= 0:
            taken = bytes(self._buffer[:end])
            self._drop(end + len(self._delimiter), _State.CLOSING)
            return taken
        # The last bytes may be the beginning of the delimiter.
        certain = max(0, len(self._buffer) - len(self._delimiter) + 1)
        taken = bytes(self._buffer[:certain])
        self._drop(certain, _State.FILE)
        return taken

    def _close(self) -> None:
        if len(self._buffer) < len(_BREAK):
            return
        # Another field may follow the file; S3 takes no notice of it.
        if not self._buffer.startswith((b"--", _BREAK)):
            raise _malformed("the boundary is followed by something else than a line break")
        self._drop(len(self._buffer), _State.DONE)

    def _find(self, wanted: bytes) -> int:
        """Find bytes in the buffer, looking at each place once however it was fed."""
        found = self._buffer.find(wanted, self._scanned)
        if found < 0:
            self._scanned = max(0, len(self._buffer) - len(wanted) + 1)
        return found

    def _drop(self, count: int, state: _State) -> None:
        del self._buffer[:count]
        self._scanned = 0
        self._state = state


def _disposition(head: bytes) -> dict[str, str]:
    """Return the parameters of the one ``Content-Disposition`` of a field."""
    found: dict[str, str] = {}
    for line in _text(head).split("\r\n"):
        name, colon, value = line.partition(":")
        name = name.strip().lower()
        if not colon or name in found or "\n" in line or "\r" in line:
            raise _malformed("a field's head has a line that is no header, or one twice")
        found[name] = value.strip()
    if found.get("content-transfer-encoding", "binary").lower() not in _PLAIN:
        raise _malformed("a field is encoded for transfer")
    kind, semicolon, rest = found.get("content-disposition", "").partition(";")
    parameters = _parameters(semicolon + rest)
    if kind.strip().lower() != "form-data" or not parameters.get("name"):
        raise _malformed("a field has no name")
    return parameters


def _parameters(text: str) -> dict[str, str]:
    parameters: dict[str, str] = {}
    at = 0
    while at < len(text):
        found = _PARAMETER.match(text, at)
        if found is None or found[1].lower() in parameters:
            raise _malformed("a header's parameters can't be read")
        quoted = found[2]
        parameters[found[1].lower()] = found[3] if quoted is None else quoted.replace('\\"', '"')
        at = found.end()
    return parameters


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise _malformed("a field is no UTF-8") from None


def _malformed(reason: str) -> S3Error:
    return S3Error("MalformedPOSTRequest", reason=reason)
