"""Which condition keys are there, and when: the table, the documentation, and real requests."""

import json
import urllib.parse
from pathlib import Path
from typing import Any

import pytest

from support.edge import ACCOUNT, VERSIONS, Answer, Edge, credentials_of, flat
from support.federation import ROLE, done, exchange, federate, key_of, make_role
from support.tokens import ISSUER, token
from valetkey.access.keys import CONDITION_KEYS, NEVER_THERE, There, markdown_table
from valetkey.server.edge import Peer

DOCUMENT = Path(__file__).parents[2] / "docs" / "condition-keys.md"
TAGS = {
    "https://aws.amazon.com/tags": {"principal_tags": {"t": ["1"]}, "transitive_tag_keys": ["t"]}
}
CLAIMS = {**TAGS, "https://aws.amazon.com/source_identity": "ann"}
FAR = Peer(None, secure=True)
NEAR = Peer("192.0.2.1", secure=True)
HEADERS = {"user-agent": "aws-cli/2", "referer": "https://forge.example/"}
SITUATIONS = ("trust", "user", "role", "web")
PASSED = {
    "Tags": [{"Key": "t", "Value": "1"}],
    "TransitiveTagKeys": ["t"],
    "SourceIdentity": "ann",
}

Context = dict[str, Any]


def trusts(principal: dict[str, str], *actions: str) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": list(actions)}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


async def ask(
    edge: Edge, service: str, action: str, *, full: bool, key: Any, **parameters: Any
) -> Answer:
    """Ask from nowhere and in silence, or with everything that a client may tell of itself."""
    form = {"Action": action, "Version": VERSIONS[service], **flat(parameters)}
    body = urllib.parse.urlencode(form).encode()
    headers = {"content-type": "application/x-www-form-urlencoded", **(HEADERS if full else {})}
    request = edge.request(service, headers, body, key)
    return await edge.raw(request, NEAR if full else FAR)


async def refused(edge: Edge, *asked: Any, **parameters: Any) -> Context:
    """Return the condition keys that a request was refused by."""
    answer = await ask(edge, *asked, **parameters)
    assert answer.status == 403, answer.body
    return edge.record(answer).context


async def signed(edge: Edge, key: Any, *, holder: str) -> tuple[Context, Context]:
    """Return the keys of a request that has next to nothing, and of some that have all."""
    least = await refused(edge, "iam", "ListRoles", full=False, key=key)
    session = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/closed", "RoleSessionName": "job"}
    passed = {**PASSED, "ExternalId": "x1"}
    if holder != "user":
        # A tag and a source identity that a session carries can't be given again.
        passed["Tags"], passed["TransitiveTagKeys"] = [{"Key": "u", "Value": "1"}], ["u"]
    most = await refused(edge, "sts", "AssumeRole", full=True, key=key, **session, **passed)
    most |= await refused(edge, "iam", "GetRole", full=True, key=key, RoleName="closed")
    return least, most


async def contexts(edge: Edge, situation: str) -> tuple[Context, Context]:
    """Return the least and the most that a request has in a situation."""
    await federate(edge, {"StringEquals": {f"{key_of(ISSUER)}:sub": "nobody"}})
    closed = trusts({"Service": "builds.example.com"}, "sts:AssumeRole")
    await make_role(edge, closed, "closed")
    await done(edge, "iam", "TagRole", RoleName="closed", Tags=[{"Key": "r", "Value": "1"}])
    if situation == "trust":
        asked = {"RoleArn": ROLE, "RoleSessionName": "job"}
        verb = ("sts", "AssumeRoleWithWebIdentity")
        least = await refused(edge, *verb, full=False, key=None, WebIdentityToken=token(), **asked)
        given = token(**CLAIMS)
        return least, await refused(
            edge, *verb, full=True, key=None, WebIdentityToken=given, **asked
        )
    return await of_signed(edge, situation)


async def of_signed(edge: Edge, situation: str) -> tuple[Context, Context]:
    least: Context = {}
    most: Context = {}
    for rich in (False, True):
        key = await {"user": a_user, "role": a_role_session, "web": a_web_session}[situation](
            edge, rich
        )
        poor, full = await signed(edge, key, holder=situation if rich else "user")
        least, most = (poor if not rich else least), {**most, **full}
    return least, most


async def a_user(edge: Edge, rich: bool) -> dict[str, str]:
    name = "rich" if rich else "poor"
    tags = {"Tags": [{"Key": "team", "Value": "kiln"}]} if rich else {}
    await done(edge, "iam", "CreateUser", UserName=name, **tags)
    made = await done(edge, "iam", "CreateAccessKey", UserName=name)
    return {
        "id": made.text(".//AccessKeyId") or "",
        "secret": made.text(".//SecretAccessKey") or "",
    }


async def a_role_session(edge: Edge, rich: bool) -> dict[str, str]:
    actions = ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")
    await make_role(edge, trusts({"AWS": ACCOUNT}, *actions), "open")
    asked = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/open", "RoleSessionName": "job"}
    passed = {"Tags": PASSED["Tags"], "SourceIdentity": "ann"} if rich else {}
    return credentials_of(await done(edge, "sts", "AssumeRole", **asked, **passed))


async def a_web_session(edge: Edge, rich: bool) -> dict[str, str]:
    principal = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{key_of(ISSUER)}"}
    actions = ("sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity")
    await make_role(edge, trusts(principal, *actions))
    # Handed on, a tag would be among those of every request for another role.
    tags = {"https://aws.amazon.com/tags": {"principal_tags": {"t": ["1"]}}}
    return credentials_of(await exchange(edge, token(**({**CLAIMS, **tags} if rich else {}))))


def has(context: Context, key: str) -> bool:
    wanted = key.replace("HOST", key_of(ISSUER)).lower()
    names = [name.lower() for name in context]
    family = wanted.endswith(("/", ":"))
    return any(name.startswith(wanted) if family else name == wanted for name in names)


@pytest.mark.parametrize("situation", SITUATIONS)
async def test_every_row_is_true_of_real_requests(edge: Edge, situation: str) -> None:
    least, most = await contexts(edge, situation)
    found = {
        row.key: There.ALWAYS
        if has(least, row.key) and has(most, row.key)
        else There.SOMETIMES
        if has(most, row.key)
        else There.NEVER
        for row in CONDITION_KEYS
    }
    assert found == {row.key: getattr(row, situation) for row in CONDITION_KEYS}
    several = {row.key.lower() for row in CONDITION_KEYS if row.multi}
    for name, value in most.items():
        if name.lower().startswith(("aws:", "sts:")):
            assert isinstance(value, list) is (name.lower() in several), name


@pytest.mark.parametrize("situation", SITUATIONS)
async def test_no_key_is_missing_from_the_table(edge: Edge, situation: str) -> None:
    _, most = await contexts(edge, situation)
    listed = [row.key.replace("HOST", key_of(ISSUER)) for row in CONDITION_KEYS]
    of_services = ("iam:", "secretsmanager:")
    unlisted = [
        name
        for name in most
        if not name.startswith(of_services)
        and not any(name.startswith(k) if k.endswith(("/", ":")) else name == k for k in listed)
    ]
    assert unlisted == []
    never = [key for keys, _ in NEVER_THERE for key in keys.split(", ")]
    assert not any(has(most, key) for key in never)


@pytest.mark.parametrize(
    ("situation", "expected"),
    [
        (
            "trust",
            {
                "aws:PrincipalType": "User",
                "aws:PrincipalAccount": ACCOUNT,
                "aws:ResourceAccount": ACCOUNT,
                "aws:userid": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{key_of(ISSUER)}",
                "aws:Referer": "https://forge.example/",
                "aws:SourceIp": "192.0.2.1",
                "aws:TagKeys": ["t"],
                "aws:RequestTag/t": "1",
                "sts:TransitiveTagKeys": ["t"],
                "sts:SourceIdentity": "ann",
                "sts:RoleSessionName": "job",
                "sts:RoleAuthorizedByIdp": "false",
            },
        ),
        (
            "user",
            {
                "aws:PrincipalType": "User",
                "aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/rich",
                "aws:username": "rich",
                "aws:PrincipalTag/team": "kiln",
                "aws:ViaAWSService": "false",
                "aws:PrincipalIsAWSService": "false",
                "aws:ResourceTag/r": "1",
                "sts:ExternalId": "x1",
            },
        ),
        (
            "role",
            {
                "aws:PrincipalType": "AssumedRole",
                "aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/open",
                "aws:MultiFactorAuthPresent": "false",
                "aws:SourceIdentity": "ann",
            },
        ),
        ("web", {"aws:PrincipalArn": ROLE, "aws:PrincipalTag/t": "1"}),
    ],
)
async def test_values(edge: Edge, situation: str, expected: Context) -> None:
    _, most = await contexts(edge, situation)
    assert {key: most.get(key) for key in expected} == expected


def test_the_documentation_holds_the_table() -> None:
    assert markdown_table() in DOCUMENT.read_text()


def test_keys_are_listed_once() -> None:
    keys = [row.key.lower() for row in CONDITION_KEYS]
    assert len(set(keys)) == len(keys)
