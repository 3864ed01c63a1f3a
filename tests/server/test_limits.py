"""The settings that bound requests do bound them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.edge import Edge, open_edge
from support.federation import exchange, federate
from support.refusals import check_refused
from support.served import serve
from support.signing import FORM, form, posted, signed
from support.tokens import token
from valetkey.settings import Settings

MIB = 1 << 20


@pytest.fixture
async def small(tmp_path: Path) -> AsyncIterator[Edge]:
    settings = Settings(max_body_bytes=2048, max_token_bytes=800, clock_leeway_seconds=0)
    opened = open_edge(tmp_path, settings=settings)
    yield opened
    await opened.close()


@pytest.fixture
async def large(tmp_path: Path) -> AsyncIterator[Edge]:
    opened = open_edge(tmp_path, settings=Settings(max_body_bytes=4 * MIB))
    yield opened
    await opened.close()


async def test_the_longest_token(small: Edge):
    await federate(small)
    short, longer = token(), token(extra="x" * 300)
    assert len(short) < 800 < len(longer)
    assert (await exchange(small, short)).status == 200
    assert (
        check_refused(small, await exchange(small, longer), "InvalidIdentityToken").check == "size"
    )


async def test_the_longest_body(small: Edge, large: Edge):
    for edge, fits, too_long in ((small, 1500, 2049), (large, 3 * MIB, 4 * MIB + 1)):
        served = await serve(edge)
        for size, status in ((fits, 403), (too_long, 413)):
            pairs = form("sts", "GetCallerIdentity", Pad="x" * size)
            body = posted(*pairs.items()).body[:size]
            headers = {FORM[0].decode(): FORM[1].decode()}
            answer = await served.ask("POST", "/", headers=headers, body=body)
            assert answer.status == status, (size, answer.body)
            check_refused(edge, answer)


async def test_the_clock_s_leeway(small: Edge):
    await federate(small)
    now = int(small.now[0])
    assert (await exchange(small, token(exp=now + 1, iat=now))).status == 200
    check_refused(small, await exchange(small, token(exp=now)), "ExpiredTokenException")
    check_refused(small, await exchange(small, token(iat=now + 1)), "InvalidIdentityToken")


async def test_the_limit_holds_whatever_is_signed(small: Edge):
    pairs = form("sts", "GetCallerIdentity", Pad="x" * 2048)
    request = signed(small, posted(*pairs.items()))
    check_refused(small, await small.raw(request), "RequestEntityTooLargeException")
