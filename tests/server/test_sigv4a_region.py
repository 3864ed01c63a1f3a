"""A signature for a set of regions, at a server that is in one of them."""

import hashlib

import pytest

from support.edge import Answer, Edge
from valetkey.sigv4 import HttpRequest, sign
from valetkey.wire import WireRequest

HOST = (b"host", b"valetkey.example")
JSON = (b"content-type", b"application/x-amz-json-1.1")
CREATE = (b"x-amz-target", b"secretsmanager.CreateSecret")
BODY = (
    b'{"Name":"over-regions","SecretString":"x",'
    b'"ClientRequestToken":"11111111-2222-3333-4444-555555555555"}'
)


async def created(edge: Edge, region_set: str) -> Answer:
    plain = HttpRequest("POST", b"/", b"", (HOST, JSON, CREATE), hashlib.sha256(BODY).hexdigest())
    signed = sign(
        plain,
        access_key_id=edge.admin.access_key_id,
        secret_key=edge.admin.secret_key,
        region="",
        service="secretsmanager",
        now=edge.now[0],
        region_set=region_set,
    )
    return await edge.raw(WireRequest("POST", b"/", b"", signed.headers, BODY))


@pytest.mark.parametrize("region_set", ["us-east-1", "eu-west-1,us-*", "*"])
async def test_it_is_good_for_the_servers_region(edge: Edge, region_set: str) -> None:
    answered = await created(edge, region_set)
    assert answered.status == 200
    assert answered.json["ARN"].startswith("arn:aws:secretsmanager:us-east-1:")


@pytest.mark.parametrize("region_set", ["eu-west-1", "us-west-*", "us-east"])
async def test_the_server_must_be_in_the_set(edge: Edge, region_set: str) -> None:
    answered = await created(edge, region_set)
    assert (answered.status, answered.code) == (400, "InvalidSignatureException")
    assert answered.message == "Credential should be scoped to a valid region. "
    assert "wanted `us-east-1`" in (edge.record(answered).reason or "")
