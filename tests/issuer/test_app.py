import pytest

from support.vectors import vectors
from valetkey.issuer import SigningKeys, discovery_document, issuer_app, jwks_document

ISSUER = "https://gitlab.example.test"
DISCOVERY = "/.well-known/openid-configuration"
KEYS = "/oauth/discovery/keys"


async def ask(app, path, method="GET", headers=()):
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        raise AssertionError("nothing is read")

    scope = {"type": "http", "method": method, "path": path, "headers": list(headers)}
    await app(scope, receive, send)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    head = dict(sent[0]["headers"])
    assert len(head) == len(sent[0]["headers"])
    return sent[0]["status"], head, sent[1]["body"]


@pytest.fixture
def app(keys):
    return issuer_app(ISSUER, lambda: keys)


async def test_both_documents(app, keys):
    assert (await ask(app, DISCOVERY))[::2] == (200, discovery_document(ISSUER))
    assert (await ask(app, "/.well-known/oauth-authorization-server"))[2] == (
        discovery_document(ISSUER)
    )
    assert (await ask(app, KEYS))[::2] == (200, jwks_document(keys))


@pytest.mark.parametrize(("path", "name"), [(DISCOVERY, "discovery"), (KEYS, "jwks")])
async def test_gitlab_s_headers(app, path, name):
    lines = (vectors("gitlab-tokens") / f"{name}.headers.txt").read_text().splitlines()[1:]
    wanted = dict(line.split(": ", 1) for line in lines)
    # These differ from answer to answer; the entity tag follows the keys.
    for varying in ("x-request-id", "x-runtime", "date", "etag"):
        wanted.pop(varying, None)
    _, head, body = await ask(app, path)
    seen = {key.decode(): value.decode() for key, value in head.items()}
    assert seen.pop("content-length") == str(len(body))
    assert seen.pop("etag").startswith('W/"')
    assert seen == wanted


async def test_gitlab_s_entity_tag(app):
    lines = (vectors("gitlab-tokens") / "discovery.headers.txt").read_text().splitlines()
    _, head, _ = await ask(app, DISCOVERY)
    assert f"etag: {head[b'etag'].decode()}" in lines
    status, head, body = await ask(app, DISCOVERY, headers=[(b"if-none-match", head[b"etag"])])
    assert (status, body) == (304, b"")
    assert b"content-length" not in head


async def test_head_is_get_without_the_body(app):
    for path in (DISCOVERY, KEYS):
        _, head, _ = await ask(app, path)
        assert await ask(app, path, "HEAD") == (200, head, b"")


async def test_any_origin_may_read(app):
    origin = [(b"origin", b"https://console.example")]
    for method in ("GET", "HEAD", "OPTIONS"):
        status, head, _ = await ask(app, KEYS, method, origin)
        assert status == 200
        assert head[b"access-control-allow-origin"] == b"*"
        assert head[b"access-control-allow-methods"] == b"GET, HEAD"
    assert b"access-control-allow-origin" not in (await ask(app, KEYS))[1]
    assert (await ask(app, "/oauth/token", "OPTIONS", origin))[0] == 404


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/", "GET"), ("", "GET"), ("/oauth/token", "POST"), ("/oauth/token", "GET"),
        (DISCOVERY, "POST"), (KEYS, "PUT"), (KEYS, "DELETE"), (KEYS, "OPTIONS"),
        (KEYS + "/", "GET"), ("//oauth/discovery/keys", "GET"), ("/mint", "POST"),
        ("/token", "GET"), ("/x" + DISCOVERY, "GET"), ("/signing-keys.json", "GET"),
    ],
)  # fmt: skip
async def test_there_is_nothing_else(app, path, method):
    status, _, body = await ask(app, path, method)
    assert (status, body) == (404, b"")


async def test_a_path_in_the_issuer_is_the_prefix(keys):
    app = issuer_app("https://h/_valetkey/issuer", lambda: keys)
    assert (await ask(app, "/_valetkey/issuer" + KEYS))[0] == 200
    assert (await ask(app, "/_valetkey/issuer" + DISCOVERY))[0] == 200
    assert (await ask(app, KEYS))[0] == 404


async def test_rotation_shows_at_once(keys):
    held = [keys]
    app = issuer_app(ISSUER, lambda: held[0])
    held[0] = SigningKeys(keys.ci, keys.login)
    assert (await ask(app, KEYS))[2] == jwks_document(held[0])


async def test_other_protocols_get_nothing(app):
    await app({"type": "websocket", "path": KEYS}, None, None)
