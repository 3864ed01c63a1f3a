"""One request and its answer, to addresses that were checked, through a context that is given."""

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

from valetkey.outbound.addresses import Address
from valetkey.outbound.destination import Destination
from valetkey.outbound.errors import AnswerRefused, OutboundError, Unreachable, os_words
from valetkey.outbound.steps import Trail

Stands = Callable[[asyncio.Transport], None]
"""Called with a transport whose connection, and TLS if it is TLS, stands."""

_CHUNK = 64 * 1024
_REDIRECTS = frozenset((301, 302, 303, 307, 308))


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of a fetch: seconds over all its steps, bytes of a body, redirects followed."""

    seconds: float = 5.0
    body_bytes: int = 1024 * 1024
    redirects: int = 3
    header_line_bytes: int = 8190
    headers: int = 128


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request as it is sent: no cookies, no credentials but those the caller puts in."""

    method: str
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, read to its end."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)

    def header(self, name: str) -> str:
        """Return the first header of that name, or an empty text."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")

    @property
    def location(self) -> str | None:
        """Return where the answer redirects to, if it does."""
        return self.header("location") or None if self.status in _REDIRECTS else None


class CertificateProblem(Exception):
    """The TLS stack refused the peer's certificate, before anything was sent to it."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Whom to dial: a destination, its checked addresses, and the TLS trust to hold it to."""

    destination: Destination
    addresses: tuple[Address, ...]
    context: ssl.SSLContext | None


def resolve_results(host: str, port: int, addresses: Iterable[Address]) -> list[ResolveResult]:
    """Return addresses as aiohttp takes them from a resolver."""
    return [
        ResolveResult(
            hostname=host,
            host=str(address),
            port=port,
            family=socket.AF_INET if address.version == 4 else socket.AF_INET6,  # noqa: PLR2004 - IP
            proto=socket.IPPROTO_TCP,
            flags=socket.AI_NUMERICHOST,
        )
        for address in addresses
    ]


class Checked(AbstractResolver):
    """Answers with the checked addresses: no second look-up can bring in another one."""

    def __init__(self, destination: Destination, addresses: Sequence[Address]) -> None:
        self._destination = destination
        self._addresses = {str(address): address for address in addresses}

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 - all families were checked
    ) -> list[ResolveResult]:
        """Return the checked addresses of the one host that this request is for."""
        if (host, port) != (self._destination.host, self._destination.port):
            raise OSError(f"`{host}` was not checked")
        return resolve_results(host, port, self._addresses.values())

    async def close(self) -> None:
        """Do nothing: there is nothing to release."""

    def open(self, info: aiohttp.AddrInfoType) -> socket.socket:
        """Return a socket for an address, once more held to the checked ones.

        Defensive: an address in the URL itself does not pass through ``resolve``.
        """
        family, kind, protocol, _, address = info
        if str(address[0]) not in self._addresses:
            raise OSError(f"`{address[0]}` was not checked")
        return socket.socket(family, kind, protocol)


class _Connector(aiohttp.TCPConnector):
    """A connector that says when its connection stands."""

    def __init__(self, peer: Peer, stands: Stands) -> None:
        checked = Checked(peer.destination, peer.addresses)
        super().__init__(
            resolver=checked,
            socket_factory=checked.open,
            use_dns_cache=False,
            force_close=True,
            limit=1,
            ssl=peer.context if peer.context is not None else True,
        )
        self._stands = stands

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's signature
    ) -> Connection:
        """Connect as ever, then tell."""
        connection = await super().connect(req, traces, timeout)
        if connection.transport is not None:
            self._stands(connection.transport)
        return connection


async def send(
    peer: Peer, outgoing: Outgoing, *, limits: Limits, trail: Trail, stands: Stands
) -> Answer:
    """Send one request and return its answer. The caller bounds the time.

    ``stands`` is called once the connection does. Raises :class:`CertificateProblem` before
    anything is sent where the peer is not trusted, :class:`Unreachable` and
    :class:`AnswerRefused`.
    """
    destination = peer.destination
    trail.begin("connect")
    try:
        async with (
            _session(_Connector(peer, stands), limits) as session,
            session.request(
                outgoing.method,
                destination.url,
                headers=outgoing.headers,
                data=outgoing.body or None,
                allow_redirects=False,
            ) as response,
        ):
            return await _read(response, destination, limits)
    except aiohttp.ClientConnectorCertificateError as error:
        trail.begin("tls")
        raise CertificateProblem(_certificate_words(error)) from None
    except aiohttp.ClientConnectorSSLError:
        trail.begin("tls")
        raise Unreachable(
            f"`{destination.origin}` does not complete a TLS handshake", url=destination.url
        ) from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise _failure(destination, error) from None


def _session(connector: aiohttp.TCPConnector, limits: Limits) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        # Never the environment's proxies: they would dial addresses that nobody checked.
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=None),
        max_line_size=limits.header_line_bytes,
        max_field_size=limits.header_line_bytes,
        max_headers=limits.headers,
    )


async def _read(
    response: aiohttp.ClientResponse, destination: Destination, limits: Limits
) -> Answer:
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding != "identity":
        # A few bytes may unpack to any size; and nobody asked for it.
        raise AnswerRefused(
            f"`{destination.origin}` answers in an encoding that was not asked for",
            url=destination.url,
        )
    size, parts = 0, []
    async for part in response.content.iter_chunked(_CHUNK):
        size += len(part)
        if size > limits.body_bytes:
            raise AnswerRefused(
                f"the answer of `{destination.origin}` is larger than {limits.body_bytes} bytes",
                url=destination.url,
            )
        parts.append(part)
    headers = tuple((key, value) for key, value in response.headers.items())
    return Answer(response.status, headers, b"".join(parts))


def _failure(destination: Destination, error: Exception) -> OutboundError:
    origin, url = destination.origin, destination.url
    if isinstance(error, aiohttp.ClientConnectorError):
        return Unreachable(f"`{origin}` can't be reached: {os_words(error.os_error)}", url=url)
    if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError | OSError):
        return Unreachable(f"`{origin}` closed the connection without an answer", url=url)
    if isinstance(error, aiohttp.ClientPayloadError):
        return AnswerRefused(f"the answer of `{origin}` breaks off", url=url)
    return AnswerRefused(f"the answer of `{origin}` is not HTTP within its bounds", url=url)


def _certificate_words(error: aiohttp.ClientConnectorCertificateError) -> str:
    cause = error.certificate_error
    if isinstance(cause, ssl.SSLCertVerificationError):
        # OpenSSL ends some of its sentences, and begins them all with a capital.
        text = cause.verify_message.rstrip(".")
        return text[:1].lower() + text[1:]
    return "the certificate does not fit"
