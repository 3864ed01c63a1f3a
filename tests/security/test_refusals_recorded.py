"""Every refusal leaves a record with its request id, by default, and the record says why.

Seen on a live store: a refusal left nothing in the default log.
"""

import pytest

from support.edge import Answer, Edge
from support.federation import ROLE, exchange, federate
from support.refusals import check_refused
from support.signing import FORM, HOST, form, posted, signed
from support.tokens import claims, header, rsa_key, sign, token
from valetkey.settings import Settings
from valetkey.wire import WireRequest


async def refusals(edge: Edge) -> dict[str, Answer]:
    key = {"id": edge.admin.access_key_id, "secret": "x" * 40}
    who = posted(*form("sts", "GetCallerIdentity").items())
    return {
        "no action": await edge.raw(posted()),
        "unknown action": await edge.raw(posted(("Action", "X"), ("Version", "2011-06-15"))),
        "no body": await edge.raw(WireRequest("POST", b"/", b"", (HOST, FORM), b"")),
        "unsigned": await edge.raw(who),
        "forged signature": await edge.raw(signed(edge, who, key=key)),
        "old signature": await edge.raw(signed(edge, who, at=0)),
        "no token": await exchange(edge, "none"),
        "forged token": await exchange(edge, sign(rsa_key("attacker"), header(), claims())),
        "expired token": await exchange(edge, token(exp=1)),
        "unknown issuer": await exchange(edge, token(iss="https://nobody.example")),
        "other audience": await exchange(edge, token(aud="client-9")),
        "trust policy": await exchange(edge, token(sub="stranger")),
        "no role": await exchange(edge, token(), RoleArn=ROLE + "-2"),
        "too long": await exchange(edge, token(), DurationSeconds=43200),
        "bad policy": await exchange(edge, token(), Policy="{}"),
    }


REASONED = {
    "no action": "Action",
    "unsigned": "Authorization",
    "forged signature": "Canonical String",
    "old signature": "clock",
    "no token": "segments",
    "forged token": "signature",
    "expired token": "expired",
    "unknown issuer": "nobody.example",
    "other audience": "client-9",
    "no role": "example-2",
    "too long": "43200",
}


async def test_every_refusal_is_found_by_its_request_id(edge: Edge):
    assert Settings().audit == "batched"
    await federate(edge, {"StringEquals": {"issuer.example:sub": "subject-alpha"}})
    answers = await refusals(edge)
    ids = {answer.request_id for answer in answers.values()}
    assert len(ids) == len(answers)
    for name, answer in answers.items():
        record = check_refused(edge, answer)
        assert record.status == answer.status, name
        assert record.wire_code == answer.code, name
        assert record.source_ip == "192.0.2.1", name
        assert record.time == edge.now[0]
        if name in REASONED:
            assert REASONED[name] in (record.reason or ""), name
    denied = edge.record(answers["trust policy"])
    assert denied.decision is not None
    assert not denied.decision.allowed
    assert denied.context["issuer.example:sub"] == "stranger"
    assert denied.claims is not None
    assert denied.token_sha256 is not None


async def test_a_refusal_tells_its_reason_to_the_operator_only(edge: Edge):
    await federate(edge, {"StringEquals": {"issuer.example:sub": "subject-alpha"}})
    for name, answer in (await refusals(edge)).items():
        record = edge.record(answer)
        if record.reason and name != "bad policy":
            assert record.reason.encode() not in answer.body, name


@pytest.mark.parametrize("agent", ["aws-cli/2", "", "x" * 10_000, "\u00fc"])
async def test_a_refusal_keeps_who_says_to_have_asked(edge: Edge, agent: str):
    request = posted(headers=((b"user-agent", agent.encode("latin-1")),))
    record = check_refused(edge, await edge.raw(request))
    if len(agent) < 1000:
        assert record.user_agent in (agent, agent or None)
