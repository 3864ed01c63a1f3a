"""DeleteObjects: decided key by key. Only what is allowed goes on; the answer speaks of all."""

import base64
import hashlib

from valetkey.access import AccessDenied
from valetkey.gateway.decide import allow
from valetkey.gateway.errand import Errand
from valetkey.gateway.forward import exchange
from valetkey.gateway.model import Answer
from valetkey.gateway.s3 import (
    Doomed,
    Spared,
    delete_questions,
    merge_delete_result,
    read_delete,
    write_delete,
)

_OK = 200


async def delete_objects(errand: Errand) -> Answer:
    """Delete what may be deleted. Raises S3Error, and what the upstream raises."""
    wanted = read_delete(errand.document or b"")
    allowed: list[Doomed] = []
    spared: list[Spared] = []
    for doomed in wanted.objects:
        asked = delete_questions(doomed, errand.request, errand.visit.head, around=errand.around)
        try:
            await allow(errand.visit, errand.asked(asked))
        except AccessDenied as denied:
            spared.append(Spared(doomed.key, doomed.version_id, message=denied.message))
        else:
            allowed.append(doomed)
    errand.visit.event.details["objects"] = {"deleted": len(allowed), "refused": len(spared)}
    if not allowed:
        return _result(errand, merge_delete_result(None, spared))
    document = write_delete(allowed, quiet=wanted.quiet)
    # Some stores demand one of S3's digests for a document that deletes.
    digest = hashlib.md5(document, usedforsecurity=False).digest()
    more = ((b"content-md5", base64.b64encode(digest)),)
    found = await exchange(errand, errand.upstream_request(document, body_replaced=True, more=more))
    if found.status != _OK or not isinstance(found.body, bytes):
        return Answer(found.status, (*errand.own_headers(), *found.headers), found.body)
    return _result(errand, merge_delete_result(found.body, spared))


def _result(errand: Errand, body: bytes) -> Answer:
    headers = (
        *errand.own_headers(),
        (b"content-type", b"application/xml"),
        (b"content-length", str(len(body)).encode()),
    )
    return Answer(_OK, headers, body)
