"""A signature is good for the service and the time that it names, and for that request only.

Elsewhere: a credential scoped to `s3tables` reached an API that took it for an administrator's.
"""

import pytest

from support.edge import Edge
from support.refusals import check_refused
from support.signing import FORM, HOST, encoded, form, gotten, posted, signed
from valetkey.wire import WireRequest

WHO = tuple(form("sts", "GetCallerIdentity").items())
USERS = tuple(form("iam", "ListUsers").items())


@pytest.mark.parametrize(
    "service", ["s3", "s3tables", "iam", "secretsmanager", "STS", "execute-api", "ec2", "sts2", "a"]
)
@pytest.mark.parametrize("expires", [None, 60])
async def test_a_signature_for_another_service_is_refused(
    shared_edge: Edge, service: str, expires: int | None
):
    request = gotten(*WHO) if expires else posted(*WHO)
    answer = await shared_edge.raw(signed(shared_edge, request, service=service, expires=expires))
    record = check_refused(shared_edge, answer, "SignatureDoesNotMatch")
    assert record.check == "service"
    assert record.caller_arn is None


async def test_each_service_takes_its_own_scope_only(shared_edge: Edge):
    for service in ("sts", "iam", "secretsmanager"):
        answer = await shared_edge.raw(signed(shared_edge, posted(*USERS), service=service))
        if service == "iam":
            assert answer.status == 200, answer.body
        else:
            check_refused(shared_edge, answer, "SignatureDoesNotMatch")


@pytest.mark.parametrize(
    ("offset", "expires", "passes"),
    [
        (0, None, True),
        (-899, None, True),
        (-901, None, False),
        (-86_400, None, False),
        (299, None, True),
        (301, None, False),
        (360, None, False),
        (-59, 60, True),
        (-61, 60, False),
        (299, 60, True),
        (301, 60, False),
    ],
)
async def test_a_signature_is_good_for_its_time(
    shared_edge: Edge, offset: int, expires: int | None, *, passes: bool
):
    request = gotten(*WHO) if expires else posted(*WHO)
    at = shared_edge.now[0] + offset
    answer = await shared_edge.raw(signed(shared_edge, request, expires=expires, at=at))
    if passes:
        assert answer.status == 200, answer.body
    else:
        check_refused(shared_edge, answer, "SignatureDoesNotMatch")


async def test_a_signature_is_good_for_its_request_only(shared_edge: Edge):
    edge = shared_edge
    request = signed(edge, posted(*WHO))
    other_body = encoded(form("iam", "ListUsers").items())
    changed = {
        "method": WireRequest("PUT", b"/", b"", request.headers, request.body),
        "path": WireRequest("POST", b"/x", b"", request.headers, request.body),
        "query": WireRequest("POST", b"/", b"x=1", request.headers, request.body),
        "body": WireRequest("POST", b"/", b"", request.headers, request.body + b"&x=1"),
        "another body": WireRequest("POST", b"/", b"", request.headers, other_body),
        "no body": WireRequest("POST", b"/", b"", request.headers, b""),
        "host": changed_header(request, b"host", b"evil.example"),
        "date": changed_header(request, b"x-amz-date", b"20270115T080001Z"),
        "one more header": WireRequest(
            "POST", b"/", b"", (*request.headers, (b"x-amz-extra", b"1")), request.body
        ),
    }
    assert (await edge.raw(request)).status == 200
    for name, wrong in changed.items():
        answer = await edge.raw(wrong)
        assert 400 <= answer.status < 500, name
        assert edge.record(answer).caller_arn is None, name


def changed_header(request: WireRequest, name: bytes, value: bytes) -> WireRequest:
    headers = tuple((k, value if k == name else v) for k, v in request.headers)
    return WireRequest(request.method, request.path, request.query, headers, request.body)


@pytest.mark.parametrize("unsigned", [b"UNSIGNED-PAYLOAD", b"STREAMING-UNSIGNED-PAYLOAD-TRAILER"])
async def test_a_payload_can_t_be_left_out_of_a_signature(shared_edge: Edge, unsigned: bytes):
    declared = (b"x-amz-content-sha256", unsigned)
    good = signed(shared_edge, WireRequest("POST", b"/", b"", (HOST, FORM, declared), encoded(WHO)))
    forged = WireRequest("POST", b"/", b"", good.headers, encoded(form("sts", "X").items()))
    for request in (good, forged):
        answer = await shared_edge.raw(request)
        assert 400 <= answer.status < 500
        assert shared_edge.record(answer).caller_arn is None
