import aiohttp
import pytest

from valetkey.outbound import DestinationRefused, GuardedClient


async def fetch(client, origin, url):
    async with (
        aiohttp.ClientSession(connector=client.connector(origin)) as session,
        session.get(url) as response,
    ):
        return await response.read()


async def test_it_reaches_its_upstream(serve, resolver):
    server = await serve()
    server.answer("/x", b"object")
    resolver.names["s3.localhost"] = ["127.0.0.1"]
    client = GuardedClient(allow_loopback=True, resolve=resolver)
    for host in ("127.0.0.1", "s3.localhost"):
        origin = f"http://{host}:{server.port}"
        assert await fetch(client, origin, f"{origin}/x") == b"object"


@pytest.mark.parametrize(
    ("origin", "url"),
    [
        ("https://s3.example:{}", "http://127.0.0.1:{}/x"),
        ("https://s3.example:{}", "https://other.example:{}/x"),
        ("https://s3.example:{}", "https://s3.example:{}/x"),
        ("http://127.0.0.1:{}", "http://127.0.0.1:{}/x"),
    ],
    ids=["another address", "another host", "a private address", "loopback, not allowed"],
)
async def test_it_reaches_nothing_else(serve, resolver, origin, url):
    server = await serve()
    resolver.names = {"s3.example": ["127.0.0.1"], "other.example": ["93.184.215.14"]}
    client = GuardedClient(resolve=resolver)
    with pytest.raises(aiohttp.ClientConnectionError):
        await fetch(client, origin.format(server.port), url.format(server.port))
    assert server.connections == 0


async def test_a_connector_is_for_one_upstream(serve, resolver):
    server = await serve()
    resolver.names["s3.localhost"] = ["127.0.0.1"]
    client = GuardedClient(allow_loopback=True, resolve=resolver)
    with pytest.raises(aiohttp.ClientConnectorError, match="Cannot connect"):
        await fetch(
            client, f"http://s3.localhost:{server.port}", f"http://other.localhost:{server.port}/"
        )
    assert (server.connections, resolver.asked) == (0, [])


async def test_each_connection_is_checked_anew(serve, resolver):
    server = await serve()
    server.answer("/x", b"object", connection="close")
    resolver.names["s3.localhost"] = ["127.0.0.1"]
    client = GuardedClient(allow_loopback=True, resolve=resolver)
    origin = f"http://s3.localhost:{server.port}"
    async with aiohttp.ClientSession(connector=client.connector(origin)) as session:
        async with session.get(f"{origin}/x") as response:
            assert await response.read() == b"object"
        resolver.names["s3.localhost"] = ["10.0.0.1"]
        with pytest.raises(aiohttp.ClientConnectorError) as refused:
            await session.get(f"{origin}/x")
    assert isinstance(refused.value.os_error.__cause__, DestinationRefused)


def test_a_bad_origin_is_refused():
    with pytest.raises(DestinationRefused):
        GuardedClient().connector("https://0x7f.1")
