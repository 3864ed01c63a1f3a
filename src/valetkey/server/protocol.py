"""HTTP/1 with bounds on what comes around a body: its length, and the time it may take.

The parser below keeps what it has not understood yet, however much it is, and waits for more,
however long that takes. Bodies are bounded by the application.
"""

import asyncio
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

MAX_HEAD_BYTES = 65_536
"""Request line and headers: a token of 20,000 characters in the URL beside a session token fits."""

MAX_FRAMING_BYTES = 16_777_216
"""What may come around a body: the sizes of its chunks, and trailers."""

HEAD_SECONDS = 20.0
WHOLE = "valetkey.whole"
"""Set in a scope's state where all of the request was there when its serving began."""


class HeadTooLarge(Exception):
    """Request line and headers take more than they may."""


class NoTunnel(Exception):
    """Somebody takes this server for a proxy."""


class BoundedProtocol(HttpToolsProtocol):
    """The protocol of one connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_open = True
        self._head_bytes = self._body_bytes = self._framing_bytes = 0
        self._too_large = False
        self._overdue: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin a connection: from now on its first head is awaited."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """End a connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; what leaves a head unfinished counts, and starts the clock."""
        before = self._body_bytes
        self._unset_keepalive_if_required()
        try:
            self._feed(data)
        except httptools.HttpParserError:
            self.send_400_response("Invalid HTTP request received.")
        if self.transport.is_closing():
            return
        if not self._head_open:
            self._framing_bytes += max(0, len(data) - (self._body_bytes - before))
            if self._framing_bytes > MAX_FRAMING_BYTES:
                self.transport.abort()
            return
        self._head_bytes += len(data)
        if self._head_bytes > MAX_HEAD_BYTES:
            self._too_large = True
            self.send_400_response("Request head too large.")
        elif self._overdue is None:
            self._await_head()

    def _feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            # The parser takes what follows for the other protocol, a body included. Java's client
            # offers HTTP/2 with each request: it is not taken up, so the offer is taken out.
            self.parser = httptools.HttpRequestParser(self)
            self._feed(self._head_without_offer() + data[upgrade.args[0] :])

    def _head_without_offer(self) -> bytes:
        lines = [self._method + b" " + self.url + b" HTTP/1.1"]
        for name, value in self.headers:
            if name == b"connection":
                options = (option.strip() for option in value.split(b","))
                kept = b", ".join(o for o in options if o.lower() != b"upgrade")
                lines.append(b"connection: " + kept)
            elif name != b"upgrade":
                lines.append(name + b": " + value)
        return b"\r\n".join([*lines, b"", b""])

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._head_open = True
        # What bodies have had in all goes on counting: the piece that begins this request is
        # measured against it.
        self._head_bytes = self._framing_bytes = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; a trailer is none, whatever its name: the head was judged without it."""
        if self._head_open:
            super().on_header(name, value)

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body."""
        self._body_bytes += len(body)
        super().on_body(body)

    def on_headers_complete(self) -> None:
        """End a head; one that came in one large piece is measured here."""
        self._head_open = False
        self._stop_waiting()
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > MAX_HEAD_BYTES:
            self._too_large = True
            raise HeadTooLarge
        self._method = self.parser.get_method()
        if not self.parser.should_upgrade():
            super().on_headers_complete()
        elif self._method == b"CONNECT":
            raise NoTunnel

    def on_message_complete(self) -> None:
        """End a request, and say so before the application sees it."""
        if not self.parser.should_upgrade():
            self.scope["state"][WHOLE] = True
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP request, and hang up."""
        if not self._too_large:
            super().send_400_response(msg)
            return
        head = STATUS_LINE[431] + b"content-length: 0\r\nconnection: close\r\n\r\n"
        self.transport.write(head)
        self.transport.close()

    def _await_head(self) -> None:
        self._overdue = self.loop.call_later(HEAD_SECONDS, self._hang_up)

    def _stop_waiting(self) -> None:
        if self._overdue is not None:
            self._overdue.cancel()
            self._overdue = None

    def _hang_up(self) -> None:
        self._overdue = None
        if self._head_open and not self.transport.is_closing():
            self.transport.close()
