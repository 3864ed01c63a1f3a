"""What AWS has and this server does not is refused by name, in the words of the protocol."""

from support.edge import Edge


async def test_a_query_operation(edge: Edge):
    refused = await edge.query("sts", "GetSessionToken")
    assert (refused.status, refused.code) == (400, "InvalidAction")
    assert "GetSessionToken" in (refused.message or "")


async def test_a_json_operation(edge: Edge):
    refused = await edge.target("RotateSecret", SecretId="x", ClientRequestToken="t" * 32)
    assert (refused.status, refused.code) == (400, "UnknownOperationException")
