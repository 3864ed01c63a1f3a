"""Every route and every operation refuses who shows no credentials, whatever the door.

Elsewhere: administration, metrics and profiling without authorisation; a bearer path that left
out the trust policy which the main path enforced.
"""

import json
from typing import Any

import pytest

from support.edge import ACCOUNT, Answer, Edge, credentials_of
from support.federation import ROLE, exchange, federate
from support.refusals import check_envelope, check_refused
from support.served import Served, serve
from support.signing import DOORS, form, through
from support.tokens import token
from valetkey.api import OPERATIONS

UNSIGNED = {("sts", "AssumeRoleWithWebIdentity")}
SIGNED = sorted(set(OPERATIONS) - UNSIGNED)


def test_only_who_shows_a_token_need_not_sign():
    open_to_all = {name for name, operation in OPERATIONS.items() if not operation.signed}
    assert open_to_all == UNSIGNED


def test_every_operation_asks_for_permission_or_says_why_not():
    free = {name for name, operation in OPERATIONS.items() if operation.action is None}
    # The first needs none on AWS either; the other two ask the role's trust policy.
    assert free == {
        ("sts", "GetCallerIdentity"),
        ("sts", "AssumeRole"),
        ("sts", "AssumeRoleWithWebIdentity"),
    }


async def ask(edge: Edge, service: str, operation: str, key: Any) -> Answer:
    if service == "secretsmanager":
        return await edge.target(operation, key=key)
    return await edge.query(service, operation, key=key)


STRANGERS = {
    "nobody": None,
    "an unknown key": {"id": "AKIA" + "A" * 16, "secret": "s" * 40},
    "an unknown session": {"id": "ASIA" + "A" * 16, "secret": "s" * 40, "token": "QUFB"},
    "the administrator with another secret": {"id": ..., "secret": "s" * 40},
}


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize(("service", "operation"), SIGNED)
async def test_an_operation_refuses_strangers(
    shared_edge: Edge, service: str, operation: str, stranger: str
):
    key: dict[str, Any] | None = STRANGERS[stranger]
    if key is not None and key["id"] is ...:
        key = {**key, "id": shared_edge.admin.access_key_id}
    answer = await ask(shared_edge, service, operation, key)
    record = check_refused(shared_edge, answer)
    wanted = 400 if service == "secretsmanager" else 403
    assert answer.status == wanted
    assert answer.code in {
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
    }
    assert record.operation == operation
    assert record.caller_arn is None


@pytest.mark.parametrize(("service", "operation"), SIGNED)
async def test_an_operation_refuses_a_session_that_may_nothing(
    shared_edge: Edge, service: str, operation: str
):
    """Without parameters: what gets past the model's constraints is judged by the policies."""
    if OPERATIONS[service, operation].action is None:
        return
    await federate(shared_edge)
    powerless = credentials_of(await exchange(shared_edge, token()))
    answer = await ask(shared_edge, service, operation, powerless)
    record = check_refused(shared_edge, answer)
    assert record.caller_arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/example/job"
    if record.action is not None:
        assert (answer.code or "").startswith("AccessDenied")
    else:
        assert (answer.code or "").startswith("Validation")


@pytest.mark.parametrize("door", DOORS)
async def test_every_door_leads_to_the_same_judge(shared_edge: Edge, door: str):
    """One denied token, one denied session: the same refusal whichever way they come."""
    edge = shared_edge
    await federate(edge, {"StringEquals": {"issuer.example:sub": "somebody-else"}})
    asked = form(
        "sts",
        "AssumeRoleWithWebIdentity",
        RoleArn=ROLE,
        RoleSessionName="job",
        WebIdentityToken=token(),
    )
    answer = await edge.raw(through(edge, door, "sts", asked))
    assert check_refused(edge, answer, "AccessDenied").check == "policy"

    await federate(edge)
    key = credentials_of(await exchange(edge, token()))
    asked = form("iam", "GetUser", UserName="admin")
    answer = await edge.raw(through(edge, door, "iam", asked, key))
    assert check_refused(edge, answer, "AccessDenied").check == "policy"


OWN = {
    "healthz": 200,
    "readyz": 200,
    "": 404,
    "metrics": 404,
    "debug": 404,
    "debug/pprof": 404,
    "authorize": 404,
    "admin": 404,
    "console": 404,
    "console/": 404,
    "..": 404,
    "../": 404,
    "healthz/": 404,
    "healthz/../readyz": 404,
    "HEALTHZ": 404,
    "keyring.json": 404,
    "%2e%2e/keyring.json": 404,
}


@pytest.fixture
async def served(shared_edge: Edge) -> Served:
    return await serve(shared_edge)


@pytest.mark.parametrize("name", OWN)
async def test_our_own_routes_tell_nothing_to_strangers(served: Served, name: str):
    answer = await served.ask("GET", f"/_valetkey/{name}")
    assert answer.status == OWN[name]
    said = json.loads(answer.body)
    assert set(said) <= {"status", "problems", "error"}
    assert answer.headers[b"cache-control"] == b"no-store"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("name", ["healthz", "readyz", "metrics"])
async def test_our_own_routes_change_nothing(served: Served, name: str, method: str):
    assert (await served.ask(method, f"/_valetkey/{name}", body=b"x=1")).status == 405


@pytest.mark.parametrize("path", ["/", "/_valetkey", "/_VALETKEY/healthz", "//_valetkey/healthz"])
async def test_other_paths_are_the_aws_edge(served: Served, path: str):
    answer = await served.ask("GET", path)
    assert answer.status == 400
    check_envelope(answer)
    assert answer.code == "MissingAction"
