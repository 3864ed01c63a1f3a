"""A principal's policies: what they come to, also where some of them can't be had."""

import pytest
from msgspec.structs import replace

from store.making import (
    ACCOUNT,
    ALLOW_ALL,
    ALLOW_S3,
    BROKEN,
    OTHER,
    TRUST,
    policy,
    role,
    secret,
    user,
)
from valetkey.diagnostics import Source
from valetkey.policy import (
    Context,
    Policies,
    PolicyType,
    Request,
    Requester,
    compile_policy,
    decide,
)
from valetkey.store import AWS_ACCOUNT, PolicyVersion
from valetkey.store.compiled import deny_all

S3 = f"arn:aws:iam::{ACCOUNT}:policy/s3"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
ABSENT = f"arn:aws:iam::{ACCOUNT}:policy/absent"
FOREIGN = f"arn:aws:iam::{OTHER}:policy/theirs"
DAMAGED = f"arn:aws:iam::{ACCOUNT}:policy/damaged"
BAD = f"arn:aws:iam::{ACCOUNT}:policy/bad"
INVALID = '{"Version":"2012-10-17","Statement":[{"Effect":"Maybe","Action":"*","Resource":"*"}]}'
NO_TRUST = ALLOW_ALL  # a trust policy without a principal


@pytest.fixture
def managed(store, damage):
    records = [
        policy("s3"),
        policy("AdministratorAccess", ALLOW_ALL, account=AWS_ACCOUNT),
        policy("theirs", ALLOW_ALL, account=OTHER),
        policy("damaged", ALLOW_ALL),
        policy("bad", INVALID),
    ]
    store.write(lambda tx: [tx.put(record) for record in records])
    damage("UPDATE records SET body = x'00' WHERE key = 'damaged'")
    return store


def allowed(policies, action="s3:GetObject"):
    requester = Requester("AWS", (f"arn:aws:iam::{ACCOUNT}:user/admin",), ACCOUNT)
    given = Policies(identity=policies.identity, boundary=policies.boundary)
    request = Request(action, "arn:aws:s3:::b/k", Context(), requester, ACCOUNT)
    return decide(given, request).allowed


CASES = [
    # fields of the principal, s3:GetObject, iam:ListRoles, words of the problems
    ({}, False, False, []),
    ({"inline_policies": {"a": ALLOW_S3}}, True, False, []),
    ({"inline_policies": {"a": ALLOW_S3, "b": ALLOW_ALL}}, True, True, []),
    ({"attached_policies": (S3,)}, True, False, []),
    ({"attached_policies": (ADMINISTRATOR,)}, True, True, []),
    ({"attached_policies": (ABSENT,)}, False, False, ["is not there and allows nothing"]),
    ({"attached_policies": (ABSENT, S3)}, True, False, ["is not there and allows nothing"]),
    ({"attached_policies": (FOREIGN,)}, False, False, ["is not there and allows nothing"]),
    ({"attached_policies": ("no ARN",)}, False, False, ["is not there and allows nothing"]),
    ({"attached_policies": (S3.upper(),)}, False, False, ["is not there and allows nothing"]),
    ({"attached_policies": (S3, DAMAGED)}, False, False, ["can't be read and denies everything"]),
    ({"attached_policies": (S3, BAD)}, False, False, ["can't be used and denies everything"]),
    (
        {"inline_policies": {"a": ALLOW_ALL, "b": BROKEN}},
        False,
        False,
        ["can't be used and denies everything"],
    ),
    (
        {"inline_policies": {"a": INVALID, "b": ""}},
        False,
        False,
        ["can't be used and denies everything"] * 2,
    ),
    ({"inline_policies": {"a": ALLOW_ALL}, "permissions_boundary": S3}, True, False, []),
    ({"permissions_boundary": ADMINISTRATOR}, False, False, []),
    (
        {"inline_policies": {"a": ALLOW_ALL}, "permissions_boundary": ABSENT},
        False,
        False,
        ["is not there, so that nothing is allowed"],
    ),
    (
        {"inline_policies": {"a": ALLOW_ALL}, "permissions_boundary": FOREIGN},
        False,
        False,
        ["is not there, so that nothing is allowed"],
    ),
    (
        {"inline_policies": {"a": ALLOW_ALL}, "permissions_boundary": DAMAGED},
        False,
        False,
        ["is not there, so that nothing is allowed"],
    ),
    (
        {"inline_policies": {"a": ALLOW_ALL}, "permissions_boundary": BAD},
        False,
        False,
        ["can't be used and denies everything"],
    ),
]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("make", [role, user])
def test_what_a_principal_may_do(managed, make, case):
    fields, s3, iam, problems = case
    record = make("deploy", **fields)
    managed.write(lambda tx: tx.put(record))
    directory = managed.directory()
    if make is role:
        policies = directory.role_policies(directory.role(ACCOUNT, "deploy"))
    else:
        policies = directory.user_policies(directory.user(ACCOUNT, "deploy"))
    assert allowed(policies) is s3
    assert allowed(policies, "iam:ListRoles") is iam
    assert [
        words in problem.message for problem, words in zip(policies.problems, problems, strict=True)
    ] == [True] * len(problems)
    assert set(policies.problems) <= set(directory.problems)


def assume(policies):
    requester = Requester("AWS", (f"arn:aws:iam::{ACCOUNT}:user/admin",), ACCOUNT)
    identity = (all_allowed(),)
    request = Request("sts:AssumeRole", role().arn, Context(), requester, ACCOUNT)
    return decide(Policies(identity=identity, resource=policies.trust), request).allowed


def all_allowed():
    return compile_policy(Source("all", ALLOW_ALL), PolicyType.IDENTITY, name="all")


@pytest.mark.parametrize(
    ("text", "may"), [(TRUST, True), (BROKEN, False), (NO_TRUST, False), ("", False)]
)
def test_who_may_become_a_role(store, text, may):
    store.write(lambda tx: tx.put(role(trust_policy=text)))
    directory = store.directory()
    policies = directory.role_policies(directory.role(ACCOUNT, "deploy"))
    assert policies.trust.type is PolicyType.TRUST
    assert assume(policies) is may
    assert bool(policies.problems) is not may
    for problem in policies.problems:
        assert problem.error is not None  # kept, with the places in the text
        assert len(problem.diagnostics()) > 1


def test_policies_are_named_as_people_know_them(managed):
    record = role(
        "Deploy",
        inline_policies={"b": ALLOW_S3, "a": ALLOW_S3},
        attached_policies=(ADMINISTRATOR, S3),
        permissions_boundary=S3,
    )
    managed.write(lambda tx: tx.put(record))
    directory = managed.directory()
    policies = directory.role_policies(directory.role(ACCOUNT, "deploy"))
    assert policies.trust.name == "trust policy of role Deploy"
    assert [policy.name for policy in policies.identity] == [
        "inline policy a of role Deploy",
        "inline policy b of role Deploy",
        ADMINISTRATOR,
        S3,
    ]
    assert policies.boundary.name == S3
    assert policies.boundary.type is PolicyType.BOUNDARY


def test_a_changed_managed_policy_counts_at_once(managed):
    managed.write(lambda tx: tx.put(role(attached_policies=(S3,))))

    def may():
        directory = managed.directory()
        return allowed(directory.role_policies(directory.role(ACCOUNT, "deploy")), "iam:ListRoles")

    assert not may()
    versions = (*policy("s3").versions, PolicyVersion(id="v2", document=ALLOW_ALL, created=2.0))
    wider = replace(policy("s3"), versions=versions)
    managed.write(lambda tx: tx.put(wider))
    assert not may()
    managed.write(lambda tx: tx.put(replace(wider, default_version="v2")))
    assert may()
    managed.write(lambda tx: tx.delete(wider))
    assert not may()


def test_an_older_record_is_judged_by_its_own_policies(managed):
    managed.write(lambda tx: tx.put(role(inline_policies={"a": ALLOW_ALL})))
    older = managed.directory().role(ACCOUNT, "deploy")
    managed.write(lambda tx: tx.put(role(inline_policies={})))
    directory = managed.directory()
    newer = directory.role(ACCOUNT, "deploy")
    for _ in range(2):
        assert allowed(directory.role_policies(older))
        assert not allowed(directory.role_policies(newer))


@pytest.mark.parametrize("type", PolicyType)
def test_the_stand_in_can_be_compiled_for_every_type(type):
    assert deny_all(type, "x").type is type


@pytest.mark.parametrize("text", [BROKEN, ALLOW_ALL, ""])
def test_a_resource_policy_that_cannot_be_used_denies(store, text):
    store.write(lambda tx: tx.put(secret(resource_policy=text)))
    directory = store.directory()
    found = directory.secret(ACCOUNT, "eu-central-1", "db")
    requester = Requester("AWS", (f"arn:aws:iam::{ACCOUNT}:user/admin",), ACCOUNT)
    request = Request("secretsmanager:GetSecretValue", found.arn, Context(), requester, ACCOUNT)
    given = Policies(identity=(all_allowed(),), resource=directory.resource_policy(found))
    assert not decide(given, request).allowed
    (problem,) = directory.problems
    assert (problem.kind, problem.key) == ("secret", "eu-central-1/db")


def test_a_secret_without_a_resource_policy_has_none(store):
    assert store.directory().resource_policy(secret()) is None
