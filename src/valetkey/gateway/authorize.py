"""Decisions for a proxy in front, so that the bytes of objects pass it by and not through here.

The proxy asks with the head of a request, and is told the signature to send it on with, or the
refusal. What can't be decided by the head alone, or what valetkey answers itself, is to go through
its own stream: :class:`NeedsStream`.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from valetkey.access import Event
from valetkey.errors import AwsError
from valetkey.gateway.decide import may
from valetkey.gateway.errand import Errand
from valetkey.gateway.model import Answer, Head, Headers
from valetkey.gateway.parts import Parts
from valetkey.gateway.places import find_places, surroundings
from valetkey.gateway.route import S3, scope_service
from valetkey.gateway.s3 import (
    AnsweredBy,
    S3Request,
    list_question,
    understand,
    upstream_headers,
    upstream_target,
)
from valetkey.gateway.stores import ANSWERED_HERE, ASK_THEMSELVES, ask_all
from valetkey.gateway.upstream.forwarding import target
from valetkey.gateway.upstream.signing import EMPTY_SHA256
from valetkey.gateway.visit import Visit, enter
from valetkey.outbound.destination import parse_destination
from valetkey.sigv4 import HttpRequest, Streaming, sign
from valetkey.sigv4.request import UNSIGNED_PAYLOAD
from valetkey.store import Directory, UpstreamRecord

ORIGINAL_METHOD: Final = b"x-original-method"
ORIGINAL_URI: Final = b"x-original-uri"
ORIGINAL_LENGTH: Final = b"x-original-content-length"
_ORIGINAL: Final = frozenset((ORIGINAL_METHOD, ORIGINAL_URI, ORIGINAL_LENGTH))

_READS: Final = frozenset(("GetObject", "HeadObject"))
_SHA256_HEX: Final = 64
_OK: Final = 200


class NeedsStream(AwsError):
    """The request must go through valetkey's own stream; ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "NotImplemented",
            "A header you provided implies functionality that is not implemented.",
            501,
            reason=reason,
            help="route the request to valetkey itself",
        )


class _NobodySends:
    """The body of a question: there is none."""

    def __aiter__(self) -> "_NobodySends":
        return self

    async def __anext__(self) -> bytes:
        raise StopAsyncIteration


class _Way(NamedTuple):
    """Where an allowed request goes: its target at the upstream, and the host that it names."""

    path_and_query: bytes
    host: bytes
    endpoint: str


def original_head(head: Head, rest: bytes) -> Head:
    """Return the head that a proxy asks about.

    nginx names it in ``X-Original-Method`` and ``X-Original-URI``; Envoy sends it as it is, with
    its path behind ours: ``rest``. ``X-Original-Content-Length`` stands for the length that a
    question has not.
    """
    named = {name: value for name, value in head.headers if name in _ORIGINAL}
    headers = tuple(pair for pair in head.headers if pair[0] not in _ORIGINAL)
    length = named.get(ORIGINAL_LENGTH)
    if length:
        kept = (pair for pair in headers if pair[0] != b"content-length")
        headers = (*kept, (b"content-length", length))
    uri = named.get(ORIGINAL_URI)
    if uri is None:
        return Head(head.method, rest or b"/", head.raw_query, headers)
    path, _, query = uri.partition(b"?")
    method = named.get(ORIGINAL_METHOD, head.method.encode()).decode("latin-1")
    return Head(method, path, query, headers)


async def authorize(
    parts: Parts, head: Head, event: Event, directory: Directory, *, secure: bool
) -> Answer:
    """Return the headers that an allowed request is to go on with.

    Raises :class:`NeedsStream`, and AwsError for whatever is refused.
    """
    if (scope_service(head) or S3) != S3:
        raise NeedsStream("what is asked of other APIs stands in the body")
    event.service = S3
    request = understand(head, domains=parts.domains)
    event.operation = request.operation.name
    _refuse_what_needs_more(head, request)
    visit = enter(
        head,
        event,
        directory,
        parts.keys,
        service=S3,
        secure=secure,
        region=parts.region,
        anonymous=True,
    )
    places = find_places(visit, request)
    around = surroundings(visit, places)
    errand = Errand(parts, visit, request, places, around, _NobodySends())
    payload = _payload(visit, request, places.upstream)
    await ask_all(errand)
    if request.operation.name in _READS and not _may_list(errand):
        raise NeedsStream("an absent key must not be told from one that is refused")
    event.details["upstream"] = places.upstream.name
    return await _allowed(errand, payload)


def _refuse_what_needs_more(head: Head, request: S3Request) -> None:
    operation = request.operation
    if operation.body == "document" or operation.reads_body:
        raise NeedsStream(f"{operation.name} is decided by its body")
    if operation.name in ASK_THEMSELVES or operation.name in ANSWERED_HERE:
        raise NeedsStream(f"{operation.name} is answered by valetkey")
    if operation.by is not AnsweredBy.UPSTREAM:
        raise NeedsStream(f"{operation.name} is not for the upstream")
    if head.header(b"origin") is not None:
        raise NeedsStream("what a browser is told of other origins is decided here")


def _may_list(errand: Errand) -> bool:
    own = errand.places.own
    return own is not None and may(errand.visit, list_question(own.name, errand.around), own)


def _payload(visit: Visit, request: S3Request, upstream: UpstreamRecord) -> str:
    """Return how the body is declared to the upstream, which then holds it to that."""
    if request.operation.body != "payload":
        return EMPTY_SHA256
    declared = UNSIGNED_PAYLOAD
    if visit.proof is not None:
        declared = visit.proof.payload_sha256
    elif visit.head.header(b"x-amz-content-sha256") is not None:
        raise NeedsStream("an unsigned request that says something of its payload")
    if declared == UNSIGNED_PAYLOAD or len(declared) == _SHA256_HEX:
        return declared
    if declared == Streaming.UNSIGNED_TRAILER and upstream.trailers:
        return declared
    raise NeedsStream(f"the body is verified chunk by chunk (`{declared}`)")


async def _allowed(errand: Errand, payload: str) -> Answer:
    record = errand.places.upstream
    way = _way(errand, record)
    path, _, query = way.path_and_query.partition(b"?")
    headers = (
        (b"host", way.host),
        (b"x-amz-content-sha256", payload.encode()),
        *_signed_headers(errand, payload),
    )
    credentials = await errand.parts.upstreams.credentials(record)
    made = HttpRequest(errand.visit.head.method, path, query, headers, body_sha256=payload)
    if credentials is not None:
        made = sign(
            made,
            access_key_id=credentials.access_key_id,
            secret_key=credentials.secret_key,
            session_token=credentials.session_token,
            region=errand.region or record.region,
            service=S3,
            now=errand.visit.facts.now,
        )
    return Answer(
        _OK,
        (
            *_told(made.headers),
            (b"x-valetkey-target", way.path_and_query),
            (b"x-valetkey-host", way.host),
            (b"x-valetkey-endpoint", way.endpoint.encode()),
            (b"x-valetkey-request-id", errand.request_id.encode()),
            (b"content-length", b"0"),
        ),
    )


def _way(errand: Errand, record: UpstreamRecord) -> _Way:
    raw_path, raw_query = upstream_target(errand.request)
    destination = parse_destination(record.endpoint)
    found = target(destination, raw_path, raw_query, path_style=record.path_style)
    query = b"?" + found.raw_query if found.raw_query else b""
    return _Way(found.raw_path + query, found.host, destination.origin)


def _signed_headers(errand: Errand, payload: str) -> Iterator[tuple[bytes, bytes]]:
    """Yield the ``x-amz-*`` headers that the proxy sends on as the client sent them.

    One that does not go on, or goes on with another value, could mean something to the upstream
    that was not decided about: a proxy passes on what it has.
    """
    going = dict(upstream_headers(errand.visit.head, errand.request))
    framing = payload == Streaming.UNSIGNED_TRAILER
    for name, value in errand.visit.head.headers:
        if not name.startswith(b"x-amz-") or name in _REPLACED:
            continue
        if name in _HARMLESS or (name in _FRAMING and framing):
            yield name, value.strip()
        elif going.get(name) != value.strip():
            raise NeedsStream(f"header `{name.decode('latin-1')}` must not go on as it is")
        else:
            yield name, value.strip()
    hoisted = going.keys() - {name for name, _ in errand.visit.head.headers}
    if any(name.startswith(b"x-amz-") for name in hoisted):
        raise NeedsStream("a header that stands in the query of a presigned request")


_REPLACED: Final = frozenset((b"x-amz-content-sha256", b"x-amz-date", b"x-amz-security-token"))
_HARMLESS: Final = frozenset((b"x-amz-user-agent",))
_FRAMING: Final = frozenset(
    (b"x-amz-decoded-content-length", b"x-amz-trailer", b"x-amz-sdk-checksum-algorithm")
)
_TOLD: Final = frozenset((b"authorization", *_REPLACED))


def _told(headers: Headers) -> Headers:
    """Return what the proxy must set; what was not signed must be taken away."""
    told = tuple(pair for pair in headers if pair[0] in _TOLD)
    absent = _TOLD - {name for name, _ in told}
    return (*told, *((name, b"") for name in sorted(absent)))
