"""Looking at a server's chain, and trusting exactly one certificate of it.

CPython 3.11's ``ssl`` does not hand out the chain as sent, so a handshake of pyOpenSSL's looks at
it. That handshake verifies nothing and carries no request: what it shows becomes trust only in
:func:`anchored`, and only the connection made with that context is believed.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence

from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL

from valetkey.outbound.addresses import Address
from valetkey.outbound.chain import (
    SentCertificate,
    chain_fault,
    describe,
    explain_mismatch,
    normal_thumbprint,
)
from valetkey.outbound.destination import Destination
from valetkey.outbound.errors import CertificateRefused, Unreachable, os_words

_READ = 16 * 1024


async def sent_chain(
    destination: Destination, addresses: Sequence[Address], stands: Callable[[Address], None]
) -> tuple[SentCertificate, ...]:
    """Return the certificates that the server sends, leaf first, unverified.

    Dials the checked ``addresses`` in their order and calls ``stands`` with the one that
    answered. The caller bounds the time. Raises :class:`Unreachable`.
    """
    connection = SSL.Connection(_looking(), None)
    connection.set_connect_state()
    if destination.literal is None:
        connection.set_tlsext_host_name(destination.host.encode("ascii"))
    sock, address = await _dial(destination, addresses)
    with sock:
        stands(address)
        try:
            await _shake_hands(connection, sock)
        except SSL.Error:
            raise Unreachable(
                f"`{destination.origin}` does not complete a TLS handshake", url=destination.url
            ) from None
        except OSError as error:
            raise Unreachable(
                f"`{destination.origin}` broke off the TLS handshake: {os_words(error)}",
                url=destination.url,
            ) from None
    try:
        sent = connection.get_peer_cert_chain(as_cryptography=True) or []
    except ValueError:
        sent = []
    if not sent:
        raise Unreachable(
            f"`{destination.origin}` sent no certificate that can be read", url=destination.url
        )
    return tuple(describe(one.public_bytes(Encoding.DER)) for one in sent)


def accept_chain(
    destination: Destination,
    chain: Sequence[SentCertificate],
    thumbprints: Sequence[str],
    reason: str,
) -> SentCertificate:
    """Return the certificate to trust for a chain that the trust store refused for ``reason``.

    It is the last one sent, and only where a registered thumbprint is its own. Raises
    :class:`CertificateRefused`.
    """
    top = chain[-1]
    if not thumbprints:
        raise CertificateRefused(
            f"certificate of `{destination.host}` is not trusted: {reason}",
            url=destination.url,
            help="add its CA to the system's trust store, or register the provider with thumbprint"
            f" `{top.thumbprint}`, which is that of the last certificate sent (`{top.subject}`)",
            chain=chain,
        )
    if top.thumbprint not in map(normal_thumbprint, thumbprints):
        raise CertificateRefused(
            f"certificate of `{destination.host}` is not trusted ({reason}), and"
            f" {explain_mismatch(chain, thumbprints)}",
            url=destination.url,
            help=f"if that certificate is the right one, register thumbprint `{top.thumbprint}`"
            " with `aws iam update-open-id-connect-provider-thumbprint`",
            chain=chain,
            mismatch=True,
        )
    fault = chain_fault(chain)
    if fault is not None:
        raise CertificateRefused(
            f"certificate of `{destination.host}` is not trusted: {fault}",
            url=destination.url,
            help="let the server send its leaf, then the intermediates in order, then perhaps the"
            " root, and nothing else",
            chain=chain,
        )
    return top


def anchored(certificate: SentCertificate) -> ssl.SSLContext:
    """Return a client context that trusts this certificate as a CA, and nothing else.

    Partial chains are allowed, because the last certificate sent may be an intermediate. Names,
    dates and signatures are verified as ever. Raises ``ssl.SSLError`` for an unusable one.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=certificate.der)
    return context


def _looking() -> SSL.Context:
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    # NOTE: not verified here, because this connection only looks; see the top of the module.
    context.set_verify(SSL.VERIFY_NONE)
    return context


async def _dial(
    destination: Destination, addresses: Sequence[Address]
) -> tuple[socket.socket, Address]:
    loop = asyncio.get_running_loop()
    problem = "no address"
    for address in addresses:
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6  # noqa: PLR2004 - IP
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setblocking(False)
        try:
            await loop.sock_connect(sock, (str(address), destination.port))
        except OSError as error:
            sock.close()
            problem = os_words(error)
        except BaseException:
            sock.close()
            raise
        else:
            return sock, address
    raise Unreachable(f"`{destination.origin}` can't be reached: {problem}", url=destination.url)


async def _shake_hands(connection: SSL.Connection, sock: socket.socket) -> None:
    # NOTE: not bounded here, because OpenSSL bounds every handshake message, and the caller time.
    loop = asyncio.get_running_loop()
    while True:
        try:
            connection.do_handshake()
        except SSL.WantReadError:
            await _flush(connection, sock)
        else:
            await _flush(connection, sock)
            return
        data = await loop.sock_recv(sock, _READ)
        if not data:
            raise ConnectionResetError("the connection was closed")
        connection.bio_write(data)


async def _flush(connection: SSL.Connection, sock: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    while True:
        try:
            data = connection.bio_read(_READ)
        except SSL.WantReadError:
            return
        await loop.sock_sendall(sock, data)
