"""How closely a principal names a requester."""

import pytest

from policy.building import (
    ACCOUNT,
    ANN,
    JOB,
    PROVIDER_ARN,
    ROLE_ARN,
    SESSION_ARN,
    USER_ARN,
    WEB,
    document,
    text_of,
    trusts,
)
from valetkey.diagnostics import Source
from valetkey.policy import (
    PolicyType,
    Requester,
    is_aws_principal,
    is_federated_principal,
    parse,
)
from valetkey.policy.principals import Grade, PrincipalMatcher

ANYONE = Requester("Anonymous", (), None)


def grade(principal: object, by: Requester, place: PolicyType, *, denies: bool = False) -> Grade:
    read = parse(Source("p", text_of(document(trusts(principal)))))
    element = read.statements[0].principal
    assert element is not None
    return PrincipalMatcher(element, place, denies=denies).grade(by)


@pytest.mark.parametrize(
    ("principal", "by", "in_trust", "in_resource"),
    [
        # A bare "*" does not even load in a trust policy; were it there, it would admit AWS only.
        ("*", ANN, Grade.EVERYONE, Grade.EVERYONE),
        ("*", WEB, Grade.NONE, Grade.EVERYONE),
        ("*", ANYONE, Grade.NONE, Grade.EVERYONE),
        ({"AWS": "*"}, JOB, Grade.EVERYONE, Grade.EVERYONE),
        ({"AWS": "*"}, WEB, Grade.NONE, Grade.NONE),
        ({"AWS": "*"}, ANYONE, Grade.NONE, Grade.EVERYONE),
        ({"AWS": ACCOUNT}, JOB, Grade.ACCOUNT, Grade.ACCOUNT),
        ({"AWS": ACCOUNT}, WEB, Grade.NONE, Grade.NONE),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, ANN, Grade.ACCOUNT, Grade.ACCOUNT),
        ({"AWS": [ACCOUNT, ROLE_ARN]}, JOB, Grade.ROLE, Grade.ROLE),
        ({"AWS": [ROLE_ARN, SESSION_ARN]}, JOB, Grade.DIRECT, Grade.DIRECT),
        ({"AWS": USER_ARN}, ANN, Grade.DIRECT, Grade.DIRECT),
        ({"AWS": "AROAEXAMPLEROLE00001"}, JOB, Grade.ROLE, Grade.ROLE),
        ({"AWS": "AIDAEXAMPLEUSER00001"}, ANN, Grade.DIRECT, Grade.DIRECT),
        ({"Federated": PROVIDER_ARN}, WEB, Grade.DIRECT, Grade.DIRECT),
        ({"Federated": "*"}, WEB, Grade.NONE, Grade.NONE),
        ({"Service": PROVIDER_ARN}, WEB, Grade.NONE, Grade.NONE),
        ({"AWS": PROVIDER_ARN}, WEB, Grade.NONE, Grade.NONE),
    ],
)
def test_grade(principal: object, by: Requester, in_trust: Grade, in_resource: Grade) -> None:
    assert grade(principal, by, PolicyType.TRUST) is in_trust
    assert grade(principal, by, PolicyType.RESOURCE) is in_resource


@pytest.mark.parametrize("by", [ANN, WEB, ANYONE], ids=lambda by: by.kind)
@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}], ids=["star", "aws-star"])
def test_a_deny_to_everyone_spares_nobody(principal: object, by: Requester) -> None:
    assert grade(principal, by, PolicyType.TRUST, denies=True) is Grade.EVERYONE


def test_a_role_is_a_role_wherever_its_name_stands() -> None:
    alone = Requester("AWS", (ROLE_ARN,), ACCOUNT)
    assert grade({"AWS": ROLE_ARN}, alone, PolicyType.TRUST) is Grade.ROLE


def test_which_texts_may_be_principals() -> None:
    assert is_aws_principal(ROLE_ARN)
    assert is_federated_principal(PROVIDER_ARN)
    assert not is_aws_principal(PROVIDER_ARN)
    assert not is_federated_principal(ROLE_ARN)
