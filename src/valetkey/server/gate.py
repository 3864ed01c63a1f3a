"""The gateway as ASGI: a body is read when it is asked for, an answer written as it comes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

from valetkey.errors import AwsError
from valetkey.gateway import Answer, Head, Incoming, close
from valetkey.server.record import Peer, failure_of, keep, new_event
from valetkey.server.wiring import Wiring
from valetkey.store import Directory

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

DRAINED_BYTES = 16_777_216
DRAIN_SECONDS = 20.0
NO_BODY = frozenset((204, 304))


class ClientGone(Exception):
    """The client went away before its body was whole."""


class Body:
    """A request's body: asking for the first piece is what makes a waiting client send it."""

    def __init__(self, receive: Receive, idle_seconds: float, *, whole: bool) -> None:
        self.receive = receive
        self._idle_seconds = idle_seconds
        self._whole = whole
        self.asked = False
        self.ended = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        """Return the next piece. Raises :class:`ClientGone`, and an AwsError where none comes."""
        if self.ended:
            raise StopAsyncIteration
        self.asked = True
        try:
            if self._whole:
                # All of it is there already: a timer would be set for nothing.
                message = await self.receive()
            else:
                async with asyncio.timeout(self._idle_seconds):
                    message = await self.receive()
        except TimeoutError:
            raise AwsError(
                "RequestTimeout",
                "Your socket connection to the server was not read from or written to within the "
                "timeout period. Idle connections will be closed.",
                400,
                reason=f"nothing of the body came for {self._idle_seconds:.0f} s",
            ) from None
        if message["type"] == "http.disconnect":
            raise ClientGone
        self.ended = not message.get("more_body", False)
        piece: bytes = message.get("body", b"")
        return piece

    async def drain(self) -> None:
        """Throw away what is left, within bounds: who is still sending would not see the answer."""
        left = DRAINED_BYTES
        with contextlib.suppress(ClientGone, AwsError, TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                async for piece in self:
                    left -= len(piece)
                    if left < 0:
                        return


async def pass_on(
    wiring: Wiring, directory: Directory, peer: Peer, head: Head, *, body: Body, send: Send
) -> None:
    """Serve one request through the gateway, and leave its record."""
    gateway = wiring.gateway
    event = new_event(wiring, peer)
    try:
        answer = await gateway.answer(Incoming(head, body), event, directory, secure=peer.secure)
    except ClientGone:
        event.failed(AwsError("RequestTimeout", "The client went away.", 400))
        await keep(wiring, event)
        return
    except Exception as error:  # noqa: BLE001 - the last line of defence: no client sees a traceback
        failure = failure_of(error, event.request_id)
        event.failed(failure)
        answer = gateway.refusal(head, failure, event)
    refusal = await keep(wiring, event)
    if refusal is not None:
        await close(answer)
        answer = gateway.refusal(head, refusal, event)
    try:
        await _write(answer, head, body, send)
    finally:
        await close(answer)


async def _write(answer: Answer, head: Head, body: Body, send: Send) -> None:
    headers = list(answer.headers)
    if not body.ended:
        waits = (head.header(b"expect") or "").lower() == "100-continue" and not body.asked
        if not waits:
            await body.drain()
        if not body.ended:
            # What may still come of the body must not be taken for the next request.
            headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": answer.status, "headers": tuple(headers)})
    if head.method == "HEAD" or answer.status in NO_BODY:
        await send({"type": "http.response.body", "body": b""})
    elif isinstance(answer.body, bytes):
        await send({"type": "http.response.body", "body": answer.body})
    else:
        await _stream(answer.body, body.receive, send)


async def _stream(pieces: AsyncIterator[bytes], receive: Receive, send: Send) -> None:
    # The ASGI server swallows what is sent to nobody; without a look at it, all that is left of
    # an object would be fetched for a client that is gone.
    gone = asyncio.ensure_future(receive())
    try:
        async for piece in pieces:
            if gone.done():
                return
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()
