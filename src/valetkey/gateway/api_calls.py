"""Requests to any other AWS API: understood, allowed, signed again, passed on."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from typing import Final, TypeVar

from valetkey.access import AccessDenied, Event
from valetkey.arn import ACCOUNT_ID, parse_arn
from valetkey.errors import AwsError
from valetkey.gateway.apis import (
    ApiRequest,
    LookUp,
    key_lookups,
    questions,
    tag_lookup,
    understand,
    unstated,
)
from valetkey.gateway.decide import Asked, allow, names_any
from valetkey.gateway.model import Answer, Headers, Incoming, Question
from valetkey.gateway.parts import Parts
from valetkey.gateway.places import ANY_REGION
from valetkey.gateway.upstream import UpstreamRequest
from valetkey.gateway.upstream.lookups import fetch
from valetkey.gateway.upstream.passing import Ids, passed
from valetkey.gateway.visit import Visit, enter
from valetkey.sigv4 import SignatureCheck, SignatureRefused
from valetkey.store import Directory, UpstreamRecord

_MAX_FACTS: Final = 1024 * 1024
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
    keys = await _partition_keys(parts, visit, upstream, request)
    account = upstream.account
    asked = await _computed(
        body, lambda: questions(request, account=account, region=region, partition_keys=keys)
    )
    if len(asked) > _MAX_QUESTIONS:
        raise AwsError(
            "ValidationError",
            f"The request names more than {_MAX_QUESTIONS} resources.",
            reason=f"it needs {len(asked)} decisions",
        )
    await allow(visit, (_asked(parts, visit, upstream, request, one) for one in asked))
    return await _pass_on(parts, visit, upstream, body)


async def _computed(body: bytes, compute: Callable[[], T]) -> T:
    """Return what is computed from a body; a large one keeps no other request waiting."""
    return compute() if len(body) <= _AT_ONCE else await asyncio.to_thread(compute)


def _asked(
    parts: Parts,
    visit: Visit,
    upstream: UpstreamRecord,
    request: ApiRequest,
    question: Question,
) -> Asked:
    """Return a question with the way to its resource's tags.

    Whom an upstream is open to, has its owner's consent: they are judged by their own policies
    alone, as in the owner's account, and can still tell by ``aws:ResourceAccount`` whose it is.
    """
    arn = parse_arn(question.resource)
    named = arn is not None and ACCOUNT_ID.fullmatch(arn.account)
    owner = arn.account if arn is not None and named else upstream.account
    global_keys = {"aws:ResourceAccount": owner}
    if request.prefix == "ec2":
        global_keys["ec2:Region"] = visit.facts.region
    owned = replace(question, context={**question.context, **global_keys})
    tags = partial(_tags, parts, upstream, request, question)
    unknown = unstated(question)
    return Asked(owned, tags=tags, account=visit.caller.account, unknown=unknown)


async def _partition_keys(
    parts: Parts, visit: Visit, upstream: UpstreamRecord, request: ApiRequest
) -> Mapping[str, str]:
    """Return which attributes are partition keys, where a policy asks for their values."""
    found: dict[str, str] = {}
    if not names_any(visit, ("dynamodb:leadingkeys",)):
        return found
    region = visit.facts.region
    for look_up in key_lookups(request, account=upstream.account, region=region):
        found.update(await _looked_up(parts, upstream, look_up))
    return found


async def _tags(
    parts: Parts, upstream: UpstreamRecord, request: ApiRequest, question: Question
) -> Mapping[str, str] | None:
    """Return a resource's tags; None where the service has no request that tells them."""
    look_up = tag_lookup(request.prefix, question.resource)
    return None if look_up is None else await _looked_up(parts, upstream, look_up)


async def _looked_up(parts: Parts, upstream: UpstreamRecord, look_up: LookUp) -> Mapping[str, str]:
    asked = UpstreamRequest(
        look_up.method,
        look_up.path.encode(),
        look_up.query.encode(),
        look_up.headers,
        look_up.body or None,
        region=look_up.region if upstream.region == ANY_REGION else None,
    )
    said = await fetch(parts.upstreams, upstream, asked, limit=_MAX_FACTS)
    try:
        return look_up.parse(said.status, said.body)
    except AwsError as untold:
        raise AccessDenied(untold.message, check="lookup", reason=untold.reason) from untold


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
    return Answer(found.status, headers, _until_end(found.body, stack))


def _with_length(headers: Headers, length: int) -> Headers:
    """Return the headers of a body that need not be the whole that the upstream announced."""
    kept = (pair for pair in headers if pair[0] != b"content-length")
    return (*kept, (b"content-length", str(length).encode("ascii")))


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
