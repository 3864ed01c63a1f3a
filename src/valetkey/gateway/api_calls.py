"""Requests to any other AWS API: understood, allowed, signed again, passed on."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Final, TypeVar

from valetkey.access import Event
from valetkey.errors import AwsError
from valetkey.gateway.api_facts import asked_of, partition_keys
from valetkey.gateway.apis import ApiRequest, questions, understand
from valetkey.gateway.decide import allow
from valetkey.gateway.model import Answer, Headers, Incoming, Question
from valetkey.gateway.parts import Parts
from valetkey.gateway.places import ANY_REGION
from valetkey.gateway.streamed import Streamed
from valetkey.gateway.upstream import UpstreamRequest
from valetkey.gateway.upstream.passing import Ids, passed
from valetkey.gateway.visit import Visit, enter
from valetkey.sigv4 import SignatureCheck, SignatureRefused
from valetkey.store import Directory, UpstreamRecord

_AT_ONCE: Final = 32 * 1024
_MAX_QUESTIONS: Final = 1024
"""EC2 takes 1000 ids at once."""

T = TypeVar("T")


async def serve_api(
    parts: Parts,
    service: str,
    incoming: Incoming,
    event: Event,
    directory: Directory,
    *,
    secure: bool,
) -> Answer:
    """Serve a request that is signed for ``service``.

    Raises AwsError for whatever is refused; nothing of the request went on then.
    """
    head = incoming.head
    body = await _whole(incoming.body, parts.max_body_bytes)
    digest = hashlib.sha256(body).hexdigest
    visit = enter(
        head,
        event,
        directory,
        parts.keys,
        service=service,
        secure=secure,
        region=parts.region,
        body_sha256=digest,
    )
    region = visit.facts.region
    request = await _computed(
        body,
        lambda: understand(head, body, service=service, region=region, catalogue=parts.catalogue),
    )
    event.operation = request.operation
    _refuse_unsigned_meaning(visit, request)
    upstream = _upstream(visit, service)
    asked = await _questions(parts, visit, upstream, request, body)
    await allow(visit, (asked_of(parts, visit, upstream, request, one) for one in asked))
    return await _pass_on(parts, visit, upstream, body)


async def _questions(
    parts: Parts, visit: Visit, upstream: UpstreamRecord, request: ApiRequest, body: bytes
) -> tuple[Question, ...]:
    keys = await partition_keys(parts, visit, upstream, request)
    account, region = upstream.account, visit.facts.region
    found = await _computed(
        body, lambda: questions(request, account=account, region=region, partition_keys=keys)
    )
    if len(found) > _MAX_QUESTIONS:
        raise AwsError(
            "ValidationError",
            f"The request names more than {_MAX_QUESTIONS} resources.",
            reason=f"it needs {len(found)} decisions",
        )
    return found


async def _computed(body: bytes, compute: Callable[[], T]) -> T:
    """Return what is computed from a body; a large one keeps no other request waiting."""
    return compute() if len(body) <= _AT_ONCE else await asyncio.to_thread(compute)


async def _pass_on(parts: Parts, visit: Visit, upstream: UpstreamRecord, body: bytes) -> Answer:
    head, event = visit.head, visit.event
    request = UpstreamRequest(
        head.method,
        head.raw_path,
        head.raw_query,
        head.headers,
        body or None,
        region=visit.facts.region if upstream.region == ANY_REGION else None,
    )
    stack = AsyncExitStack()
    try:
        answer = await stack.enter_async_context(parts.upstreams.send(upstream, request))
        event.status = answer.status
        event.details["upstream"] = upstream.name
        found = await passed(
            answer, Ids(event.request_id, event.request_id), head=head.method == "HEAD"
        )
    except BaseException:
        await stack.aclose()
        raise
    event.wire_code = found.code or event.wire_code
    event.reason = found.reason or event.reason
    headers = (*found.headers, (b"x-amzn-requestid", event.request_id.encode()))
    if isinstance(found.body, bytes):
        await stack.aclose()
        if head.method != "HEAD":
            headers = _with_length(headers, len(found.body))
        return Answer(found.status, headers, found.body)
    return Answer(found.status, headers, Streamed(found.body, stack))


def _with_length(headers: Headers, length: int) -> Headers:
    """Return the headers of a body that need not be the whole that the upstream announced."""
    kept = (pair for pair in headers if pair[0] != b"content-length")
    return (*kept, (b"content-length", str(length).encode("ascii")))


async def _whole(source: AsyncIterator[bytes], limit: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    async for piece in source:
        size += len(piece)
        if size > limit:
            raise AwsError(
                "RequestEntityTooLarge", f"The request body is larger than {limit} bytes.", 413
            )
        pieces.append(piece)
    return b"".join(pieces)


def _upstream(visit: Visit, service: str) -> UpstreamRecord:
    account, region = visit.caller.account, visit.facts.region
    found = visit.directory.upstreams.of_service(service, account)
    if found is None:
        raise AwsError(
            "InvalidAction",
            f"The service {service} is not offered by this server.",
            reason=f"no upstream of service `{service}` is open to account `{account}`",
            help=f"add one with `valetkey upstream add NAME --service {service} …`, or open one"
            f" with `--allow-account {account}`",
        )
    if found.region not in (ANY_REGION, region):
        raise SignatureRefused(
            SignatureCheck.REGION,
            f"Credential should be scoped to a valid region, not '{region}'. ",
            reason=f"upstream `{found.name}` is in region `{found.region}`, the request is signed"
            f" for `{region}`",
            help=f"set `AWS_REGION={found.region}`",
        )
    return found


def _refuse_unsigned_meaning(visit: Visit, request: ApiRequest) -> None:
    """Refuse a header that says what is done and that the signature does not cover."""
    if visit.proof is None:
        raise ValueError("only signed requests come here")
    signed = visit.proof.signature.signed_headers
    for name in sorted(request.meaning):
        shown = name.decode("latin-1")
        if shown not in signed:
            raise SignatureRefused(
                SignatureCheck.HEADERS_SIGNED,
                "There were headers present in the request which were not signed",
                code="AccessDenied",
                reason=f"header `{shown}` says what is done, and is not signed",
                help="sign it, as every AWS SDK does",
            )
