"""Our own credentials at an upstream: opened, assumed, renewed in time, and never shown."""

import asyncio
import hashlib
import traceback
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import pytest

from support.upstream_server import scripted
from support.upstreaming import ACCESS_KEY_ID, SECRET_KEY, ask, opened, record, until
from valetkey.clock import iso8601
from valetkey.gateway.upstream import UpstreamUnavailable
from valetkey.sigv4 import HttpRequest, SigningKeyCache, parse_signature, verify_signature
from valetkey.store import UpstreamRole

START = 1_800_000_000.0
ROLE = "arn:aws:iam::001122334455:role/gateway"
TOKEN = "eyJhbGciOiJSUzI1NiJ9.a-token-never-shown"


@dataclass
class Sts:
    """A scripted STS: what it was asked, and what it says next."""

    now: list[float]
    seconds: float = 3600
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    requests: list[object] = field(default_factory=list)
    says: tuple[str, bytes] | None = None
    hold: asyncio.Event | None = None

    async def __call__(self, exchange):
        await exchange.read()
        self.requests.append(exchange.seen)
        self.asked.append(parse_qs(bytes(exchange.seen.body).decode()))
        if self.hold is not None:
            await self.hold.wait()
        status, body = self.says or ("200 OK", self.credentials())
        await exchange.answer(status, body)

    def credentials(self):
        number = len(self.asked)
        return (
            '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
            "<AssumeRoleResult><Credentials>"
            f"<AccessKeyId>ASIA{number}</AccessKeyId>"
            f"<SecretAccessKey>secret-{number}</SecretAccessKey>"
            f"<SessionToken>session-{number}</SessionToken>"
            f"<Expiration>{iso8601(self.now[0] + self.seconds)}</Expiration>"
            "</Credentials></AssumeRoleResult></AssumeRoleResponse>"
        ).encode()


@pytest.fixture
def now():
    return [START]


@pytest.fixture
async def sts(now):
    said = Sts(now)
    async with scripted(said) as server:
        said.endpoint = server.endpoint
        yield said


@pytest.fixture
async def way(now):
    async with opened(clock=lambda: now[0]) as opened_way:
        yield opened_way


def with_role(upstream, sts, **changes):
    return record(
        upstream.endpoint, role=UpstreamRole(role_arn=ROLE, sts_endpoint=sts.endpoint, **changes)
    )


def used(upstream):
    """Return the access key ids that requests to the upstream were signed with."""
    found = []
    for seen in upstream.seen:
        authorization = seen.header(b"authorization").decode()
        found.append(authorization.partition("Credential=")[2].partition("/")[0])
    return found


async def test_a_role_is_assumed_with_keys(upstream, sts, way):
    to = with_role(upstream, sts, external_id="an-external-id", session_name="me")
    await ask(way, to, "GET", b"/b/k")
    assert sts.asked == [
        {
            "Action": ["AssumeRole"],
            "Version": ["2011-06-15"],
            "RoleArn": [ROLE],
            "RoleSessionName": ["me"],
            "DurationSeconds": ["3600"],
            "ExternalId": ["an-external-id"],
        }
    ]
    seen = sts.requests[0]
    headers = tuple((name.lower(), value) for name, value in seen.headers)
    request = HttpRequest("POST", seen.target, b"", headers, hashlib.sha256(seen.body).hexdigest())
    signature = parse_signature(request)
    verify_signature(
        request,
        signature,
        secret_key=SECRET_KEY,
        now=START,
        keys=SigningKeyCache(),
        service="sts",
        region="us-east-1",
    )
    assert signature.access_key_id == ACCESS_KEY_ID
    assert used(upstream) == ["ASIA1"]
    assert upstream.seen[0].header(b"x-amz-security-token") == b"session-1"


async def test_a_role_is_assumed_with_a_token_that_is_read_anew(upstream, sts, way, now, tmp_path):
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    to = with_role(upstream, sts, token_file=str(file))
    await ask(way, to, "GET", b"/b/k")
    file.write_text("another-token")
    now[0] += 3600
    await ask(way, to, "GET", b"/b/k")
    assert [one["Action"] for one in sts.asked] == [["AssumeRoleWithWebIdentity"]] * 2
    assert [one["WebIdentityToken"] for one in sts.asked] == [[TOKEN], ["another-token"]]
    assert [one.header(b"authorization") for one in sts.requests] == [None, None]
    assert used(upstream) == ["ASIA1", "ASIA2"]


async def test_many_requests_at_once_ask_once(upstream, sts, way):
    to = with_role(upstream, sts)
    await asyncio.gather(*(ask(way, to, "GET", b"/b/k") for _ in range(20)))
    assert (len(sts.asked), set(used(upstream))) == (1, {"ASIA1"})


async def test_they_are_renewed_behind_the_requests(upstream, sts, way, now):
    to = with_role(upstream, sts)
    await ask(way, to, "GET", b"/b/k")
    now[0] = START + 2699
    await ask(way, to, "GET", b"/b/k")
    assert len(sts.asked) == 1
    sts.hold = asyncio.Event()
    now[0] = START + 2700
    for _ in range(3):
        await ask(way, to, "GET", b"/b/k")
    await until(lambda: len(sts.asked) == 2)
    assert used(upstream) == ["ASIA1"] * 5
    sts.hold.set()
    await until(lambda: way_has(way, to, "ASIA2"))
    await ask(way, to, "GET", b"/b/k")
    assert (used(upstream)[-1], len(sts.asked)) == ("ASIA2", 2)


def way_has(way, to, wanted):
    have = way._lane(to).source._have
    return have is not None and have.access_key_id == wanted


async def test_old_ones_serve_while_the_sts_is_down_until_they_expire(upstream, sts, way, now):
    to = with_role(upstream, sts)
    await ask(way, to, "GET", b"/b/k")
    sts.says = ("503 Service Unavailable", b"")
    now[0] = START + 3000
    for count in (2, 2, 2):
        await ask(way, to, "GET", b"/b/k")
        await until(
            lambda: not way._lane(to).source._fetching or way._lane(to).source._fetching.done()
        )
        assert len(sts.asked) == count
    now[0] += 11
    await ask(way, to, "GET", b"/b/k")
    await until(lambda: len(sts.asked) == 3)
    now[0] = START + 3590
    with pytest.raises(UpstreamUnavailable) as refused:
        await ask(way, to, "GET", b"/b/k")
    assert "answers `status 503`" in refused.value.reason
    asked = len(sts.asked)
    with pytest.raises(UpstreamUnavailable):
        await ask(way, to, "GET", b"/b/k")
    assert len(sts.asked) == asked
    sts.says = None
    now[0] += 10
    await ask(way, to, "GET", b"/b/k")
    assert used(upstream)[-1] == f"ASIA{len(sts.asked)}"


async def test_one_that_is_gone_does_not_take_the_others_answer(upstream, sts, way):
    to = with_role(upstream, sts)
    sts.hold = asyncio.Event()
    first = asyncio.create_task(ask(way, to, "GET", b"/b/k"))
    second = asyncio.create_task(ask(way, to, "GET", b"/b/k"))
    await until(lambda: sts.asked)
    first.cancel()
    sts.hold.set()
    assert (await second).status == 200
    with pytest.raises(asyncio.CancelledError):
        await first
    assert len(sts.asked) == 1


ECHO = (
    "<ErrorResponse><Error><Code>{}</Code>"
    f"<Message>{TOKEN} {SECRET_KEY}</Message></Error></ErrorResponse>"
)
ENTITY = (
    '<!DOCTYPE x [<!ENTITY a "b">]>'
    "<a><AccessKeyId>&a;</AccessKeyId><SecretAccessKey>B</SecretAccessKey>"
    "<SessionToken>C</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></a>"
)
NEVER = (
    "<a><AccessKeyId>A</AccessKeyId><SecretAccessKey>B</SecretAccessKey>"
    "<SessionToken>C</SessionToken><Expiration>soon</Expiration></a>"
)


@pytest.mark.parametrize(
    "says",
    [
        ("403 Forbidden", ECHO.format("AccessDenied"), "answers `AccessDenied`"),
        ("400 Bad Request", ECHO.format("ExpiredTokenException"), "`ExpiredTokenException`"),
        ("400 Bad Request", ECHO.format(f"{SECRET_KEY} {TOKEN}"), "answers `status 400`"),
        ("500 Oh", "<html>" + TOKEN, "answers `status 500`"),
        ("302 Found", "", "answers `status 302`"),
        ("200 OK", "", "no credentials that can be read"),
        ("200 OK", TOKEN, "no credentials that can be read"),
        ("200 OK", "<a><AccessKeyId>A</AccessKeyId></a>", "no credentials that can be read"),
        ("200 OK", ENTITY, "no credentials that can be read"),
        ("200 OK", NEVER, "no credentials that can be read"),
    ],
)
async def test_a_refusal_is_clear_and_shows_no_secret(upstream, sts, way, tmp_path, says):
    status, body, reason = says
    (tmp_path / "token").write_text(TOKEN)
    sts.says = (status, body.encode())
    for role in ({"token_file": str(tmp_path / "token")}, {}):
        with pytest.raises(UpstreamUnavailable) as refused:
            await ask(way, with_role(upstream, sts, **role), "GET", b"/b/k")
        error = refused.value
        assert (error.code, error.status) == ("ServiceUnavailable", 503)
        assert reason in error.reason
        shown = "".join(traceback.format_exception(error)) + repr(error.__dict__)
        assert TOKEN not in shown
        assert SECRET_KEY not in shown
    assert upstream.seen == []


async def test_a_session_token_that_is_not_ascii_is_no_credential(upstream, sts, way):
    sts.says = ("200 OK", sts.credentials().replace(b"session-0", "d\u00fcr".encode()))
    with pytest.raises(UpstreamUnavailable):
        await ask(way, with_role(upstream, sts), "GET", b"/b/k")


@pytest.mark.parametrize("seconds", [-3600, 0, 15])
async def test_credentials_that_have_expired_are_none(upstream, sts, way, seconds):
    sts.seconds = seconds
    for _ in range(3):
        with pytest.raises(UpstreamUnavailable) as refused:
            await ask(way, with_role(upstream, sts), "GET", b"/b/k")
        assert "credentials that have expired" in refused.value.reason
    assert (len(sts.asked), upstream.seen) == (1, [])


@pytest.mark.parametrize("content", [None, b"", b"\xff", b"x" * 70_000, b"a b\nc"])
async def test_a_token_file_that_holds_no_token_is_said_to(upstream, sts, way, tmp_path, content):
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UpstreamUnavailable) as refused:
        await ask(way, with_role(upstream, sts, token_file=str(file)), "GET", b"/b/k")
    assert f"the token file `{file}`" in refused.value.reason
    assert sts.asked == []


async def test_a_role_without_keys_or_token_is_said_to(upstream, sts, way):
    role = UpstreamRole(role_arn=ROLE, sts_endpoint=sts.endpoint)
    with pytest.raises(UpstreamUnavailable) as refused:
        await ask(way, record(upstream.endpoint, keys=None, role=role), "GET", b"/b/k")
    assert "there are no keys to sign with" in refused.value.reason


@pytest.mark.parametrize("endpoint", ["http://sts.example", "nonsense", "http://127.0.0.1:9"])
async def test_an_sts_that_can_not_be_asked_is_said_to(upstream, way, endpoint):
    role = UpstreamRole(role_arn=ROLE, sts_endpoint=endpoint)
    with pytest.raises(UpstreamUnavailable) as refused:
        await ask(way, record(upstream.endpoint, role=role), "GET", b"/b/k")
    assert f"`{endpoint}`, asked for role `{ROLE}`, can't be asked: " in refused.value.reason


async def test_a_sealed_key_that_does_not_open_is_said_to(upstream, monkeypatch):
    def broken(_keys):
        raise ValueError(SECRET_KEY)

    async with opened() as way:
        monkeypatch.setattr(way, "_open_secret", broken)
        with pytest.raises(UpstreamUnavailable) as refused:
            await ask(way, record(upstream.endpoint), "GET", b"/b/k")
    assert refused.value.reason == "the secret key of upstream `store` can't be opened"
    assert "key ring" in refused.value.help


async def test_credentials_do_not_show_what_they_hold(upstream, way):
    shown = repr(await way.credentials(record(upstream.endpoint)))
    assert (ACCESS_KEY_ID in shown, SECRET_KEY in shown) == (True, False)
