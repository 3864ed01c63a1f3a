"""Decisions for a proxy in front, so that the bytes of objects pass it by and not through here.

The proxy asks with the head of a request, and is told the signature to send it on with, or the
refusal. What can't be decided by the head alone, or what valetkey answers itself, is to go through
its own stream: :class:`NeedsStream`.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from valetkey.access import Event
from valetkey.gateway.decide import may
from valetkey.gateway.errand import Errand
from valetkey.gateway.inquiry import OWN_HEADERS, Inquiry
from valetkey.gateway.model import Answer, Head, Headers
from valetkey.gateway.parts import Parts
from valetkey.gateway.places import find_places, surroundings
from valetkey.gateway.proxied_headers import (
    REPLACED,
    NeedsStream,
    check_as_sent,
    going_on,
    taken_away,
    told,
)
from valetkey.gateway.route import S3, is_gateways, may_be_gateways, scope_service
from valetkey.gateway.s3 import AnsweredBy, S3Request, list_question, understand, upstream_target
from valetkey.gateway.s3.keys import spellings
from valetkey.gateway.stores import ANSWERED_HERE, ASK_THEMSELVES, ask_all, enter_s3
from valetkey.gateway.upstream.forwarding import target
from valetkey.gateway.upstream.signing import EMPTY_SHA256, signing_region
from valetkey.gateway.visit import Visit
from valetkey.outbound.destination import parse_destination
from valetkey.sigv4 import HttpRequest, Streaming, sign
from valetkey.sigv4.request import UNSIGNED_PAYLOAD
from valetkey.store import Directory, UpstreamRecord

WAY: Final = OWN_HEADERS + b"way"
"""The header that says where a request goes: straight to the store, or through our stream."""

STREAM: Final = b"stream"
STORE: Final = b"store"

_READS: Final = frozenset(("GetObject", "HeadObject"))
_SHA256_HEX: Final = 64
_OK: Final = 200


class _NobodySends:
    """The body of an inquiry: there is none."""

    def __aiter__(self) -> "_NobodySends":
        return self

    async def __anext__(self) -> bytes:
        raise StopAsyncIteration


class _Way(NamedTuple):
    """Where an allowed request goes: its target at the upstream, and the host that it names."""

    path: bytes
    query: bytes
    host: bytes
    endpoint: bytes


async def authorize(
    parts: Parts, inquiry: Inquiry, event: Event, directory: Directory, *, secure: bool
) -> Answer:
    """Return the headers that an allowed request is to go on with.

    Raises :class:`NeedsStream`, and AwsError for whatever is refused.
    """
    head = inquiry.head
    if not (may_be_gateways(head) and is_gateways(head, directory, parts.domains)):
        raise NeedsStream("it is for this server's own services")
    if (scope_service(head) or S3) != S3:
        raise NeedsStream("what is asked of other APIs stands in the body")
    event.service = S3
    request = understand(head, domains=parts.domains)
    event.operation = request.operation.name
    _check_operation(request)
    _check_head(head, request)
    visit = enter_s3(parts, head, event, directory, secure=secure)
    places = find_places(visit, request)
    if places.upstream.features != "all":
        raise NeedsStream("the upstream knows plain objects only, and its answers are looked at")
    around = surroundings(visit, places)
    errand = Errand(parts, visit, request, places, around, _NobodySends())
    payload = _payload(visit, request, places.upstream)
    going = going_on(head, request, framed=payload == Streaming.UNSIGNED_TRAILER)
    if not inquiry.rewrites:
        check_as_sent(head, going)
    await ask_all(errand)
    _check_absence(errand)
    event.details["upstream"] = places.upstream.name
    event.details["way"] = "front proxy"
    return await _allowed(errand, payload, going, rewrites=inquiry.rewrites)


def _check_operation(request: S3Request) -> None:
    operation = request.operation
    if operation.body == "document" or operation.reads_body:
        raise NeedsStream(f"{operation.name} is decided by its body")
    if operation.name in ASK_THEMSELVES or operation.name in ANSWERED_HERE:
        raise NeedsStream(f"{operation.name} is answered by valetkey")
    if operation.by is not AnsweredBy.UPSTREAM or request.bucket is None:
        raise NeedsStream(f"{operation.name} is not for the upstream")


def _check_head(head: Head, request: S3Request) -> None:
    if head.header(b"origin") is not None:
        raise NeedsStream("what a browser is told of other origins is decided here")
    operation, length = request.operation, head.header(b"content-length")
    if operation.body == "payload" and length is None:
        raise NeedsStream("the length of the body is not declared")
    if operation.body == "none" and (length or "").strip("0"):
        raise NeedsStream(f"{operation.name} comes with a body, which ends here")


def _check_absence(errand: Errand) -> None:
    """Make sure that the caller may be told that there is no such object.

    The stream hides that from those who may not list the key, as it sees the upstream's answer.
    """
    request, place = errand.request, errand.places.own
    if request.operation.name not in _READS or place is None:
        return
    for key in spellings(request.key or ""):
        question = list_question(place.name, errand.around, prefix=key)
        if not may(errand.visit, question, place):
            raise NeedsStream("an absent key must not be told from one that is refused")


def _payload(visit: Visit, request: S3Request, upstream: UpstreamRecord) -> str:
    """Return how the body is declared to the upstream, which then holds it to that."""
    if request.operation.body != "payload":
        return EMPTY_SHA256
    declared = UNSIGNED_PAYLOAD
    if visit.proof is not None:
        declared = visit.proof.payload_sha256
    elif visit.head.header(b"x-amz-content-sha256") is not None:
        raise NeedsStream("an unsigned request that says something of its payload")
    if declared == UNSIGNED_PAYLOAD:
        return declared
    if len(declared) == _SHA256_HEX:
        if upstream.payload != "hashed":
            # Not every store looks at it: SeaweedFS does not.
            raise NeedsStream("the upstream is not known to hold a body to its hash")
        return declared
    if declared == Streaming.UNSIGNED_TRAILER and upstream.trailers:
        return declared
    raise NeedsStream(f"the body is verified chunk by chunk (`{declared}`)")


async def _allowed(
    errand: Errand, payload: str, going: dict[bytes, bytes], *, rewrites: bool
) -> Answer:
    way = _way(errand)
    signed = await _signed(errand, way, payload, going)
    signature = tuple(pair for pair in signed if pair[0] in REPLACED)
    query = b"?" + way.query if way.query else b""
    headers: Headers = (
        *signature,
        (WAY, STORE),
        (OWN_HEADERS + b"target", way.path + query),
        (OWN_HEADERS + b"host", way.host),
        (OWN_HEADERS + b"endpoint", way.endpoint),
        (OWN_HEADERS + b"request-id", errand.request_id.encode()),
        (b"content-length", b"0"),
    )
    if rewrites:
        kept = {*going, *(name for name, _ in signature)}
        away = taken_away(errand.visit.head, kept)
        headers = (*headers, *told(going), (b"x-envoy-auth-headers-to-remove", away))
    return Answer(_OK, headers)


def _way(errand: Errand) -> _Way:
    record = errand.places.upstream
    raw_path, raw_query = upstream_target(errand.request)
    destination = parse_destination(record.endpoint)
    found = target(destination, raw_path, raw_query, path_style=record.path_style)
    return _Way(found.raw_path, found.raw_query, found.host, destination.origin.encode())


async def _signed(errand: Errand, way: _Way, payload: str, going: dict[bytes, bytes]) -> Headers:
    """Return what the store takes as ours; without credentials, that is no more than the body's."""
    record = errand.places.upstream
    made = HttpRequest(
        errand.visit.head.method,
        way.path,
        way.query,
        tuple(_to_sign(way, payload, going)),
        body_sha256=payload,
    )
    credentials = await errand.parts.upstreams.credentials(record)
    if credentials is None:
        return made.headers
    return sign(
        made,
        access_key_id=credentials.access_key_id,
        secret_key=credentials.secret_key,
        session_token=credentials.session_token,
        region=errand.region or signing_region(record),
        service=S3,
        now=errand.visit.facts.now,
    ).headers


def _to_sign(way: _Way, payload: str, going: dict[bytes, bytes]) -> Iterator[tuple[bytes, bytes]]:
    yield b"host", way.host
    yield b"x-amz-content-sha256", payload.encode()
    # Other headers may be written in another way by a proxy.
    yield from ((name, value) for name, value in going.items() if name.startswith(b"x-amz-"))
