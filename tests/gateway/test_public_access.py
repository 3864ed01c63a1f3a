"""The block that a bucket's owner sets at the store holds for the policies that are kept here."""

import pytest

from gateway.asking import ask
from gateway.matrix.plans import BUCKET
from gateway.matrix.serving import open_bench, record_all

PUBLIC = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",'
    f'"Action":"s3:GetObject","Resource":"arn:aws:s3:::{BUCKET}/*"}}]}}'
)
NARROW = PUBLIC.replace('"*"', '{"AWS":"arn:aws:iam::111122223333:root"}', 1)


def block(**settings):
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in settings.items())
    return f"<PublicAccessBlockConfiguration>{inside}</PublicAccessBlockConfiguration>".encode()


@pytest.fixture
async def bench(tmp_path):
    async with open_bench(tmp_path) as opened:
        yield opened


def answering(bench, status, body=b""):
    async def script(exchange):
        if exchange.seen.target.endswith(b"publicAccessBlock") and exchange.seen.method == b"GET":
            await exchange.answer(status, body)
        else:
            await record_all(exchange)

    bench.upstream.script = script


@pytest.mark.parametrize("setting", ["BlockPublicPolicy", "RestrictPublicBuckets"])
async def test_a_public_policy_is_refused_where_it_is_blocked(bench, setting):
    answering(bench, "200 OK", block(**{setting: "true"}))
    assert (await ask(bench, "PUT", "policy", PUBLIC.encode())).short == "403 AccessDenied"
    assert (await ask(bench, "PUT", "policy", NARROW.encode())).status == 204


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("200 OK", block(BlockPublicPolicy="false", BlockPublicAcls="true")),
        ("404 Not Found", b"<Error><Code>NoSuchPublicAccessBlockConfiguration</Code></Error>"),
        ("501 Not Implemented", b"<Error><Code>NotImplemented</Code></Error>"),
    ],
)
async def test_a_public_policy_is_kept_where_it_is_not(bench, status, body):
    answering(bench, status, body)
    assert (await ask(bench, "PUT", "policy", PUBLIC.encode())).status == 204


@pytest.mark.parametrize(("status", "body"), [("500 Oh", b""), ("200 OK", b"<Other/>")])
async def test_what_cannot_be_found_out_lets_no_public_policy_in(bench, status, body):
    answering(bench, status, body)
    said = await ask(bench, "PUT", "policy", PUBLIC.encode())
    assert said.short == "503 ServiceUnavailable"


async def test_a_block_is_not_set_over_a_public_policy_that_it_would_leave_open(bench):
    restrict = block(RestrictPublicBuckets="true")
    before = len(bench.upstream.seen)
    refused = await ask(bench, "PUT", "publicAccessBlock", restrict)
    assert refused.short == "400 InvalidRequest"  # The bench's bucket is open to everybody.
    assert len(bench.upstream.seen) == before
    assert (
        await ask(bench, "PUT", "publicAccessBlock", block(BlockPublicAcls="true"))
    ).status == 200
    assert (await ask(bench, "DELETE", "policy")).status == 204
    assert (await ask(bench, "PUT", "publicAccessBlock", restrict)).status == 200
