"""The way of one request: bytes in, bytes out, a record on every path.

``decode -> authenticate -> validate -> authorise -> operation -> encode -> record``, with no
step back, and no await before the answer but for an issuer's keys or a write to disk.
"""

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Any, cast

from valetkey.access import Caller, Event, RequestFacts, Target, authenticate, authorise
from valetkey.api import OPERATIONS, Call, Operation
from valetkey.errors import AwsError
from valetkey.policy import Decision
from valetkey.server.record import Peer, failure_of, keep, new_event
from valetkey.server.wiring import Wiring
from valetkey.sigv4 import (
    ECDSA,
    HttpRequest,
    MissingSignature,
    Signature,
    parse_signature,
    refuse_other_scope,
)
from valetkey.store import Directory
from valetkey.wire import (
    Decoded,
    Service,
    WireError,
    WireRequest,
    WireResponse,
    decode,
    encode_error,
    encode_output,
    identify,
    validate,
)


async def answer(wiring: Wiring, request: WireRequest, peer: Peer) -> WireResponse:
    """Serve one request of an AWS protocol; never raises, and always leaves a record."""
    event = new_event(wiring, peer)
    service: Service | None = None
    try:
        event.user_agent = request.header(b"user-agent")
        service = identify(request, wiring.wire, max_body_bytes=wiring.settings.max_body_bytes)
        event.service = service.name
        response = await _serve(wiring, service, request, peer, event)
    except Exception as error:  # noqa: BLE001 - the last line of defence: no client sees a traceback
        failure = failure_of(error, event.request_id)
        event.operation = event.operation or _meant(request, service)
        event.failed(failure)
        response = encode_error(service, failure, event.request_id)
    return await _recorded(wiring, service, event, response)


async def refuse(wiring: Wiring, error: AwsError, peer: Peer) -> WireResponse:
    """Answer a request that never became one, such as one of endless length; it is recorded too."""
    event = new_event(wiring, peer)
    event.failed(error)
    return await _recorded(wiring, None, event, encode_error(None, error, event.request_id))


def _meant(request: WireRequest, service: Service | None) -> str:
    """Return the operation that a request names, though its parameters can't be read."""
    try:
        return service.protocol.operation_name(request) if service is not None else ""
    except WireError:
        return ""


async def _serve(
    wiring: Wiring, service: Service, request: WireRequest, peer: Peer, event: Event
) -> WireResponse:
    decoded = decode(request, service, max_body_bytes=wiring.settings.max_body_bytes)
    event.operation = decoded.operation
    operation = _offered(service, decoded)
    directory = wiring.store.directory()

    caller, region = None, wiring.settings.region
    if operation.signed:
        caller, region = _authenticate(wiring, service, request, directory, event)
    validate(decoded)

    referer = request.header(b"referer")
    facts = RequestFacts(event.time, peer.address, peer.secure, region, event.user_agent, referer)
    call = Call(directory, facts, event, wiring.services, wiring.store.write, caller)
    _authorise(operation, call, decoded.input)

    output = await _run(wiring, operation, call, decoded.input)
    return encode_output(service, decoded.operation, output, event.request_id)


def _offered(service: Service, decoded: Decoded) -> Operation:
    operation = OPERATIONS.get((service.name, decoded.operation))
    if operation is None:
        raise AwsError(
            "InvalidAction",
            f"The operation {decoded.operation} is not offered by this server.",
            reason=f"`{service.name}:{decoded.operation}` is known, and not offered",
        )
    return operation


def _authenticate(
    wiring: Wiring, service: Service, request: WireRequest, directory: Directory, event: Event
) -> tuple[Caller, str]:
    http = HttpRequest(
        method=request.method,
        raw_path=request.path,
        raw_query=request.query,
        headers=request.headers,
        body_sha256=hashlib.sha256(request.body).hexdigest,
    )
    signature = parse_signature(http)
    if signature is None:
        raise MissingSignature(
            help="give the client credentials: `aws configure`, or AWS_ACCESS_KEY_ID and kin"
        )
    event.access_key_id = signature.access_key_id
    caller = authenticate(
        http,
        signature,
        directory=directory,
        keys=wiring.services.keys,
        now=event.time,
        service=service.signing_name,
    )
    event.account, event.caller_arn, event.caller_id = caller.account, caller.arn, caller.user_id
    if caller.session is not None:
        event.session_name = caller.session.name
    return caller, _region(signature, wiring.settings.region)


def _region(signature: Signature, own: str) -> str:
    # One of SigV4A names a set of regions: this server is in one, which must be in the set.
    if signature.algorithm == ECDSA:
        refuse_other_scope(signature, None, own)
        return own
    return signature.region


def _authorise(operation: Operation, call: Call, request: Mapping[str, Any]) -> None:
    if operation.action is None:
        return

    def ask(action: str, target: Target) -> Decision:
        directory, facts, event = call.directory, call.facts, call.event
        return authorise(call.caller, action, target, directory=directory, facts=facts, event=event)

    target = operation.target(call, request)
    decision = ask(operation.action, target)
    for action, further in operation.also(call, request):
        ask(action, further)
        # Allowed as well; the record stays about the operation's own action.
        call.event.action, call.event.resource = operation.action, target.resource
        call.event.decision = decision


async def _run(
    wiring: Wiring, operation: Operation, call: Call, request: Mapping[str, Any]
) -> Mapping[str, Any]:
    if not operation.writes:
        return await operation(call, request)
    loop = asyncio.get_running_loop()
    result = await loop.run_in_executor(wiring.writer, operation.handler, call, request)
    return cast("Mapping[str, Any]", result)


async def _recorded(
    wiring: Wiring, service: Service | None, event: Event, response: WireResponse
) -> WireResponse:
    refusal = await keep(wiring, event)
    return response if refusal is None else encode_error(service, refusal, event.request_id)
