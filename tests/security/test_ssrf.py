"""A registered issuer leads nowhere inside: by name, number, redirect, key address or rebinding.

Elsewhere: rebinding, redirects and `jwks_uri` unguarded; carrier-grade NAT and mapped addresses
taken for public; proxies of the environment used to pass the guard.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from typing import Any

import pytest

from support.edge import ACCOUNT, Edge
from support.federation import exchange, make_role, register, trust
from support.refusals import check_refused
from support.tokens import claims, header, jwk, jwks, rsa_key, sign
from support.way_out import Names, really_fetching
from valetkey.oidc import KeysUnavailable, ProviderKeys
from valetkey.store import ProviderRecord

INSIDE = {
    "loopback": "127.0.0.1",
    "other loopback": "127.8.9.1",
    "unspecified": "0.0.0.0",
    "private": "10.0.0.7",
    "private of 172": "172.31.255.255",
    "private of 192": "192.168.1.1",
    "link-local metadata": "169.254.169.254",
    "carrier-grade NAT": "100.64.0.1",
    "benchmarks": "198.18.0.1",
    "multicast": "224.0.0.1",
    "broadcast": "255.255.255.255",
    "v6 loopback": "::1",
    "v6 unspecified": "::",
    "v4-mapped": "::ffff:169.254.169.254",
    "v4-compatible": "::127.0.0.1",
    "NAT64": "64:ff9b::a9fe:a9fe",
    "6to4": "2002:a9fe:a9fe::1",
    "unique local": "fd00::1",
    "v6 link-local": "fe80::1",
    "Teredo": "2001::1",
}
NUMBERS = [
    "https://127.0.0.1",
    "https://2130706433",
    "https://0177.0.0.1",
    "https://0x7f.1",
    "https://127.1",
    "https://[::1]",
    "https://[::ffff:127.0.0.1]",
    "https://169.254.169.254",
    "https://metadata.google.internal",
    "https://localhost",
    "https://localhost.",
    "https://localhost:22",
    "https://a.localhost",
]


async def refused(edge: Edge, issuer: str) -> None:
    """Ask with a token of a registered issuer, and expect AWS's sentence about its keys."""
    await make_role(edge, trust(issuer=issuer))
    answer = await exchange(edge, sign(rsa_key(), header(), claims(iss=issuer)))
    record = check_refused(edge, answer, "InvalidIdentityToken")
    assert (answer.message or "").startswith("Couldn't retrieve verification key")
    assert record.check == "keys"
    assert record.reason


def put_provider(edge: Edge, url: str) -> None:
    """Register what IAM would not: what a database from elsewhere may hold."""
    record = ProviderRecord(
        account=ACCOUNT, url=url, client_ids=("client-1",), thumbprints=(), created=0.0
    )
    edge.wiring.store.write(lambda tx: tx.put(record))


@pytest.mark.parametrize("inside", INSIDE)
async def test_a_name_of_an_address_inside_is_not_dialled(
    shared_edge: Edge, sockets: list[Any], inside: str
):
    names = Names(
        {"issuer.example": [INSIDE[inside]], "mixed.example": ["1.1.1.1", INSIDE[inside]]}
    )
    for host in names.known:
        await register(shared_edge, f"https://{host}")
        async with really_fetching(shared_edge, loopback=False, resolve=names):
            await refused(shared_edge, f"https://{host}")
    assert names.asked == list(names.known)
    assert sockets == []


@pytest.mark.parametrize("url", NUMBERS)
async def test_a_number_is_judged_as_the_address_that_it_is(
    shared_edge: Edge, sockets: list[Any], url: str
):
    put_provider(shared_edge, url)
    names = Names({"localhost": ["127.0.0.1"], "a.localhost": ["127.0.0.1"]})
    async with really_fetching(shared_edge, loopback=False, resolve=names):
        await refused(shared_edge, url)
    assert sockets == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://issuer.example",
        "http://issuer.example",
        "https://user:secret@issuer.example",
        "https://issuer.example\\@10.0.0.1",
        "https://issuer.example#@10.0.0.1",
        "https://issuer.example?x",
        "https://issuer.example\r\nHost: inside",
        "https://[::1",
        "https://",
        "https://issuer.example:99999",
        "https://issuer.example:0",
        "https://\u24d8ssuer.example",
    ],
)
async def test_what_is_no_issuer_s_url_is_not_registered_and_not_dialled(
    shared_edge: Edge, sockets: list[Any], url: str
):
    answer = await shared_edge.query(
        "iam",
        "CreateOpenIDConnectProvider",
        Url=url,
        ClientIDList=["client-1"],
        ThumbprintList=["0" * 40],
    )
    check_refused(shared_edge, answer)
    put_provider(shared_edge, url)
    async with really_fetching(shared_edge, loopback=True, resolve=Names()) as source:
        with pytest.raises(KeysUnavailable):
            await source.fetch(ProviderKeys(url, ()), None)
    assert sockets == []


class Issuer:
    """A site on loopback that answers each path as told, and counts who comes."""

    def __init__(self) -> None:
        self.came: list[str] = []
        self.answers: dict[str, bytes] = {}
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).decode().split(" ")[1]
        self.came.append(path)
        writer.write(self.answers.get(path, b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"))
        await writer.drain()
        writer.close()

    def say(self, path: str, document: object, status: str = "200 OK", more: str = "") -> None:
        body = json.dumps(document).encode()
        head = f"HTTP/1.1 {status}\r\n{more}Content-Length: {len(body)}\r\n\r\n"
        self.answers[path] = head.encode() + body


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    site = Issuer()
    server = await asyncio.start_server(site.meet, "127.0.0.1", 0)
    site.port = server.sockets[0].getsockname()[1]
    async with server:
        yield site


DISCOVERY = "/.well-known/openid-configuration"


@pytest.mark.parametrize(
    "jwks_uri",
    [
        "http://169.254.169.254/latest",
        "https://169.254.169.254/latest",
        "http://10.0.0.1/keys",
        "https://[::ffff:10.0.0.1]/keys",
        "http://2130706433:1/keys",
        "file:///etc/passwd",
        "data:application/json,{}",
        "gopher://127.0.0.1",
        "//127.0.0.1/keys",
        "/keys",
        "",
        "https://",
        "http://[::1",
        "https://\x00",
        "https://" + "a" * 100_000,
        None,
        [],
        {},
    ],
    ids=lambda uri: repr(uri)[:40],
)
async def test_a_key_address_leads_nowhere_inside(edge: Edge, issuer: Issuer, jwks_uri: Any):
    issuer.say(DISCOVERY, {"issuer": issuer.url, "jwks_uri": jwks_uri})
    await register(edge, issuer.url)
    async with really_fetching(edge, resolve=Names()):
        await refused(edge, issuer.url)
    assert issuer.came == [DISCOVERY]


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest",
        "https://10.0.0.1/",
        "http://inside.example/",
        "file:///etc/passwd",
        "http://[::1",
        "//10.0.0.1/x",
        "",
        "\x01",
    ],
)
async def test_a_redirect_leads_nowhere_inside(edge: Edge, issuer: Issuer, location: str):
    issuer.say(DISCOVERY, {}, "302 Found", f"Location: {location}\r\n")
    await register(edge, issuer.url)
    names = Names({"inside.example": ["10.0.0.1"]})
    async with really_fetching(edge, resolve=names):
        await refused(edge, issuer.url)
    assert set(issuer.came) == {DISCOVERY}


async def test_a_name_that_changes_between_two_looks_is_judged_each_time(
    edge: Edge, issuer: Issuer, sockets: list[Any]
):
    """What is dialled is what was checked: one look-up a fetch, and no other after it."""
    here, inside = ["127.0.0.1"], ["10.0.0.1"]
    answers = [here, inside]

    async def rebinding(_host: str, _port: int) -> list[str]:
        return answers.pop(0)

    url = f"http://localhost:{issuer.port}"
    issuer.say(DISCOVERY, {"issuer": url, "jwks_uri": f"{url}/keys"})
    await register(edge, url)
    async with really_fetching(edge, resolve=rebinding):
        await refused(edge, url)
    assert answers == []
    assert issuer.came == [DISCOVERY]
    assert [what[1][-1] for what in sockets] == [("127.0.0.1", issuer.port)]


async def test_proxies_of_the_environment_are_not_used(
    edge: Edge, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
        monkeypatch.setenv(name.lower(), "http://127.0.0.1:1")
    assert os.environ["http_proxy"]
    good = json.loads(jwks(jwk(rsa_key(), "k-rs256", use="sig", alg="RS256")))
    issuer.say(DISCOVERY, {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/keys"})
    issuer.say("/keys", good)
    await register(edge, issuer.url)
    await make_role(edge, trust(issuer=issuer.url))
    async with really_fetching(edge):
        answer = await exchange(edge, sign(rsa_key(), header(), claims(iss=issuer.url)))
    assert answer.status == 200, answer.body
    assert issuer.came == [DISCOVERY, "/keys"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'{"keys": 1}',
        b'{"keys": []}',
        b'{"keys": [1, null, "a", [], {}]}',
        b"[" * 100_000,
        b'{"keys":' * 50_000,
        b"\xff\xfe",
        b"<html>canary</html>",
        b'{"keys": [{"kty": "oct", "k": "AAAA", "kid": "k-rs256", "alg": "HS256"}]}',
        b'{"keys": [], "keys": []}',
    ],
    ids=lambda body: repr(body[:30]),
)
async def test_what_an_issuer_says_instead_of_keys_is_refused(
    edge: Edge, issuer: Issuer, body: bytes
):
    issuer.say(DISCOVERY, {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/keys"})
    issuer.answers["/keys"] = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body
    await register(edge, issuer.url)
    async with really_fetching(edge):
        await refused(edge, issuer.url)
