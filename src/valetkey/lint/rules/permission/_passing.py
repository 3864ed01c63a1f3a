"""Handing a role to a service: where it is granted, and what makes use of it.

The ways are those that have been published, among others at
https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/ and
https://pathfinding.cloud/.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from valetkey.lint.conditions import demanded_keys
from valetkey.lint.rules.document.condition_restricts_nothing import taken_in
from valetkey.lint.rules.permission._fit import first_for
from valetkey.lint.rules.permission._grants import allows, denied, granted, wide_resources
from valetkey.policy import ConditionEntry, Family, PolicyDocument, Statement, Value, glob

PASS_ROLE: Final = "iam:passrole"  # noqa: S105 - an action, no secret
_TO_SERVICE: Final = "iam:passedtoservice"


class Way(NamedTuple):
    """Actions that together run code of the caller's under a role that is passed."""

    service: str
    actions: tuple[str, ...]


WAYS: Final = (
    Way("lambda.amazonaws.com", ("lambda:CreateFunction", "lambda:InvokeFunction")),
    Way("lambda.amazonaws.com", ("lambda:CreateFunction", "lambda:CreateEventSourceMapping")),
    Way("lambda.amazonaws.com", ("lambda:CreateFunction", "lambda:AddPermission")),
    Way("lambda.amazonaws.com", ("lambda:CreateFunction", "lambda:CreateFunctionUrlConfig")),
    Way("ec2.amazonaws.com", ("ec2:RunInstances",)),
    Way("ec2.amazonaws.com", ("ec2:AssociateIamInstanceProfile",)),
    Way("ec2.amazonaws.com", ("ec2:RequestSpotInstances",)),
    Way("cloudformation.amazonaws.com", ("cloudformation:CreateStack",)),
    Way("cloudformation.amazonaws.com", ("cloudformation:UpdateStack",)),
    Way(
        "cloudformation.amazonaws.com",
        ("cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"),
    ),
    Way("glue.amazonaws.com", ("glue:CreateDevEndpoint",)),
    Way("glue.amazonaws.com", ("glue:CreateJob", "glue:StartJobRun")),
    Way("glue.amazonaws.com", ("glue:CreateJob", "glue:CreateTrigger")),
    Way("glue.amazonaws.com", ("glue:CreateSession", "glue:RunStatement")),
    Way(
        "sagemaker.amazonaws.com",
        ("sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"),
    ),
    Way("sagemaker.amazonaws.com", ("sagemaker:CreateTrainingJob",)),
    Way("sagemaker.amazonaws.com", ("sagemaker:CreateProcessingJob",)),
    Way("codebuild.amazonaws.com", ("codebuild:CreateProject", "codebuild:StartBuild")),
    Way("ecs-tasks.amazonaws.com", ("ecs:RegisterTaskDefinition", "ecs:RunTask")),
    Way("ecs-tasks.amazonaws.com", ("ecs:RegisterTaskDefinition", "ecs:CreateService")),
    Way("states.amazonaws.com", ("states:CreateStateMachine", "states:StartExecution")),
    Way(
        "datapipeline.amazonaws.com",
        (
            "datapipeline:CreatePipeline",
            "datapipeline:PutPipelineDefinition",
            "datapipeline:ActivatePipeline",
        ),
    ),
    Way("apprunner.amazonaws.com", ("apprunner:CreateService",)),
    Way("batch.amazonaws.com", ("batch:RegisterJobDefinition", "batch:SubmitJob")),
    Way("ssm.amazonaws.com", ("ssm:CreateDocument", "ssm:StartAutomationExecution")),
)
_ALL_ACTIONS: Final = tuple({name.lower() for way in WAYS for name in way.actions})


class Passing(NamedTuple):
    """Where any role may be passed, and the first way to make use of it in the document."""

    statement: Statement
    value: Value
    resource: Value
    way: Way | None
    by: Value | None


def passings(document: PolicyDocument) -> Iterator[Passing]:
    """Yield the statements that allow passing any role, to a service that is not said."""
    if PASS_ROLE in denied(document, (PASS_ROLE,)):
        return
    able: dict[str, Value] | None = None
    for statement in allows(document):
        value = granted(statement, (PASS_ROLE,)).get(PASS_ROLE)
        resource = first_for(PASS_ROLE, wide_resources(statement))
        if value is None or resource is None or _is_otherwise_narrowed(statement):
            continue
        able = _able(document) if able is None else able
        way = next((w for w in WAYS if _is_open(statement, w.service) and _can(w, able)), None)
        by = able[way.actions[0].lower()] if way else None
        yield Passing(statement, value, resource, way, by)


def names_service(statement: Statement) -> bool:
    """Tell whether a statement says to which service a role may be passed."""
    return any(
        entry.key.lower() == _TO_SERVICE
        and entry.operator.base.family is not Family.PRESENCE
        and taken_in(entry) is None
        for entry in statement.conditions
    )


def _is_otherwise_narrowed(statement: Statement) -> bool:
    keys = {entry.key.lower() for entry in statement.conditions}
    return any(key.startswith(("iam:", "aws:resourcetag/")) for key in keys - {_TO_SERVICE})


def _able(document: PolicyDocument) -> dict[str, Value]:
    """Return the actions of the ways that the document grants; a whole service grants its own."""
    found: dict[str, Value] = {}
    for statement in allows(document):
        if statement.action is None or statement.action.negated:
            continue
        # No other action has the key: whatever else the statement lists is not granted by it.
        if _TO_SERVICE in demanded_keys(statement):
            continue
        for value in statement.action.values:
            compiled = glob(value.text.lower())
            for name in _ALL_ACTIONS:
                if name not in found and compiled.matches(name):
                    found[name] = value
    for name in denied(document, _ALL_ACTIONS):
        found.pop(name, None)
    return found


def _can(way: Way, able: dict[str, Value]) -> bool:
    return all(name.lower() in able for name in way.actions)


def _is_open(statement: Statement, service: str) -> bool:
    """Tell whether a role may be passed to a service by what the statement says of it."""
    tests = [entry for entry in statement.conditions if entry.key.lower() == _TO_SERVICE]
    return all(_admits(entry, service) for entry in tests)


def _admits(entry: ConditionEntry, service: str) -> bool:
    """Tell whether a condition on the service holds for one."""
    base = entry.operator.base
    texts = [value.text for value in entry.values]
    if base.family is Family.PRESENCE:
        return "false" in map(str.lower, texts)
    if entry.operator.takes_wildcards:
        found = any(glob(text).matches(service) for text in texts)
    elif base.family is Family.FOLDED_STRING:
        found = service in map(str.lower, texts)
    else:
        found = service in texts
    return found is not base.negated
