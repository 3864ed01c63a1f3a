"""``aws iam``: the commands that set trust up, and take it down again."""

import json

import pytest

from clients.talking import DEPLOY, allow, assert_refused, role_arn, secret_arn
from support.processes import ACCOUNT, AUDIENCE


@pytest.fixture
def iam(site):
    def aws(*words, ok=True):
        done = site.aws("iam", *words)
        assert not ok or done.code == 0, done.errors
        return done

    return aws


def test_a_provider_from_its_creation_to_its_end(iam):
    url = "https://gitlab.forge.example"
    clients = json.dumps([AUDIENCE])
    thumbprint = "0123456789abcdef0123456789abcdef01234567"
    arn = iam(
        "create-open-id-connect-provider", "--url", url,
        "--client-id-list", clients, "--thumbprint-list", thumbprint, "--tags", "Key=a,Value=b",
    ).json["OpenIDConnectProviderArn"]  # fmt: skip
    assert arn == f"arn:aws:iam::{ACCOUNT}:oidc-provider/gitlab.forge.example"
    of = ("--open-id-connect-provider-arn", arn)
    iam("add-client-id-to-open-id-connect-provider", *of, "--client-id", "second")
    got = iam("get-open-id-connect-provider", *of).json
    assert got["Url"] == "gitlab.forge.example"
    assert got["ClientIDList"] == [AUDIENCE, "second"]
    assert got["ThumbprintList"] == [thumbprint]
    assert got["Tags"] == [{"Key": "a", "Value": "b"}]
    listed = iam("list-open-id-connect-providers").json["OpenIDConnectProviderList"]
    assert {"Arn": arn} in listed

    twice = iam("create-open-id-connect-provider", "--url", url, ok=False)
    assert twice.code == 255
    assert "(EntityAlreadyExists)" in twice.errors
    iam("delete-open-id-connect-provider", *of)
    gone = iam("get-open-id-connect-provider", *of, ok=False)
    assert_refused(
        gone,
        "NoSuchEntity",
        "GetOpenIDConnectProvider",
        f"OpenIDConnect Provider not found for arn {arn}",
    )


def test_the_server_fetched_the_thumbprint_itself(iam, site):
    """O-12: the last certificate that the issuer sends is the one of its CA."""
    got = iam("get-open-id-connect-provider", "--open-id-connect-provider-arn", site.provider_arn)
    (thumbprint,) = got.json["ThumbprintList"]
    assert f"thumbprint {thumbprint}" in site.log("issuer").read_text()


def test_a_role_from_its_creation_to_its_end(iam, site, tmp_path):
    trust = tmp_path / "trust.json"
    trust.write_text(site.trust())
    name = ("--role-name", "kiln-cli")
    made = iam(
        "create-role", *name, "--assume-role-policy-document", f"file://{trust}",
        "--path", "/ci/", "--max-session-duration", "7200", "--description", "for jobs",
    ).json["Role"]  # fmt: skip
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/ci/kiln-cli"
    assert made["AssumeRolePolicyDocument"] == json.loads(site.trust())

    policy = allow("secretsmanager:*", secret_arn("x"))
    iam("put-role-policy", *name, "--policy-name", "p", "--policy-document", policy)
    assert iam("list-role-policies", *name).json["PolicyNames"] == ["p"]
    own = iam("get-role-policy", *name, "--policy-name", "p").json
    assert own["PolicyDocument"] == json.loads(policy)
    iam("tag-role", *name, "--tags", "Key=team,Value=kiln")
    iam("update-assume-role-policy", *name, "--policy-document", site.trust())
    got = iam("get-role", *name).json["Role"]
    assert (got["MaxSessionDuration"], got["Description"]) == (7200, "for jobs")
    assert got["Tags"] == [{"Key": "team", "Value": "kiln"}]

    conflict = iam("delete-role", *name, ok=False)
    assert_refused(
        conflict,
        "DeleteConflict",
        "DeleteRole",
        "Cannot delete entity, must delete policies first.",
    )
    iam("delete-role-policy", *name, "--policy-name", "p")
    iam("delete-role", *name)
    assert_refused(
        iam("get-role", *name, ok=False),
        "NoSuchEntity",
        "GetRole",
        "The role with name kiln-cli cannot be found.",
    )


def test_a_managed_policy_attached_and_detached(iam):
    arn = iam(
        "create-policy", "--policy-name", "cli", "--policy-document", allow("s3:*", "*")
    ).json["Policy"]["Arn"]
    to = ("--role-name", DEPLOY, "--policy-arn", arn)
    iam("attach-role-policy", *to)
    attached = iam("list-attached-role-policies", "--role-name", DEPLOY).json["AttachedPolicies"]
    assert attached == [{"PolicyName": "cli", "PolicyArn": arn}]
    assert iam("delete-policy", "--policy-arn", arn, ok=False).code == 255
    iam("detach-role-policy", *to)
    iam("delete-policy", "--policy-arn", arn)


def test_a_user_and_a_key_that_works_until_it_is_inactive(iam, site):
    name = ("--user-name", "cli-user")
    iam("create-user", *name)
    key = iam("create-access-key", *name).json["AccessKey"]
    env = site.env(
        AWS_ACCESS_KEY_ID=key["AccessKeyId"], AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"]
    )
    who = site.aws("sts", "get-caller-identity", env=env)
    assert who.json["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/cli-user"
    denied = site.aws("iam", "list-roles", env=env)
    assert_refused(
        denied,
        "AccessDenied",
        "ListRoles",
        f"User: arn:aws:iam::{ACCOUNT}:user/cli-user is not authorized to perform: iam:ListRoles"
        f" on resource: arn:aws:iam::{ACCOUNT}:role/ because no identity-based policy allows the"
        " iam:ListRoles action",
    )
    iam("update-access-key", *name, "--access-key-id", key["AccessKeyId"], "--status", "Inactive")
    assert "(InvalidClientTokenId)" in site.aws("sts", "get-caller-identity", env=env).errors


def test_lists_page_by_page(iam):
    whole = iam("list-roles", "--query", "Roles[].RoleName").json
    paged = iam("list-roles", "--page-size", "1", "--query", "Roles[].RoleName").json
    assert paged == whole
    assert DEPLOY in whole


def test_a_policy_that_is_none_is_refused_in_aws_words(iam):
    bad = '{"Version": "2012-10-17", "Statement": ['
    words = ("put-role-policy", "--role-name", DEPLOY, "--policy-name", "bad")
    done = iam(*words, "--policy-document", bad, ok=False)
    assert_refused(done, "MalformedPolicyDocument", "PutRolePolicy", "Syntax errors in policy.")
    assert iam("list-role-policies", "--role-name", DEPLOY).json["PolicyNames"] == ["own"]


def test_a_name_that_is_taken(iam, site):
    words = ("create-role", "--role-name", DEPLOY, "--assume-role-policy-document", site.trust())
    assert_refused(
        iam(*words, ok=False),
        "EntityAlreadyExists",
        "CreateRole",
        f"Role with name {DEPLOY} already exists.",
    )
    assert iam("get-role", "--role-name", DEPLOY).json["Role"]["Arn"] == role_arn(DEPLOY)
