"""The issuer over TLS, read by the guarded client as any other issuer would be."""

import asyncio
import time
import uuid

import pytest

from valetkey.issuer import IssuerState, Job, issuer_app, mint, serve_issuer
from valetkey.oidc import KeysUnavailable, ProviderKeys, ThumbprintMismatch, parse_token, verify
from valetkey.outbound import DiscoveredKeys, GuardedClient, KeyBounds


@pytest.fixture
async def issuer(tmp_path):
    """Serve an issuer on a port that is known before it is named."""
    listening: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def app(scope, receive, send):
        await running["app"](scope, receive, send)

    running = {}
    draft = IssuerState.create(tmp_path / "tls", "https://localhost", now=time.time())
    task = asyncio.create_task(
        serve_issuer(
            app,
            tls_cert=draft.tls_cert,
            tls_key=draft.tls_key,
            ready=listening.set_result,
        )
    )
    port = await listening
    state = IssuerState(draft.folder, f"https://localhost:{port}", draft.keys, draft.authority)
    running["app"] = issuer_app(state.issuer, state.watched_keys())
    yield state
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_token_from_mint_to_verified(issuer):
    client = GuardedClient(allow_loopback=True)
    thumbprint = await client.sent_thumbprint(issuer.issuer)
    root = issuer.authority.certificate
    chain = await client.sent_chain(issuer.issuer)
    assert (len(chain), chain[-1].thumbprint) == (2, thumbprint)
    assert chain[-1].subject == root.subject.rfc4514_string()

    now = time.time()
    source = DiscoveredKeys(client, clock=time.time, bounds=KeyBounds(cooldown=0.05))
    provider = ProviderKeys(issuer.issuer, (thumbprint,))
    job = Job(issuer=issuer.issuer)

    async def verified():
        jti = str(uuid.uuid4())
        token = parse_token(mint(job, "v", issuer.current_keys().ci, now, jti))
        keys = source.cached(provider, token.kid) or await source.fetch(provider, token.kid)
        return verify(token, keys, client_ids=("v",), issuer=issuer.issuer, now=now)

    assert (await verified()).subject == "project_path:group/project:ref_type:branch:ref:main"
    issuer.rotate()
    await asyncio.sleep(0.06)
    assert (await verified()).kid == issuer.current_keys().ci.kid
    await source.close()


async def test_without_its_thumbprint_it_is_a_stranger(issuer):
    source = DiscoveredKeys(GuardedClient(allow_loopback=True), clock=time.time)
    with pytest.raises(KeysUnavailable, match="Couldn't retrieve") as refused:
        await source.fetch(ProviderKeys(issuer.issuer, ()), None)
    assert "thumbprint" in (refused.value.help or "")
    with pytest.raises(ThumbprintMismatch):
        await source.fetch(ProviderKeys(issuer.issuer, ("0" * 40,)), None)


async def test_plain_http_and_a_taken_port():
    listening: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    task = asyncio.create_task(serve_issuer(app, ready=listening.set_result))
    port = await listening
    fetched = await GuardedClient(allow_loopback=True).get(f"http://127.0.0.1:{port}/")
    assert fetched.status == 204
    assert fetched.header("server") == ""
    with pytest.raises(OSError, match="in use"):
        await serve_issuer(app, port=port)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
