"""AWS's access-denied sentences (IAM guide, *Troubleshoot access denied error messages*)."""

import pytest

from valetkey.policy import Decision, PolicyType, Reason, denied_message

CALLER = "arn:aws:sts::400000000019:assumed-role/deploy/job-7"
BUCKET = "arn:aws:s3:::kiln/a"
START = f"User: {CALLER} is not authorized to perform: s3:GetObject on resource: {BUCKET} "

SENTENCES = [
    (
        Reason.NO_IDENTITY_ALLOW,
        PolicyType.IDENTITY,
        "because no identity-based policy allows the s3:GetObject action",
    ),
    (
        Reason.NO_BOUNDARY_ALLOW,
        PolicyType.BOUNDARY,
        "because no permissions boundary allows the s3:GetObject action",
    ),
    (
        Reason.NO_SESSION_ALLOW,
        PolicyType.SESSION,
        "because no session policy allows the s3:GetObject action",
    ),
    (
        Reason.NO_RESOURCE_ALLOW,
        PolicyType.RESOURCE,
        "because no resource-based policy allows the s3:GetObject action",
    ),
    (
        Reason.EXPLICIT_DENY,
        PolicyType.IDENTITY,
        "with an explicit deny in an identity-based policy",
    ),
    (
        Reason.EXPLICIT_DENY,
        PolicyType.BOUNDARY,
        "with an explicit deny in a permissions boundary",
    ),
    (Reason.EXPLICIT_DENY, PolicyType.SESSION, "with an explicit deny in a session policy"),
    (
        Reason.EXPLICIT_DENY,
        PolicyType.RESOURCE,
        "with an explicit deny in a resource-based policy",
    ),
]


@pytest.mark.parametrize(("reason", "by", "end"), SENTENCES)
def test_sentence(reason: Reason, by: PolicyType, end: str) -> None:
    decision = Decision(False, reason, denied_by=by)
    message = denied_message(decision, caller_arn=CALLER, action="s3:GetObject", resource=BUCKET)
    assert message == START + end


@pytest.mark.parametrize(
    ("reason", "end"),
    [
        (
            Reason.NO_TRUST_ALLOW,
            "because no role trust policy allows the sts:AssumeRole action",
        ),
        (Reason.EXPLICIT_DENY, "with an explicit deny in the role trust policy"),
    ],
)
def test_trust_policies_name_no_resource(reason: Reason, end: str) -> None:
    decision = Decision(False, reason, denied_by=PolicyType.TRUST)
    message = denied_message(
        decision, caller_arn=CALLER, action="sts:AssumeRole", resource="arn:aws:iam::1:role/x"
    )
    assert message == f"User: {CALLER} is not authorized to perform: sts:AssumeRole {end}"


def test_an_action_without_resource() -> None:
    decision = Decision(False, Reason.NO_IDENTITY_ALLOW, denied_by=PolicyType.IDENTITY)
    assert denied_message(decision, caller_arn=CALLER, action="iam:ListRoles") == (
        f"User: {CALLER} is not authorized to perform: iam:ListRoles "
        "because no identity-based policy allows the iam:ListRoles action"
    )


def test_a_grant_has_no_refusal() -> None:
    with pytest.raises(ValueError, match="nothing to refuse"):
        denied_message(Decision(True, Reason.ALLOWED), caller_arn=CALLER, action="s3:GetObject")
