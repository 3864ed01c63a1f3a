"""Typed shapes of the offered operations, from botocore's `secretsmanager` 2017-10-17.

Written by `tools/generate_shapes.py`: change that, not this. Members without `NotRequired` are
required by the model. Timestamps are seconds since 1970.
"""

from typing import Literal, NotRequired, TypedDict

StatusType = Literal["InSync", "Failed", "InProgress", "Pending", "Detached"]
FilterNameStringType = Literal[
    "description",
    "name",
    "tag-key",
    "tag-value",
    "primary-region",
    "owning-service",
    "all",
]
SortOrderType = Literal["asc", "desc"]
SortByType = Literal["created-date", "last-accessed-date", "last-changed-date", "name"]


class Tag(TypedDict):
    """Within `CreateSecretRequest` and 3 more."""

    Key: NotRequired[str]
    Value: NotRequired[str]


class ReplicaRegionType(TypedDict):
    """Within `CreateSecretRequest`."""

    Region: NotRequired[str]
    KmsKeyId: NotRequired[str]


class CreateSecretRequest(TypedDict):
    """Input of `CreateSecret`."""

    Name: str
    ClientRequestToken: NotRequired[str]
    Description: NotRequired[str]
    KmsKeyId: NotRequired[str]
    SecretBinary: NotRequired[bytes]
    SecretString: NotRequired[str]
    Tags: NotRequired[list[Tag]]
    AddReplicaRegions: NotRequired[list[ReplicaRegionType]]
    ForceOverwriteReplicaSecret: NotRequired[bool]
    Type: NotRequired[str]
    CrossAccountPrimaryARN: NotRequired[str]


class ReplicationStatusType(TypedDict):
    """Within `CreateSecretResponse` and 1 more."""

    Region: NotRequired[str]
    KmsKeyId: NotRequired[str]
    Status: NotRequired[StatusType]
    StatusMessage: NotRequired[str]
    LastAccessedDate: NotRequired[float]


class CreateSecretResponse(TypedDict):
    """Output of `CreateSecret`."""

    ARN: NotRequired[str]
    Name: NotRequired[str]
    VersionId: NotRequired[str]
    ReplicationStatus: NotRequired[list[ReplicationStatusType]]


class GetSecretValueRequest(TypedDict):
    """Input of `GetSecretValue`."""

    SecretId: str
    VersionId: NotRequired[str]
    VersionStage: NotRequired[str]


class GetSecretValueResponse(TypedDict):
    """Output of `GetSecretValue`."""

    ARN: NotRequired[str]
    Name: NotRequired[str]
    VersionId: NotRequired[str]
    SecretBinary: NotRequired[bytes]
    SecretString: NotRequired[str]
    VersionStages: NotRequired[list[str]]
    CreatedDate: NotRequired[float]


class PutSecretValueRequest(TypedDict):
    """Input of `PutSecretValue`."""

    SecretId: str
    ClientRequestToken: NotRequired[str]
    SecretBinary: NotRequired[bytes]
    SecretString: NotRequired[str]
    VersionStages: NotRequired[list[str]]
    RotationToken: NotRequired[str]


class PutSecretValueResponse(TypedDict):
    """Output of `PutSecretValue`."""

    ARN: NotRequired[str]
    Name: NotRequired[str]
    VersionId: NotRequired[str]
    VersionStages: NotRequired[list[str]]


class DescribeSecretRequest(TypedDict):
    """Input of `DescribeSecret`."""

    SecretId: str


class RotationRulesType(TypedDict):
    """Within `DescribeSecretResponse` and 1 more."""

    AutomaticallyAfterDays: NotRequired[int]
    Duration: NotRequired[str]
    ScheduleExpression: NotRequired[str]


class ExternalSecretRotationMetadataItem(TypedDict):
    """Within `DescribeSecretResponse` and 1 more."""

    Key: NotRequired[str]
    Value: NotRequired[str]


class CrossAccountPrimaryType(TypedDict):
    """Within `DescribeSecretResponse`."""

    PrimarySecretARN: NotRequired[str]
    ReplicationStatus: NotRequired[StatusType]
    StatusMessage: NotRequired[str]


class CrossAccountReplicaEntry(TypedDict):
    """Within `DescribeSecretResponse`."""

    ReplicaSecretARN: NotRequired[str]
    ReplicationRoleARN: NotRequired[str]
    ReplicationStatus: NotRequired[StatusType]
    StatusMessage: NotRequired[str]


class DescribeSecretResponse(TypedDict):
    """Output of `DescribeSecret`."""

    ARN: NotRequired[str]
    Name: NotRequired[str]
    Type: NotRequired[str]
    Description: NotRequired[str]
    KmsKeyId: NotRequired[str]
    RotationEnabled: NotRequired[bool]
    RotationLambdaARN: NotRequired[str]
    RotationRules: NotRequired[RotationRulesType]
    ExternalSecretRotationMetadata: NotRequired[list[ExternalSecretRotationMetadataItem]]
    ExternalSecretRotationRoleArn: NotRequired[str]
    LastRotatedDate: NotRequired[float]
    LastChangedDate: NotRequired[float]
    LastAccessedDate: NotRequired[float]
    DeletedDate: NotRequired[float]
    NextRotationDate: NotRequired[float]
    Tags: NotRequired[list[Tag]]
    VersionIdsToStages: NotRequired[dict[str, list[str]]]
    OwningService: NotRequired[str]
    CreatedDate: NotRequired[float]
    PrimaryRegion: NotRequired[str]
    ReplicationStatus: NotRequired[list[ReplicationStatusType]]
    CrossAccountPrimary: NotRequired[CrossAccountPrimaryType]
    CrossAccountReplicas: NotRequired[list[CrossAccountReplicaEntry]]


class Filter(TypedDict):
    """Within `ListSecretsRequest`."""

    Key: NotRequired[FilterNameStringType]
    Values: NotRequired[list[str]]


class ListSecretsRequest(TypedDict):
    """Input of `ListSecrets`."""

    IncludePlannedDeletion: NotRequired[bool]
    MaxResults: NotRequired[int]
    NextToken: NotRequired[str]
    Filters: NotRequired[list[Filter]]
    SortOrder: NotRequired[SortOrderType]
    SortBy: NotRequired[SortByType]


class SecretListEntry(TypedDict):
    """Within `ListSecretsResponse`."""

    ARN: NotRequired[str]
    Name: NotRequired[str]
    Type: NotRequired[str]
    Description: NotRequired[str]
    KmsKeyId: NotRequired[str]
    RotationEnabled: NotRequired[bool]
    RotationLambdaARN: NotRequired[str]
    RotationRules: NotRequired[RotationRulesType]
    ExternalSecretRotationMetadata: NotRequired[list[ExternalSecretRotationMetadataItem]]
    ExternalSecretRotationRoleArn: NotRequired[str]
    LastRotatedDate: NotRequired[float]
    LastChangedDate: NotRequired[float]
    LastAccessedDate: NotRequired[float]
    DeletedDate: NotRequired[float]
    NextRotationDate: NotRequired[float]
    Tags: NotRequired[list[Tag]]
    SecretVersionsToStages: NotRequired[dict[str, list[str]]]
    OwningService: NotRequired[str]
    CreatedDate: NotRequired[float]
    PrimaryRegion: NotRequired[str]


class ListSecretsResponse(TypedDict):
    """Output of `ListSecrets`."""

    SecretList: NotRequired[list[SecretListEntry]]
    NextToken: NotRequired[str]


class UpdateSecretRequest(TypedDict):
    """Input of `UpdateSecret`."""

    SecretId: str
    ClientRequestToken: NotRequired[str]
    Description: NotRequired[str]
    KmsKeyId: NotRequired[str]
    SecretBinary: NotRequired[bytes]
    SecretString: NotRequired[str]
    Type: NotRequired[str]


class UpdateSecretResponse(TypedDict):
    """Output of `UpdateSecret`."""

    ARN: NotRequired[str]
    Name: NotRequired[str]
    VersionId: NotRequired[str]


class DeleteSecretRequest(TypedDict):
    """Input of `DeleteSecret`."""

    SecretId: str
    RecoveryWindowInDays: NotRequired[int]
    ForceDeleteWithoutRecovery: NotRequired[bool]


class DeleteSecretResponse(TypedDict):
    """Output of `DeleteSecret`."""

    ARN: NotRequired[str]
    Name: NotRequired[str]
    DeletionDate: NotRequired[float]


class RestoreSecretRequest(TypedDict):
    """Input of `RestoreSecret`."""

    SecretId: str


class RestoreSecretResponse(TypedDict):
    """Output of `RestoreSecret`."""

    ARN: NotRequired[str]
    Name: NotRequired[str]


class TagResourceRequest(TypedDict):
    """Input of `TagResource`."""

    SecretId: str
    Tags: list[Tag]


class UntagResourceRequest(TypedDict):
    """Input of `UntagResource`."""

    SecretId: str
    TagKeys: list[str]


class ListSecretVersionIdsRequest(TypedDict):
    """Input of `ListSecretVersionIds`."""

    SecretId: str
    MaxResults: NotRequired[int]
    NextToken: NotRequired[str]
    IncludeDeprecated: NotRequired[bool]


class SecretVersionsListEntry(TypedDict):
    """Within `ListSecretVersionIdsResponse`."""

    VersionId: NotRequired[str]
    VersionStages: NotRequired[list[str]]
    LastAccessedDate: NotRequired[float]
    CreatedDate: NotRequired[float]
    KmsKeyIds: NotRequired[list[str]]


class ListSecretVersionIdsResponse(TypedDict):
    """Output of `ListSecretVersionIds`."""

    Versions: NotRequired[list[SecretVersionsListEntry]]
    NextToken: NotRequired[str]
    ARN: NotRequired[str]
    Name: NotRequired[str]


class UpdateSecretVersionStageRequest(TypedDict):
    """Input of `UpdateSecretVersionStage`."""

    SecretId: str
    VersionStage: str
    RemoveFromVersionId: NotRequired[str]
    MoveToVersionId: NotRequired[str]


class UpdateSecretVersionStageResponse(TypedDict):
    """Output of `UpdateSecretVersionStage`."""

    ARN: NotRequired[str]
    Name: NotRequired[str]


class GetRandomPasswordRequest(TypedDict):
    """Input of `GetRandomPassword`."""

    PasswordLength: NotRequired[int]
    ExcludeCharacters: NotRequired[str]
    ExcludeNumbers: NotRequired[bool]
    ExcludePunctuation: NotRequired[bool]
    ExcludeUppercase: NotRequired[bool]
    ExcludeLowercase: NotRequired[bool]
    IncludeSpace: NotRequired[bool]
    RequireEachIncludedType: NotRequired[bool]


class GetRandomPasswordResponse(TypedDict):
    """Output of `GetRandomPassword`."""

    RandomPassword: NotRequired[str]


class PutResourcePolicyRequest(TypedDict):
    """Input of `PutResourcePolicy`."""

    SecretId: str
    ResourcePolicy: str
    PolicyName: NotRequired[str]
    BlockPublicPolicy: NotRequired[bool]


class PutResourcePolicyResponse(TypedDict):
    """Output of `PutResourcePolicy`."""

    ARN: NotRequired[str]
    Name: NotRequired[str]
    PolicyName: NotRequired[str]


class GetResourcePolicyRequest(TypedDict):
    """Input of `GetResourcePolicy`."""

    SecretId: str
    PolicyName: NotRequired[str]


class GetResourcePolicyResponse(TypedDict):
    """Output of `GetResourcePolicy`."""

    ARN: NotRequired[str]
    Name: NotRequired[str]
    ResourcePolicy: NotRequired[str]
    PolicyName: NotRequired[str]


class DeleteResourcePolicyRequest(TypedDict):
    """Input of `DeleteResourcePolicy`."""

    SecretId: str
    PolicyName: NotRequired[str]


class DeleteResourcePolicyResponse(TypedDict):
    """Output of `DeleteResourcePolicy`."""

    ARN: NotRequired[str]
    Name: NotRequired[str]
    PolicyName: NotRequired[str]


class ValidateResourcePolicyRequest(TypedDict):
    """Input of `ValidateResourcePolicy`."""

    SecretId: NotRequired[str]
    ResourcePolicy: str


class ValidationErrorsEntry(TypedDict):
    """Within `ValidateResourcePolicyResponse`."""

    CheckName: NotRequired[str]
    ErrorMessage: NotRequired[str]


class ValidateResourcePolicyResponse(TypedDict):
    """Output of `ValidateResourcePolicy`."""

    PolicyValidationPassed: NotRequired[bool]
    ValidationErrors: NotRequired[list[ValidationErrorsEntry]]
