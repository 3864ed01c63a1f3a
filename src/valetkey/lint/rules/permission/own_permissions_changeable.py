"""The caller can give itself any permission.

## What
An identity policy allows, on `*` or all roles, users, groups or policies, an action that changes
what somebody may do: a policy's version, an inline or attached policy, membership of a group, a
role's trust policy, a permissions boundary.

## Why
Any of them alone is privilege escalation: one call makes the caller an administrator, whatever
else the policy says.

## Example
    {"Effect": "Allow", "Action": "iam:AttachRolePolicy", "Resource": "*"}

## Instead
    {"Effect": "Allow", "Action": "iam:AttachRolePolicy",
     "Resource": "arn:aws:iam::400000000019:role/kiln-*",
     "Condition": {"ArnLike": {"iam:PolicyARN": "arn:aws:iam::400000000019:policy/kiln-*"}}}

## References
- https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/
- https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.permission._escalation import unbounded
from valetkey.lint.rules.permission._grants import IDENTITY

TABLE: Final = {
    "iam:CreatePolicyVersion": "rewrite a policy that it has itself",
    "iam:SetDefaultPolicyVersion": "bring back an older, wider version of its policy",
    "iam:PutUserPolicy": "write a policy for its own user",
    "iam:PutGroupPolicy": "write a policy for its own group",
    "iam:PutRolePolicy": "write a policy for its own role",
    "iam:AttachUserPolicy": "attach any policy to its own user",
    "iam:AttachGroupPolicy": "attach any policy to its own group",
    "iam:AttachRolePolicy": "attach any policy to its own role",
    "iam:AddUserToGroup": "join any group",
    "iam:UpdateAssumeRolePolicy": "let itself assume any role",
    "iam:DeleteUserPermissionsBoundary": "lift the boundary of its own user",
    "iam:DeleteRolePermissionsBoundary": "lift the boundary of its own role",
}


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find ways to change one's own permissions."""
    advice = "name the roles, users or policies, or demand a boundary in a condition"
    return unbounded(subject, RULE, TABLE, advice)


RULE = PolicyRule(
    code="PERM005",
    name="own_permissions_changeable",
    severity=Severity.WARNING,
    page=__doc__,
    types=IDENTITY,
    check=check,
)
