"""What goes wrong on the way: nothing half-sent becomes an object, nothing half-read an answer."""

import asyncio

import pytest

from support.ports import refusing_port
from support.upstream_server import scripted
from support.upstreaming import QUICK, SECRET_KEY, ask, opened, pieces, record, until
from valetkey.errors import AwsError
from valetkey.gateway.upstream import (
    UpstreamBroken,
    UpstreamLimits,
    UpstreamRequest,
    UpstreamUnavailable,
)

PIECE = b"x" * 65_536


class BadSignature(AwsError):
    """Stands for what a verifier raises."""


async def whole_then_200(exchange):
    await exchange.read()
    await exchange.answer()


@pytest.mark.parametrize("count", [1, 2, 40])
async def test_a_body_that_raises_never_comes_whole(upstream, upstreams, count):
    upstream.script = whole_then_200
    failure = BadSignature("SignatureDoesNotMatch", "no", 403)
    sent = pieces([PIECE] * count, failure)
    with pytest.raises(BadSignature) as raised:
        await ask(
            upstreams,
            record(upstream.endpoint),
            "PUT",
            b"/b/k",
            body=sent,
            length=count * len(PIECE),
        )
    assert raised.value is failure
    await until(lambda: not upstream.tasks)
    assert upstream.whole == []
    assert upstreams.open_connections() == 0


@pytest.mark.parametrize(
    ("given", "length"),
    [([PIECE], len(PIECE) + 1), ([], 1), ([PIECE, b"y"], len(PIECE)), ([PIECE] * 3, 1)],
)
async def test_a_body_of_another_length_never_comes_whole(upstream, upstreams, given, length):
    upstream.script = whole_then_200
    with pytest.raises(AwsError) as raised:
        await ask(
            upstreams, record(upstream.endpoint), "PUT", b"/b/k", body=pieces(given), length=length
        )
    assert (raised.value.code, raised.value.status) == ("IncompleteBody", 400)
    await until(lambda: not upstream.tasks)
    assert upstream.whole == []


async def test_a_client_that_is_gone_leaves_nothing(upstream, upstreams):
    upstream.script = whole_then_200
    never = asyncio.Event()

    async def stalling():
        yield PIECE
        yield PIECE
        await never.wait()

    asking = asyncio.create_task(
        ask(
            upstreams,
            record(upstream.endpoint),
            "PUT",
            b"/b/k",
            body=stalling(),
            length=3 * len(PIECE),
        )
    )
    await until(lambda: upstream.seen and upstream.seen[0].length >= len(PIECE))
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await until(lambda: not upstream.tasks)
    assert upstream.whole == []
    assert upstreams.open_connections() == 0


async def test_a_client_that_leaves_the_answer_leaves_no_connection(upstream, upstreams):
    async def endless(exchange):
        await exchange.answer(body=b"", length=1 << 30)
        while True:
            await exchange.write(PIECE)

    upstream.script = endless
    async with upstreams.send(record(upstream.endpoint), UpstreamRequest("GET", b"/b/k")) as answer:
        assert await anext(aiter(answer.body))
        assert upstreams.open_connections() == 1
    await until(lambda: not upstream.tasks)
    assert upstreams.open_connections() == 0


async def read_into(got, upstreams, to):
    async with upstreams.send(to, UpstreamRequest("GET", b"/b/k")) as answer:
        assert (answer.status, answer.content_length) == (200, 300_000)
        async for piece in answer.body:
            got.append(piece)


@pytest.mark.parametrize("cut", ["close", "abort"])
@pytest.mark.parametrize("sent", [0, 10, 200_000])
async def test_an_answer_that_breaks_off_is_no_answer(upstream, upstreams, cut, sent):
    async def breaking(exchange):
        await exchange.answer(body=b"x" * sent, length=300_000)
        if cut == "abort":
            exchange.writer.transport.abort()
        exchange.hang_up()

    upstream.script = breaking
    got: list[bytes] = []
    with pytest.raises(UpstreamBroken) as broken:
        await read_into(got, upstreams, record(upstream.endpoint))
    assert len(b"".join(got)) <= sent
    assert broken.value.status == 500
    assert upstreams.open_connections() == 0


async def test_a_chunked_answer_that_breaks_off_is_no_answer(upstream, upstreams):
    async def breaking(exchange):
        await exchange.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        exchange.hang_up()

    upstream.script = breaking
    with pytest.raises(UpstreamBroken):
        await ask(upstreams, record(upstream.endpoint), "GET", b"/b/k")


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 2_000 + b"\r\n",
        b"HTTP/1.1 9999 Odd\r\n\r\n",
        b"",
    ],
    ids=["no HTTP", "no length", "two lengths", "a long line", "many lines", "no status", "none"],
)
async def test_what_is_no_answer_is_a_503(upstream, upstreams, said):
    async def odd(exchange):
        await exchange.write(said)
        exchange.hang_up()

    upstream.script = odd
    with pytest.raises(UpstreamUnavailable) as refused:
        await ask(upstreams, record(upstream.endpoint), "GET", b"/b/k")
    assert (refused.value.status, refused.value.code) == (503, "ServiceUnavailable")
    assert "store" in refused.value.reason
    await until(lambda: not upstream.tasks)
    assert upstreams.open_connections() == 0


async def test_an_upstream_that_is_down_is_a_503(upstreams):
    with refusing_port() as port, pytest.raises(UpstreamUnavailable) as refused:
        await ask(upstreams, record(f"http://127.0.0.1:{port}"), "GET", b"/b/k")
    assert refused.value.reason == "upstream `store` can't be reached: connection refused"
    assert SECRET_KEY not in repr(refused.value.args)


async def test_a_503_and_then_a_200_are_what_they_are(upstream, upstreams):
    answers = iter(["503 Slow Down", "200 OK"])

    async def script(exchange):
        await exchange.read()
        await exchange.answer(next(answers))

    upstream.script = script
    to = record(upstream.endpoint)
    assert (await ask(upstreams, to, "PUT", b"/b/k", body=b"x")).status == 503
    assert (await ask(upstreams, to, "PUT", b"/b/k", body=b"x")).status == 200
    assert (len(upstream.seen), upstream.connections) == (2, 1)


async def test_an_upstream_that_dies_in_the_midst_of_a_body_is_a_500(upstream, upstreams):
    async def dying(exchange):
        await exchange.read(100_000)
        exchange.writer.transport.abort()
        exchange.hang_up()

    upstream.script = dying
    with pytest.raises(UpstreamBroken) as broken:
        await ask(
            upstreams,
            record(upstream.endpoint),
            "PUT",
            b"/b/k",
            body=pieces([PIECE] * 64),
            length=64 * len(PIECE),
        )
    assert (broken.value.code, len(upstream.seen)) == ("InternalError", 1)
    assert upstreams.open_connections() == 0


@pytest.mark.parametrize("status", ["403 Forbidden", "412 Precondition Failed", "503 Slow Down"])
async def test_an_early_refusal_is_the_answer(upstream, upstreams, status):
    async def early(exchange):
        await exchange.read(1000)
        await exchange.answer(status, b"<Error/>")
        await exchange.read(keep=False)

    upstream.script = early
    length = 400 * len(PIECE)
    async with upstreams.send(
        record(upstream.endpoint),
        UpstreamRequest("PUT", b"/b/k", body=pieces([PIECE] * 400), length=length),
    ) as answer:
        assert (answer.status, answer.early) == (int(status[:3]), True)
        assert await answer.read(100) == b"<Error/>"
    await until(lambda: not upstream.tasks)
    assert upstreams.open_connections() == 0
    assert upstream.whole == []


async def test_an_early_refusal_by_one_who_reads_no_more_leaves_no_connection(upstream, upstreams):
    async def early(exchange):
        await exchange.read(1000)
        # Until what is not read has filled every buffer on the way.
        await asyncio.sleep(0.3)
        await exchange.answer("403 Forbidden", b"<Error/>")
        await forever(exchange)

    upstream.script = early
    request = UpstreamRequest("PUT", b"/b/k", body=pieces([PIECE] * 400), length=400 * len(PIECE))
    async with upstreams.send(record(upstream.endpoint), request) as answer:
        assert (answer.status, await answer.read(100)) == (403, b"<Error/>")
    # What is still to be written would otherwise keep the connection for as long as it is not read.
    await until(lambda: upstreams.open_connections() == 0)


async def test_an_early_success_is_none(upstream, upstreams):
    async def early(exchange):
        await exchange.read(1000)
        await exchange.answer()
        await exchange.read(keep=False)

    upstream.script = early
    with pytest.raises(UpstreamBroken, match="internal error") as broken:
        await ask(
            upstreams,
            record(upstream.endpoint),
            "PUT",
            b"/b/k",
            body=pieces([PIECE] * 400),
            length=400 * len(PIECE),
        )
    assert broken.value.reason == "upstream `store` answers 200 before it has the body"
    await until(lambda: not upstream.tasks)
    assert upstreams.open_connections() == 0


async def forever(_exchange):
    await asyncio.Event().wait()


async def trickling(exchange):
    await exchange.answer(body=b"x", length=100)
    await asyncio.Event().wait()


async def test_an_upstream_that_says_nothing_is_a_503(upstream):
    upstream.script = forever
    async with opened(limits=QUICK) as way:
        with pytest.raises(UpstreamUnavailable) as refused:
            await ask(way, record(upstream.endpoint), "GET", b"/b/k")
        assert refused.value.reason == "upstream `store` keeps us waiting for too long"
        await until(lambda: way.open_connections() == 0)


async def test_an_upstream_that_says_nothing_to_a_body_is_a_500(upstream):
    async def silent(exchange):
        await exchange.read()
        await forever(exchange)

    upstream.script = silent
    async with opened(limits=QUICK) as way:
        for body, length in ((b"x", None), (pieces([PIECE]), len(PIECE))):
            to = record(upstream.endpoint)
            with pytest.raises(UpstreamBroken):
                await ask(way, to, "PUT", b"/b/k", body=body, length=length)


async def test_an_upstream_that_takes_no_more_of_a_body_is_a_500(upstream):
    upstream.script = forever
    async with opened(limits=QUICK) as way:
        with pytest.raises(UpstreamBroken) as broken:
            await ask(
                way,
                record(upstream.endpoint),
                "PUT",
                b"/b/k",
                body=pieces([PIECE] * 1000),
                length=1000 * len(PIECE),
            )
        assert broken.value.reason == "upstream `store` keeps us waiting for too long"
        await until(lambda: way.open_connections() == 0)
    upstream.abort()


async def test_an_answer_that_stalls_is_broken(upstream):
    upstream.script = trickling
    async with opened(limits=QUICK) as way:
        with pytest.raises(UpstreamBroken):
            await ask(way, record(upstream.endpoint), "GET", b"/b/k")


async def test_a_slow_client_is_no_stalled_upstream(upstream):
    upstream.script = whole_then_200

    async def slow():
        yield b"xx"
        await asyncio.sleep(2 * QUICK.idle_seconds)
        yield b"xx"

    async with opened(limits=QUICK) as way:
        heard = await ask(way, record(upstream.endpoint), "PUT", b"/b/k", body=slow(), length=4)
    assert (heard.status, bytes(upstream.seen[0].body)) == (200, b"x" * 4)


async def test_a_queue_that_does_not_move_says_slow_down(upstream):
    upstream.script = trickling
    limits = UpstreamLimits(connections=1, queue_seconds=0.1, connect_seconds=0.1)
    async with opened(limits=limits) as way:
        to = record(upstream.endpoint)
        async with way.send(to, UpstreamRequest("GET", b"/b/k")):
            with pytest.raises(UpstreamUnavailable) as refused:
                await ask(way, to, "GET", b"/b/k")
        assert (refused.value.code, refused.value.status) == ("SlowDown", 503)


async def test_a_redirect_is_not_followed(upstream, upstreams):
    async with scripted() as other:

        async def script(exchange):
            await exchange.answer("307 Temporary Redirect", b"", f"Location: {other.endpoint}/")

        upstream.script = script
        heard = await ask(upstreams, record(upstream.endpoint), "GET", b"/b/k")
        assert (heard.status, other.connections) == (307, 0)
