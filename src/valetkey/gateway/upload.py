"""An object of a length that nobody said, stored in constant memory.

One that fits into a part goes on as a PutObject; a longer one as a multipart upload, part by part,
which is aborted where it does not come to its end.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

from valetkey.gateway.errand import Errand
from valetkey.gateway.forward import exchange
from valetkey.gateway.s3 import S3Error, upstream_target
from valetkey.gateway.s3.errors import CODES
from valetkey.gateway.s3.keys import encoded_value
from valetkey.gateway.s3.xml import UnreadableXml, document, element, read_xml
from valetkey.gateway.upstream import UpstreamRequest
from valetkey.gateway.upstream.errors import UpstreamBroken
from valetkey.gateway.upstream.passing import Passed

PART_BYTES: Final = 8 * 1024 * 1024
MAX_OBJECT_BYTES: Final = 5 * 1024**3
"""The longest object that S3 takes in one request."""

_MAX_XML: Final = 64 * 1024
_MADE: Final = range(200, 300)


async def store_stream(errand: Errand, pieces: AsyncIterator[bytes]) -> str:
    """Store the pieces as the object of a PutObject errand, and return its ETag.

    Raises what the pieces raise, and S3Error in the upstream's words where it refuses; the object
    is not there then.
    """
    parts = _parts(pieces)
    first = await anext(parts, b"")
    second = await anext(parts, None)
    if second is None:
        return _etag(await exchange(errand, errand.upstream_request(first)))
    return await _Upload(errand).store(first, second, parts)


async def _parts(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the pieces in parts of one size; the last may be shorter."""
    waiting = bytearray()
    total = 0
    async for piece in pieces:
        waiting += piece
        total += len(piece)
        if total > MAX_OBJECT_BYTES:
            raise S3Error("EntityTooLarge", reason=f"more than {MAX_OBJECT_BYTES} bytes")
        while len(waiting) > PART_BYTES:
            yield bytes(waiting[:PART_BYTES])
            del waiting[:PART_BYTES]
    yield bytes(waiting)


class _Upload:
    """One multipart upload of our own."""

    def __init__(self, errand: Errand) -> None:
        self._errand = errand
        self._path, _ = upstream_target(errand.request)

    async def store(self, first: bytes, second: bytes, rest: AsyncIterator[bytes]) -> str:
        """Store all parts and return the object's ETag."""
        upload_id = await self._begin()
        try:
            etags = [await self._put(upload_id, 1, first), await self._put(upload_id, 2, second)]
            async for part in rest:
                etags.append(await self._put(upload_id, len(etags) + 1, part))
            return await self._complete(upload_id, etags)
        except BaseException:
            await asyncio.shield(self._abort(upload_id))
            raise

    async def _begin(self) -> str:
        made = self._errand.upstream_request(None)
        request = replace(made, method="POST", raw_query=b"uploads")
        return _text(
            await exchange(self._errand, request), "InitiateMultipartUploadResult", "UploadId"
        )

    async def _put(self, upload_id: str, number: int, part: bytes) -> str:
        query = f"partNumber={number}&uploadId={_quoted(upload_id)}".encode()
        request = UpstreamRequest("PUT", self._path, query, body=part)
        return _etag(await exchange(self._errand, request))

    async def _complete(self, upload_id: str, etags: list[str]) -> str:
        listed = (
            f"<Part>{element('PartNumber', str(number))}{element('ETag', etag)}</Part>"
            for number, etag in enumerate(etags, 1)
        )
        body = document("CompleteMultipartUpload", listed)
        query = f"uploadId={_quoted(upload_id)}".encode()
        request = UpstreamRequest("POST", self._path, query, body=body)
        found = await exchange(self._errand, request)
        return _text(found, "CompleteMultipartUploadResult", "ETag")

    async def _abort(self, upload_id: str) -> None:
        query = f"uploadId={_quoted(upload_id)}".encode()
        request = UpstreamRequest("DELETE", self._path, query)
        async with self._errand.parts.upstreams.send(self._errand.places.upstream, request):
            pass


def _quoted(upload_id: str) -> str:
    return encoded_value(upload_id).decode()


def _etag(found: Passed) -> str:
    _refuse_failure(found)
    etag = next((value for name, value in found.headers if name == b"etag"), None)
    if etag is None:
        raise UpstreamBroken("the upstream stored an object and names no ETag")
    return etag.decode("latin-1")


def _text(found: Passed, document_name: str, name: str) -> str:
    _refuse_failure(found)
    try:
        root = read_xml(_whole(found), document_name, limit=_MAX_XML)
    except UnreadableXml as flaw:
        raise UpstreamBroken(f"the upstream's answer can't be read: {flaw.message}") from None
    value = root.value(name)
    if not value:
        raise UpstreamBroken(f"the upstream's answer has no `{name}`")
    return value


def _refuse_failure(found: Passed) -> None:
    if found.status in _MADE:
        return
    try:
        root = read_xml(_whole(found), "Error", limit=_MAX_XML)
    except UnreadableXml:
        root = None
    message = None if root is None else root.value("Message")
    raise S3Error(
        found.code if found.code in CODES else "ServiceUnavailable",
        message,
        status=found.status,
        refusal=found.status < 500,  # noqa: PLR2004 - HTTP's own border
        reason=found.reason,
    )


def _whole(found: Passed) -> bytes:
    return found.body if isinstance(found.body, bytes) else b""
