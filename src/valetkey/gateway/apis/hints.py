"""What the rules of :mod:`valetkey.gateway.apis.resources` don't find by themselves."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

NEVER: Final = frozenset(
    {"tag", "tags", "tagspecification", "tagspecifications", "filter", "filters", "clienttoken",
     "clientrequesttoken", "tagkeys", "dryrun"}
)  # fmt: skip
"""Members that hold text of other kinds, in lower case."""

EXTRA_NAMES: Final[Mapping[tuple[str, str], tuple[str, ...]]] = MappingProxyType(
    {
        ("dynamodb", "TableName"): ("TableName", "TargetTableName", "SourceTableName"),
        ("ec2", "SecurityGroupId"): (
            "SecurityGroupIds", "SecurityGroupId", "GroupId", "GroupIds", "Groups",
        ),
        ("ec2", "KeyPairName"): ("KeyName", "KeyNames"),
        ("ec2", "PlacementGroupName"): ("GroupName",),
        ("ec2", "LaunchTemplateId"): ("LaunchTemplateId", "LaunchTemplateIds"),
        ("ec2", "AllocationId"): ("AllocationId", "AllocationIds"),
        ("ecs", "ClusterName"): ("cluster", "clusters", "clusterName"),
        ("ecs", "ServiceName"): ("service", "services", "serviceName"),
        ("ecs", "TaskId"): ("task", "tasks"),
        ("ecs", "ContainerInstanceId"): ("containerInstance", "containerInstances"),
        ("ecs", "TaskDefinitionFamilyName"): (),
        ("ecs", "TaskDefinitionRevisionNumber"): (),
        ("eks", "ClusterName"): ("clusterName", "name"),
        ("events", "EventBusName"): ("EventBusName", "Name"),
        ("events", "EventSourceName"): ("EventSourceName", "Name"),
        ("kms", "Alias"): ("AliasName",),
        ("rds", "DbClusterInstanceName"): ("DBClusterIdentifier",),
        ("rds", "DbInstanceName"): ("DBInstanceIdentifier", "SourceDBInstanceIdentifier"),
        ("rds", "SnapshotName"): ("DBSnapshotIdentifier", "SourceDBSnapshotIdentifier",
                                  "TargetDBSnapshotIdentifier"),
        ("rds", "ClusterSnapshotName"): ("DBClusterSnapshotIdentifier",
                                         "SourceDBClusterSnapshotIdentifier",
                                         "TargetDBClusterSnapshotIdentifier"),
        ("rds", "SubnetGroupName"): ("DBSubnetGroupName",),
        ("rds", "ParameterGroupName"): ("DBParameterGroupName",),
        ("rds", "ClusterParameterGroupName"): ("DBClusterParameterGroupName",),
        ("sns", "TopicName"): ("TopicArn", "Name"),
        ("sqs", "QueueName"): ("QueueName",),
        ("ssm", "ParameterNameWithoutLeadingSlash"): ("Name", "Names", "Path"),
    }
)  # fmt: skip
"""The members that name a placeholder, by prefix and placeholder: these and no others."""

DEFAULTS: Final = MappingProxyType(
    {("ecs", "ClusterName"): "default", ("events", "EventBusName"): "default"}
)
"""What a service takes where a request names nothing."""

OWNERS: Final = MappingProxyType({"ecr": "registryId", "glue": "CatalogId"})
"""The member that names the account whose resources are meant."""

_HIDDEN: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    # The reference marks them as not required; EC2 asks for them all the same.
    {"ec2:RunInstances": frozenset({"volume"})}
)


def hidden_types(action: str) -> frozenset[str]:
    """Return the resource types that an action needs though they are not marked as required."""
    return _HIDDEN.get(action, frozenset())
