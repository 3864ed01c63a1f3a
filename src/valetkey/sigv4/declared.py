"""What the headers say about a body: its length, its checksums, the trailers to come."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from valetkey.sigv4.answers import invalid_request
from valetkey.sigv4.checksums import (
    ALGORITHMS,
    BY_HEADER,
    MD5,
    NOT_VALUES,
    PREFIX,
    Algorithm,
    decoded,
)
from valetkey.sigv4.refusals import MalformedPayload

ChecksumsOf = Literal["body", "object"]
"""Whose checksums the ``x-amz-checksum-*`` headers are: CompleteMultipartUpload sends those of
the object that is made, which no body of its own has."""

_LENGTH = re.compile(r"[0-9]{1,15}", re.ASCII)
_SEVERAL = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
_READ = frozenset(
    (
        "content-length",
        "content-md5",
        "x-amz-content-sha256",
        "x-amz-decoded-content-length",
        "x-amz-sdk-checksum-algorithm",
        "x-amz-trailer",
    )
)


class Checksum(NamedTuple):
    """A checksum as it was sent."""

    algorithm: Algorithm
    value: bytes


class Declared(NamedTuple):
    """What a body is held to: its MD5, its checksum, and the one that a trailer will bring."""

    md5: bytes | None
    checksum: Checksum | None
    trailer: Algorithm | None


def payload_headers(headers: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """Pick the headers that are about the body, names in lower case.

    Raises :class:`MalformedPayload` where one of them is given twice: whoever verifies and
    whoever stores could each believe another one of the two.
    """
    found: dict[str, str] = {}
    for raw, value in headers:
        name = raw.decode("latin-1").lower()
        if name not in _READ and not name.startswith(PREFIX):
            continue
        if name in found:
            raise _several() if name in BY_HEADER else _twice(name)
        found[name] = value.decode("latin-1").strip()
    return found


def read_length(text: str | None) -> int | None:
    """Read a number of bytes; None where there is none that can be read."""
    return int(text) if text is not None and _LENGTH.fullmatch(text) else None


def read_declared(headers: Mapping[str, str], checksums_of: ChecksumsOf) -> Declared:
    """Read what the headers say about checksums; raises :class:`MalformedPayload`."""
    md5 = _content_md5(headers.get("content-md5"))
    values = [] if checksums_of == "object" else _value_headers(headers)
    trailers = _trailer_names(headers.get("x-amz-trailer"))
    if len(values) > 1 or sum(name in BY_HEADER for name in trailers) > 1:
        raise _several()
    if any(name not in BY_HEADER for name in trailers):
        raise invalid_request(
            "The value specified in the x-amz-trailer header is not supported",
            f"`x-amz-trailer` is `{', '.join(trailers)}`, wanted the name of one checksum",
        )
    if values and trailers:
        raise invalid_request(
            "Expecting a single x-amz-checksum- header",
            "the request has a checksum in its headers and declares one in a trailer",
        )
    checksum = _checksum(values[0], headers[values[0]]) if values else None
    trailer = BY_HEADER[trailers[0]] if trailers else None
    if checksums_of == "body":
        _refuse_other_algorithm(headers, checksum.algorithm if checksum else trailer)
    return Declared(md5, checksum, trailer)


def _value_headers(headers: Mapping[str, str]) -> list[str]:
    return [name for name in headers if name.startswith(PREFIX) and name not in NOT_VALUES]


def _trailer_names(text: str | None) -> list[str]:
    if text is None:
        return []
    # S3 overlooks commas at the end, and no others.
    return [name.strip().lower() for name in text.rstrip(",").split(",")]


def _content_md5(text: str | None) -> bytes | None:
    if text is None:
        return None
    value = decoded(text, MD5.size)
    if value is None:
        raise MalformedPayload(
            "InvalidDigest",
            "The Content-MD5 you specified was invalid.",
            reason=f"`content-md5` is `{text[:64]}`, wanted 16 bytes in base64",
            details=(("Content-MD5", text),),
        )
    return value


def _checksum(name: str, text: str) -> Checksum:
    algorithm = BY_HEADER.get(name)
    if algorithm is None:
        raise invalid_request(
            "The algorithm type you specified in x-amz-checksum- header is invalid.",
            f"`{name[:64]}` is none of the checksums that are computed here",
            f"have the client use one of {', '.join(ALGORITHMS)}",
        )
    value = algorithm.read(text)
    if value is None:
        raise invalid_request(
            f"Value for {name} header is invalid.",
            f"`{name}` is `{text[:96]}`, wanted {algorithm.size} bytes in base64",
        )
    return Checksum(algorithm, value)


def _refuse_other_algorithm(headers: Mapping[str, str], found: Algorithm | None) -> None:
    named = headers.get("x-amz-sdk-checksum-algorithm")
    if named is None:
        return
    if named.upper() not in ALGORITHMS or (found and found.name != named.upper()):
        sent = f"`{found.header}`" if found else "none"
        raise invalid_request(
            "Value for x-amz-sdk-checksum-algorithm header is invalid.",
            f"`x-amz-sdk-checksum-algorithm` is `{named[:32]}`, the checksum sent is {sent}",
        )
    if found is None:
        raise invalid_request(
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or "
            "x-amz-trailer headers were found.",
            f"`x-amz-sdk-checksum-algorithm` is `{named}`, and there is no checksum",
        )


def _several() -> MalformedPayload:
    return invalid_request(_SEVERAL, "the request has more than one checksum")


def _twice(name: str) -> MalformedPayload:
    return invalid_request(
        f"The header '{name[:64]}' must be present at most once.",
        f"the header `{name[:64]}` is given more than once",
    )
