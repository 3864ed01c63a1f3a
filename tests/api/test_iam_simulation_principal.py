"""SimulatePrincipalPolicy: whose policies are simulated, what else may be, and who may ask."""

from typing import Any

import pytest

from api.making import (
    OTHER_ACCOUNT,
    allow,
    ask,
    deny,
    iam,
    iam_arn,
    make_key,
    make_policy,
    make_role,
    make_secret,
    make_user,
    policy,
    refusal,
    tags,
)
from api.simulated import entry, read, results
from api.snapshots import Unifier, recorded
from support.edge import ACCOUNT, Edge

GET, PUT, DELETE = "s3:GetObject", "s3:PutObject", "s3:DeleteObject"
ACTIONS = [GET, PUT, DELETE]
BUCKET = "arn:aws:s3:::kiln/a"
USER, ROLE = iam_arn("user/ci/runner"), iam_arn("role/ci/deploy")
OPERATION = "SimulatePrincipalPolicy"


async def set_up(edge: Edge) -> None:
    """Make a user and a role of a path, each with an inline policy and the same managed one."""
    await make_policy(edge, "shared", policy(allow(DELETE)), Path="/ci/")
    await make_policy(edge, "cap", policy(allow(GET, DELETE)), Path="/ci/")
    await iam(edge, "CreateUser", UserName="runner", Path="/ci/", Tags=tags(team="kiln"))
    await make_role(edge, "deploy", Path="/ci/", Tags=tags(team="kiln"))
    for kind, name in (("User", "runner"), ("Role", "deploy")):
        holder = {f"{kind}Name": name}
        document = policy(allow(GET, on=BUCKET), allow(PUT, on="arn:aws:s3:::kiln/b"))
        await iam(edge, f"Put{kind}Policy", **holder, PolicyName="own", PolicyDocument=document)
        await iam(edge, f"Attach{kind}Policy", **holder, PolicyArn=iam_arn("policy/ci/shared"))


async def decisions(edge: Edge, source: str = USER, **more: Any) -> dict[str, str]:
    """Return the decision on each action."""
    parameters = {"ActionNames": ACTIONS, "ResourceArns": [BUCKET], **more}
    found = await results(edge, OPERATION, PolicySourceArn=source, **parameters)
    return {result["action"]: result["decision"] for result in found}


HELD = {GET: "allowed", PUT: "implicitDeny", DELETE: "allowed"}


@pytest.mark.parametrize(("source", "holder"), [(USER, "user_runner"), (ROLE, "role_deploy")])
async def test_inline_and_attached_policies(edge: Edge, source: str, holder: str):
    await set_up(edge)
    parameters = {"ActionNames": ACTIONS, "ResourceArns": [BUCKET]}
    got, put, deleted = await results(edge, OPERATION, PolicySourceArn=source, **parameters)
    assert got["matched"] == [f"{holder}_own (IAM Policy) 1:41-1:123"]
    assert (put["decision"], put["matched"]) == ("implicitDeny", [])
    assert deleted["matched"] == ["shared (IAM Policy) 1:41-1:108"]


@pytest.mark.parametrize("source", [USER, ROLE])
async def test_a_path_does_not_matter(edge: Edge, source: str):
    await set_up(edge)
    assert await decisions(edge, source.replace("/ci/", "/elsewhere/")) == HELD


async def test_policies_of_the_request_are_added(edge: Edge):
    await set_up(edge)
    assert await decisions(edge, PolicyInputList=[policy(allow("*"))]) == dict.fromkeys(
        ACTIONS, "allowed"
    )
    denied = await decisions(edge, PolicyInputList=[policy(deny(GET))])
    assert denied == {**HELD, GET: "explicitDeny"}


async def test_a_boundary_caps_and_another_takes_its_place(edge: Edge):
    await set_up(edge)
    cap = iam_arn("policy/ci/cap")
    await iam(edge, "PutUserPermissionsBoundary", UserName="runner", PermissionsBoundary=cap)
    parameters = {"PolicySourceArn": USER, "ActionNames": ACTIONS, "ResourceArns": ["*"]}
    capped = await results(edge, OPERATION, **parameters)
    assert [each["boundary"] for each in capped] == [True, False, True]
    denying = [policy(deny("*"))]
    parameters["PermissionsBoundaryPolicyInputList"] = denying
    denied = await results(edge, OPERATION, **parameters)
    place = "PermissionsBoundaryPolicyInputList.1 (Permissions Boundary Policy) 1:41-1:93"
    assert [each["matched"] for each in denied] == [[place]] * 3


async def test_an_attached_boundary_is_named_as_a_policy(edge: Edge):
    await set_up(edge)
    await make_policy(edge, "brake", policy(deny("*")))
    brake = iam_arn("policy/brake")
    await iam(edge, "PutRolePermissionsBoundary", RoleName="deploy", PermissionsBoundary=brake)
    (found,) = await results(edge, OPERATION, PolicySourceArn=ROLE, ActionNames=[GET])
    assert found["decision"] == "explicitDeny"
    assert found["matched"] == ["brake (Permissions Boundary Policy) 1:41-1:93"]


AWS_MANAGED = "arn:aws:iam::aws:policy/AdministratorAccess"
INLINE = {"AttachmentType": "user", "AttachmentName": "runner", "PolicyName": "own"}
EXCLUSIONS = [
    ("inline", {"PolicyType": "inline"}, {**HELD, GET: "implicitDeny"}),
    ("user-managed", {"PolicyType": "user-managed"}, {**HELD, DELETE: "implicitDeny"}),
    ("aws-managed", {"PolicyType": "aws-managed"}, HELD),
    ("scp", {"PolicyType": "scp"}, HELD),
    ("rcp", {"PolicyType": "rcp"}, HELD),
    ("arn", {"PolicyArn": iam_arn("policy/ci/shared")}, {**HELD, DELETE: "implicitDeny"}),
    ("arn of no path", {"PolicyArn": iam_arn("policy/shared")}, {**HELD, DELETE: "implicitDeny"}),
    ("arn with star", {"PolicyArn": iam_arn("policy/sh*")}, {**HELD, DELETE: "implicitDeny"}),
    ("arn with mark", {"PolicyArn": iam_arn("policy/share?")}, {**HELD, DELETE: "implicitDeny"}),
    ("arn of another", {"PolicyArn": iam_arn("policy/shar")}, HELD),
    ("arn of theirs", {"PolicyArn": iam_arn("policy/shared", OTHER_ACCOUNT)}, HELD),
    ("own", {"InlinePolicyIdentifier": INLINE}, {**HELD, GET: "implicitDeny"}),
    ("of another", {"InlinePolicyIdentifier": {**INLINE, "AttachmentName": "other"}}, HELD),
    ("of a role", {"InlinePolicyIdentifier": {**INLINE, "AttachmentType": "role"}}, HELD),
]


@pytest.mark.parametrize(
    ("exclusion", "wanted"),
    [pytest.param(exclusion, wanted, id=name) for name, exclusion, wanted in EXCLUSIONS],
)
async def test_policies_left_out(edge: Edge, exclusion: dict[str, Any], wanted: dict[str, str]):
    await set_up(edge)
    assert await decisions(edge, PolicyExclusionList=[exclusion]) == wanted


async def test_what_a_request_brings_is_never_left_out(edge: Edge):
    await set_up(edge)
    added, everything = [policy(allow(PUT))], [{"PolicyType": "inline"}]
    found = await decisions(edge, PolicyInputList=added, PolicyExclusionList=everything)
    assert found == {GET: "implicitDeny", PUT: "allowed", DELETE: "allowed"}


async def test_a_boundary_is_left_out_by_its_type_alone(edge: Edge):
    await set_up(edge)
    cap = iam_arn("policy/ci/cap")
    await iam(edge, "PutUserPermissionsBoundary", UserName="runner", PermissionsBoundary=cap)
    source = {"PolicySourceArn": USER, "ActionNames": [GET]}
    (by_arn,) = await results(edge, OPERATION, **source, PolicyExclusionList=[{"PolicyArn": cap}])
    assert "boundary" in by_arn
    by_type = [{"PolicyType": "permission-boundary"}]
    (without,) = await results(edge, OPERATION, **source, PolicyExclusionList=by_type)
    assert "boundary" not in without


async def test_one_of_aws_own_policies_is_left_out(edge: Edge):
    await set_up(edge)
    await iam(edge, "AttachUserPolicy", UserName="runner", PolicyArn=AWS_MANAGED)
    assert set((await decisions(edge)).values()) == {"allowed"}
    for exclusion in ({"PolicyType": "aws-managed"}, {"PolicyArn": AWS_MANAGED}):
        assert await decisions(edge, PolicyExclusionList=[exclusion]) == HELD


@pytest.mark.parametrize(
    "arn",
    [
        "not-an-arn-but-long-enough",
        iam_arn("policy/a*b*"),
        iam_arn("role/ci/deploy"),
        "arn:aws:iam::*:policy/shared",
    ],
)
async def test_an_exclusion_that_is_no_policy(edge: Edge, arn: str):
    await set_up(edge)
    answer = await edge.query(
        "iam",
        OPERATION,
        PolicySourceArn=USER,
        ActionNames=[GET],
        PolicyExclusionList=[{"PolicyArn": arn}],
    )
    assert refusal(answer) == (400, "InvalidInput", f"Invalid ARN provided in the request: {arn}")


NOBODY = (404, "NoSuchEntity", "Unable to retrieve specified IAM entity.")
THEIRS = (
    f"Invalid Policy Source Arn: caller's account {ACCOUNT} does not have access to policies in"
    f" account {OTHER_ACCOUNT}."
)
SOURCES = [
    (iam_arn("user/ci/nobody"), NOBODY),
    (iam_arn("role/ci/nobody"), NOBODY),
    (iam_arn("group/ci/nobody"), NOBODY),
    (iam_arn("user/ci/runner", OTHER_ACCOUNT), (400, "InvalidInput", THEIRS)),
    *(
        (arn, (400, "InvalidInput", f"Invalid ARN provided in the request: {arn}"))
        for arn in (
            iam_arn("root"),
            iam_arn("policy/ci/shared"),
            iam_arn("user/ci/"),
            f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/session",
            "not-an-arn-but-long-enough",
        )
    ),
]


@pytest.mark.parametrize("operation", [OPERATION, "GetContextKeysForPrincipalPolicy"])
@pytest.mark.parametrize(("source", "wanted"), SOURCES, ids=lambda value: str(value)[-40:])
async def test_a_source_that_is_none(
    shared_edge: Edge, operation: str, source: str, wanted: tuple[int, str, str]
):
    more = {"ActionNames": [GET]} if operation == OPERATION else {}
    answer = await shared_edge.query("iam", operation, PolicySourceArn=source, **more)
    assert refusal(answer) == wanted


async def test_the_principal_is_who_asks(edge: Edge):
    """Its own tags and ids are there, as its requests have them; entries override them."""
    await set_up(edge)
    conditions = {"aws:PrincipalTag/team": "kiln", "aws:username": "runner"}
    added = [policy(allow(PUT, Condition={"StringEquals": conditions}))]
    assert (await decisions(edge, PolicyInputList=added))[PUT] == "allowed"
    other = [entry("AWS:PrincipalTag/Team", "wick")]
    found = await decisions(edge, PolicyInputList=added, ContextEntries=other)
    assert found[PUT] == "implicitDeny"


async def test_another_caller_has_the_principals_policies(edge: Edge):
    """As if Bob had David's policies; of Bob nothing is looked up."""
    await set_up(edge)
    await iam(edge, "CreateUser", UserName="bob", Tags=tags(team="kiln"))
    bob = iam_arn("user/bob")
    assert await decisions(edge, CallerArn=bob) == HELD
    by_name = [policy(allow(PUT, Condition={"StringEquals": {"aws:username": "bob"}}))]
    assert (await decisions(edge, CallerArn=bob, PolicyInputList=by_name))[PUT] == "allowed"
    tag = {"StringEquals": {"aws:PrincipalTag/team": "kiln"}}
    by_tag = [policy(allow(PUT, Condition=tag))]
    assert (await decisions(edge, CallerArn=bob, PolicyInputList=by_tag))[PUT] == "implicitDeny"


async def test_a_resource_policy_names_the_principal(edge: Edge):
    await set_up(edge)
    statement = allow(PUT, on="arn:aws:s3:::kiln/*", Principal={"AWS": USER})
    found = await decisions(edge, ResourcePolicy=policy(statement))
    assert found == {**HELD, PUT: "allowed"}


async def test_simulated_as_enforced(edge: Edge):
    """What the simulator says of a user is what the user's own request is answered."""
    arn = await make_secret(edge, "app/db")
    read_it = "secretsmanager:GetSecretValue"
    cases = {
        "reader": [policy(allow(read_it, on=arn))],
        "other": [policy(allow(read_it, on=arn.replace("app/db", "app/xx")))],
        "tagged": [policy(allow(read_it, Condition={"StringEquals": {"aws:username": "tagged"}}))],
        "denied": [policy(allow("*")), policy(deny(read_it))],
    }
    said, done = {}, {}
    for name, documents in cases.items():
        key = await make_user(edge, name, *documents)
        found = await results(
            edge,
            OPERATION,
            PolicySourceArn=iam_arn(f"user/{name}"),
            ActionNames=[read_it],
            ResourceArns=[arn],
        )
        said[name] = found[0]["decision"] == "allowed"
        done[name] = (await ask(edge, "GetSecretValue", key=key, SecretId=arn)).status == 200
    assert said == done == {"reader": True, "other": False, "tagged": True, "denied": False}


async def test_who_may_ask(edge: Edge):
    """It tells what others may: it is asked for on the principal's own ARN, its tags included."""
    await set_up(edge)
    on_user = policy(
        allow(f"iam:{OPERATION}", on=USER),
        allow(
            "iam:GetContextKeysForPrincipalPolicy",
            Condition={"StringEquals": {"aws:ResourceTag/team": "kiln"}},
        ),
    )
    key = await make_user(edge, "auditor", on_user)
    question = {"ActionNames": [GET], "PolicySourceArn": USER}
    assert (await edge.query("iam", OPERATION, key=key, **question)).status == 200
    wrong_path = iam_arn("user/elsewhere/runner")
    named = await edge.query(
        "iam", OPERATION, key=key, ActionNames=[GET], PolicySourceArn=wrong_path
    )
    assert named.status == 200, "the user's own ARN counts, not how it was written"
    denied = await edge.query("iam", OPERATION, key=key, ActionNames=[GET], PolicySourceArn=ROLE)
    assert refusal(denied) == (
        403,
        "AccessDenied",
        (
            f"User: {iam_arn('user/auditor')} is not authorized to perform: iam:{OPERATION} on"
            f" resource: {ROLE} because no identity-based policy allows the iam:{OPERATION} action"
        ),
    )
    keys = "GetContextKeysForPrincipalPolicy"
    assert (await edge.query("iam", keys, key=key, PolicySourceArn=ROLE)).status == 200
    assert (
        await edge.query("iam", keys, key=key, PolicySourceArn=iam_arn("user/auditor"))
    ).status == 403


@pytest.mark.parametrize("operation", ["SimulateCustomPolicy", "GetContextKeysForCustomPolicy"])
async def test_who_may_ask_about_policies_at_hand(edge: Edge, operation: str):
    key = await make_user(edge, "auditor", policy(deny(f"iam:{operation}"), allow("s3:*")))
    question: dict[str, Any] = {"PolicyInputList": [policy(allow("*"))]}
    if operation.startswith("Simulate"):
        question["ActionNames"] = [GET]
    denied = await edge.query("iam", operation, key=key, **question)
    assert denied.code == "AccessDenied"
    assert f"iam:{operation} on resource: * with an explicit deny" in (denied.message or "")
    await iam(
        edge,
        "PutUserPolicy",
        UserName="auditor",
        PolicyName="policy-0",
        PolicyDocument=policy(allow(f"iam:{operation}")),
    )
    again = await make_key(edge, "auditor")
    assert (await edge.query("iam", operation, key=again, **question)).status == 200


@pytest.mark.parametrize("kind", ["role", "user"])
async def test_answers_as_aws_did(edge: Edge, kind: str):
    """In LocalStack's recording of AWS; without organizations, which there are none of here."""
    snapshot = recorded("iam", f"test_simulate_principle_policy[{kind}]")["response"]
    statement = {"Sid": "", "Effect": "Allow", "Action": PUT, "Resource": "*"}
    document = policy(statement).replace("[", "").replace("]", "")
    arn = await make_policy(edge, "putter", document)
    named = {f"{kind.title()}Name": "subject"}
    await (make_role(edge, "subject") if kind == "role" else iam(edge, "CreateUser", **named))
    await iam(edge, f"Attach{kind.title()}Policy", **named, PolicyArn=arn)
    answer = await edge.query(
        "iam",
        OPERATION,
        PolicySourceArn=iam_arn(f"{kind}/subject"),
        ActionNames=[PUT, "s3:GetObjectVersion"],
        ResourceArns=["arn:aws:s3:::bucket"],
    )
    left_out = frozenset({"OrganizationsDecisionDetail"})
    unifier = Unifier({"partition": "aws"}, left_out)
    assert unifier.differences(snapshot, read(OPERATION, answer)) == []
    assert unifier.known["source-policy-id:1"] == "putter"
