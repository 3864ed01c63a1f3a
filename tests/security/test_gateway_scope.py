"""A signature for a service that is called like the store's opens nothing of the store.

Elsewhere: a credential scoped to `s3tables` reached an API that took whoever has no account for an
administrator.
"""

import pytest

from gateway.matrix.plans import Auth
from gateway.matrix.serving import Bench, put_upstream
from gateway.matrix.signing import Wire
from support.edge import ACCOUNT
from support.gateway_guarded import CLOSED, nothing_reached, permit, request, statement
from valetkey.store import UpstreamRecord

SERVICES = (
    *("s3tables", "s3express", "s3-outposts", "s3-object-lambda", "s3files", "s3vectors"),
    *("S3", "s3.", "s4", "sts", "iam", "ec2", "sqs", "dynamodb", "execute-api", "glacier", "*"),
)
TARGETS = (
    ("GET", f"/{CLOSED}/key"),
    ("PUT", f"/{CLOSED}/key"),
    ("GET", f"/{CLOSED}"),
    ("DELETE", f"/{CLOSED}/key"),
    ("GET", "/"),
    ("POST", "/"),
)
SIGNED = (Auth.HEADER, Auth.QUERY, Auth.HEADER_4A, Auth.QUERY_4A)


@pytest.mark.parametrize("known", [False, True])
async def test_a_scope_of_another_service(bench: Bench, *, known: bool):
    """With an upstream for each of the services as well: none of them is the store."""
    if known:
        for service in SERVICES:
            if service.isalnum() and service not in ("S3", "sts", "iam"):
                add(bench, service)
    await permit(bench, statement("s3:*", "*"))
    for service in SERVICES:
        for method, path in TARGETS:
            for auth in SIGNED:
                wire = request(bench, method, path, auth=auth, service=service)
                said = await bench.ask(wire)
                assert 400 <= said.status < 500, (service, method, path, auth, said)
    assert nothing_reached(bench)


def add(bench: Bench, service: str) -> None:
    record = UpstreamRecord(
        account=ACCOUNT,
        name=f"for-{service}",
        service=service,
        endpoint=bench.upstream.endpoint,
        region="us-east-1",
        created=0.0,
    )
    bench.edge.wiring.store.write(lambda tx: tx.put(record))


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-2", "us-east-11", "US-EAST-1", "*", "us"])
async def test_a_scope_of_another_region(bench: Bench, region: str):
    for method, path in TARGETS[:4]:
        for auth in (Auth.HEADER, Auth.QUERY):
            said = await bench.ask(request(bench, method, path, auth=auth, region=region))
            assert said.status == 400, (method, path, auth, said)
    assert nothing_reached(bench)


async def test_who_has_no_account_is_nobody_elses(bench: Bench):
    """Without a signature nobody's rights are had, whatever service is named."""
    await permit(bench, statement("s3:*", "*"))
    add(bench, "sqs")
    for headers in (
        [],
        [("x-amz-security-token", bench.key.token)],
        [("x-amz-target", "AmazonSQS.ListQueues"), ("content-type", "application/x-amz-json-1.0")],
        [("x-amz-content-sha256", "UNSIGNED-PAYLOAD"), ("x-amz-date", "20270115T080000Z")],
        [("x-valetkey-account", ACCOUNT), ("x-amz-expected-bucket-owner", ACCOUNT)],
    ):
        for method, path in TARGETS:
            wire = Wire(method, path, [], [("host", "gateway.example"), *headers])
            said = await bench.ask(wire)
            assert 400 <= said.status < 500, (headers, method, path, said)
    assert nothing_reached(bench)


async def test_another_accounts_store_is_not_reached_by_being_an_administrator(bench: Bench):
    """All rights of one account are none in another."""
    await permit(bench, statement("s3:*", "*"))
    edge, endpoint = bench.edge, bench.upstream.endpoint
    edge.wiring.store.write(
        lambda tx: put_upstream(
            edge, tx, endpoint, account="444455556666", name="theirs", buckets=("theirs-*",)
        )
    )
    edge.wiring.store.write(lambda tx: put_upstream(edge, tx, endpoint, buckets=("matrix-*",)))
    for auth in SIGNED:
        said = await bench.ask(request(bench, "GET", "/theirs-data/key", auth=auth))
        assert said.short == "403 AccessDenied", said
    assert nothing_reached(bench)
