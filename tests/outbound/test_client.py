import asyncio
import time

import pytest

from support.ports import refusing_port
from valetkey.outbound import (
    AnswerRefused,
    Connected,
    DestinationRefused,
    Failed,
    GuardedClient,
    Limits,
    MalformedUrl,
    OutboundError,
    Redirected,
    Requested,
    Resolved,
    Responded,
    Unreachable,
)


def loopback_client(**more):
    return GuardedClient(allow_loopback=True, **more)


async def test_an_answer_with_its_steps(serve):
    server = await serve()
    server.answer("/x?y=z", b'{"a":1}', content_type="application/json", cache_control="max-age=1")
    told = []
    fetched = await loopback_client().get(
        f"http://127.0.0.1:{server.port}/x?y=z", listener=told.append
    )
    assert (fetched.status, fetched.body) == (200, b'{"a":1}')
    assert fetched.header("Content-Type") == "application/json"
    assert fetched.chain_der == ()
    assert told == list(fetched.steps)
    assert [type(step) for step in told] == [Resolved, Connected, Requested, Responded]
    assert told[1].address == "127.0.0.1"
    assert (told[3].size, told[3].cache_control) == (7, "max-age=1")


async def test_it_says_who_it_is_and_nothing_else(serve, monkeypatch):
    server = await serve()
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.answer("/", b"{}", set_cookie="a=b; Path=/")
    client = loopback_client()
    for _ in range(2):
        await client.get(f"http://127.0.0.1:{server.port}/")
    assert server.requests[1].headers == {
        "host": f"127.0.0.1:{server.port}",
        "accept": "application/json",
        "accept-encoding": "identity",
        "user-agent": "valetkey",
        "connection": "close",
    }


@pytest.mark.parametrize("host", ["localhost", "gitlab.localhost"])
async def test_names_of_loopback(serve, resolver, host):
    server = await serve()
    server.answer("/")
    resolver.names[host] = ["127.0.0.1"]
    client = loopback_client(resolve=resolver)
    assert (await client.get(f"http://{host}:{server.port}/")).status == 200
    assert server.requests[0].headers["host"] == f"{host}:{server.port}"


async def test_an_ipv6_literal(serve):
    server = await serve(host="::1")
    server.answer("/")
    fetched = await loopback_client().get(f"http://[::1]:{server.port}/")
    assert fetched.status == 200


async def test_what_is_refused_opens_no_socket(serve, resolver):
    server = await serve()
    resolver.names.update(
        {"rebound.example": ["127.0.0.1"], "half.example": ["93.184.215.14", "127.0.0.1"]}
    )
    client = GuardedClient(resolve=resolver)
    urls = (
        "http://127.0.0.1:{}/", "https://127.0.0.1:{}/", "https://localhost:{}/",
        "https://rebound.example:{}/", "https://half.example:{}/", "http://rebound.example:{}/",
        "https://[::ffff:127.0.0.1]:{}/", "https://2130706433:{}/", "https://0177.0.0.1:{}/",
        "https://0.0.0.0:{}/", "https://user@127.0.0.1:{}/", "https://unknown.example:{}/",
    )  # fmt: skip
    for url in urls:
        with pytest.raises(OutboundError) as refused:
            await client.get(url.format(server.port))
        assert isinstance(refused.value.steps[-1], Failed)
    assert server.connections == 0


async def test_a_name_is_looked_up_once_a_fetch(serve, resolver):
    server = await serve()
    server.answer("/")
    answers = [["127.0.0.1"], ["127.0.0.2"]]

    async def changing(host, port):
        resolver.asked.append(host)
        return answers[len(resolver.asked) - 1]

    client = loopback_client(resolve=changing)
    fetched = await client.get(f"http://localhost:{server.port}/")
    assert resolver.asked == ["localhost"]
    assert [s.address for s in fetched.steps if isinstance(s, Connected)] == ["127.0.0.1"]


async def test_a_refused_name_is_not_looked_up_for_plain_http(resolver):
    with pytest.raises(DestinationRefused):
        await GuardedClient(resolve=resolver).get("http://internal.example/")
    assert resolver.asked == []


class TestRedirects:
    async def test_are_followed(self, serve):
        server = await serve()
        server.redirect("/a", "/b")
        server.redirect("/b", f"http://127.0.0.1:{server.port}/c", "308 Permanent Redirect")
        server.answer("/c", b"[]")
        fetched = await loopback_client().get(f"http://127.0.0.1:{server.port}/a")
        assert fetched.url == f"http://127.0.0.1:{server.port}/c"
        assert fetched.body == b"[]"
        assert [s.status for s in fetched.steps if isinstance(s, Redirected)] == [302, 308]

    async def test_are_bounded(self, serve):
        server = await serve()
        server.redirect("/a", "/a")
        with pytest.raises(DestinationRefused, match="more than 3 times"):
            await loopback_client().get(f"http://127.0.0.1:{server.port}/a")
        assert server.connections == 4

    @pytest.mark.parametrize(
        "to",
        [
            "http://10.0.0.1/",
            "https://10.0.0.1/",
            "https://169.254.169.254/latest/meta-data/",
            "http://public.example/",
            "https://inner.example/",
            "https://0x7f.1/",
        ],
    )
    async def test_are_checked_like_the_first(self, serve, resolver, to):
        server = await serve()
        server.redirect("/", to)
        resolver.names = {"public.example": ["93.184.215.14"], "inner.example": ["10.0.0.1"]}
        with pytest.raises(DestinationRefused):
            await loopback_client(resolve=resolver).get(f"http://127.0.0.1:{server.port}/")

    @pytest.mark.parametrize("to", ["ftp://h/", "https://a@b/", "https://h/#x"])
    async def test_to_what_is_no_url(self, serve, to):
        server = await serve()
        server.redirect("/", to)
        with pytest.raises(MalformedUrl):
            await loopback_client().get(f"http://127.0.0.1:{server.port}/")

    async def test_without_a_location_are_an_answer(self, serve):
        server = await serve()
        server.answer("/", b"", "302 Found")
        assert (await loopback_client().get(f"http://127.0.0.1:{server.port}/")).status == 302

    async def test_of_a_request_with_secrets_are_not_followed(self, serve):
        server = await serve()
        server.redirect("/", "/b")
        fetched = await loopback_client().request(
            "POST",
            f"http://127.0.0.1:{server.port}/",
            headers={"Authorization": "AWS4-HMAC-SHA256 …".encode().decode("latin-1")},
            body=b"Action=GetCallerIdentity",
        )
        assert (fetched.status, fetched.location) == (302, "/b")
        assert server.connections == 1


class TestBounds:
    async def test_a_body_with_a_length(self, serve):
        server = await serve()
        server.answer("/fits", b"x" * 1000)
        server.answer("/large", b"x" * 1001)
        client = loopback_client(limits=Limits(body_bytes=1000))
        assert len((await client.get(f"http://127.0.0.1:{server.port}/fits")).body) == 1000
        with pytest.raises(AnswerRefused, match="larger than 1000 bytes"):
            await client.get(f"http://127.0.0.1:{server.port}/large")

    async def test_a_body_without_end(self, serve):
        server = await serve()

        async def endless(request, writer):
            writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
            while True:
                writer.write(b"2000\r\n" + b"x" * 8192 + b"\r\n")
                await writer.drain()

        server.handler = endless
        with pytest.raises(AnswerRefused, match="larger than 1048576 bytes"):
            await loopback_client().get(f"http://127.0.0.1:{server.port}/")

    @pytest.mark.parametrize(
        "head",
        [
            b"x: " + b"y" * 9000,
            b"\r\n".join(b"x%d: y" % n for n in range(200)),
            b"x" * 9000 + b": y",
        ],
        ids=["long value", "many headers", "long name"],
    )
    async def test_headers(self, serve, raw, head):
        server = await serve()
        server.handler = raw(b"HTTP/1.1 200 OK\r\n" + head + b"\r\ncontent-length: 0\r\n\r\n")
        with pytest.raises(AnswerRefused, match="not HTTP within its bounds"):
            await loopback_client().get(f"http://127.0.0.1:{server.port}/")

    @pytest.mark.parametrize(
        ("data", "kind"),
        [
            (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", AnswerRefused),
            (b"", Unreachable),
            (b"HTTP/1.1 200 OK\r\n", Unreachable),
            (b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{}", AnswerRefused),
            (b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}",
             AnswerRefused),
            (b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n\x1f\x8b",
             AnswerRefused),
        ],
        ids=["other protocol", "nothing", "half a head", "half a body", "two lengths", "gzip"],
    )  # fmt: skip
    async def test_odd_answers(self, serve, raw, data, kind):
        server = await serve()
        server.handler = raw(data)
        with pytest.raises(kind) as refused:
            await loopback_client().get(f"http://127.0.0.1:{server.port}/")
        assert "SSH" not in refused.value.message

    @pytest.mark.parametrize(
        "start",
        [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"],
        ids=["silence", "half a head", "half a body"],
    )
    async def test_a_slow_server(self, serve, start):
        server = await serve()
        done = asyncio.Event()

        async def slow(request, writer):
            writer.write(start)
            await writer.drain()
            await done.wait()

        server.handler = slow
        began = time.monotonic()
        with pytest.raises(Unreachable, match="ran out at step `response`"):
            await loopback_client(limits=Limits(seconds=0.2)).get(
                f"http://127.0.0.1:{server.port}/"
            )
        assert time.monotonic() - began < 5
        done.set()

    async def test_a_drip_does_not_buy_time(self, serve):
        server = await serve()

        async def drip(request, writer):
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n")
            while not writer.is_closing():
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.02)

        server.handler = drip
        with pytest.raises(Unreachable, match="in time"):
            await loopback_client(limits=Limits(seconds=0.2)).get(
                f"http://127.0.0.1:{server.port}/"
            )

    async def test_the_time_is_for_all_hops_together(self, serve):
        server = await serve()

        async def slow_hop(request, writer):
            await asyncio.sleep(0.15)
            writer.write(b"HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n")
            await writer.drain()

        server.handler = slow_hop
        with pytest.raises(Unreachable, match="in time"):
            await loopback_client(limits=Limits(seconds=0.4)).get(
                f"http://127.0.0.1:{server.port}/"
            )
        assert server.connections < 4, "each hop alone would have had time enough"

    async def test_a_slow_look_up(self):
        async def slow(host, port):
            await asyncio.sleep(5)

        client = GuardedClient(resolve=slow, limits=Limits(seconds=0.05))
        with pytest.raises(Unreachable, match="ran out at step `dns`"):
            await client.get("https://h.example/")

    async def test_a_deadline_may_be_nearer(self, serve):
        client = loopback_client()
        with pytest.raises(Unreachable, match="in time"):
            await client.get("http://127.0.0.1:1/", deadline=asyncio.get_running_loop().time() - 1)


async def test_nobody_there():
    with refusing_port() as port, pytest.raises(Unreachable, match="connection refused") as refused:
        await loopback_client().get(f"http://127.0.0.1:{port}/")
    assert [step.name for step in refused.value.steps] == ["dns", "connect"]


async def test_the_second_address_is_dialled_where_the_first_is_dead(serve, resolver):
    server = await serve()
    server.answer("/")
    resolver.names["localhost"] = ["::1", "127.0.0.1"]
    fetched = await loopback_client(resolve=resolver).get(f"http://localhost:{server.port}/")
    assert fetched.status == 200


async def test_an_upstream_request(serve):
    server = await serve()
    server.answer("/", b"<ok/>")
    fetched = await loopback_client(user_agent="valetkey/0").request(
        "POST",
        f"http://127.0.0.1:{server.port}/",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        body=b"Action=x",
    )
    assert fetched.body == b"<ok/>"
    headers = server.requests[0].headers
    assert server.requests[0].method == "POST"
    assert headers["content-length"] == "8"
    assert headers["user-agent"] == "valetkey/0"


async def test_an_error_tells_no_fetched_content(serve):
    server = await serve()
    server.answer("/", b"CANARY" * 200, x_canary="CANARY")
    with pytest.raises(AnswerRefused) as refused:
        await loopback_client(limits=Limits(body_bytes=10)).get(f"http://127.0.0.1:{server.port}/")
    assert "CANARY" not in repr((refused.value, refused.value.steps, refused.value.help))
