"""Whatever bytes come: never a 5xx, never an exception, always an envelope and a record."""

import json
import string
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.edge import VERSIONS, Answer, Edge
from support.federation import ROLE, exchange, federate
from support.refusals import check_envelope
from support.served import serve
from support.signing import FORM, HOST, encoded, form, signed
from support.tokens import claims, compact, header, rsa_key, sign
from valetkey.api import OPERATIONS
from valetkey.store import Outcome
from valetkey.wire import WireRequest

FUZZ = settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ACTIONS = sorted({name for service, name in OPERATIONS if service != "secretsmanager"})
TARGETS = sorted({name for service, name in OPERATIONS if service == "secretsmanager"})
HEADER_NAMES = st.sampled_from(
    [
        b"authorization", b"content-type", b"content-encoding", b"host", b"x-amz-date",
        b"x-amz-target", b"x-amz-security-token", b"x-amz-content-sha256", b"user-agent", b"date",
        b"x-amzn-query-mode", b"expect", b"x-forwarded-for", b"content-length",
    ]
)  # fmt: skip
VALUES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [
            b"application/x-www-form-urlencoded",
            b"application/x-amz-json-1.1",
            b"secretsmanager.GetSecretValue",
            (
                b"AWS4-HMAC-SHA256 Credential=AKIAAAAAAAAAAAAAAAAA/20270115/r/sts/aws4_request,"
                b" SignedHeaders=host, Signature=00"
            ),
            b"20270115T080000Z",
            b"\xff\xfe",
        ]
    ),
)
HEADERS = st.lists(st.tuples(st.one_of(HEADER_NAMES, st.binary(max_size=20)), VALUES), max_size=8)
NAMES = st.one_of(
    st.sampled_from(
        [
            "Action", "Version", "RoleArn", "RoleSessionName", "WebIdentityToken", "Policy",
            "DurationSeconds", "ProviderId", "PolicyArns.member.1.arn", "PolicyArns.member.2.arn",
            "PolicyArns", "RoleName", "UserName", "PolicyDocument", "AssumeRolePolicyDocument",
            "Tags.member.1.Key", "Tags.member.1.Value", "Tags.member.1", "Path", "PathPrefix",
            "MaxItems", "Marker", "PolicyName", "PolicyArn", "Url", "ClientIDList.member.1",
            "ThumbprintList.member.1", "OpenIDConnectProviderArn", "AccessKeyId", "Status",
            "X-Amz-Algorithm", "X-Amz-Signature", "X-Amz-Credential", "MinimumSessionTokenSize",
        ]
    ),
    st.text(string.ascii_letters + ".0123456789", max_size=30),
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=40),
    st.integers().map(str),
    st.sampled_from(
        [
            "", "*", "/", "admin", "example", ROLE, "null", "true", "{}", "[]", '{"Statement":[]}',
            "arn:aws:iam::aws:policy/AdministratorAccess", "https://issuer.example", "0" * 40,
            "\x00", "\ud7ff", "a" * 3000, "2011-06-15", "2010-05-08",
        ]
    ),
)  # fmt: skip


def check(edge: Edge, answer: Answer) -> None:
    assert 200 <= answer.status < 500, answer.body
    record = edge.record(answer)
    assert record.status == answer.status or answer.body.startswith(b"{")
    if answer.status == 200:
        assert record.outcome is Outcome.GRANTED
    else:
        check_envelope(answer)
        assert record.outcome in (Outcome.REFUSED, Outcome.INVALID)
        assert record.issued_access_key_id is None


@FUZZ
@given(
    method=st.one_of(st.sampled_from(["GET", "POST", "PUT", "HEAD"]), st.text(max_size=9)),
    path=st.binary(max_size=30),
    query=st.binary(max_size=200),
    headers=HEADERS,
    body=st.binary(max_size=300),
)
async def test_any_bytes(
    shared_edge: Edge,
    method: str,
    *,
    path: bytes,
    query: bytes,
    headers: list[tuple[bytes, bytes]],
    body: bytes,
):
    request = WireRequest(method, path, query, tuple(headers), body)
    answer = await shared_edge.raw(request)
    assert answer.status >= 400, "nobody has signed anything"
    check(shared_edge, answer)


@FUZZ
@given(
    pairs=st.dictionaries(NAMES, TEXTS, max_size=8),
    service=st.sampled_from(["sts", "iam"]),
    action=st.sampled_from(ACTIONS),
    split=st.integers(0, 8),
)
async def test_any_form_that_nobody_signed(
    shared_edge: Edge, pairs: dict[str, str], service: str, *, action: str, split: int
):
    whole = [*({"Action": action, "Version": VERSIONS[service]} | pairs).items()]
    query, body = encoded(whole[:split]), encoded(whole[split:])
    answer = await shared_edge.raw(WireRequest("POST", b"/", query, (HOST, FORM), body))
    assert answer.status >= 400
    check(shared_edge, answer)


@FUZZ
@given(
    pairs=st.dictionaries(NAMES, TEXTS, max_size=6),
    name=st.sampled_from(sorted(set(OPERATIONS) - {("iam", "DeleteUser")})),
)
async def test_any_form_that_the_administrator_signed(
    shared_edge: Edge, pairs: dict[str, str], name: tuple[str, str]
):
    service, action = name
    if service == "secretsmanager":
        service, action = "iam", "CreateRole"
    given = form(service, action) | {
        k: v for k, v in pairs.items() if k not in ("Action", "Version")
    }
    request = WireRequest("POST", b"/", b"", (HOST, FORM), encoded(given.items()))
    answer = await shared_edge.raw(signed(shared_edge, request, service=service))
    check(shared_edge, answer)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=12,
)
MEMBERS = st.sampled_from(
    [
        "SecretId", "Name", "SecretString", "SecretBinary", "ClientRequestToken", "Tags", "TagKeys",
        "Description", "VersionId", "VersionStage", "RecoveryWindowInDays", "MaxResults",
        "NextToken", "Filters", "ForceDeleteWithoutRecovery", "ResourcePolicy", "PasswordLength",
        "ExcludeCharacters", "MoveToVersionId", "RemoveFromVersionId", "SortOrder", "Nope",
    ]
)  # fmt: skip


@FUZZ
@given(
    members=st.dictionaries(MEMBERS, JSON, max_size=6),
    operation=st.sampled_from(TARGETS),
    raw=st.one_of(st.none(), st.binary(max_size=100)),
)
async def test_any_json_that_the_administrator_signed(
    shared_edge: Edge, members: dict[str, Any], operation: str, raw: bytes | None
):
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": f"secretsmanager.{operation}",
    }
    body = json.dumps(members).encode() if raw is None else raw
    check(shared_edge, await shared_edge.send("secretsmanager", headers, body))


CLAIMS = st.dictionaries(
    st.one_of(
        st.sampled_from(
            [
                "iss", "sub", "aud", "azp", "iat", "exp", "nbf", "jti", "amr", "oaud", "email",
                "https://aws.amazon.com/tags", "https://aws.amazon.com/roles",
                "https://aws.amazon.com/source_identity", "project_id", "user_email",
                "https://aws.amazon.com/tags/principal_tags/a",
            ]
        ),
        st.text(max_size=10),
    ),
    JSON,
    max_size=6,
)  # fmt: skip


@FUZZ
@given(changes=CLAIMS)
async def test_any_claims_that_the_issuer_signed(shared_edge: Edge, changes: dict[str, Any]):
    await prepare(shared_edge)
    payload = json.dumps(claims() | changes).encode()
    check(shared_edge, await exchange(shared_edge, sign(rsa_key(), header(), payload)))


@FUZZ
@given(changes=CLAIMS, more=st.dictionaries(st.text(max_size=8), JSON, max_size=3))
async def test_any_claims_that_nobody_signed(
    shared_edge: Edge, changes: dict[str, Any], more: dict[str, Any]
):
    await prepare(shared_edge)
    head = json.dumps(header() | more).encode()
    answer = await exchange(
        shared_edge, compact(head, json.dumps(claims() | changes).encode(), b"x" * 256)
    )
    assert answer.status >= 400
    check(shared_edge, answer)


@FUZZ
@given(
    text=st.one_of(
        st.text(max_size=100), st.binary(max_size=100).map(lambda b: b.decode("latin-1"))
    )
)
async def test_any_text_as_a_token(shared_edge: Edge, text: str):
    await prepare(shared_edge)
    answer = await exchange(shared_edge, text)
    assert answer.status >= 400
    check(shared_edge, answer)


async def prepare(edge: Edge) -> None:
    if edge.wiring.store.directory().role(edge.admin.account, "example") is None:
        await federate(edge)


PIECES = st.lists(st.binary(max_size=50), min_size=1, max_size=5)


@FUZZ
@given(
    headers=st.lists(
        st.tuples(st.text(string.ascii_letters + "-", max_size=12), st.text(max_size=20)),
        max_size=4,
    ),
    pieces=PIECES,
    target=st.text(string.printable.replace("#", ""), max_size=40).map(lambda text: f"/{text}"),
    client=st.one_of(st.none(), st.tuples(st.text(max_size=20), st.integers(0, 65535))),
    cut=st.booleans(),
)
async def test_any_pieces_through_the_application(
    shared_edge: Edge, headers: Any, pieces: list[bytes], *, target: str, client: Any, cut: bool
):
    served = await serve(shared_edge)
    plain = [
        (name, value.encode("latin-1", "replace").decode("latin-1")) for name, value in headers
    ]
    answer = await served.ask(
        "POST",
        target.encode("ascii", "replace").decode(),
        headers=plain,
        body=pieces,
        client=client,
        cut=cut,
    )
    assert answer.status < 500
    if not cut and not target.startswith("/_valetkey/"):
        check(shared_edge, answer)
