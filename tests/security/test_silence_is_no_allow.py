"""No deny found is no allow, and what can't be evaluated denies.

Elsewhere: a mode that looked for denials only let everything else pass; an import made rights.
"""

import json
from typing import Any

import pytest

from api.making import (
    ALLOW_ALL,
    allow,
    deny,
    make_policy,
    make_session,
    make_user,
    policy,
)
from support.edge import ACCOUNT, Edge
from support.refusals import check_refused
from valetkey.store import PolicyRecord, UserRecord


@pytest.mark.parametrize(
    "document",
    [
        policy(deny("s3:*")),
        policy(allow("s3:*")),
        policy(allow("iam:ListRoles")),
        policy(allow("iam:ListUsers", Condition={"Null": {"aws:userid": "true"}})),
        policy(allow("iam:ListUsers", Condition={"StringEquals": {"aws:NotThere": "x"}})),
        policy(allow("iam:ListUsers", on="arn:aws:iam::444455556666:user/")),
        policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
    ],
)
async def test_who_is_not_allowed_is_refused(edge: Edge, document: str):
    for key in (
        await make_user(edge, "somebody", document),
        await make_session(edge, "role", document),
    ):
        check_refused(edge, await edge.query("iam", "ListUsers", key=key), "AccessDenied")


async def test_a_session_policy_gives_nothing_by_itself(edge: Edge):
    key = await make_session(edge, "role", Policy=ALLOW_ALL)
    check_refused(edge, await edge.query("iam", "ListUsers", key=key), "AccessDenied")


async def test_a_boundary_gives_nothing_by_itself(edge: Edge):
    arn = await make_policy(edge, "all")
    key = await make_user(edge, "somebody", PermissionsBoundary=arn)
    check_refused(edge, await edge.query("iam", "ListUsers", key=key), "AccessDenied")


BROKEN: list[str] = [
    "",
    "{",
    "null",
    "[]",
    json.dumps({"Version": "2012-10-17"}),
    json.dumps({"Version": "2030-01-01", "Statement": [allow("*")]}),
    policy({**allow("*"), "Efect": "Allow"}),
    policy({**deny("*"), "Condition": {"StringNotEqulas": {"aws:userid": "x"}}}),
    policy(allow("*")) + policy(allow("*")),
    f'{{"Version": "2012-10-17", "Statement": [], "Statement": [{json.dumps(allow("*"))}]}}',
]


@pytest.mark.parametrize("document", BROKEN)
async def test_a_kept_policy_that_can_t_be_read_denies(edge: Edge, document: str):
    """What a database from elsewhere, or from another version, may hold."""
    key = await make_user(edge, "somebody", ALLOW_ALL)
    assert (await edge.query("iam", "ListUsers", key=key)).status == 200

    def break_it(tx: Any) -> None:
        user = tx.get(UserRecord, ACCOUNT, "somebody")
        inline = {**user.inline_policies, "broken": document}
        tx.put(type(user)(**{**as_dict(user), "inline_policies": inline}))

    edge.wiring.store.write(break_it)
    check_refused(edge, await edge.query("iam", "ListUsers", key=key), "AccessDenied")


def as_dict(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__struct_fields__}


async def test_a_boundary_that_is_gone_allows_nothing(edge: Edge):
    arn = await make_policy(edge, "all")
    key = await make_user(edge, "somebody", ALLOW_ALL, PermissionsBoundary=arn)
    assert (await edge.query("iam", "ListUsers", key=key)).status == 200

    def remove(tx: Any) -> None:
        assert tx.discard(PolicyRecord, ACCOUNT, "all")

    edge.wiring.store.write(remove)
    check_refused(edge, await edge.query("iam", "ListUsers", key=key), "AccessDenied")
