"""An issuer that nobody registered opens no socket, and nothing fetched is repeated to a caller.

Elsewhere: unauthenticated requests to any URL, by way of a token's fields.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from support.edge import Edge
from support.federation import exchange, federate, make_role, register, trust
from support.refusals import check_refused
from support.tokens import claims, header, rsa_key, sign, token
from support.way_out import really_fetching

UNKNOWN = [
    "https://attacker.example",
    "https://issuer.example/",
    "https://issuer.example/path",
    "https://issuer.example:443",
    "https://ISSUER.example",
    "https://issuer.example.attacker.example",
    "https://issuer.example@attacker.example",
    "https://issuer.example#x",
    "https://issuer.example?x",
    "http://127.0.0.1:1",
    "http://169.254.169.254/latest/meta-data",
    "http://[::1]:1",
    "file:///etc/passwd",
    "gopher://attacker.example",
    "attacker.example",
    "//attacker.example",
    "://",
    "",
    "https://",
    "https://" + "a" * 5000,
    "https://issuer.example\n",
    "https://issuer.example%00",
]


@pytest.mark.parametrize("issuer", UNKNOWN, ids=lambda issuer: issuer[:60])
async def test_an_unknown_issuer_opens_no_socket(
    shared_edge: Edge, sockets: list[Any], issuer: str
):
    await federate(shared_edge)
    async with really_fetching(shared_edge):
        answer = await exchange(shared_edge, token(iss=issuer))
    record = check_refused(shared_edge, answer, "InvalidIdentityToken")
    assert record.check == "provider"
    assert answer.message == f"No OpenIDConnect provider found in your account for {issuer}"
    assert sockets == []


@pytest.mark.parametrize("forged", [True, False])
async def test_a_registered_issuer_is_asked_whatever_else_the_token_says(
    edge: Edge, listener: list[bytes], port: int, *, forged: bool
):
    """The counter-test: a listener that counts does count."""
    issuer = f"http://127.0.0.1:{port}"
    await register(edge, issuer)
    await make_role(edge, trust(issuer=issuer))
    key = rsa_key("attacker") if forged else rsa_key()
    async with really_fetching(edge):
        answer = await exchange(edge, sign(key, header(), claims(iss=issuer)))
    check_refused(edge, answer, "InvalidIdentityToken")
    assert len(listener) == 1
    assert b"canary" not in answer.body.lower()


async def test_an_issuer_of_another_account_is_unknown(
    edge: Edge, listener: list[bytes], port: int
):
    issuer = f"http://127.0.0.1:{port}"
    await register(edge, issuer)
    async with really_fetching(edge):
        answer = await exchange(
            edge,
            token(iss=issuer),
            RoleArn="arn:aws:iam::444455556666:role/example",
        )
    assert check_refused(edge, answer, "InvalidIdentityToken").check == "provider"
    assert listener == []


@pytest.fixture
async def server(listener: list[bytes]) -> AsyncIterator[asyncio.Server]:
    """Listen on loopback, count, and answer with what must not be repeated to a caller."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        listener.append(await reader.readuntil(b"\r\n\r\n"))
        body = b'{"error": "canary of the inside"}'
        head = f"HTTP/1.1 500 Canary\r\nX-Canary: 1\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    started = await asyncio.start_server(meet, "127.0.0.1", 0)
    async with started:
        yield started


@pytest.fixture
def listener() -> list[bytes]:
    """Return the heads of the requests that came."""
    return []


@pytest.fixture
def port(server: asyncio.Server) -> int:
    found: int = server.sockets[0].getsockname()[1]
    return found
