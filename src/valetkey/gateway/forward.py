"""An allowed S3 request goes to its upstream, and the answer comes back as a stream."""

from contextlib import AsyncExitStack

from valetkey.gateway.decide import may
from valetkey.gateway.errand import Errand, host_id
from valetkey.gateway.model import Answer, Head, Headers
from valetkey.gateway.payload import Payload, open_payload
from valetkey.gateway.s3 import S3Error, list_question
from valetkey.gateway.s3.keys import spellings
from valetkey.gateway.streamed import Streamed
from valetkey.gateway.upstream import UpstreamAnswer, UpstreamRequest
from valetkey.gateway.upstream.passing import Ids, Passed, passed

_READS = frozenset(("GetObject", "HeadObject"))
MAX_ANSWER = 8 * 1024 * 1024
_NOT_FOUND = 404
_PARTIAL = 206
_FOUND = (200, _PARTIAL)
_CREATED = range(200, 300)


async def forward(errand: Errand) -> Answer:
    """Send an allowed request on and return the upstream's answer.

    A body of an object's own bytes is verified on its way. Raises what the payload's reader and
    the upstream raise.
    """
    if errand.request.operation.body == "payload":
        return await _forward_payload(errand)
    return await relay(errand, errand.upstream_request(errand.document))


async def relay(errand: Errand, request: UpstreamRequest) -> Answer:
    """Send one request to the errand's upstream, and return its answer as a stream."""
    stack = AsyncExitStack()
    try:
        answer = await stack.enter_async_context(
            errand.parts.upstreams.send(errand.places.upstream, request)
        )
        _note(errand, answer)
        _hide_absence(errand, answer)
        _hold_to_match(errand, answer)
        found = await passed(
            answer,
            Ids(errand.request_id, host_id(errand.request_id)),
            head=errand.visit.head.method == "HEAD",
        )
    except BaseException:
        await stack.aclose()
        raise
    _note_error(errand, found)
    headers = (*errand.own_headers(), *found.headers)
    status = _status(found)
    if isinstance(found.body, bytes):
        await stack.aclose()
        return Answer(status, headers, found.body)
    return Answer(status, headers, Streamed(found.body, stack))


async def exchange(errand: Errand, request: UpstreamRequest) -> Passed:
    """Send a request of our own making for the errand, and return the answer, read whole."""
    async with errand.parts.upstreams.send(errand.places.upstream, request) as answer:
        _note(errand, answer)
        found = await passed(answer, Ids(errand.request_id, host_id(errand.request_id)))
        _note_error(errand, found)
        if isinstance(found.body, bytes):
            return found
        return found._replace(body=await answer.read(MAX_ANSWER))


async def _forward_payload(errand: Errand) -> Answer:
    payload = await open_payload(errand.visit, errand.source, errand.request.headers)
    request = errand.upstream_request(
        payload.body,
        length=payload.length,
        sha256=payload.sha256,
        checksum=_trailing(errand.visit.head),
        more=_trailed_checksums(errand, payload),
    )
    answer = await relay(errand, request)
    if answer.status not in _CREATED:
        return answer
    known = {name for name, _ in answer.headers}
    added = tuple(pair for pair in _checksum_headers(payload) if pair[0] not in known)
    return answer._replace(headers=(*answer.headers, *added))


def _trailed_checksums(errand: Errand, payload: Payload) -> Headers:
    """Return the checksums that came in a trailer as headers; others go on as they came."""
    sent = errand.request.headers
    return tuple(pair for pair in _checksum_headers(payload) if pair[0].decode() not in sent)


def _checksum_headers(payload: Payload) -> Headers:
    """Return the checksums that were verified as headers, so far as they are known."""
    return tuple(
        (f"x-amz-checksum-{algorithm.lower()}".encode(), value.encode())
        for algorithm, value in payload.checksums.items()
    )


def _status(found: Passed) -> int:
    """Return an answer's status; some stores answer 200 with a part, which reads as the whole."""
    in_part = any(name == b"content-range" for name, _ in found.headers)
    return _PARTIAL if in_part and found.status == _FOUND[0] else found.status


def _trailing(head: Head) -> str | None:
    """Return the algorithm of the checksum that follows a body, to have the upstream keep one."""
    name = head.header(b"x-amz-trailer")
    return None if name is None else name.strip().lower().removeprefix("x-amz-checksum-").upper()


def _note(errand: Errand, answer: UpstreamAnswer) -> None:
    event = errand.visit.event
    event.status = answer.status
    event.details["upstream"] = errand.places.upstream.name
    event.details["upstream_status"] = answer.status


def _note_error(errand: Errand, found: Passed) -> None:
    event = errand.visit.event
    if found.code is not None:
        event.wire_code = found.code
    if found.reason is not None:
        event.reason = found.reason


def _hide_absence(errand: Errand, answer: UpstreamAnswer) -> None:
    """Refuse to say that a key is not there to those who may not list it, as S3 does.

    What is asked is whether a list with the whole key as its prefix is allowed: that is how a
    policy with a condition on `s3:prefix` is read there (ceph/ceph#68577).
    """
    request, place = errand.request, errand.places.own
    if answer.status != _NOT_FOUND or request.operation.name not in _READS or place is None:
        return
    keys = spellings(request.key or "")
    asked = [list_question(place.name, errand.around, prefix=key) for key in keys]
    if not all(may(errand.visit, question, place) for question in asked):
        raise S3Error(
            "AccessDenied",
            refusal=True,
            reason="there is no such object, and the caller may not list bucket"
            f" `{place.name}` with its key as the prefix",
            help="allow `s3:ListBucket` to have absent keys answered with 404",
        )


def _hold_to_match(errand: Errand, answer: UpstreamAnswer) -> None:
    """Refuse to pass on another state of an object than the one that was asked for.

    A download in parts relies on it; some stores take no notice of the header.
    """
    wanted = errand.visit.head.header(b"if-match")
    if wanted is None or wanted.strip() == "*" or answer.status not in _FOUND:
        return
    found = next((value for name, value in answer.headers if name.lower() == b"etag"), None)
    known = {each.strip().strip('"') for each in wanted.split(",")}
    if errand.request.operation.name in _READS and (
        found is None or found.decode("latin-1").strip('"') not in known
    ):
        raise S3Error("PreconditionFailed", details=(("Condition", "If-Match"),), refusal=True)
