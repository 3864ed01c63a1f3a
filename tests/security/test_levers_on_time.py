"""No request of bounded size takes unbounded time, and no hostile text is searched twice.

The bounds are far above what is needed, and far below what a quadratic way takes.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from api.making import allow, policy
from support.edge import Edge
from support.federation import exchange, federate
from support.refusals import check_refused
from support.signing import FORM, HOST, encoded, form, gotten, posted
from support.tokens import b64u, header, rsa_key, sign, token
from valetkey.oidc import KeySet, MalformedKeySet
from valetkey.wire import WireRequest

MIB = 1 << 20
LONG = 2.0


@contextmanager
def quickly() -> Iterator[None]:
    started = time.process_time()
    yield
    assert time.process_time() - started < LONG


def members(count: int) -> str:
    """Return JSON members of distinct names, the last of which is there twice."""
    return ",".join(f'"{number:06}":1' for number in [*range(count), count - 1])


BODIES: dict[str, Callable[[], bytes]] = {
    "one parameter of 1 MiB": lambda: b"Action=" + b"a" * (MIB - 20),
    "only ampersands": lambda: b"&" * (MIB - 20),
    "only equal signs": lambda: b"=" * (MIB - 20),
    "only percents": lambda: b"%" * (MIB - 20),
    "only escapes": lambda: b"a=" + b"%41" * (MIB // 3 - 20),
    "many names": lambda: b"&".join(b"n%d=1" % n for n in range(4096)),
    "many names, the last twice": lambda: b"&".join(b"n%d=1" % n for n in [*range(4095), 4094]),
    "too many names": lambda: b"&".join(b"n%d=1" % n for n in range(100_000)),
    "a deep name": lambda: b"a" + b".a" * 200_000 + b"=1",
    "many deep names": lambda: b"&".join(b"a%d" % n + b".a" * 30 + b"=1" for n in range(4000)),
    "many list elements": lambda: encoded(
        [*form("sts", "AssumeRoleWithWebIdentity").items()]
        + [(f"PolicyArns.member.{n}.arn", "*") for n in range(1, 4000)]
    ),
    "a session name of 1 MiB": lambda: encoded(
        form("sts", "AssumeRoleWithWebIdentity", RoleSessionName="a+=,.@-" * 100_000).items()
    ),
    "a role ARN of 1 MiB": lambda: encoded(
        form("sts", "AssumeRoleWithWebIdentity", RoleArn="arn:aws:iam::" * 60_000).items()
    ),
}


@pytest.mark.parametrize("body", BODIES)
async def test_a_form_takes_no_long_time(shared_edge: Edge, body: str):
    made = BODIES[body]()[: MIB - 1]
    with quickly():
        answer = await shared_edge.raw(WireRequest("POST", b"/", b"", (HOST, FORM), made))
    check_refused(shared_edge, answer)
    with quickly():
        answer = await shared_edge.raw(WireRequest("GET", b"/", made, (HOST,), b""))
    check_refused(shared_edge, answer)


PAYLOADS = {
    "many members, the last twice": f"{{{members(1500)}}}",
    "deep arrays": "[" * 14_000,
    "deep objects": '{"a":' * 2_800,
    "deep and closed": "[" * 7_000 + "]" * 7_000,
    "many escapes": '{"a":"' + "\\u0041" * 2_300 + '"}',
    "many quotes": '"' * 14_000,
    "many backslashes": "\\" * 14_000,
    "a long number": '{"exp":' + "9" * 14_000 + "}",
    "a small number": '{"exp":1e-' + "9" * 14_000 + "}",
    "many NULs": '{"a":"' + "\\u0000" * 2_300 + '"}',
}


@pytest.mark.parametrize("payload", PAYLOADS)
async def test_a_token_takes_no_long_time(shared_edge: Edge, payload: str):
    await federate(shared_edge)
    for text in (
        sign(rsa_key(), header(), PAYLOADS[payload].encode()),
        f"{b64u(PAYLOADS[payload].encode())}.e30.AA",
        "eyJ" * 6_000,
        "." * 19_999,
        "eyJ." * 4_999,
    ):
        with quickly():
            answer = await exchange(shared_edge, text[:20_000])
        check_refused(shared_edge, answer)


@pytest.mark.parametrize(
    "body", [f'{{"keys":[{{{members(90_000)}}}]}}', f"{{{members(90_000)}}}", "[" * MIB, '"' * MIB]
)
def test_a_key_set_takes_no_long_time(body: str):
    with quickly(), pytest.raises(MalformedKeySet):
        KeySet.from_json(body.encode())


PATTERNS = ["*a" * 60 + "b", "?*" * 100 + "b", "*" * 500 + "b", "a*" * 100 + "c", "*aa*" * 80 + "b"]


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern[:12])
async def test_a_pattern_takes_no_long_time(edge: Edge, pattern: str):
    """A pattern of many stars over a subject that nearly fits: no exponential search."""
    await federate(edge, {"StringLike": {"issuer.example:sub": [pattern] * 3}})
    with quickly():
        answer = await exchange(edge, token(sub="a" * 12_000))
    assert answer.status in (200, 403)


@pytest.mark.parametrize(
    "document",
    [
        policy(*[allow(f"s3:Get{n}*", on=f"arn:aws:s3:::b{n}/*") for n in range(1500)]),
        "[" * 130_000,
        '{"a":' * 20_000,
        json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": "x" * 120_000}]}),
        '{"Version":"2012-10-17","Statement":[' + "{}," * 10_000 + "{}]}",
        policy(allow(*[f"s3:{'*a' * 20}{n}" for n in range(2000)])),
        "\t" * 131_000,
        '"' * 131_000,
        "{" + members(12_000) + "}",
    ],
    ids=lambda document: document[:20],
)
async def test_a_policy_takes_no_long_time(shared_edge: Edge, document: str):
    with quickly():
        answer = await shared_edge.query(
            "iam", "CreatePolicy", PolicyName="long", PolicyDocument=document[:131_072]
        )
    check_refused(shared_edge, answer)


@pytest.mark.parametrize(
    "value",
    [
        b"AWS4-HMAC-SHA256 " + b"," * 60_000,
        b"AWS4-HMAC-SHA256 " + b"Credential=a," * 5_000,
        b"AWS4-HMAC-SHA256 Credential=" + b"/" * 60_000,
        b"AWS4-HMAC-SHA256 " + b" " * 60_000,
        b"A" * 60_000,
        b"AWS4-HMAC-SHA256 Credential=a/20270115/us-east-1/sts/aws4_request, SignedHeaders="
        + b"a;" * 25_000
        + b", Signature=0",
    ],
    ids=lambda value: repr(value[:40]),
)
async def test_an_authorization_takes_no_long_time(shared_edge: Edge, value: bytes):
    request = posted(
        *form("sts", "GetCallerIdentity").items(),
        headers=((b"authorization", value), (b"x-amz-date", b"20270115T080000Z")),
    )
    with quickly():
        answer = await shared_edge.raw(request)
    check_refused(shared_edge, answer)
    presigned = gotten(
        ("X-Amz-Credential", "/" * 50_000), *form("sts", "GetCallerIdentity").items()
    )
    with quickly():
        check_refused(shared_edge, await shared_edge.raw(presigned))
