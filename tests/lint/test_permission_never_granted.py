"""What rules say is never granted, held against the evaluator and requests made from the data."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.building import allow, compiled, deny, document, request, text_of
from valetkey.diagnostics import Source
from valetkey.lint import Finding, all_rules, iam, lint_policy
from valetkey.policy import Policies, PolicyType, decide

RULES = {rule.name: rule for rule in all_rules()}
NEVER = [
    RULES[name]
    for name in ("action_needs_every_resource", "action_not_on_resource", "resource_of_no_kind")
]
SERVICES = ["s3", "iam", "sts", "lambda", "secretsmanager", "route53", "dynamodb", "sns"]
RESOURCES = [
    "arn:aws:s3:::kiln",
    "arn:aws:s3:::kiln/*",
    "arn:aws:s3:::kiln*",
    "arn:aws:s3:::*/a",
    "arn:aws:s3:::*",
    "arn:aws:s3::400000000019:kiln/a",
    "arn:aws:iam::400000000019:role/kiln",
    "arn:aws:iam::*:role/*",
    "arn:aws:iam::400000000019:user/a/*",
    "arn:aws:lambda:eu-test-1:400000000019:function:kiln",
    "arn:aws:lambda:eu-test-1:400000000019:functions/kiln",
    "arn:aws:lambda:*:*:function:*",
    "arn:aws:secretsmanager:eu-test-1:400000000019:secret:kiln-a1B2c3",
    "arn:aws:route53:eu-test-1::hostedzone/Z1",
    "arn:aws:route53:::hostedzone/*",
    "arn:aws:sns:eu-test-1:400000000019:?iln",
    "arn:aws:dynamodb:eu-test-1:*:table/kiln/*",
]
WORDS = st.sampled_from(["kiln", "a", "Z1", "kiln-a1B2c3", "kiln/a/public", "a/b", "x:1"])
PLACES = {
    "Partition": st.just("aws"),
    "Region": st.sampled_from(["eu-test-1", "us-east-1"]),
    "Account": st.just("400000000019"),
    "BucketName": st.sampled_from(["kiln", "kiln-2", "a"]),
}


@st.composite
def names_of(draw: st.DrawFn, template: str) -> str:
    """Fill a resource's ARN in; a bucket's name has no slash."""
    return re.sub(
        r"\$\{(\w+)\}", lambda found: draw(PLACES.get(found[1], WORDS)), template, flags=re.ASCII
    )


@st.composite
def asked(draw: st.DrawFn) -> tuple[str, str]:
    """Return an action and a resource that AWS could ask about."""
    service = iam.service(draw(st.sampled_from(SERVICES)))
    assert service is not None
    action = draw(st.sampled_from(sorted(service.actions.values())))
    kinds = [kind.arn for kind in action.resources]
    if not kinds:
        whole = f"arn:aws:{service.prefix}:::*"
        return action.full_name, draw(st.sampled_from(["*", whole]))
    return action.full_name, draw(names_of(draw(st.sampled_from(kinds))))


def said(policy: object, rules: object = NEVER) -> list[Finding]:
    source = Source("policy.json", text_of(policy))
    found = lint_policy(source, PolicyType.IDENTITY, rules=rules)  # type: ignore[arg-type]
    return [finding for finding in found if finding.code.startswith("PERM")]


def allowed(policy: object, action: str, resource: str, **values: str) -> bool:
    policies = Policies(identity=(compiled(policy),))
    return decide(policies, request(action, resource, values=values)).allowed


@settings(max_examples=400, deadline=None)
@given(asked(), st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2), st.booleans())
def test_an_action_that_is_never_granted_is_never_granted(
    question: tuple[str, str], resources: list[str], wild: bool
):
    action, resource = question
    listed = f"{action[:-2]}*" if wild else action
    found = said(document(allow(listed, resources)), NEVER[:2])
    if found:
        assert not allowed(document(allow(listed, resources)), action, resource)
        denying = document(allow(), deny(listed, resources))
        assert allowed(denying, action, resource)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(RESOURCES), st.data())
def test_a_resource_of_no_kind_is_none(pattern: str, data: st.DataObject):
    kinds = iam.resource_types(pattern.split(":")[2])
    kind = data.draw(st.sampled_from(sorted(kinds)))
    resource = data.draw(names_of(kind.arn))
    if said(document(allow("s3:GetObject", pattern)), NEVER[2:]):
        assert not allowed(document(allow("s3:GetObject", pattern)), "s3:GetObject", resource)


def silent_cases() -> Iterator[tuple[str, str]]:
    """Yield what is fine: every action of some services on its own kinds of resource."""
    for prefix in SERVICES:
        service = iam.service(prefix)
        assert service is not None
        for action in service.actions.values():
            for kind in action.resources:
                if "${" not in kind.arn.split(":")[2]:
                    yield action.full_name, re.sub(r"\$\{\w+\}", "x1", kind.arn)


def test_an_action_on_its_own_resources_is_fine():
    """One document for all of them would hide a fault, so it is one a kind of resource."""
    by_resource: dict[str, list[str]] = {}
    for action, resource in silent_cases():
        by_resource.setdefault(resource.replace("arn:x1", "arn:aws"), []).append(action)
    assert sum(map(len, by_resource.values())) > 600
    for resource, actions in by_resource.items():
        assert said(document(allow(sorted(set(actions)), resource))) == []


class TestTheBucketAndItsObjects:
    """O-17 and its kin: what a pattern takes in is what the evaluator says."""

    @pytest.mark.parametrize(
        ("pattern", "resource", "expected"),
        [
            (
                "arn:aws:s3:::kiln-*/public/*",
                "arn:aws:s3:::kiln-prod/private/payroll/public/x",
                True,
            ),
            ("arn:aws:s3:::kiln-*/public/*", "arn:aws:s3:::kiln-x/private/public/x", True),
            ("arn:aws:s3:::kiln-*/public/*", "arn:aws:s3:::kiln-prod/private/x", False),
            ("arn:aws:s3:::kiln-prod/public/*", "arn:aws:s3:::kiln-prod/private/public/x", False),
            ("arn:aws:s3:::*/report.csv", "arn:aws:s3:::x/private/report.csv", True),
        ],
    )
    def test_a_star_crosses_slashes(self, pattern: str, resource: str, expected: bool):
        policy = document(allow("s3:GetObject", pattern))
        assert allowed(policy, "s3:GetObject", resource) is expected

    def test_the_example_that_the_message_gives_is_taken_in(self):
        pattern = "arn:aws:s3:::kiln-*/public/*"
        (finding,) = said(document(allow("s3:GetObject", pattern)), [RULES["star_crosses_bucket"]])
        example = finding.diagnostic.message.split("`")[5]
        policy = document(allow("s3:GetObject", pattern))
        assert allowed(policy, "s3:GetObject", f"arn:aws:s3:::{example}")

    @pytest.mark.parametrize(
        ("name", "suffix", "expected"),
        [
            ("kiln/db", "a1B2c3", False),
            ("kiln/db-??????", "a1B2c3", True),
            ("kiln/db*", "a1B2c3", True),
            ("kiln/db*", "root-a1B2c3", True),
            ("kiln/db-??????", "root-a1B2c3", False),
        ],
    )
    def test_the_six_characters_of_a_secret(self, name: str, suffix: str, expected: bool):
        start = "arn:aws:secretsmanager:eu-test-1:400000000019:secret:"
        policy = document(allow("secretsmanager:GetSecretValue", start + name))
        resource = f"{start}kiln/db-{suffix}"
        assert allowed(policy, "secretsmanager:GetSecretValue", resource) is expected


class TestNotAction:
    """O-15."""

    def test_a_name_that_excepts_nothing(self):
        policy = document({"Effect": "Allow", "NotAction": "nosuch:Thing", "Resource": "*"})
        assert allowed(policy, "iam:CreateRole", "arn:aws:iam::400000000019:role/x")
        (finding,) = said(policy, [RULES["not_action_in_allow"]])
        assert "administrator" in finding.diagnostic.message

    def test_without_the_crown_jewels(self):
        policy = document({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})
        assert not allowed(policy, "iam:CreateRole", "arn:aws:iam::400000000019:role/x")
        (finding,) = said(policy, [RULES["not_action_in_allow"]])
        assert "administrator" not in finding.diagnostic.message

    def test_in_a_deny(self):
        policy = document(
            allow("s3:*"),
            {"Effect": "Deny", "NotAction": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"},
        )
        assert not allowed(policy, "s3:PutObject", "arn:aws:s3:::kiln/a")
        assert allowed(policy, "s3:GetObject", "arn:aws:s3:::kiln/a")
        assert said(policy, [RULES["not_action_in_allow"]]) == []
