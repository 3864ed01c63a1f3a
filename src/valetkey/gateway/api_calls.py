"""Requests to any other AWS API: understood, allowed, signed again, passed on."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import Final

from valetkey.access import Event
from valetkey.errors import AwsError
from valetkey.gateway.apis import ApiRequest, questions, tag_lookup, understand
from valetkey.gateway.decide import Asked, allow
from valetkey.gateway.model import Answer, Incoming, Question
from valetkey.gateway.parts import Parts
from valetkey.gateway.places import ANY_REGION
from valetkey.gateway.upstream import UpstreamRequest
from valetkey.gateway.upstream.lookups import fetch
from valetkey.gateway.upstream.passing import Ids, passed
from valetkey.gateway.visit import Visit, enter
from valetkey.sigv4 import SignatureCheck, SignatureRefused
from valetkey.store import Directory, UpstreamRecord

_MAX_TAGS: Final = 1024 * 1024


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
    request = understand(
        head, body, service=service, region=visit.facts.region, catalogue=parts.catalogue
    )
    event.operation = request.operation
    _refuse_unsigned_meaning(visit, request)
    upstream = _upstream(visit, service)
    asked = questions(request, account=upstream.account, region=visit.facts.region)
    await allow(visit, (_asked(parts, upstream, request, one) for one in asked))
    return await _pass_on(parts, visit, upstream, body)


def _asked(
    parts: Parts, upstream: UpstreamRecord, request: ApiRequest, question: Question
) -> Asked:
    tags = partial(_tags, parts, upstream, request, question)
    return Asked(question, tags=tags, account=upstream.account)


async def _tags(
    parts: Parts, upstream: UpstreamRecord, request: ApiRequest, question: Question
) -> Mapping[str, str]:
    look_up = tag_lookup(request.prefix, question.resource)
    if look_up is None:
        return {}
    asked = UpstreamRequest(
        look_up.method,
        look_up.path.encode(),
        look_up.query.encode(),
        look_up.headers,
        look_up.body or None,
        region=look_up.region if upstream.region == ANY_REGION else None,
    )
    said = await fetch(parts.upstreams, upstream, asked, limit=_MAX_TAGS)
    return look_up.parse(said.status, said.body)


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
        return Answer(found.status, headers, found.body)
    return Answer(found.status, headers, _until_end(found.body, stack))


async def _until_end(pieces: AsyncIterator[bytes], stack: AsyncExitStack) -> AsyncIterator[bytes]:
    async with stack:
        async for piece in pieces:
            yield piece


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
