"""AssumeRoleWithWebIdentity beyond what AWS was observed to answer: our own rules about it."""

import json

import pytest

from support.edge import ACCOUNT, Answer, Edge, credentials_of
from support.tokens import CLIENT_IDS, ISSUER, NOW, jwk, jwks, rsa_key, token
from support.vectors import vectors
from valetkey.oidc import KeySet

HOST = ISSUER.removeprefix("https://")
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{HOST}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
CAP = "valetkey:cap-session-to-token"


def trust(host: str = HOST, **equals: str) -> str:
    """Return a trust policy for the issuer with conditions on claims."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}"},
                    "Action": "sts:AssumeRoleWithWebIdentity",
                    "Condition": {"StringEquals": {f"{host}:{k}": v for k, v in equals.items()}},
                }
            ],
        }
    )


async def set_up(edge: Edge, document: str, **tags: str) -> None:
    edge.now[0] = NOW
    keys = jwks(jwk(rsa_key(), "k-rs256", use="sig", alg="RS256"))
    edge.source.sets[ISSUER] = KeySet.from_json(keys)
    made = await edge.query(
        "iam",
        "CreateOpenIDConnectProvider",
        Url=ISSUER,
        ClientIDList=list(CLIENT_IDS),
        ThumbprintList=["a" * 40],
    )
    assert made.status == 200, made.body
    made = await edge.query(
        "iam",
        "CreateRole",
        RoleName="deploy",
        AssumeRolePolicyDocument=document,
        MaxSessionDuration=43200,
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )
    assert made.status == 200, made.body


async def assume(edge: Edge, web_identity_token: str, **more: object) -> Answer:
    return await edge.query(
        "sts",
        "AssumeRoleWithWebIdentity",
        key=None,
        RoleArn=ROLE,
        RoleSessionName="job-1",
        WebIdentityToken=web_identity_token,
        **more,
    )


async def expiration(edge: Edge, answered: Answer) -> int:
    """Return how many seconds the session lasts by the record of its request."""
    assert answered.status == 200, answered.body
    return int(edge.record(answered).details["expires_at"]) - int(edge.now[0])


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("false", 7200), ("true", 900), ("True", 900), ("yes", 900), ("", 900)],
)
async def test_a_session_ends_with_its_token_where_the_role_says_so(
    edge: Edge, value: str, seconds: int
):
    await set_up(edge, trust(sub="subject-alpha"), **{CAP: value})
    answered = await assume(edge, token(), DurationSeconds=7200)
    assert await expiration(edge, answered) == seconds


async def test_without_the_tag_a_session_outlives_its_token_as_on_aws(edge: Edge):
    await set_up(edge, trust(sub="subject-alpha"))
    assert await expiration(edge, await assume(edge, token(), DurationSeconds=7200)) == 7200


async def test_the_provider_can_say_so_for_all_roles(edge: Edge):
    await set_up(edge, trust(sub="subject-alpha"))
    await edge.query(
        "iam",
        "TagOpenIDConnectProvider",
        OpenIDConnectProviderArn=PROVIDER,
        Tags=[{"Key": CAP, "Value": "true"}],
    )
    assert await expiration(edge, await assume(edge, token())) == 900


async def test_a_token_inside_the_tolerance_opens_no_capped_session(edge: Edge):
    await set_up(edge, trust(sub="subject-alpha"), **{CAP: "true"})
    late = token(exp=int(NOW) - 60)
    refused = await assume(edge, late)
    assert (refused.status, refused.code) == (400, "ExpiredTokenException")
    await edge.query("iam", "UntagRole", RoleName="deploy", TagKeys=[CAP])
    assert (await assume(edge, late)).status == 200


async def test_every_claim_can_be_asked_for_and_stays_in_the_session(edge: Edge):
    await set_up(edge, trust(ref_protected="true", project_id="20"))
    good = token(ref_protected="true", project_id="20")
    session = credentials_of(await assume(edge, good))
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "secretsmanager:GetSecretValue",
                "Resource": "arn:aws:secretsmanager:*:*:secret:${valetkey:claim/project_id}/*",
            }
        ],
    }
    await edge.query(
        "iam",
        "PutRolePolicy",
        RoleName="deploy",
        PolicyName="own-project",
        PolicyDocument=json.dumps(policy),
    )
    for name in ("20/database", "21/database"):
        made = await edge.target(
            "CreateSecret", Name=name, SecretString="s", ClientRequestToken="t" * 32
        )
        assert made.status == 200, made.body
    assert (await edge.target("GetSecretValue", SecretId="20/database", key=session)).status == 200
    other = await edge.target("GetSecretValue", SecretId="21/database", key=session)
    assert (other.status, other.code) == (400, "AccessDeniedException")
    assert (await assume(edge, token(ref_protected="false", project_id="20"))).status == 403


async def test_a_fork_of_the_project_is_not_the_project(edge: Edge):
    folder = vectors("gitlab-tokens")
    fork = json.loads((folder / "token-fork-merge-request.claims.json").read_text())["claims"]
    parent = json.loads((folder / "token.claims.json").read_text())["claims"]
    host = parent["iss"].removeprefix("https://")
    edge.now[0] = float(fork["iat"])
    edge.source.sets[parent["iss"]] = KeySet.from_json((folder / "jwks.json").read_bytes())
    await edge.query(
        "iam",
        "CreateOpenIDConnectProvider",
        Url=parent["iss"],
        ClientIDList=[parent["aud"]],
        ThumbprintList=["a" * 40],
    )
    for name, conditions in {
        "deploy": {"sub": parent["sub"]},
        "by-id": {"project_id": parent["project_id"]},
        "by-path": {"project_path": parent["project_path"]},
    }.items():
        made = await edge.query(
            "iam",
            "CreateRole",
            RoleName=name,
            AssumeRolePolicyDocument=trust(host, aud=parent["aud"], **conditions),
        )
        assert made.status == 200, made.body
        for file, status in (("token-fork-merge-request.txt", 403), ("token.txt", 200)):
            answered = await edge.query(
                "sts",
                "AssumeRoleWithWebIdentity",
                key=None,
                RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{name}",
                RoleSessionName="job-1",
                WebIdentityToken=(folder / file).read_text().strip(),
            )
            assert answered.status == status, (name, file, answered.body)


@pytest.mark.parametrize("key", ["valetkey:Cap-Session-To-Token", CAP.upper()])
async def test_the_tag_that_caps_counts_in_any_case(edge: Edge, key: str):
    await set_up(edge, trust(sub="subject-alpha"), **{key: "true"})
    answered = await assume(edge, token(exp=int(NOW) + 60))
    assert edge.record(answered).details["expires_at"] == int(NOW) + 60


async def test_a_claim_does_not_speak_for_an_issuer_on_another_port(edge: Edge):
    """One statement that trusts two issuers of a host, by the subject of one of them."""
    port = f"{HOST}:8443"
    document = json.loads(trust(port, sub="admin"))
    document["Statement"][0]["Principal"]["Federated"] = [
        f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}" for host in (HOST, port)
    ]
    await set_up(edge, json.dumps(document))
    assert (await assume(edge, token())).status == 403
    forged = await assume(edge, token(**{"8443:sub": "admin"}))
    assert (forged.status, forged.code) == (400, "InvalidIdentityToken")
    assert edge.record(forged).check == "claim-names"
