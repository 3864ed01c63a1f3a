"""No secret of the way to the store, and none of the client's, is in any log, record or refusal.

Issue, deny, fail at the upstream, crash; then search. Elsewhere: credentials and HMAC secrets stood
in debug logs, and an error repeated what the upstream had said of our key.
"""

import logging

import pytest

from gateway.matrix.forms import FormCell, build_form, form
from gateway.matrix.plans import CELLS, Auth, Mode, build, plan
from gateway.matrix.serving import UPSTREAM_KEY, UPSTREAM_SECRET, Bench, Said
from gateway.matrix.spoils import SPOILS
from support.gateway_guarded import CLOSED, OPEN, permit, put_bucket, record_of, request, statement
from support.upstream_server import Exchange
from valetkey.gateway import stores

OBJECT_CANARY = b"canary-bytes-of-an-object"
HEADER_CANARY = "canary-customer-key"
SSE = "x-amz-server-side-encryption-customer-key"
ANSWERS = {
    "repeats our signature": "403 Forbidden",
    "our key is unknown": "403 Forbidden",
    "an error of its own": "500 Internal Server Error",
    "no document": "502 Bad Gateway",
    "elsewhere": "307 Temporary Redirect",
}


def repeating(how: str):
    """Return an upstream that repeats in its refusal all that it was sent."""

    async def script(exchange: Exchange) -> None:
        await exchange.read()
        sent = b"\n".join(name + b": " + value for name, value in exchange.seen.headers)
        code = {
            "repeats our signature": b"SignatureDoesNotMatch",
            "our key is unknown": b"InvalidAccessKeyId",
        }.get(how, b"InternalError")
        body = b"<Error><Code>%s</Code><Message>%s</Message></Error>" % (code, escaped(sent))
        if how == "no document":
            body = sent
        more = ("Location: http://127.0.0.1:1/?k=" + UPSTREAM_SECRET,) if how == "elsewhere" else ()
        body = b"" if exchange.seen.method == b"HEAD" else body
        await exchange.answer(ANSWERS[how], body, *more)

    return script


def escaped(text: bytes) -> bytes:
    return text.replace(b"&", b"&amp;").replace(b"<", b"&lt;")


async def everything(bench: Bench) -> list[Said]:
    """Do what gateways do, well and badly; return every answer that is a refusal."""
    said = []
    cells = [cell for cell in CELLS if cell.operation in ("PutObject", "GetObject")]
    for cell in cells:
        for spoil in SPOILS[::7]:
            if spoil.where(cell):
                made = plan(cell, bench.key)
                spoil.prepare(made)
                spoil.spoil(made)
                said.append(await bench.ask(build(made), cut=made.cut))
    put_bucket(bench, name=CLOSED)
    await permit(bench, statement("s3:GetObject", f"{CLOSED}/allowed/*"))
    for auth in (Auth.HEADER, Auth.QUERY, Auth.HEADER_4A, Auth.QUERY_4A):
        headers = [(SSE, HEADER_CANARY)]
        wire = request(
            bench, "PUT", f"/{CLOSED}/key", auth=auth, headers=headers, body=OBJECT_CANARY
        )
        said.append(await bench.ask(wire))
        said.append(await bench.ask(request(bench, "GET", "/no-such-bucket/%ff", auth=auth)))
    upload = form(FormCell(Auth.NEITHER, fields=True, mode=Mode.ABSENT), bench.key)
    upload.path, upload.file = f"/{CLOSED}", OBJECT_CANARY
    said.append(await bench.ask(build_form(upload)))
    await permit(bench, statement("s3:*", "*"))
    return [one for one in said if one.status]


def search(bench: Bench, answers: list[Said], logged: str) -> None:
    bench.edge.wiring.log.flush()
    kept = repr(bench.edge.wiring.log.recent(limit=10_000))
    bodies = b"\n".join(
        b"\n".join((answer.body, *answer.headers.values())) for answer in answers
    ).decode("latin-1")
    for name, canary in {
        "upstream's secret": UPSTREAM_SECRET,
        "session's secret": bench.key.secret,
        "session token": bench.key.token,
        "the token's end": bench.key.token[-40:],
        "object's bytes": OBJECT_CANARY.decode(),
        "customer key": HEADER_CANARY,
    }.items():
        for where, text in (("log", logged), ("record", kept), ("answer", bodies)):
            assert canary not in text, f"{name} is in a {where}"
    assert UPSTREAM_KEY not in bodies, "our key's id is no client's affair"


async def test_no_canary_is_found_anywhere(
    bench: Bench, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    caplog.set_level(logging.DEBUG)
    answers = await everything(bench)
    assert len(answers) > 200
    assert {answer.status // 100 for answer in answers} == {4}
    search(bench, answers, caplog.text + "".join(capfd.readouterr()))


@pytest.mark.parametrize("how", ANSWERS)
async def test_what_an_upstream_repeats_of_us_ends_here(
    bench: Bench,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    how: str,
):
    """Its words about our signature are the operator's affair, not a client's."""
    caplog.set_level(logging.DEBUG)
    bench.upstream.script = repeating(how)
    answers = []
    for method in ("GET", "PUT", "HEAD", "DELETE"):
        said = await bench.ask(request(bench, method, f"/{OPEN}/key"))
        # To a HEAD the upstream says no code: its status alone tells nothing of whom it refuses.
        assert said.status >= 500 or (method, said.status) == ("HEAD", 403), said
        answers.append(said)
    text = caplog.text + "".join(capfd.readouterr())
    bench.edge.wiring.log.flush()
    for secret in (bench.key.secret, bench.key.token, UPSTREAM_SECRET):
        assert secret not in text
        assert secret.encode() not in b"".join(answer.body for answer in answers)
    if how != "an error of its own":
        search(bench, answers, text)


@pytest.mark.usefixtures("loud")
async def test_no_canary_is_found_after_a_crash(
    bench: Bench,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    caplog.set_level(logging.DEBUG)

    async def crash(errand: object) -> None:
        raise RuntimeError(f"crash: {errand} {UPSTREAM_SECRET} {bench.key.token}")

    monkeypatch.setattr(stores, "forward", crash)
    answers = []
    for auth in (Auth.HEADER, Auth.QUERY):
        said = await bench.ask(request(bench, "GET", f"/{OPEN}/key", auth=auth))
        assert said.short == "500 InternalError"
        assert record_of(bench, said).reason == "RuntimeError"
        answers.append(said)
    logged = caplog.text + "".join(capfd.readouterr())
    assert "RuntimeError" in logged
    search(bench, answers, logged)


async def test_nothing_that_speaks_of_a_secret_shows_it(bench: Bench):
    """What a fault might print: records, credentials, requests, the objects that hold them."""
    directory = bench.edge.wiring.store.directory()
    (upstream,) = directory.upstreams.stores()
    credentials = await bench.edge.wiring.gateway.parts.upstreams.credentials(upstream)
    assert credentials is not None
    assert credentials.secret_key == UPSTREAM_SECRET
    for shown in (upstream, credentials, upstream.keys):
        assert UPSTREAM_SECRET not in repr(shown)
