"""Where a request comes from is the peer, unless the peer is a proxy that the settings name.

Elsewhere: `aws:SourceIp` was taken from `X-Forwarded-For`, whoever sent it.
"""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from support.edge import Edge, open_edge
from support.federation import done
from support.refusals import check_refused
from support.served import Served, serve
from support.signing import form, posted, signed
from valetkey.settings import Settings

PROXY, INSIDE, OUTSIDE = "10.0.0.5", "10.9.9.9", "203.0.113.9"


@pytest.fixture
async def trusting(tmp_path: Path) -> AsyncIterator[Served]:
    opened = open_edge(tmp_path, settings=Settings(trusted_proxies=("10.0.0.0/24", "2001:db8::5")))
    yield await serve(opened)
    await opened.close()


@pytest.fixture
async def plain(shared_edge: Edge) -> Served:
    return await serve(shared_edge)


async def source_ip(served: Served, peer: str, *forwarded: str, **more: Any) -> str | None:
    headers = [("X-Forwarded-For", value) for value in forwarded]
    answer = await served.ask("GET", "/", headers=headers, client=(peer, 1), **more)
    return served.edge.record(answer).source_ip


async def test_nobody_is_believed_unless_the_settings_say_so(plain: Served):
    for peer in (OUTSIDE, INSIDE, "127.0.0.1", "::1"):
        assert await source_ip(plain, peer, "10.1.1.1") == peer


@pytest.mark.parametrize(
    ("peer", "forwarded", "wanted"),
    [
        (OUTSIDE, ["10.1.1.1"], OUTSIDE),
        ("10.0.1.5", ["10.1.1.1"], "10.0.1.5"),
        (PROXY, [], PROXY),
        (PROXY, [OUTSIDE], OUTSIDE),
        (PROXY, [f"{INSIDE}, {OUTSIDE}"], OUTSIDE),
        (PROXY, [f"{INSIDE},{OUTSIDE},10.0.0.7"], OUTSIDE),
        (PROXY, [INSIDE, OUTSIDE], OUTSIDE),
        (PROXY, [INSIDE, f"{OUTSIDE}, 10.0.0.7"], OUTSIDE),
        # What is no address is nobody's: what stands left of it is not believed either.
        (PROXY, [INSIDE, "unknown"], PROXY),
        (PROXY, [f"{INSIDE}, unknown"], PROXY),
        (PROXY, [f"{INSIDE}, "], PROXY),
        (PROXY, [f"{INSIDE}, 203.0.113.9:1234"], PROXY),
        (PROXY, ["\xff"], PROXY),
        (PROXY, ["10.0.0.6, 10.0.0.7"], PROXY),
        (PROXY, ["::ffff:203.0.113.9"], OUTSIDE),
        ("::ffff:10.0.0.5", [OUTSIDE], OUTSIDE),
        ("::ffff:203.0.113.9", [INSIDE], OUTSIDE),
        ("2001:db8::5", [OUTSIDE], OUTSIDE),
        ("2001:DB8:0::5", [OUTSIDE], OUTSIDE),
        ("2001:db8::6", [OUTSIDE], "2001:db8::6"),
        ("not-an-address", [INSIDE], None),
    ],
)
async def test_only_what_our_proxies_added_is_believed(
    trusting: Served, peer: str, forwarded: list[str], wanted: str | None
):
    assert await source_ip(trusting, peer, *forwarded) == wanted


@pytest.mark.parametrize("name", ["Forwarded", "X-Real-IP", "X-Client-IP", "True-Client-IP", "Via"])
async def test_other_headers_are_not_believed_of_anybody(trusting: Served, name: str):
    headers = {name: f"for={INSIDE}" if name == "Forwarded" else INSIDE}
    answer = await trusting.ask("GET", "/", headers=headers, client=(PROXY, 1))
    assert trusting.edge.record(answer).source_ip == PROXY


async def test_a_policy_on_the_address_is_not_passed_by_a_header(trusting: Served):
    """The whole way: a user who may only from inside, from outside, saying "from inside"."""
    edge = trusting.edge
    condition = {"IpAddress": {"aws:SourceIp": "10.9.0.0/16"}}
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    await done(edge, "iam", "CreateUser", UserName="inside")
    await done(
        edge, "iam", "PutUserPolicy", UserName="inside", PolicyName="p", PolicyDocument=document
    )
    made = await done(edge, "iam", "CreateAccessKey", UserName="inside")
    key = {"id": made.text(".//AccessKeyId") or "", "secret": made.text(".//SecretAccessKey") or ""}

    async def ask(peer: str, *forwarded: str) -> int:
        request = signed(edge, posted(*form("iam", "ListUsers").items()), service="iam", key=key)
        headers = [(k.decode(), v.decode()) for k, v in request.headers]
        headers += [("X-Forwarded-For", value) for value in forwarded]
        answer = await trusting.ask(
            "POST", "/", headers=headers, body=request.body, client=(peer, 1)
        )
        if answer.status != 200:
            check_refused(edge, answer, "AccessDenied")
        return answer.status

    assert await ask(INSIDE) == 200
    assert await ask(PROXY, INSIDE) == 200
    assert await ask(OUTSIDE) == 403
    assert await ask(OUTSIDE, INSIDE) == 403
    assert await ask(PROXY, f"{INSIDE}, {OUTSIDE}") == 403


async def test_who_came_over_tls_is_told_by_the_connection_or_a_proxy(trusting: Served):
    edge = trusting.edge
    condition = {"Bool": {"aws:SecureTransport": "true"}}
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    await done(edge, "iam", "CreateUser", UserName="safe")
    await done(
        edge, "iam", "PutUserPolicy", UserName="safe", PolicyName="p", PolicyDocument=document
    )
    made = await done(edge, "iam", "CreateAccessKey", UserName="safe")
    key = {"id": made.text(".//AccessKeyId") or "", "secret": made.text(".//SecretAccessKey") or ""}
    for peer, scheme, said, status in (
        (OUTSIDE, "https", None, 200),
        (OUTSIDE, "http", None, 403),
        (OUTSIDE, "http", "https", 403),
        (PROXY, "http", "https", 200),
        (PROXY, "http", "http", 403),
        (PROXY, "http", "https, http", 403),
        (PROXY, "https", "http", 403),
    ):
        request = signed(edge, posted(*form("iam", "ListUsers").items()), service="iam", key=key)
        headers = {k.decode(): v.decode() for k, v in request.headers}
        headers.update({"X-Forwarded-Proto": said} if said else {})
        answer = await trusting.ask(
            "POST", "/", headers=headers, body=request.body, client=(peer, 1), scheme=scheme
        )
        assert answer.status == status, (peer, scheme, said)
