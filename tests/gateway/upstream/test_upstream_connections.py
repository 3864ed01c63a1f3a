"""Connections: kept, repeated once where that is safe, replaced with their record, and dialled
only where the record says."""

import asyncio
import socket
import ssl

import pytest
import trustme

from support.upstream_server import scripted
from support.upstreaming import QUICK, Names, ask, opened, pieces, record, until
from valetkey.gateway.upstream import UpstreamBroken, UpstreamRequest, UpstreamUnavailable
from valetkey.outbound import GuardedClient


async def test_a_connection_is_kept(upstream, upstreams):
    to = record(upstream.endpoint)
    for _ in range(3):
        await ask(upstreams, to, "PUT", b"/b/k", body=b"x")
        await ask(upstreams, to, "PUT", b"/b/k", body=pieces([b"x"]), length=1)
        await ask(upstreams, to, "HEAD", b"/b/k")
    assert (upstream.connections, upstreams.open_connections()) == (1, 1)


def closes_instead_of_answering(times):
    """Return a script that serves one request a connection and hangs up at the next ones."""
    left = [times]

    async def script(exchange):
        first = exchange.seen.connection not in script.served
        script.served.add(exchange.seen.connection)
        if first and not (script.fresh_too and left[0] > 0):
            await exchange.read()
            return await exchange.answer()
        left[0] -= 1
        exchange.writer.transport.abort() if script.rough else None
        return exchange.hang_up()

    script.served = set()
    script.rough = False
    script.fresh_too = False
    return script


@pytest.mark.parametrize("rough", [True, False])
@pytest.mark.parametrize(
    ("method", "body"), [("GET", None), ("HEAD", None), ("DELETE", None), ("PUT", b"body")]
)
async def test_a_kept_connection_that_was_closed_is_tried_once_more(
    upstream, upstreams, method, body, rough
):
    upstream.script = closes_instead_of_answering(1)
    upstream.script.rough = rough
    to = record(upstream.endpoint)
    await ask(upstreams, to, "GET", b"/b/first")
    heard = await ask(upstreams, to, method, b"/b/k", body=body)
    assert heard.status == 200
    assert [one.target for one in upstream.seen] == [b"/b/first", b"/b/k", b"/b/k"]
    assert upstream.connections == 2
    assert bytes(upstream.seen[-1].body) == (body or b"")


async def test_what_is_not_idempotent_or_streamed_is_not_tried_again(upstream, upstreams):
    upstream.script = closes_instead_of_answering(9)
    to = record(upstream.endpoint)
    for method, body, length in (("POST", b"x", None), ("PUT", pieces([b"x"]), 1)):
        await ask(upstreams, to, "GET", b"/b/first")
        before = len(upstream.seen)
        with pytest.raises(UpstreamBroken):
            await ask(upstreams, to, method, b"/b/k", body=body, length=length)
        assert len(upstream.seen) == before + 1


async def test_a_new_connection_that_is_closed_is_not_tried_again(upstream, upstreams):
    upstream.script = closes_instead_of_answering(9)
    upstream.script.fresh_too = True
    to = record(upstream.endpoint)
    with pytest.raises(UpstreamUnavailable):
        await ask(upstreams, to, "GET", b"/b/k")
    with pytest.raises(UpstreamBroken):
        await ask(upstreams, to, "PUT", b"/b/k", body=b"x")
    assert len(upstream.seen) == 2


async def test_connections_that_the_upstream_closed_are_not_used(upstream, upstreams):
    to = record(upstream.endpoint)
    await ask(upstreams, to, "GET", b"/b/k")
    upstream.drop_idle()
    await until(lambda: upstreams.open_connections() == 0)
    heard = await ask(upstreams, to, "PUT", b"/b/k", body=pieces([b"x"]), length=1)
    assert (heard.status, upstream.connections) == (200, 2)


async def test_a_changed_record_gets_connections_of_its_own(upstream, upstreams):
    release = asyncio.Event()

    async def slowly(exchange):
        await exchange.answer(body=b"ab", length=4)
        await release.wait()
        await exchange.write(b"cd")

    upstream.script = slowly
    old = record(upstream.endpoint)
    async with (
        scripted() as other,
        upstreams.send(old, UpstreamRequest("GET", b"/b/k")) as answer,
    ):
        await ask(upstreams, record(other.endpoint), "GET", b"/b/k")
        assert upstreams.open_connections() == 2
        release.set()
        assert await answer.read(10) == b"abcd"
    await until(lambda: upstreams.open_connections() == 0)
    assert (upstream.connections, other.connections) == (1, 1)


async def test_an_equal_record_shares_its_connections(upstream, upstreams):
    for _ in range(2):
        await ask(upstreams, record(upstream.endpoint), "GET", b"/b/k")
    assert upstream.connections == 1


async def test_removed_records_leave_no_connection(upstream, upstreams):
    to = record(upstream.endpoint)
    await ask(upstreams, to, "GET", b"/b/k")
    upstreams.keep_only([record("http://127.0.0.1:1", name="other"), to])
    assert upstreams.open_connections() == 1
    upstreams.keep_only([])
    await until(lambda: upstreams.open_connections() == 0)
    assert (await ask(upstreams, to, "GET", b"/b/k")).status == 200


LOOPBACK = ["127.0.0.1"]


@pytest.mark.parametrize(
    ("endpoint", "known", "refusal"),
    [
        ("http://store.example:{}", ["93.184.215.14"], "which is public"),
        ("http://store.example:{}", ["127.0.0.1", "93.184.215.14"], "which is public"),
        ("http://store.example:{}", ["169.254.169.254"], "which is link-local"),
        ("https://store.example:{}", ["127.0.0.1", "169.254.169.254"], "which is link-local"),
        ("https://store.example:{}", ["0.0.0.0"], "the unspecified network"),
        ("https://store.example:{}", ["::ffff:127.0.0.1"], "an IPv4-mapped address"),
        ("https://store.example:{}", ["fd00:ec2::254"], "where a cloud hands out credentials"),
        ("https://store.example:{}", ["100.100.100.200"], "where a cloud hands out credentials"),
        ("https://store.example:{}", ["224.0.0.1"], "multicast"),
        ("https://store.example:{}", [], "is not found"),
    ],
)
async def test_where_an_upstream_may_not_be(endpoint, known, refusal):
    names = Names({"store.example": known} if known else {})
    async with scripted() as server, opened(GuardedClient(resolve=names)) as way:
        with pytest.raises(UpstreamUnavailable) as refused:
            await ask(way, record(endpoint.format(server.port)), "GET", b"/b/k")
        assert refusal in refused.value.reason
        assert server.connections == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "store.example", "localhost"])
async def test_an_upstream_may_be_private_because_it_is_configured(upstream, host):
    names = Names({"store.example": LOOPBACK, "localhost": LOOPBACK})
    async with opened(GuardedClient(resolve=names)) as way:
        heard = await ask(way, record(f"http://{host}:{upstream.port}"), "GET", b"/b/k")
    assert heard.status == 200
    assert upstream.seen[0].header(b"host") == f"{host}:{upstream.port}".encode()


async def test_the_address_is_looked_up_once_a_connection(upstream):
    names = Names({"store.example": LOOPBACK})
    async with opened(GuardedClient(resolve=names)) as way:
        to = record(f"http://store.example:{upstream.port}")
        for _ in range(3):
            await ask(way, to, "GET", b"/b/k")
        names.known["store.example"] = ["169.254.169.254"]
        await ask(way, to, "GET", b"/b/k")
        assert names.asked == ["store.example"]
        upstream.drop_idle()
        await until(lambda: way.open_connections() == 0)
        with pytest.raises(UpstreamUnavailable):
            await ask(way, to, "GET", b"/b/k")


@pytest.mark.parametrize(
    "endpoint", ["ftp://127.0.0.1", "http://0x7f.1", "http://user@127.0.0.1", "nothing", ""]
)
async def test_a_bad_endpoint_is_said_to_be_one(upstreams, endpoint):
    with pytest.raises(UpstreamUnavailable, match="unable") as refused:
        await ask(upstreams, record(endpoint), "GET", b"/b/k")
    assert refused.value.reason.startswith("the endpoint of upstream `store` can't be used: ")


def context(authority, *names):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(made)
    return made


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


async def test_a_private_ca_is_trusted_for_its_upstream_alone(authority):
    pem = authority.cert_pem.bytes().decode()
    names = Names({"store.example": LOOPBACK})
    async with (
        scripted(tls=context(authority, "store.example")) as server,
        opened(GuardedClient(resolve=names)) as way,
    ):
        endpoint = f"https://store.example:{server.port}"
        assert (await ask(way, record(endpoint, ca_pem=pem), "GET", b"/b/k")).status == 200
        host_style = record(endpoint, ca_pem=pem, path_style=False)
        assert (await ask(way, host_style, "GET", b"/my.bucket/k")).status == 200
        assert server.seen[1].header(b"host") == f"my.bucket.store.example:{server.port}".encode()
        seen = len(server.seen)
        for untrusted in (
            record(endpoint),
            record(endpoint, ca_pem=trustme.CA().cert_pem.bytes().decode()),
            record(f"https://127.0.0.1:{server.port}", ca_pem=pem),
        ):
            with pytest.raises(UpstreamUnavailable) as refused:
                await ask(way, untrusted, "GET", b"/b/k")
            assert "a certificate that is not trusted" in refused.value.reason
            assert refused.value.help is not None
        assert len(server.seen) == seen
        with pytest.raises(UpstreamUnavailable, match="unable"):
            await ask(way, record(endpoint, ca_pem="no certificate"), "GET", b"/b/k")


async def test_a_body_is_streamed_and_cut_over_tls_as_well(authority):
    pem = authority.cert_pem.bytes().decode()
    piece = b"x" * 65_536
    async with scripted(tls=context(authority, "127.0.0.1")) as server, opened() as way:
        to = record(server.endpoint, ca_pem=pem)
        sent = pieces([piece] * 20)
        assert (await ask(way, to, "PUT", b"/b/k", body=sent, length=20 * 65_536)).status == 200
        sent = pieces([piece] * 20, ValueError("cut"))
        with pytest.raises(ValueError, match="cut"):
            await ask(way, to, "PUT", b"/b/k", body=sent, length=20 * 65_536)
        await until(lambda: not server.tasks)
        assert [one.whole for one in server.seen] == [True, False]


async def test_an_upstream_that_speaks_no_tls_is_said_to(upstreams):
    async def meet(_reader, writer):
        writer.write(b"SSH-2.0-example\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(meet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(UpstreamUnavailable) as refused:
            await ask(upstreams, record(f"https://127.0.0.1:{port}"), "GET", b"/b/k")
    assert refused.value.reason == "upstream `store` does not complete a TLS handshake"


async def test_an_upstream_that_takes_no_connection_is_a_503():
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        # The queue of connections that nobody accepts is full with these.
        held = [socket.socket() for _ in range(4)]
        for one in held:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        async with opened(limits=QUICK.__class__(connect_seconds=0.1, queue_seconds=0.1)) as way:
            with pytest.raises(UpstreamUnavailable) as refused:
                await ask(way, record(f"http://127.0.0.1:{port}"), "GET", b"/b/k")
            assert "no connection in time" in refused.value.reason
        for one in held:
            one.close()
