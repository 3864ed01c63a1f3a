"""The gateway as an attacker meets it: policies to set, requests to send, records to read.

A folder's conftest takes the fixture ``bench`` from here: the one of ``gateway.matrix.serving``,
whose upstream keeps all that it was sent.
"""

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest_asyncio

from gateway.matrix.plans import BUCKET, HOST, PRIVATE, Auth, signer_of
from gateway.matrix.serving import Bench, Said, open_bench
from gateway.matrix.signing import EMPTY, Pairs, Wire
from support.edge import ACCOUNT
from support.federation import ROLE_NAME, done
from valetkey.store import AWS_ACCOUNT, BucketRecord, RequestRecord

__all__ = ["bench"]

S3_ARN = "arn:aws:s3:::"


@pytest_asyncio.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """Return a gateway before an upstream that keeps what it is sent."""
    async with open_bench(tmp_path) as opened:
        yield opened


def statement(actions: str | list[str], *keys: str, effect: str = "Allow") -> dict[str, Any]:
    """Return a statement about ``BUCKET/KEY``, or a bucket, or everything."""
    resources = ["*" if key == "*" else S3_ARN + key for key in keys]
    return {"Effect": effect, "Action": actions, "Resource": resources}


async def permit(bench: Bench, *statements: Mapping[str, Any]) -> None:
    """Let the session do this, and nothing else."""
    if not statements:
        statements = (statement("s3:Nothing", "*"),)
    await done(
        bench.edge,
        "iam",
        "PutRolePolicy",
        RoleName=ROLE_NAME,
        PolicyName="all",
        PolicyDocument=document(*statements),
    )


def document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def put_bucket(bench: Bench, *statements: Mapping[str, Any], name: str = BUCKET) -> None:
    """Give a bucket this policy for everybody, or none."""
    policy = document(*({"Principal": "*", **one} for one in statements)) if statements else None
    record = BucketRecord(
        account=AWS_ACCOUNT,
        name=name,
        owner=ACCOUNT,
        upstream_account=ACCOUNT,
        upstream="store",
        created=0.0,
        region="us-east-1",
        policy=policy,
    )
    bench.edge.wiring.store.write(lambda tx: tx.put(record))


def request(
    bench: Bench,
    method: str,
    path: str,
    *,
    auth: Auth = Auth.HEADER,
    query: Pairs = (),  # type: ignore[assignment] # copied below
    headers: Pairs = (),  # type: ignore[assignment] # copied below
    body: bytes = b"",
    payload: str | None = "UNSIGNED-PAYLOAD",
    host: str = HOST,
    **changes: Any,
) -> Wire:
    """Return a signed request; ``changes`` are those of the signer, its region or service say."""
    wire = Wire(method, path, list(query), [("host", host), *headers], body)
    if payload is not None:
        wire.set_header("x-amz-content-sha256", payload)
    signer = signer_of(bench.key, auth.algorithm)
    for name, value in changes.items():
        setattr(signer, name, value)
    if auth.in_query:
        signer.sign_query(wire, payload or "UNSIGNED-PAYLOAD")
    if auth.in_header:
        signer.sign_header(wire, payload or EMPTY)
    if method != "GET" or body:
        wire.headers.append(("content-length", str(len(body))))
    return wire


def record_of(bench: Bench, said: Said) -> RequestRecord:
    """Return what was kept of a request."""
    log = bench.edge.wiring.log
    log.flush()
    request_id = said.headers.get(b"x-amz-request-id") or said.headers[b"x-amzn-requestid"]
    found = log.find(request_id.decode())
    assert found is not None
    return found


def nothing_reached(bench: Bench) -> bool:
    return not bench.upstream.seen


OPEN, CLOSED = BUCKET, PRIVATE
