"""The snapshot: everything by its name, lists in order, nothing that can't be read."""

import pytest
from msgspec.structs import replace

from store.making import (
    ACCOUNT,
    ALLOW_ALL,
    BROKEN,
    OTHER,
    access_key,
    account,
    policy,
    provider,
    role,
    secret,
    user,
)
from valetkey.policy import MalformedPolicy, PolicyType
from valetkey.store import AWS_ACCOUNT

DEPLOY = role("Deploy", path="/ci/", account=ACCOUNT)
ADMIN = user("admin", access_keys=(access_key("AKIA1"), access_key("AKIA2", active=False)))
ADMINISTRATOR = policy("AdministratorAccess", ALLOW_ALL, account=AWS_ACCOUNT)


@pytest.fixture
def directory(store):
    records = [
        account(OTHER),
        account(ACCOUNT),
        provider("https://gitlab.example"),
        provider("http://127.0.0.1:8080/path"),
        DEPLOY,
        role("build"),
        role("deploy", account=OTHER),
        ADMIN,
        user("Zoe", access_keys=(access_key("AKIA3"),)),
        policy("s3", path="/team/"),
        ADMINISTRATOR,
        secret("db"),
        secret("api/key"),
        secret("db", "us-east-1"),
    ]
    store.write(lambda tx: [tx.put(record) for record in records])
    return store.directory()


@pytest.mark.parametrize(
    ("look", "want"),
    [
        (lambda d: d.account(ACCOUNT), account(ACCOUNT)),
        (lambda d: d.account("0" * 12), None),
        (lambda d: d.provider(ACCOUNT, "gitlab.example"), provider("https://gitlab.example")),
        (lambda d: d.provider(ACCOUNT, "GITLAB.example"), None),
        (lambda d: d.provider(ACCOUNT, "gitlab.example/"), None),
        (lambda d: d.provider(OTHER, "gitlab.example"), None),
        (lambda d: d.role(ACCOUNT, "Deploy"), DEPLOY),
        (lambda d: d.role(ACCOUNT, "dEPLOY"), DEPLOY),
        (lambda d: d.role(OTHER, "deploy"), role("deploy", account=OTHER)),
        (lambda d: d.role(ACCOUNT, "ci/Deploy"), None),
        (lambda d: d.role(ACCOUNT, ""), None),
        (lambda d: d.role_of_arn(f"arn:aws:iam::{ACCOUNT}:role/ci/Deploy"), DEPLOY),
        (lambda d: d.role_of_arn(f"arn:aws:iam::{ACCOUNT}:role/ci/deploy"), None),
        (lambda d: d.role_of_arn(f"arn:aws:iam::{ACCOUNT}:role/Deploy"), None),
        (lambda d: d.role_of_arn(f"arn:aws:iam::{OTHER}:role/ci/Deploy"), None),
        (lambda d: d.role_of_arn(f"arn:aws:iam::{ACCOUNT}:user/ci/Deploy"), None),
        (lambda d: d.role_of_arn("Deploy"), None),
        (lambda d: d.role_of_arn(""), None),
        (lambda d: d.user(ACCOUNT, "ADMIN"), ADMIN),
        (lambda d: d.user(OTHER, "admin"), None),
        (lambda d: d.user_of_key("AKIA1"), (ADMIN, ADMIN.access_keys[0])),
        (lambda d: d.user_of_key("AKIA2"), (ADMIN, ADMIN.access_keys[1])),
        (lambda d: d.user_of_key("akia1"), None),
        (lambda d: d.user_of_key(""), None),
        (lambda d: d.policy(f"arn:aws:iam::{ACCOUNT}:policy/team/s3"), policy("s3", path="/team/")),
        (lambda d: d.policy(f"arn:aws:iam::{ACCOUNT}:policy/s3"), None),
        (lambda d: d.policy("arn:aws:iam::aws:policy/AdministratorAccess"), ADMINISTRATOR),
        (lambda d: d.policy("arn:aws:iam::aws:policy/Absent"), None),
        (lambda d: d.secret(ACCOUNT, "eu-central-1", "db"), secret("db")),
        (lambda d: d.secret(ACCOUNT, "us-east-1", "db"), secret("db", "us-east-1")),
        (lambda d: d.secret(ACCOUNT, "eu-central-1", "DB"), None),
        (lambda d: d.secret(ACCOUNT, "eu-central-1/api", "key"), None),
        (lambda d: d.secret(OTHER, "eu-central-1", "db"), None),
    ],
)
def test_a_record_is_found_by_its_name_and_no_other(directory, look, want):
    assert look(directory) == want


@pytest.mark.parametrize(
    ("look", "want"),
    [
        (lambda d: [found.account for found in d.accounts()], [ACCOUNT, OTHER]),
        (
            lambda d: [found.key for found in d.providers(ACCOUNT)],
            ["127.0.0.1:8080/path", "gitlab.example"],
        ),
        (lambda d: [found.name for found in d.roles(ACCOUNT)], ["build", "Deploy"]),
        (lambda d: [found.name for found in d.users(ACCOUNT)], ["admin", "Zoe"]),
        (lambda d: [found.name for found in d.policies(ACCOUNT)], ["s3"]),
        (lambda d: [found.name for found in d.policies(AWS_ACCOUNT)], ["AdministratorAccess"]),
        (lambda d: [found.name for found in d.secrets(ACCOUNT, "eu-central-1")], ["api/key", "db"]),
        (lambda d: d.secrets(ACCOUNT, "eu-west-1"), ()),
        (lambda d: d.roles("0" * 12), ()),
    ],
)
def test_lists_are_in_order(directory, look, want):
    assert look(directory) == want


def test_a_state_without_faults_has_no_problems(directory):
    assert directory.problems == ()


def test_only_the_types_that_changed_are_copied(store, directory):
    store.write(lambda tx: tx.put(role("new")))
    after = store.directory()
    assert after._shelves.role is not directory._shelves.role
    for kind in ("account", "provider", "user", "policy", "secret", "upstream", "bucket"):
        assert getattr(after._shelves, kind) is getattr(directory._shelves, kind)
    assert after.role(ACCOUNT, "deploy") is directory.role(ACCOUNT, "deploy")


def test_a_key_that_two_users_have_names_nobody(store):
    shared = (access_key("AKIA1"),)
    store.write(lambda tx: [tx.put(user(name, access_keys=shared)) for name in ("a", "b")])
    directory = store.directory()
    assert directory.user_of_key("AKIA1") is None
    assert [problem.key for problem in directory.problems] == ["a", "b"]
    store.write(lambda tx: tx.delete(user("b")))
    assert store.directory().user_of_key("AKIA1") is not None
    assert store.directory().problems == ()


DAMAGES = {
    "no JSON": "UPDATE records SET body = x'00' WHERE key = 'deploy'",
    "another's body": "UPDATE records SET body = (SELECT body FROM records WHERE key = 'build')"
    " WHERE key = 'deploy'",
    "another account's": f"UPDATE records SET account = '{OTHER}' WHERE key = 'deploy'",
    "another format": "UPDATE records SET format = 99 WHERE key = 'deploy'",
    "another type's": "UPDATE records SET kind = 'user' WHERE key = 'deploy'",
    "an unknown type": "UPDATE records SET kind = 'robot' WHERE key = 'deploy'",
}


@pytest.mark.parametrize("sql", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("known_before", [True, False])
def test_a_row_that_cannot_be_read_is_left_out_and_reported(store, damage, sql, known_before):
    store.write(lambda tx: [tx.put(role("deploy")), tx.put(role("build"))])
    if known_before and "SET body" in sql:
        assert store.directory().role(ACCOUNT, "deploy") is not None
    damage(sql)
    damage("UPDATE meta SET revision = revision + 1")
    damage("UPDATE records SET revision = (SELECT revision FROM meta)")
    directory = store.directory()
    assert [found.name for found in directory.roles(ACCOUNT)] == ["build"]
    assert directory.role(OTHER, "deploy") is None
    assert directory.users(ACCOUNT) == ()
    (problem,) = directory.unreadable
    assert problem in directory.problems
    assert problem.key == "deploy"
    assert problem.diagnostics()[0].message == problem.message


def test_a_row_that_is_put_right_is_no_problem_any_more(store, damage):
    store.write(lambda tx: tx.put(role()))
    damage("UPDATE records SET body = x'00'")
    assert len(store.directory().unreadable) == 1
    store.write(lambda tx: tx.put(role()))
    assert store.directory().unreadable == ()
    assert store.directory().role(ACCOUNT, "deploy") == role()


def test_a_session_policy_is_compiled_once(store, directory):
    compiled = directory.policy_for_session(ALLOW_ALL)
    assert compiled.type is PolicyType.SESSION
    assert directory.policy_for_session(ALLOW_ALL) is compiled
    store.write(lambda tx: tx.put(role("new")))
    assert store.directory().policy_for_session(ALLOW_ALL) is compiled


def test_a_session_policy_that_is_none_is_refused_each_time(directory):
    for _ in range(2):
        with pytest.raises(MalformedPolicy):
            directory.policy_for_session(BROKEN)


def test_a_managed_policy_is_compiled_for_its_use(store, directory):
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    for use in (PolicyType.SESSION, PolicyType.IDENTITY, PolicyType.BOUNDARY):
        compiled = directory.managed_policy(arn, use)
        assert (compiled.name, compiled.type, compiled.source.text) == (arn, use, ALLOW_ALL)
        assert directory.managed_policy(arn, use) is compiled
    assert directory.managed_policy("arn:aws:iam::aws:policy/Absent", PolicyType.SESSION) is None


def test_records_that_did_not_change_keep_their_compiled_policies(store, directory):
    before = directory.role_policies(directory.role(ACCOUNT, "deploy"))
    assert directory.role_policies(directory.role(ACCOUNT, "deploy")) is before
    store.write(lambda tx: tx.put(replace(role("build"), description="changed")))
    after = store.directory().role_policies(store.directory().role(ACCOUNT, "deploy"))
    assert after.trust is before.trust
    assert all(a is b for a, b in zip(after.identity, before.identity, strict=True))
