"""Trust policies in the simulator, which AWS's does not do: they admit as they do in earnest."""

from typing import Any

import pytest

from api.making import (
    OTHER_ACCOUNT,
    allow,
    deny,
    iam,
    iam_arn,
    make_role,
    make_user,
    policy,
    refusal,
)
from api.simulated import entry, results
from support import federation
from support.edge import ACCOUNT, Edge, credentials_of
from support.federation import ASSUME, key_of, provider_arn, trust
from support.tokens import ISSUER, NOW, token

HOST = key_of(ISSUER)
PROVIDER = provider_arn()
ROLE = federation.ROLE
PLACE = "ResourcePolicy (Resource Policy)"
OWN = "AssumeRolePolicyDocument (Resource Policy)"
NO_CALLER = "Invalid caller - Caller must be an IAM user, role or group in this context."

CONDITIONS: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    "exact": ({"StringEquals": {f"{HOST}:sub": "repo:kiln"}}, {"sub": "repo:kiln"}, True),
    "other": ({"StringEquals": {f"{HOST}:sub": "repo:kiln"}}, {"sub": "repo:kiln2"}, False),
    "like": ({"StringLike": {f"{HOST}:sub": "repo:*"}}, {"sub": "repo:kiln"}, True),
    "literal star": ({"StringEquals": {f"{HOST}:sub": "repo:*"}}, {"sub": "repo:kiln"}, False),
    "missing": ({"StringEquals": {f"{HOST}:ref": "main"}}, {"sub": "repo:kiln"}, False),
    "negated": ({"StringNotEquals": {f"{HOST}:ref": "main"}}, {"sub": "repo:kiln"}, True),
    "two claims": (
        {"StringEquals": {f"{HOST}:sub": "repo:kiln", f"{HOST}:ref": "main"}},
        {"sub": "repo:kiln", "ref": "main"},
        True,
    ),
    "any of several": (
        {"ForAnyValue:StringEquals": {f"{HOST}:groups": "b"}},
        {"sub": "repo:kiln", "groups": ["a", "b"]},
        True,
    ),
    "name of the session": ({"StringEquals": {"sts:RoleSessionName": "job"}}, {}, True),
    "provider": ({"ArnEquals": {"aws:FederatedProvider": PROVIDER}}, {}, True),
    "other provider": ({"ArnEquals": {"aws:FederatedProvider": f"{PROVIDER}2"}}, {}, False),
}


def entries(claims: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the claims of a token, and the name of the session, as context entries."""
    found = [entry("sts:RoleSessionName", "job")]
    for name, value in claims.items():
        listed = isinstance(value, list)
        values = value if listed else [value]
        kind = "stringList" if listed else "string"
        found.append(entry(f"{HOST}:{name}", *values, kind=kind))
    return found


async def custom(edge: Edge, document: str, **more: Any) -> list[dict[str, Any]]:
    """Ask a trust policy at hand about a token of the provider."""
    parameters = {
        "PolicyInputList": "",
        "ActionNames": [ASSUME],
        "ResourcePolicy": document,
        "CallerArn": PROVIDER,
        **more,
    }
    return await results(edge, "SimulateCustomPolicy", **parameters)


async def own(edge: Edge, **more: Any) -> list[dict[str, Any]]:
    """Ask a role whether its own trust policy admits a token of the provider."""
    parameters = {
        "PolicySourceArn": ROLE,
        "ActionNames": [ASSUME],
        "CallerArn": PROVIDER,
        **more,
    }
    return await results(edge, "SimulatePrincipalPolicy", **parameters)


@pytest.mark.parametrize("name", CONDITIONS)
async def test_as_the_exchange_itself(edge: Edge, name: str):
    """The law: a policy at hand, a role's own, and the exchange of a token say the same."""
    condition, claims, wanted = CONDITIONS[name]
    await federation.federate(edge, condition)
    given = {"ContextEntries": entries(claims)}
    at_hand = await custom(edge, trust(condition), **given)
    of_role = await own(edge, **given)
    exchanged = await federation.exchange(edge, token(**claims))
    said = [result["decision"] == "allowed" for result in (*at_hand, *of_role)]
    assert [*said, exchanged.status == 200] == [wanted] * 3


async def test_the_statement_is_shown(edge: Edge):
    document = trust({"StringLike": {f"{HOST}:sub": "repo:*"}})
    await federation.federate(edge, {"StringLike": {f"{HOST}:sub": "repo:*"}})
    given = {"ContextEntries": entries({"sub": "repo:kiln"})}
    place = f"1:41-1:{len(document) - 1}"
    (at_hand,), (of_role,) = await custom(edge, document, **given), await own(edge, **given)
    assert at_hand["matched"] == [f"{PLACE} {place}"]
    assert of_role["matched"] == [f"{OWN} {place}"]


async def test_what_a_token_would_have_to_say(edge: Edge):
    document = trust({"StringEquals": {f"{HOST}:sub": "a", f"{HOST}:Ref": "b"}})
    (found,) = await custom(edge, document, ContextEntries=[entry(f"{HOST}:sub", "a")])
    assert (found["decision"], found["missing"]) == ("implicitDeny", [f"{HOST}:Ref"])


async def test_each_action_is_asked(edge: Edge):
    """A token with tags needs `sts:TagSession` as well."""
    actions = [ASSUME, "sts:TagSession", "sts:AssumeRole"]
    found = await custom(edge, trust(), ActionNames=actions, ResourceArns=[ROLE])
    assert [each["decision"] for each in found] == ["allowed", "implicitDeny", "implicitDeny"]
    assert [each["on"] for each in found] == [ROLE] * 3
    assert "details" in found[0]


async def test_a_deny_in_a_trust_policy(edge: Edge):
    principal = {"Federated": PROVIDER}
    open_to_all = {"Effect": "Allow", "Principal": principal, "Action": ASSUME}
    not_this = {
        "Effect": "Deny",
        "Principal": principal,
        "Action": ASSUME,
        "Condition": {"StringLike": {f"{HOST}:sub": "repo:wick*"}},
    }
    document = policy(open_to_all, not_this)
    (kept_out,) = await custom(edge, document, ContextEntries=entries({"sub": "repo:wick"}))
    assert (kept_out["decision"], len(kept_out["matched"])) == ("explicitDeny", 1)
    (admitted,) = await custom(edge, document, ContextEntries=entries({"sub": "repo:kiln"}))
    assert admitted["decision"] == "allowed"


async def test_another_issuers_token(edge: Edge):
    other = iam_arn("oidc-provider/elsewhere.example")
    (found,) = await custom(edge, trust(), CallerArn=other)
    assert found["decision"] == "implicitDeny"


async def test_a_trust_policy_that_could_not_be_kept(edge: Edge):
    """One that admits everybody of a shared issuer is refused as it is when it is written."""
    document = trust(issuer="https://token.actions.githubusercontent.com")
    answer = await edge.query(
        "iam",
        "SimulateCustomPolicy",
        PolicyInputList="",
        ActionNames=[ASSUME],
        ResourcePolicy=document,
        CallerArn=iam_arn("oidc-provider/token.actions.githubusercontent.com"),
    )
    assert refusal(answer) == (400, "InvalidInput", "Resource policy has invalid content")


def trusting(principal: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return policy(statement)


MAY_ASSUME = policy(allow("sts:AssumeRole"))
USER, CI = iam_arn("user/runner"), iam_arn("role/ci")
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/job"
CALLERS = [
    ("user named", USER, USER, [], "allowed"),
    ("user of the account", ACCOUNT, USER, [MAY_ASSUME], "allowed"),
    ("user of the account, not allowed", ACCOUNT, USER, [], "implicitDeny"),
    ("user denied", USER, USER, [policy(deny("sts:*"))], "explicitDeny"),
    ("other user", iam_arn("user/other"), USER, [MAY_ASSUME], "implicitDeny"),
    ("role named", CI, CI, [], "allowed"),
    ("session by its role", CI, SESSION, [], "allowed"),
    ("session itself", SESSION, SESSION, [], "allowed"),
    ("session of another name", f"{SESSION}-2", SESSION, [], "implicitDeny"),
    (
        "theirs, both sides",
        OTHER_ACCOUNT,
        iam_arn("user/x", OTHER_ACCOUNT),
        [MAY_ASSUME],
        "allowed",
    ),
    ("theirs, one side", OTHER_ACCOUNT, iam_arn("user/x", OTHER_ACCOUNT), [], "implicitDeny"),
]


@pytest.mark.parametrize(
    ("principal", "caller", "documents", "wanted"),
    [pytest.param(*rest, id=name) for name, *rest in CALLERS],
)
async def test_callers_of_aws(
    edge: Edge, principal: str, caller: str, documents: list[str], wanted: str
):
    (found,) = await results(
        edge,
        "SimulateCustomPolicy",
        PolicyInputList=documents or "",
        ActionNames=["sts:AssumeRole"],
        ResourceArns=[ROLE],
        ResourcePolicy=trusting(principal),
        CallerArn=caller,
    )
    assert found["decision"] == wanted


@pytest.mark.parametrize("allowed", [True, False])
async def test_own_trust_and_what_the_caller_may(edge: Edge, allowed: bool):
    """Where a role leaves it to the account, the user's own policies are asked as well."""
    await make_role(edge, "example", AssumeRolePolicyDocument=trusting(ACCOUNT))
    key = await make_user(edge, "runner", MAY_ASSUME if allowed else policy(allow("s3:*")))
    question = {"ActionNames": ["sts:AssumeRole"], "CallerArn": USER, "ResourceArns": [ROLE]}
    (found,) = await own(edge, **question)
    done = await edge.query("sts", "AssumeRole", key=key, RoleArn=ROLE, RoleSessionName="job")
    assert [found["decision"] == "allowed", done.status == 200] == [allowed] * 2
    names = [place.split(" ")[0] for place in found["matched"]]
    assert names == (["AssumeRolePolicyDocument", "user_runner_policy-0"] if allowed else [])


async def test_own_trust_of_a_session(edge: Edge):
    """The role of a session is looked up: its path, its tags, its policies."""
    await make_role(edge, "ci", Path="/jobs/", Tags=[{"Key": "team", "Value": "kiln"}])
    await make_role(edge, "example", AssumeRolePolicyDocument=trusting(iam_arn("role/jobs/ci")))
    (found,) = await own(edge, ActionNames=["sts:AssumeRole"], CallerArn=SESSION)
    assert found["decision"] == "allowed"
    document = policy(
        {
            "Effect": "Allow",
            "Principal": {"AWS": ACCOUNT},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:PrincipalTag/team": "kiln"}},
        }
    )
    await iam(edge, "UpdateAssumeRolePolicy", RoleName="example", PolicyDocument=document)
    question = {"ActionNames": ["sts:AssumeRole"], "CallerArn": SESSION}
    (without,) = await own(edge, **question)
    (with_policy,) = await own(edge, **question, PolicyInputList=[MAY_ASSUME])
    assert [without["decision"], with_policy["decision"]] == ["implicitDeny", "allowed"]


async def test_own_trust_of_a_stranger(edge: Edge):
    stranger = iam_arn("user/x", OTHER_ACCOUNT)
    await make_role(edge, "example", AssumeRolePolicyDocument=trusting(OTHER_ACCOUNT))
    question = {"ActionNames": ["sts:AssumeRole"], "CallerArn": stranger, "ResourceArns": [ROLE]}
    (one_side,) = await own(edge, **question)
    assert one_side["details"] == {"IAM Policy": "implicitDeny", "Resource Policy": "allowed"}
    (both,) = await own(edge, **question, PolicyInputList=[MAY_ASSUME])
    assert [one_side["decision"], both["decision"]] == ["implicitDeny", "allowed"]


async def test_without_the_role_as_resource_it_is_aws_question(edge: Edge):
    """As if the user had the role's policies: whether they allow to assume any role."""
    await make_role(edge, "example", AssumeRolePolicyDocument=trusting(USER))
    await make_user(edge, "runner")
    await iam(
        edge, "PutRolePolicy", RoleName="example", PolicyName="own", PolicyDocument=MAY_ASSUME
    )
    (found,) = await own(edge, ActionNames=["sts:AssumeRole"], CallerArn=USER)
    assert found["matched"] == [f"role_example_own (IAM Policy) 1:41-1:{len(MAY_ASSUME) - 1}"]


REFUSED: dict[str, dict[str, Any]] = {
    "another action": {"ActionNames": ["s3:GetObject"]},
    "another action as well": {"ActionNames": [ASSUME, "s3:GetObject"]},
    "another resource": {"ResourceArns": [f"{ROLE}-2"]},
    "a user's trust": {"PolicySourceArn": USER},
    "a service": {"CallerArn": "lambda.amazonaws.com"},
    "a role without a session": {"CallerArn": f"arn:aws:sts::{ACCOUNT}:assumed-role/ci"},
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_provider_is_the_caller_of_trust_alone(edge: Edge, name: str):
    await federation.federate(edge)
    await make_user(edge, "runner")
    question = {"PolicySourceArn": ROLE, "ActionNames": [ASSUME], "CallerArn": PROVIDER}
    answer = await edge.query("iam", "SimulatePrincipalPolicy", **question | REFUSED[name])
    assert refusal(answer) == (400, "InvalidInput", NO_CALLER)


async def test_a_web_identity_can_not_have_anothers_policies(edge: Edge):
    await make_user(edge, "runner")
    answer = await edge.query(
        "iam",
        "SimulatePrincipalPolicy",
        PolicySourceArn=USER,
        ActionNames=[ASSUME],
        CallerArn=PROVIDER,
        ResourcePolicy=trust(),
    )
    assert refusal(answer) == (400, "InvalidInput", NO_CALLER)


async def test_a_web_identity_has_no_policies(edge: Edge):
    await federation.federate(edge)
    sentence = "A web identity has no policies: the lists of them must be empty."
    for operation, more in (
        ("SimulateCustomPolicy", {"ResourcePolicy": trust()}),
        ("SimulatePrincipalPolicy", {"PolicySourceArn": ROLE}),
    ):
        question = {"ActionNames": [ASSUME], "CallerArn": PROVIDER, **more}
        answer = await edge.query("iam", operation, **question, PolicyInputList=[MAY_ASSUME])
        assert refusal(answer) == (400, "InvalidInput", sentence)
    (found,) = await own(edge)
    assert found["decision"] == "allowed"


async def test_asking_about_trust_asks_for_the_caller_too(edge: Edge):
    """The answer tells what the caller may: that is asked for, be the caller there or not."""
    await make_role(edge, "example", AssumeRolePolicyDocument=trusting(ACCOUNT))
    await make_user(edge, "runner", MAY_ASSUME)
    may = policy(allow("iam:SimulatePrincipalPolicy", on=ROLE))
    key = await make_user(edge, "auditor", may)
    question = {"PolicySourceArn": ROLE, "ActionNames": ["sts:AssumeRole"], "ResourceArns": [ROLE]}
    for caller in (USER, iam_arn("user/nobody"), SESSION):
        answer = await edge.query(
            "iam", "SimulatePrincipalPolicy", key=key, **question, CallerArn=caller
        )
        assert (answer.status, answer.code) == (403, "AccessDenied")
        assert f"on resource: {caller} because" in (answer.message or "")
    for caller in (PROVIDER, iam_arn("user/x", OTHER_ACCOUNT)):
        answer = await edge.query(
            "iam", "SimulatePrincipalPolicy", key=key, **question, CallerArn=caller
        )
        assert answer.status == 200, answer.body


async def test_the_keys_of_trust_policies(edge: Edge):
    document = trust({"StringLike": {f"{HOST}:sub": "a"}, "StringEquals": {f"{HOST}:aud": "b"}})
    answer = await iam(edge, "GetContextKeysForCustomPolicy", PolicyInputList=[document])
    assert [each.text for each in answer.xml.iterfind(".//ContextKeyNames/member")] == [
        f"{HOST}:sub",
        f"{HOST}:aud",
    ]


async def test_what_the_record_of_a_refusal_says_can_be_simulated(edge: Edge):
    """The keys that a refused exchange had, given to the simulator, are refused likewise."""
    await federation.federate(edge, {"StringEquals": {f"{HOST}:sub": "repo:kiln"}})
    refused = await federation.exchange(edge, token(sub="repo:kiln2"))
    context = edge.record(refused).context
    assert context is not None
    given = [
        entry(key, *([value] if isinstance(value, str) else value), kind=kind)
        for key, value in context.items()
        for kind in ("string" if isinstance(value, str) else "stringList",)
        if value
    ]
    (found,) = await own(edge, ContextEntries=given)
    assert (refused.status, found["decision"], found["missing"]) == (403, "implicitDeny", [])
    assert edge.now[0] == NOW
    corrected = [each for each in given if each["ContextKeyName"] != f"{HOST}:sub"]
    (admitted,) = await own(edge, ContextEntries=[*corrected, entry(f"{HOST}:sub", "repo:kiln")])
    assert admitted["decision"] == "allowed"
    assert credentials_of(await federation.exchange(edge, token(sub="repo:kiln")))["token"]
