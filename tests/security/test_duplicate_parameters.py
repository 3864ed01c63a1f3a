"""A parameter or header that decides is there once, in one spelling: else 400, before signatures.

Elsewhere: a second `x-amz-...` parameter in another case was verified, and the first one used.
"""

import pytest

from support.edge import Edge
from support.federation import ROLE, federate
from support.refusals import check_refused
from support.signing import FORM, HOST, form, gotten, posted, signed
from support.tokens import token
from valetkey.wire import WireRequest

WHO = tuple(form("sts", "GetCallerIdentity").items())
AUTHENTICATION = [
    b"authorization",
    b"host",
    b"x-amz-date",
    b"x-amz-security-token",
    b"x-amz-content-sha256",
]


@pytest.mark.parametrize("name", [*AUTHENTICATION, b"content-type", b"x-amz-target", b"user-agent"])
@pytest.mark.parametrize("where", ["before", "after"])
async def test_a_header_that_decides_is_there_once(shared_edge: Edge, name: bytes, where: str):
    request = signed(shared_edge, posted(*WHO))
    value = dict(request.headers).get(name, b"a")
    once = ((name, value),) if name not in dict(request.headers) else ()
    headers = (*request.headers, *once)
    twice = ((name, value), *headers) if where == "before" else (*headers, (name, value))
    answer = await shared_edge.raw(WireRequest("POST", b"/", b"", twice, request.body))
    record = check_refused(shared_edge, answer)
    assert answer.status == 400
    assert record.caller_arn is None


@pytest.mark.parametrize(
    "name",
    [
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-Signature",
        "X-Amz-SignedHeaders",
        "X-Amz-Security-Token",
    ],
)
@pytest.mark.parametrize("spelling", [str, str.lower, str.upper])
async def test_a_query_parameter_that_decides_is_there_once_in_its_spelling(
    shared_edge: Edge, name: str, spelling: type
):
    request = signed(shared_edge, gotten(*WHO), expires=60)
    added = spelling(name).encode() + b"=x"
    for query in (request.query + b"&" + added, added + b"&" + request.query):
        answer = await shared_edge.raw(WireRequest("GET", b"/", query, request.headers, b""))
        record = check_refused(shared_edge, answer)
        assert record.caller_arn is None
        # The token is no part of this signature, so adding it once is another fault.
        assert answer.status == (403 if name == "X-Amz-Security-Token" and spelling is str else 400)


@pytest.mark.parametrize(
    "name", ["RoleArn", "RoleSessionName", "WebIdentityToken", "Action", "Version"]
)
@pytest.mark.parametrize("second", ["same", "other"])
async def test_a_parameter_is_there_once(shared_edge: Edge, name: str, second: str):
    await federate(shared_edge)
    given = form(
        "sts",
        "AssumeRoleWithWebIdentity",
        RoleArn=ROLE,
        RoleSessionName="job",
        WebIdentityToken=token(),
    )
    value = given[name] if second == "same" else "other"
    pairs = tuple(given.items())
    in_url = gotten((name, value)).query
    for request in (
        posted(*pairs, (name, value)),
        posted((name, value), *pairs),
        gotten(*pairs, (name, value)),
        WireRequest("POST", b"/", in_url, (HOST, FORM), posted(*pairs).body),
    ):
        answer = await shared_edge.raw(request)
        check_refused(shared_edge, answer, "ValidationError")
        assert answer.message == f"The parameter {name} is given more than once."


@pytest.mark.parametrize("name", ["rolearn", "ROLEARN", "RoleArn ", "RoleArn[]", "RoleArn.1"])
async def test_a_parameter_in_another_spelling_is_another_one(shared_edge: Edge, name: str):
    """It neither stands in for the right one nor overrides it."""
    await federate(shared_edge)
    given = form(
        "sts", "AssumeRoleWithWebIdentity", RoleSessionName="job", WebIdentityToken=token()
    )
    answer = await shared_edge.raw(posted(*given.items(), (name, ROLE)))
    check_refused(shared_edge, answer)
    wrong = "arn:aws:iam::111122223333:role/somebody-else"
    if "." not in name:
        answer = await shared_edge.raw(posted(*given.items(), ("RoleArn", ROLE), (name, wrong)))
        assert answer.status == 200, answer.body
        assert answer.text(".//AssumedRoleUser/Arn") == (
            "arn:aws:sts::111122223333:assumed-role/example/job"
        )
