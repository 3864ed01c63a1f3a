"""What IAM calls a service and its operations, where that is not what the model calls them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from valetkey.wire.api_tables import ApiEntry

PREFIXES: Final = MappingProxyType(
    {
        "IoTSecuredTunneling": "iot",
        "awsssoportal": "sso",
        "cloudcontrolapi": "cloudformation",
        "iot-jobs-data": "iotjobsdata",
        "iotdata": "iot",
        "monitoring": "cloudwatch",
        "mturk-requester": "mechanicalturk",
        "partnercentral-account": "partnercentral",
        "partnercentral-benefits": "partnercentral",
        "partnercentral-channel": "partnercentral",
        "partnercentral-marketing": "partnercentral",
        "partnercentral-selling": "partnercentral",
        "tagging": "tag",
    }
)
"""IAM's prefix by signing name, where they differ."""

ACTIONS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = MappingProxyType(
    {
        "bedrock": {
            "Converse": ("InvokeModel",),
            "ConverseStream": ("InvokeModelWithResponseStream",),
            "RetrieveAndGenerateStream": ("RetrieveAndGenerate",),
            "StartAsyncInvoke": ("InvokeModel",),
        },
        "budgets": {
            "CreateBudget": ("ModifyBudget",),
            "CreateNotification": ("ModifyBudget",),
            "CreateSubscriber": ("ModifyBudget",),
            "DeleteBudget": ("ModifyBudget",),
            "DeleteNotification": ("ModifyBudget",),
            "DeleteSubscriber": ("ModifyBudget",),
            "DescribeBudget": ("ViewBudget",),
            "DescribeBudgetNotificationsForAccount": ("ViewBudget",),
            "DescribeBudgetPerformanceHistory": ("ViewBudget",),
            "DescribeBudgets": ("ViewBudget",),
            "DescribeNotificationsForBudget": ("ViewBudget",),
            "DescribeSubscribersForNotification": ("ViewBudget",),
            "UpdateBudget": ("ModifyBudget",),
            "UpdateNotification": ("ModifyBudget",),
            "UpdateSubscriber": ("ModifyBudget",),
        },
        "cassandra": {
            "CreateKeyspace": ("Create",),
            "CreateTable": ("Create",),
            "CreateType": ("Create",),
            "DeleteKeyspace": ("Drop",),
            "DeleteTable": ("Drop",),
            "DeleteType": ("Drop",),
            "GetKeyspace": ("Select",),
            "GetTable": ("Select",),
            "GetTableAutoScalingSettings": ("Select",),
            "GetType": ("Select",),
            "ListKeyspaces": ("Select",),
            "ListTables": ("Select",),
            "ListTagsForResource": ("Select",),
            "ListTypes": ("Select",),
            "RestoreTable": ("Restore",),
            "UpdateKeyspace": ("Alter",),
            "UpdateTable": ("Alter",),
        },
        "cloudfront": {"CreateDistributionWithTags": ("CreateDistribution", "TagResource")},
        "ec2": {
            "CreateFleet": ("CreateFleet", "RunInstances"),
            "RequestSpotFleet": ("RequestSpotFleet", "RunInstances"),
            "RequestSpotInstances": ("RequestSpotInstances", "RunInstances"),
            "RunScheduledInstances": ("RunScheduledInstances", "RunInstances"),
        },
        "execute-api": {
            "DeleteConnection": ("ManageConnections",),
            "GetConnection": ("ManageConnections",),
            "PostToConnection": ("ManageConnections",),
        },
        "lambda": {
            "GetLayerVersionByArn": ("GetLayerVersion",),
            "Invoke": ("InvokeFunction",),
            "InvokeWithResponseStream": ("InvokeFunction",),
        },
        "sns": {"PublishBatch": ("Publish",)},
        "sqs": {
            "ChangeMessageVisibilityBatch": ("ChangeMessageVisibility",),
            "DeleteMessageBatch": ("DeleteMessage",),
            "SendMessageBatch": ("SendMessage",),
        },
        "timestream": {"Query": ("Select",)},
    }
)
"""IAM's actions by prefix and operation, where they are not called as the operation is."""

TAGGING: Final = MappingProxyType(
    {
        "autoscaling": "CreateOrUpdateTags",
        "ec2": "CreateTags",
        "elasticache": "AddTagsToResource",
        "elasticloadbalancing": "AddTags",
        "elasticmapreduce": "AddTags",
        "rds": "AddTagsToResource",
        "redshift": "CreateTags",
        "sqs": "TagQueue",
        "ssm": "AddTagsToResource",
    }
)
"""The action that puts tags on a resource, where it is not ``TagResource``."""


def prefix_of(entry: ApiEntry) -> str:
    """Return the service's prefix in IAM's actions."""
    return PREFIXES.get(entry.signing_name, entry.signing_name)


def actions_of(prefix: str, operation: str) -> tuple[str, ...]:
    """Return the full names of the actions that an operation needs.

    One that no table knows is asked as the operation is called: only a policy for every action
    (or every one of that beginning) allows it.
    """
    names = ACTIONS.get(prefix, {}).get(operation, (operation,))
    return tuple(f"{prefix}:{name}" for name in names)
