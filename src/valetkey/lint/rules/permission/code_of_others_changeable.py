"""The caller can run its own code where another role is at work.

## What
An identity policy allows, on `*` or everything of a kind, an action that changes or runs code in
something that exists and has a role: a function, an instance, a container, a stack, a build.

## Why
The code runs with the permissions of that thing's role, so that the caller has them too, without
`iam:PassRole`. It is the way of privilege escalation that is overlooked most. What is asked of
several kinds of resource at once, as `ssm:SendCommand` is of a document and an instance, counts
where it is the instances, or the tasks, that are open.

## Example
    {"Effect": "Allow", "Action": "lambda:UpdateFunctionCode", "Resource": "*"}

## Instead
    {"Effect": "Allow", "Action": "lambda:UpdateFunctionCode",
     "Resource": "arn:aws:lambda:eu-test-1:400000000019:function:kiln-*"}

## References
- https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/
- https://pathfinding.cloud/
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.permission._escalation import unbounded
from valetkey.lint.rules.permission._grants import IDENTITY

TABLE: Final = {
    "lambda:UpdateFunctionCode": "replace the code of any function",
    "lambda:UpdateFunctionConfiguration": "put a layer of its own into any function",
    "ssm:SendCommand": "run commands on any managed instance",
    "ssm:StartSession": "open a shell on any managed instance",
    "ec2-instance-connect:SendSSHPublicKey": "log in to any instance",
    "ec2-instance-connect:SendSerialConsoleSSHPublicKey": "log in to any instance",
    "ecs:ExecuteCommand": "run commands in any container",
    "glue:UpdateDevEndpoint": "log in to any development endpoint",
    "glue:UpdateJob": "replace the script of any job",
    "codebuild:UpdateProject": "replace what any build runs",
    "codebuild:StartBuild": "run any build with commands of its own",
    "sagemaker:CreatePresignedNotebookInstanceUrl": "open any notebook",
    "cloudformation:UpdateStack": "change any stack under the stack's role",
}

DECIDING: Final = {
    "ssm:SendCommand": ("instance", "managed-instance"),
    "ssm:StartSession": ("instance", "managed-instance", "task"),
    "ecs:ExecuteCommand": ("task",),
}


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find ways to run code under a role that somebody else set up."""
    advice = "name the resources, or demand a tag in a condition"
    return unbounded(subject, RULE, TABLE, advice, deciding=DECIDING)


RULE = PolicyRule(
    code="PERM008",
    name="code_of_others_changeable",
    severity=Severity.WARNING,
    page=__doc__,
    types=IDENTITY,
    check=check,
)
