import json

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from support.vectors import vectors
from valetkey.oidc import KeysUnavailable, MalformedKeySet, ProviderKeys, ThumbprintMismatch
from valetkey.outbound import (
    CertificateRefused,
    GuardedClient,
    OutboundError,
    Parsed,
    discover,
    discovery_url,
)
from valetkey.outbound.discovery import read_document

KEYS = json.dumps(
    {"keys": [{"kty": "EC", "crv": "P-256", "kid": "k1",
               "x": "WKn-ZIGevcwGIyyrzFoZNBdaq9_TsqzGl96oc0CWuis",
               "y": "y77t-RvAHRKTsSGdIYUfweuOvwrvDD-Q3Hv5J0fSKbE"}]}
).encode()  # fmt: skip


def document(issuer, jwks_uri):
    return json.dumps({"issuer": issuer, "jwks_uri": jwks_uri}).encode()


@pytest.fixture
async def issuer(serve):
    """Serve a whole issuer on loopback, at the root."""
    server = await serve()
    server.url = f"http://127.0.0.1:{server.port}"
    server.answer("/.well-known/openid-configuration", document(server.url, f"{server.url}/keys"))
    server.answer("/keys", KEYS)
    return server


@pytest.mark.parametrize(
    ("registered", "url"),
    [
        ("https://h", "https://h/.well-known/openid-configuration"),
        ("https://h/", "https://h/.well-known/openid-configuration"),
        ("https://h/gitlab", "https://h/gitlab/.well-known/openid-configuration"),
        ("https://h/gitlab/", "https://h/gitlab/.well-known/openid-configuration"),
        ("https://h:8443/a/b", "https://h:8443/a/b/.well-known/openid-configuration"),
    ],
)
def test_the_well_known_url_has_one_slash_and_keeps_the_path(registered, url):
    assert discovery_url(registered) == url


async def test_an_issuer_and_its_keys(issuer):
    told = []
    found = await discover(
        GuardedClient(allow_loopback=True), ProviderKeys(issuer.url), listener=told.append
    )
    assert [key.kid for key in found.keys.keys] == ["k1"]
    assert found.document.jwks_uri == f"{issuer.url}/keys"
    assert [step.found for step in told if isinstance(step, Parsed)] == [
        f"issuer `{issuer.url}`", "keys `k1`",
    ]  # fmt: skip
    assert [request.path for request in issuer.requests] == [
        "/.well-known/openid-configuration", "/keys",
    ]  # fmt: skip


async def test_o_08_one_trailing_slash(issuer):
    issuer.answer(
        "/.well-known/openid-configuration", document(issuer.url + "/", issuer.url + "/keys")
    )
    client = GuardedClient(allow_loopback=True)
    with pytest.raises(KeysUnavailable) as refused:
        await discover(client, ProviderKeys(issuer.url))
    assert refused.value.reason == (
        f"registered URL `{issuer.url}` and discovered issuer `{issuer.url}/` differ by a"
        " trailing slash"
    )
    assert refused.value.help == f"re-register as `{issuer.url}/`"
    found = await discover(client, ProviderKeys(issuer.url + "/"))
    assert found.document.issuer == issuer.url + "/"
    assert issuer.requests[-2].path == "/.well-known/openid-configuration"


async def test_o_13_keys_on_another_host(serve, resolver, trusting, server_context):
    """Discovery keeps the path; the keys are read where it says; each host by its own chain."""
    ca_1, ca_2 = trustme.CA(), trustme.CA()
    hub_cert = ca_1.issue_cert("hub.example")
    keys_cert = ca_2.issue_cert("keys.hub.example")
    hub = await serve(server_context(hub_cert, *hub_cert.cert_chain_pems))
    keys = await serve(server_context(keys_cert, *keys_cert.cert_chain_pems, ca_2.cert_pem))
    resolver.names = {"hub.example": ["127.0.0.1"], "keys.hub.example": ["127.0.0.1"]}
    issuer = f"https://hub.example:{hub.port}/acme"
    jwks_origin = f"https://keys.hub.example:{keys.port}"
    hub.answer("/acme/.well-known/openid-configuration", document(issuer, f"{jwks_origin}/jwks"))
    keys.answer("/jwks", KEYS)

    def client(*authorities, origins=(f"https://hub.example:{hub.port}", jwks_origin)):
        return GuardedClient(
            allowed_private_origins=origins, resolve=resolver, trust=trusting(*authorities)
        )

    with pytest.raises(KeysUnavailable, match="Couldn't retrieve verification key") as refused:
        await discover(client(ca_1), ProviderKeys(issuer))
    assert (refused.value.reason or "").startswith(
        "certificate of `keys.hub.example` is not trusted"
    )
    cause = refused.value.__cause__
    assert isinstance(cause, CertificateRefused)
    top = cause.chain[-1].thumbprint
    assert f"thumbprint `{top}`" in (refused.value.help or "")

    with pytest.raises(ThumbprintMismatch, match="doesn't match configured thumbprint"):
        await discover(client(ca_1), ProviderKeys(issuer, ("0" * 40,)))
    for found in (
        await discover(client(ca_1, ca_2), ProviderKeys(issuer)),
        await discover(client(ca_1), ProviderKeys(issuer, (top,))),
    ):
        assert [key.kid for key in found.keys.keys] == ["k1"]
    before = keys.connections
    with pytest.raises(KeysUnavailable) as refused:
        await discover(
            client(ca_1, ca_2, origins=(f"https://hub.example:{hub.port}",)),
            ProviderKeys(issuer),
        )
    assert refused.value.help == f'add `"{jwks_origin}"` to the setting `allowed_private_origins`'
    assert keys.connections == before
    assert all(request.path.startswith("/acme/") for request in hub.requests)


BROKEN_DOCUMENTS = {
    "not JSON": b"<html>",
    "empty": b"",
    "not an object": b"[]",
    "no issuer": b'{"jwks_uri":"https://h/"}',
    "no jwks_uri": b'{"issuer":"https://h"}',
    "a number": b'{"issuer":"https://h","jwks_uri":1}',
    "null": b'{"issuer":null,"jwks_uri":"https://h/"}',
    "the issuer twice": b'{"issuer":"https://h","issuer":"https://h","jwks_uri":"https://h/"}',
    "deep": b'{"issuer":"https://h","jwks_uri":"https://h/","x":' + b"[" * 100_000,
    "not UTF-8": b'{"issuer":"https://h","jwks_uri":"https://h/\xff"}',
    "another issuer": b'{"issuer":"https://evil","jwks_uri":"https://h/"}',
    "another case": b'{"issuer":"https://H","jwks_uri":"https://h/"}',
    "another port": b'{"issuer":"https://h:443","jwks_uri":"https://h/"}',
}


@pytest.mark.parametrize("body", BROKEN_DOCUMENTS.values(), ids=BROKEN_DOCUMENTS)
def test_documents_that_are_refused(body):
    with pytest.raises(KeysUnavailable):
        read_document(body, "https://h")


@given(st.binary(max_size=40))
def test_any_bytes_are_refused_politely(body):
    with pytest.raises(KeysUnavailable):
        read_document(body, "https://h")


def test_an_issuer_with_control_characters_is_shown_without_them():
    body = document("https://h\x1b[31m\n", "https://h/")
    with pytest.raises(KeysUnavailable) as refused:
        read_document(body, "https://h")
    assert "\x1b" not in (refused.value.reason or "")
    assert "\n" not in (refused.value.help or "")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", "200 OK"),
        (b"<html>", "200 OK"),
        (b'{"keys":[]}', "200 OK"),
        (b'{"keys":[{"kty":"RSA"}]}', "200 OK"),
        (KEYS, "404 Not Found"),
        (KEYS, "500 Internal Server Error"),
        (KEYS, "204 No Content"),
    ],
)
async def test_key_sets_that_are_refused(issuer, body, status):
    issuer.answer("/keys", body, status)
    with pytest.raises(KeysUnavailable) as refused:
        await discover(GuardedClient(allow_loopback=True), ProviderKeys(issuer.url))
    assert refused.value.code == "InvalidIdentityToken"
    assert isinstance(refused.value, MalformedKeySet) == (status == "200 OK")


@pytest.mark.parametrize(
    "jwks_uri",
    ["http://10.0.0.1/keys", "https://10.0.0.1/keys", "file:///etc/passwd", "", "/keys",
     "https://169.254.169.254/latest/", "https://127.1/keys", "http://gitlab.example/keys"],
)  # fmt: skip
async def test_where_a_document_may_not_lead(issuer, jwks_uri):
    issuer.answer("/.well-known/openid-configuration", document(issuer.url, jwks_uri))
    with pytest.raises(KeysUnavailable) as refused:
        await discover(GuardedClient(allow_loopback=True), ProviderKeys(issuer.url))
    assert isinstance(refused.value.__cause__, OutboundError)
    assert issuer.connections == 1


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_an_issuer_elsewhere_does_not_lead_to_loopback(
    serve, resolver, trusting, server_context, scheme
):
    authority = trustme.CA()
    certificate = authority.issue_cert("gitlab.corp")
    server = await serve(server_context(certificate, *certificate.cert_chain_pems))
    inner = await serve()
    issuer = f"https://gitlab.corp:{server.port}"
    resolver.names = {"gitlab.corp": ["127.0.0.1"]}
    server.answer(
        "/.well-known/openid-configuration",
        document(issuer, f"{scheme}://127.0.0.1:{inner.port}/keys"),
    )
    client = GuardedClient(
        allow_loopback=True,
        allowed_private_origins=[issuer],
        resolve=resolver,
        trust=trusting(authority),
    )
    with pytest.raises(KeysUnavailable):
        await discover(client, ProviderKeys(issuer))
    assert (len(server.requests), inner.connections) == (1, 0)


async def test_gitlab_s_own_documents(serve, resolver, trusting, server_context):
    folder = vectors("gitlab-tokens")
    authority = trustme.CA()
    certificate = authority.issue_cert("gitlab.example.test")
    server = await serve(server_context(certificate, *certificate.cert_chain_pems))
    origin = "https://gitlab.example.test"
    # The document names the default port; the loopback server has another.
    moved = f"{origin}:{server.port}"
    body = (folder / "discovery.json").read_bytes().replace(origin.encode(), moved.encode())
    server.answer("/.well-known/openid-configuration", body)
    server.answer("/oauth/discovery/keys", (folder / "jwks.json").read_bytes())
    resolver.names = {"gitlab.example.test": ["127.0.0.1"]}
    client = GuardedClient(
        allowed_private_origins=[moved], resolve=resolver, trust=trusting(authority)
    )
    found = await discover(client, ProviderKeys(moved))
    assert [key.kid for key in found.keys.keys] == [
        "d3o5VAnKlLju6Em5yXvZ7MQBi-eB4AlfmtyDcj4cFFk",
        "1bnagfiTHw8c__f6VSUac2fgTTP-MBy-V7Wn2_qGb0o",
    ]
