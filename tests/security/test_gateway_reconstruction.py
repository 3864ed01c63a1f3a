"""What goes to the upstream is made anew: nothing of a client's own choosing proves anything.

Elsewhere: a server sent on a request that the client had built, with its URL, Host and Accept, and
believed what came back.
"""

from gateway.matrix.plans import Auth
from gateway.matrix.serving import UPSTREAM_KEY, Bench
from support.gateway_guarded import OPEN, nothing_reached, request

CHOSEN = [
    ("accept", "application/json"),
    ("accept-encoding", "br"),
    ("cookie", "session=chosen"),
    ("forwarded", "for=10.0.0.1;host=evil.example"),
    ("x-forwarded-for", "10.0.0.1"),
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-proto", "https"),
    ("x-real-ip", "10.0.0.1"),
    ("x-original-url", "/private/key"),
    ("x-rewrite-url", "/private/key"),
    ("x-http-method-override", "DELETE"),
    ("proxy-authorization", "Basic QUJD"),
    ("te", "trailers"),
    ("connection", "x-amz-meta-note, close"),
    ("upgrade", "h2c"),
    ("via", "1.1 evil"),
    ("origin", "https://evil.example"),
    ("user-agent", "chosen/1.0"),
    ("x-unheard-of", "chosen"),
]
KNOWN = {
    *("host", "user-agent", "content-length", "authorization", "content-type"),
    *("x-amz-date", "x-amz-content-sha256"),
}


async def test_the_upstream_sees_our_request_and_not_the_clients(bench: Bench):
    for auth in (Auth.HEADER, Auth.QUERY, Auth.HEADER_4A, Auth.QUERY_4A):
        for method in ("GET", "PUT"):
            bench.upstream.seen.clear()
            headers = [*CHOSEN, ("content-type", "text/plain")]
            # An origin is looked up in the bucket's own rules first.
            headers = [pair for pair in headers if pair[0] != "origin"]
            wire = request(bench, method, f"/{OPEN}/key", auth=auth, headers=headers)
            said = await bench.ask(wire)
            assert said.status == 200, said
            (seen,) = bench.upstream.seen
            names = {name.decode().lower() for name, _ in seen.headers}
            assert names <= KNOWN, names - KNOWN
            assert seen.header(b"host") == bench.upstream.endpoint.partition("://")[2].encode()
            text = b"".join(name + value for name, value in seen.headers) + seen.line
            for secret in ("chosen", "evil", "10.0.0.1", bench.key.id, bench.key.token):
                assert secret.encode() not in text, (auth, method, secret)
            assert f"Credential={UPSTREAM_KEY}/".encode() in (seen.header(b"authorization") or b"")
            assert b"X-Amz-" not in seen.target


async def test_a_target_that_names_a_place_is_no_way_there(bench: Bench):
    for path in (
        "http://evil.example/matrix-public/key",
        "//evil.example/matrix-public/key",
        f"/{OPEN}@evil.example/key",
        f"/{OPEN}:80/key",
        "*",
        "matrix-public/key",
    ):
        wire = request(bench, "GET", path)
        said = await bench.ask(wire)
        assert 400 <= said.status < 500, (path, said)
    assert nothing_reached(bench)


async def test_the_host_names_a_bucket_of_ours_or_nothing(bench: Bench):
    """A host of somebody else's is none of our domains: the bucket is the path's."""
    for host in ("evil.example", "matrix-private.evil.example", "localhost.evil.example", "[::1]"):
        bench.upstream.seen.clear()
        wire = request(bench, "GET", f"/{OPEN}/key", host=host)
        assert (await bench.ask(wire)).status == 200
        (seen,) = bench.upstream.seen
        assert seen.target == f"/{OPEN}/key".encode()
        assert host.encode() not in (seen.header(b"host") or b"")
