"""The setting `required_trust_claims`, at the door of IAM."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from support.edge import ACCOUNT, Edge, open_edge
from valetkey.settings import Settings

HOST = "gitlab.example"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{HOST}"
SETTING = {HOST: ("project_id", "sts:RoleSessionName")}


def sentence(key: str, principal: str = PROVIDER) -> str:
    return (
        f"Trust policy with trusted principal {principal} must evaluate, using StringEquals,"
        f" StringLike or StringEqualsIgnoreCase, {key} which is not scoped to all."
    )


def trust(condition: dict[str, Any] | None = None, **more: Any) -> str:
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER},
        "Action": "sts:AssumeRoleWithWebIdentity",
        **({"Condition": condition} if condition else {}),
        **more,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


PINNED = {f"{HOST}:project_id": "7"}
NAMED = {"sts:RoleSessionName": "job-*"}
WILD = {"sts:RoleSessionName": "*"}
GOOD = trust({"StringEquals": PINNED, "StringLike": NAMED})


@pytest_asyncio.fixture
async def strict(tmp_path: Path) -> AsyncIterator[Edge]:
    opened = open_edge(tmp_path, settings=Settings(required_trust_claims=SETTING))
    yield opened
    await opened.close()


@pytest.mark.parametrize(
    ("document", "key"),
    [
        (trust(), f"{HOST}:project_id"),
        (trust({"StringEquals": {f"{HOST}:sub": "a"}, "StringLike": NAMED}), f"{HOST}:project_id"),
        (trust({"StringEquals": PINNED}), "sts:RoleSessionName"),
        (trust({"StringEquals": PINNED, "StringLike": WILD}), "sts:RoleSessionName"),
        (trust({"StringEqualsIfExists": PINNED, "StringLike": NAMED}), f"{HOST}:project_id"),
        (trust({"ForAllValues:StringEquals": PINNED, "StringLike": NAMED}), f"{HOST}:project_id"),
        (trust({"StringNotEquals": PINNED, "StringLike": NAMED}), f"{HOST}:project_id"),
        (trust({"NumericEquals": PINNED, "StringLike": NAMED}), f"{HOST}:project_id"),
    ],
    ids=[
        "nothing", "other-claim", "one-of-two", "wild", "if-exists", "for-all-values", "negated",
        "numeric",
    ],
)  # fmt: skip
async def test_a_trust_policy_that_does_not_look_is_refused(
    strict: Edge, document: str, key: str
) -> None:
    made = await strict.query("iam", "CreateRole", RoleName="r", AssumeRolePolicyDocument=document)
    assert (made.status, made.code, made.message) == (
        400,
        "MalformedPolicyDocument",
        sentence(key),
    )


async def test_the_record_says_which_setting_asks(strict: Edge) -> None:
    made = await strict.query("iam", "CreateRole", RoleName="r", AssumeRolePolicyDocument=trust())
    record = strict.record(made)
    assert record.reason == (
        f"the statement trusts `{HOST}` and does not look at `{HOST}:project_id`"
    )
    assert record.help == (
        f"add a condition on `{HOST}:project_id` with `StringEquals` or `StringLike`"
    )


@pytest.mark.parametrize(
    "document",
    [
        GOOD,
        trust({"ForAnyValue:StringLike": PINNED, "StringEqualsIgnoreCase": NAMED}),
        trust(Effect="Deny"),
        trust(Principal={"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{HOST}/other"}),
        trust(Principal={"AWS": ACCOUNT}, Action="sts:AssumeRole"),
    ],
    ids=["both", "other-operators", "deny", "other-provider", "other-kind"],
)
async def test_others_are_taken(strict: Edge, document: str) -> None:
    made = await strict.query("iam", "CreateRole", RoleName="r", AssumeRolePolicyDocument=document)
    assert made.status == 200, made.body


async def test_an_issuer_is_the_same_in_any_case(strict: Edge) -> None:
    principal = PROVIDER.replace("gitlab", "GitLab")
    document = trust(Principal={"Federated": principal})
    made = await strict.query("iam", "CreateRole", RoleName="r", AssumeRolePolicyDocument=document)
    assert made.message == sentence("GitLab.example:project_id", principal)


async def test_a_change_is_refused_and_leaves_the_policy_as_it_was(strict: Edge) -> None:
    await strict.query("iam", "CreateRole", RoleName="r", AssumeRolePolicyDocument=GOOD)
    changed = await strict.query(
        "iam", "UpdateAssumeRolePolicy", RoleName="r", PolicyDocument=trust()
    )
    assert (changed.code, changed.message) == (
        "MalformedPolicyDocument",
        sentence(f"{HOST}:project_id"),
    )
    assert strict.wiring.store.directory().role(ACCOUNT, "r").trust_policy == GOOD


async def test_without_the_setting_a_private_issuer_needs_nothing(edge: Edge) -> None:
    made = await edge.query("iam", "CreateRole", RoleName="r", AssumeRolePolicyDocument=trust())
    assert made.status == 200


async def test_a_role_from_before_the_setting_still_decides(tmp_path: Path) -> None:
    before = open_edge(tmp_path)
    await before.query("iam", "CreateRole", RoleName="r", AssumeRolePolicyDocument=trust())
    await before.close()
    after = open_edge(tmp_path, settings=Settings(required_trust_claims=SETTING))
    role = after.wiring.store.directory().role(ACCOUNT, "r")
    assert after.wiring.store.directory().role_policies(role).trust is not None
    await after.close()
