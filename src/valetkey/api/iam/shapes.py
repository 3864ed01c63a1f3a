"""Typed shapes of the offered operations, from botocore's `iam` 2010-05-08.

Written by `tools/generate_shapes.py`: change that, not this. Members without `NotRequired` are
required by the model. Timestamps are seconds since 1970.
"""

from typing import Literal, NotRequired, TypedDict

PermissionsBoundaryAttachmentType = Literal["PermissionsBoundaryPolicy"]
PolicyScopeType = Literal["All", "AWS", "Local"]
PolicyUsageType = Literal["PermissionsPolicy", "PermissionsBoundary"]
EntityType = Literal["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"]
StatusType = Literal["Active", "Inactive", "Expired"]
ContextKeyTypeEnum = Literal[
    "string",
    "stringList",
    "numeric",
    "numericList",
    "boolean",
    "booleanList",
    "ip",
    "ipList",
    "binary",
    "binaryList",
    "date",
    "dateList",
]
PolicyEvaluationDecisionType = Literal["allowed", "explicitDeny", "implicitDeny"]
PolicySourceType = Literal[
    "user",
    "group",
    "role",
    "aws-managed",
    "user-managed",
    "resource",
    "none",
]
PolicyIdentifierPolicyType = Literal[
    "inline",
    "aws-managed",
    "user-managed",
    "permission-boundary",
    "scp",
    "rcp",
]
AttachmentType = Literal["user", "group", "role"]
SummaryKeyType = Literal[
    "Users",
    "UsersQuota",
    "Groups",
    "GroupsQuota",
    "ServerCertificates",
    "ServerCertificatesQuota",
    "UserPolicySizeQuota",
    "GroupPolicySizeQuota",
    "GroupsPerUserQuota",
    "SigningCertificatesPerUserQuota",
    "AccessKeysPerUserQuota",
    "MFADevices",
    "MFADevicesInUse",
    "AccountMFAEnabled",
    "AccountAccessKeysPresent",
    "AccountPasswordPresent",
    "AccountSigningCertificatesPresent",
    "AttachedPoliciesPerGroupQuota",
    "AttachedPoliciesPerRoleQuota",
    "AttachedPoliciesPerUserQuota",
    "Policies",
    "PoliciesQuota",
    "PolicySizeQuota",
    "PolicyVersionsInUse",
    "PolicyVersionsInUseQuota",
    "VersionsPerPolicyQuota",
    "GlobalEndpointTokenVersion",
    "AssumeRolePolicySizeQuota",
    "InstanceProfiles",
    "InstanceProfilesQuota",
    "Providers",
    "RolePolicySizeQuota",
    "Roles",
    "RolesQuota",
]


class Tag(TypedDict):
    """Within `CreateOpenIDConnectProviderRequest` and 17 more."""

    Key: str
    Value: str


class ContextProviderKeyDefinition(TypedDict):
    """Within `ContextProvider`."""

    SourceKey: str
    TargetKey: NotRequired[str]


class ContextProvider(TypedDict):
    """Within `CreateOpenIDConnectProviderRequest` and 1 more."""

    KeyDefinitionList: NotRequired[list[ContextProviderKeyDefinition]]
    SubjectSourceKey: str
    SubjectTypeValue: NotRequired[str]
    SubjectTypeSourceKey: NotRequired[str]


class CreateOpenIDConnectProviderRequest(TypedDict):
    """Input of `CreateOpenIDConnectProvider`."""

    Url: str
    ClientIDList: NotRequired[list[str]]
    ThumbprintList: NotRequired[list[str]]
    Tags: NotRequired[list[Tag]]
    ContextProvider: NotRequired[ContextProvider]
    IdentityCenterInstanceArn: NotRequired[str]


class CreateOpenIDConnectProviderResponse(TypedDict):
    """Output of `CreateOpenIDConnectProvider`."""

    OpenIDConnectProviderArn: NotRequired[str]
    Tags: NotRequired[list[Tag]]


class GetOpenIDConnectProviderRequest(TypedDict):
    """Input of `GetOpenIDConnectProvider`."""

    OpenIDConnectProviderArn: str


class GetOpenIDConnectProviderResponse(TypedDict):
    """Output of `GetOpenIDConnectProvider`."""

    Url: NotRequired[str]
    ClientIDList: NotRequired[list[str]]
    ThumbprintList: NotRequired[list[str]]
    CreateDate: NotRequired[float]
    Tags: NotRequired[list[Tag]]
    ContextProvider: NotRequired[ContextProvider]
    IdentityCenterInstanceArn: NotRequired[str]
    IdentityStoreArn: NotRequired[str]


class ListOpenIDConnectProvidersRequest(TypedDict):
    """Input of `ListOpenIDConnectProviders`."""


class OpenIDConnectProviderListEntry(TypedDict):
    """Within `ListOpenIDConnectProvidersResponse`."""

    Arn: NotRequired[str]
    IsTrustedIdentityPropagationEnabled: NotRequired[bool]


class ListOpenIDConnectProvidersResponse(TypedDict):
    """Output of `ListOpenIDConnectProviders`."""

    OpenIDConnectProviderList: NotRequired[list[OpenIDConnectProviderListEntry]]


class DeleteOpenIDConnectProviderRequest(TypedDict):
    """Input of `DeleteOpenIDConnectProvider`."""

    OpenIDConnectProviderArn: str


class AddClientIDToOpenIDConnectProviderRequest(TypedDict):
    """Input of `AddClientIDToOpenIDConnectProvider`."""

    OpenIDConnectProviderArn: str
    ClientID: str


class RemoveClientIDFromOpenIDConnectProviderRequest(TypedDict):
    """Input of `RemoveClientIDFromOpenIDConnectProvider`."""

    OpenIDConnectProviderArn: str
    ClientID: str


class UpdateOpenIDConnectProviderThumbprintRequest(TypedDict):
    """Input of `UpdateOpenIDConnectProviderThumbprint`."""

    OpenIDConnectProviderArn: str
    ThumbprintList: list[str]


class TagOpenIDConnectProviderRequest(TypedDict):
    """Input of `TagOpenIDConnectProvider`."""

    OpenIDConnectProviderArn: str
    Tags: list[Tag]


class UntagOpenIDConnectProviderRequest(TypedDict):
    """Input of `UntagOpenIDConnectProvider`."""

    OpenIDConnectProviderArn: str
    TagKeys: list[str]


class ListOpenIDConnectProviderTagsRequest(TypedDict):
    """Input of `ListOpenIDConnectProviderTags`."""

    OpenIDConnectProviderArn: str
    Marker: NotRequired[str]
    MaxItems: NotRequired[int]


class ListOpenIDConnectProviderTagsResponse(TypedDict):
    """Output of `ListOpenIDConnectProviderTags`."""

    Tags: list[Tag]
    IsTruncated: NotRequired[bool]
    Marker: NotRequired[str]


class CreateRoleRequest(TypedDict):
    """Input of `CreateRole`."""

    Path: NotRequired[str]
    RoleName: str
    AssumeRolePolicyDocument: str
    Description: NotRequired[str]
    MaxSessionDuration: NotRequired[int]
    MaxSigninSessionDuration: NotRequired[int]
    PermissionsBoundary: NotRequired[str]
    Tags: NotRequired[list[Tag]]


class AttachedPermissionsBoundary(TypedDict):
    """Within `Role` and 1 more."""

    PermissionsBoundaryType: NotRequired[PermissionsBoundaryAttachmentType]
    PermissionsBoundaryArn: NotRequired[str]


class RoleLastUsed(TypedDict):
    """Within `Role`."""

    LastUsedDate: NotRequired[float]
    Region: NotRequired[str]


class SourceRoleTemplate(TypedDict):
    """Within `Role`."""

    TemplateArn: str
    TemplateMinorVersion: int


class Role(TypedDict):
    """Within `CreateRoleResponse` and 4 more."""

    Path: str
    RoleName: str
    RoleId: str
    Arn: str
    CreateDate: float
    AssumeRolePolicyDocument: NotRequired[str]
    Description: NotRequired[str]
    MaxSessionDuration: NotRequired[int]
    MaxSigninSessionDuration: NotRequired[int]
    PermissionsBoundary: NotRequired[AttachedPermissionsBoundary]
    Tags: NotRequired[list[Tag]]
    RoleLastUsed: NotRequired[RoleLastUsed]
    SourceRoleTemplate: NotRequired[SourceRoleTemplate]


class CreateRoleResponse(TypedDict):
    """Output of `CreateRole`."""

    Role: Role


class GetRoleRequest(TypedDict):
    """Input of `GetRole`."""

    RoleName: str


class GetRoleResponse(TypedDict):
    """Output of `GetRole`."""

    Role: Role


class ListRolesRequest(TypedDict):
    """Input of `ListRoles`."""

    PathPrefix: NotRequired[str]
    Marker: NotRequired[str]
    MaxItems: NotRequired[int]


class ListRolesResponse(TypedDict):
    """Output of `ListRoles`."""

    Roles: list[Role]
    IsTruncated: NotRequired[bool]
    Marker: NotRequired[str]


class UpdateRoleRequest(TypedDict):
    """Input of `UpdateRole`."""

    RoleName: str
    Description: NotRequired[str]
    MaxSessionDuration: NotRequired[int]
    MaxSigninSessionDuration: NotRequired[int]
    ResetMaxSigninSessionDuration: NotRequired[bool]


class UpdateRoleResponse(TypedDict):
    """Output of `UpdateRole`."""


class UpdateRoleDescriptionRequest(TypedDict):
    """Input of `UpdateRoleDescription`."""

    RoleName: str
    Description: str


class UpdateRoleDescriptionResponse(TypedDict):
    """Output of `UpdateRoleDescription`."""

    Role: NotRequired[Role]


class DeleteRoleRequest(TypedDict):
    """Input of `DeleteRole`."""

    RoleName: str


class UpdateAssumeRolePolicyRequest(TypedDict):
    """Input of `UpdateAssumeRolePolicy`."""

    RoleName: str
    PolicyDocument: str


class PutRolePolicyRequest(TypedDict):
    """Input of `PutRolePolicy`."""

    RoleName: str
    PolicyName: str
    PolicyDocument: str


class GetRolePolicyRequest(TypedDict):
    """Input of `GetRolePolicy`."""

    RoleName: str
    PolicyName: str


class GetRolePolicyResponse(TypedDict):
    """Output of `GetRolePolicy`."""

    RoleName: str
    PolicyName: str
    PolicyDocument: str


class DeleteRolePolicyRequest(TypedDict):
    """Input of `DeleteRolePolicy`."""

    RoleName: str
    PolicyName: str


class ListRolePoliciesRequest(TypedDict):
    """Input of `ListRolePolicies`."""

    RoleName: str
    Marker: NotRequired[str]
    MaxItems: NotRequired[int]


class ListRolePoliciesResponse(TypedDict):
    """Output of `ListRolePolicies`."""

    PolicyNames: list[str]
    IsTruncated: NotRequired[bool]
    Marker: NotRequired[str]


class AttachRolePolicyRequest(TypedDict):
    """Input of `AttachRolePolicy`."""

    RoleName: str
    PolicyArn: str


class DetachRolePolicyRequest(TypedDict):
    """Input of `DetachRolePolicy`."""

    RoleName: str
    PolicyArn: str


class ListAttachedRolePoliciesRequest(TypedDict):
    """Input of `ListAttachedRolePolicies`."""

    RoleName: str
    PathPrefix: NotRequired[str]
    Marker: NotRequired[str]
    MaxItems: NotRequired[int]


class AttachedPolicy(TypedDict):
    """Within `ListAttachedRolePoliciesResponse` and 1 more."""

    PolicyName: NotRequired[str]
    PolicyArn: NotRequired[str]


class ListAttachedRolePoliciesResponse(TypedDict):
    """Output of `ListAttachedRolePolicies`."""

    AttachedPolicies: NotRequired[list[AttachedPolicy]]
    IsTruncated: NotRequired[bool]
    Marker: NotRequired[str]


class TagRoleRequest(TypedDict):
    """Input of `TagRole`."""

    RoleName: str
    Tags: list[Tag]


class UntagRoleRequest(TypedDict):
    """Input of `UntagRole`."""

    RoleName: str
    TagKeys: list[str]


class ListRoleTagsRequest(TypedDict):
    """Input of `ListRoleTags`."""

    RoleName: str
    Marker: NotRequired[str]
    MaxItems: NotRequired[int]


class ListRoleTagsResponse(TypedDict):
    """Output of `ListRoleTags`."""

    Tags: list[Tag]
    IsTruncated: NotRequired[bool]
    Marker: NotRequired[str]


class PutRolePermissionsBoundaryRequest(TypedDict):
    """Input of `PutRolePermissionsBoundary`."""

    RoleName: str
    PermissionsBoundary: str


class DeleteRolePermissionsBoundaryRequest(TypedDict):
    """Input of `DeleteRolePermissionsBoundary`."""

    RoleName: str


class ListInstanceProfilesForRoleRequest(TypedDict):
    """Input of `ListInstanceProfilesForRole`."""

    RoleName: str
    Marker: NotRequired[str]
    MaxItems: NotRequired[int]


class InstanceProfile(TypedDict):
    """Within `ListInstanceProfilesForRoleResponse`."""

    Path: str
    InstanceProfileName: str
    InstanceProfileId: str
    Arn: str
    CreateDate: float
    Roles: list[Role]
    Tags: NotRequired[list[Tag]]


class ListInstanceProfilesForRoleResponse(TypedDict):
    """Output of `ListInstanceProfilesForRole`."""

    InstanceProfiles: list[InstanceProfile]
    IsTruncated: NotRequired[bool]
    Marker: NotRequired[str]


class CreatePolicyRequest(TypedDict):
    """Input of `CreatePolicy`."""

    PolicyName: str
    Path: NotRequired[str]
    PolicyDocument: str
    Description: NotRequired[str]
    Tags: NotRequired[list[Tag]]


class Policy(TypedDict):
    """Within `CreatePolicyResponse` and 2 more."""

    PolicyName: NotRequired[str]
    PolicyId: NotRequired[str]
    Arn: NotRequired[str]
    Path: NotRequired[str]
    DefaultVersionId: NotRequired[str]
    AttachmentCount: NotRequired[int]
    PermissionsBoundaryUsageCount: NotRequired[int]
    IsAttachable: NotRequired[bool]
    Description: NotRequired[str]
    CreateDate: NotRequired[float]
    UpdateDate: NotRequired[float]
    Tags: NotRequired[list[Tag]]


class CreatePolicyResponse(TypedDict):
    """Output of `CreatePolicy`."""

    Policy: NotRequired[Policy]


class GetPolicyRequest(TypedDict):
    """Input of `GetPolicy`."""

    PolicyArn: str


class GetPolicyResponse(TypedDict):
    """Output of `GetPolicy`."""

    Policy: NotRequired[Policy]


class ListPoliciesRequest(TypedDict):
    """Input of `ListPolicies`."""

    Scope: NotRequired[PolicyScopeType]
    OnlyAttached: NotRequired[bool]
    PathPrefix: NotRequired[str]
    PolicyUsageFilter: NotRequired[PolicyUsageType]
    Marker: NotRequired[str]
    MaxItems: NotRequired[int]


class ListPoliciesResponse(TypedDict):
    """Output of `ListPolicies`."""

    Policies: NotRequired[list[Policy]]
    IsTruncated: NotRequired[bool]
    Marker: NotRequired[str]


class DeletePolicyRequest(TypedDict):
    """Input of `DeletePolicy`."""

    PolicyArn: str


class CreatePolicyVersionRequest(TypedDict):
    """Input of `CreatePolicyVersion`."""

    PolicyArn: str
    PolicyDocument: str
    SetAsDefault: NotRequired[bool]


class PolicyVersion(TypedDict):
    """Within `CreatePolicyVersionResponse` and 2 more."""

    Document: NotRequired[str]
    VersionId: NotRequired[str]
    IsDefaultVersion: NotRequired[bool]
    CreateDate: NotRequired[float]


class CreatePolicyVersionResponse(TypedDict):
    """Output of `CreatePolicyVersion`."""

    PolicyVersion: NotRequired[PolicyVersion]


class GetPolicyVersionRequest(TypedDict):
    """Input of `GetPolicyVersion`."""

    PolicyArn: str
    VersionId: str


class GetPolicyVersionResponse(TypedDict):
    """Output of `GetPolicyVersion`."""

    PolicyVersion: NotRequired[PolicyVersion]


class ListPolicyVersionsRequest(TypedDict):
    """Input of `ListPolicyVersions`."""

    PolicyArn: str
    Marker: NotRequired[str]
    MaxItems: NotRequired[int]


class ListPolicyVersionsResponse(TypedDict):
    """Output of `ListPolicyVersions`."""

    Versions: NotRequired[list[PolicyVersion]]
    IsTruncated: NotRequired[bool]
    Marker: NotRequired[str]


class DeletePolicyVersionRequest(TypedDict):
    """Input of `DeletePolicyVersion`."""

    PolicyArn: str
    VersionId: str


class SetDefaultPolicyVersionRequest(TypedDict):
    """Input of `SetDefaultPolicyVersion`."""

    PolicyArn: str
    VersionId: str


class ListEntitiesForPolicyRequest(TypedDict):
    """Input of `ListEntitiesForPolicy`."""

    PolicyArn: str
    EntityFilter: NotRequired[EntityType]
    PathPrefix: NotRequired[str]
    PolicyUsageFilter: NotRequired[PolicyUsageType]
    Marker: NotRequired[str]
    MaxItems: NotRequired[int]


class PolicyGroup(TypedDict):
    """Within `ListEntitiesForPolicyResponse`."""

    GroupName: NotRequired[str]
    GroupId: NotRequired[str]


class PolicyUser(TypedDict):
    """Within `ListEntitiesForPolicyResponse`."""

    UserName: NotRequired[str]
    UserId: NotRequired[str]


class PolicyRole(TypedDict):
    """Within `ListEntitiesForPolicyResponse`."""

    RoleName: NotRequired[str]
    RoleId: NotRequired[str]


class ListEntitiesForPolicyResponse(TypedDict):
    """Output of `ListEntitiesForPolicy`."""

    PolicyGroups: NotRequired[list[PolicyGroup]]
    PolicyUsers: NotRequired[list[PolicyUser]]
    PolicyRoles: NotRequired[list[PolicyRole]]
    IsTruncated: NotRequired[bool]
    Marker: NotRequired[str]


class TagPolicyRequest(TypedDict):
    """Input of `TagPolicy`."""

    PolicyArn: str
    Tags: list[Tag]


class UntagPolicyRequest(TypedDict):
    """Input of `UntagPolicy`."""

    PolicyArn: str
    TagKeys: list[str]


class ListPolicyTagsRequest(TypedDict):
    """Input of `ListPolicyTags`."""

    PolicyArn: str
    Marker: NotRequired[str]
    MaxItems: NotRequired[int]


class ListPolicyTagsResponse(TypedDict):
    """Output of `ListPolicyTags`."""

    Tags: list[Tag]
    IsTruncated: NotRequired[bool]
    Marker: NotRequired[str]


class CreateUserRequest(TypedDict):
    """Input of `CreateUser`."""

    Path: NotRequired[str]
    UserName: str
    PermissionsBoundary: NotRequired[str]
    Tags: NotRequired[list[Tag]]


class User(TypedDict):
    """Within `CreateUserResponse` and 2 more."""

    Path: str
    UserName: str
    UserId: str
    Arn: str
    CreateDate: float
    PasswordLastUsed: NotRequired[float]
    PermissionsBoundary: NotRequired[AttachedPermissionsBoundary]
    Tags: NotRequired[list[Tag]]


class CreateUserResponse(TypedDict):
    """Output of `CreateUser`."""

    User: NotRequired[User]


class GetUserRequest(TypedDict):
    """Input of `GetUser`."""

    UserName: NotRequired[str]


class GetUserResponse(TypedDict):
    """Output of `GetUser`."""

    User: User


class ListUsersRequest(TypedDict):
    """Input of `ListUsers`."""

    PathPrefix: NotRequired[str]
    Marker: NotRequired[str]
    MaxItems: NotRequired[int]


class ListUsersResponse(TypedDict):
    """Output of `ListUsers`."""

    Users: list[User]
    IsTruncated: NotRequired[bool]
    Marker: NotRequired[str]


class UpdateUserRequest(TypedDict):
    """Input of `UpdateUser`."""

    UserName: str
    NewPath: NotRequired[str]
    NewUserName: NotRequired[str]


class DeleteUserRequest(TypedDict):
    """Input of `DeleteUser`."""

    UserName: str


class CreateAccessKeyRequest(TypedDict):
    """Input of `CreateAccessKey`."""

    UserName: NotRequired[str]


class AccessKey(TypedDict):
    """Within `CreateAccessKeyResponse`."""

    UserName: str
    AccessKeyId: str
    Status: StatusType
    SecretAccessKey: str
    CreateDate: NotRequired[float]


class CreateAccessKeyResponse(TypedDict):
    """Output of `CreateAccessKey`."""

    AccessKey: AccessKey


class ListAccessKeysRequest(TypedDict):
    """Input of `ListAccessKeys`."""

    UserName: NotRequired[str]
    Marker: NotRequired[str]
    MaxItems: NotRequired[int]


class AccessKeyMetadata(TypedDict):
    """Within `ListAccessKeysResponse`."""

    UserName: NotRequired[str]
    AccessKeyId: NotRequired[str]
    Status: NotRequired[StatusType]
    CreateDate: NotRequired[float]


class ListAccessKeysResponse(TypedDict):
    """Output of `ListAccessKeys`."""

    AccessKeyMetadata: list[AccessKeyMetadata]
    IsTruncated: NotRequired[bool]
    Marker: NotRequired[str]


class UpdateAccessKeyRequest(TypedDict):
    """Input of `UpdateAccessKey`."""

    UserName: NotRequired[str]
    AccessKeyId: str
    Status: StatusType


class DeleteAccessKeyRequest(TypedDict):
    """Input of `DeleteAccessKey`."""

    UserName: NotRequired[str]
    AccessKeyId: str


class PutUserPolicyRequest(TypedDict):
    """Input of `PutUserPolicy`."""

    UserName: str
    PolicyName: str
    PolicyDocument: str


class GetUserPolicyRequest(TypedDict):
    """Input of `GetUserPolicy`."""

    UserName: str
    PolicyName: str


class GetUserPolicyResponse(TypedDict):
    """Output of `GetUserPolicy`."""

    UserName: str
    PolicyName: str
    PolicyDocument: str


class DeleteUserPolicyRequest(TypedDict):
    """Input of `DeleteUserPolicy`."""

    UserName: str
    PolicyName: str


class ListUserPoliciesRequest(TypedDict):
    """Input of `ListUserPolicies`."""

    UserName: str
    Marker: NotRequired[str]
    MaxItems: NotRequired[int]


class ListUserPoliciesResponse(TypedDict):
    """Output of `ListUserPolicies`."""

    PolicyNames: list[str]
    IsTruncated: NotRequired[bool]
    Marker: NotRequired[str]


class AttachUserPolicyRequest(TypedDict):
    """Input of `AttachUserPolicy`."""

    UserName: str
    PolicyArn: str


class DetachUserPolicyRequest(TypedDict):
    """Input of `DetachUserPolicy`."""

    UserName: str
    PolicyArn: str


class ListAttachedUserPoliciesRequest(TypedDict):
    """Input of `ListAttachedUserPolicies`."""

    UserName: str
    PathPrefix: NotRequired[str]
    Marker: NotRequired[str]
    MaxItems: NotRequired[int]


class ListAttachedUserPoliciesResponse(TypedDict):
    """Output of `ListAttachedUserPolicies`."""

    AttachedPolicies: NotRequired[list[AttachedPolicy]]
    IsTruncated: NotRequired[bool]
    Marker: NotRequired[str]


class TagUserRequest(TypedDict):
    """Input of `TagUser`."""

    UserName: str
    Tags: list[Tag]


class UntagUserRequest(TypedDict):
    """Input of `UntagUser`."""

    UserName: str
    TagKeys: list[str]


class ListUserTagsRequest(TypedDict):
    """Input of `ListUserTags`."""

    UserName: str
    Marker: NotRequired[str]
    MaxItems: NotRequired[int]


class ListUserTagsResponse(TypedDict):
    """Output of `ListUserTags`."""

    Tags: list[Tag]
    IsTruncated: NotRequired[bool]
    Marker: NotRequired[str]


class PutUserPermissionsBoundaryRequest(TypedDict):
    """Input of `PutUserPermissionsBoundary`."""

    UserName: str
    PermissionsBoundary: str


class DeleteUserPermissionsBoundaryRequest(TypedDict):
    """Input of `DeleteUserPermissionsBoundary`."""

    UserName: str


class ListGroupsForUserRequest(TypedDict):
    """Input of `ListGroupsForUser`."""

    UserName: str
    Marker: NotRequired[str]
    MaxItems: NotRequired[int]


class Group(TypedDict):
    """Within `ListGroupsForUserResponse`."""

    Path: str
    GroupName: str
    GroupId: str
    Arn: str
    CreateDate: float


class ListGroupsForUserResponse(TypedDict):
    """Output of `ListGroupsForUser`."""

    Groups: list[Group]
    IsTruncated: NotRequired[bool]
    Marker: NotRequired[str]


class OrderedOrganizationPolicyType(TypedDict):
    """Within `SimulateCustomPolicyRequest`."""

    ServiceControlPolicyInputList: NotRequired[list[str]]


class ContextEntry(TypedDict):
    """Within `SimulateCustomPolicyRequest` and 1 more."""

    ContextKeyName: NotRequired[str]
    ContextKeyValues: NotRequired[list[str]]
    ContextKeyType: NotRequired[ContextKeyTypeEnum]


class SimulateCustomPolicyRequest(TypedDict):
    """Input of `SimulateCustomPolicy`."""

    PolicyInputList: list[str]
    PermissionsBoundaryPolicyInputList: NotRequired[list[str]]
    OrderedOrganizationPolicyInputList: NotRequired[list[OrderedOrganizationPolicyType]]
    ActionNames: list[str]
    ResourceArns: NotRequired[list[str]]
    ResourcePolicy: NotRequired[str]
    ResourceOwner: NotRequired[str]
    CallerArn: NotRequired[str]
    ContextEntries: NotRequired[list[ContextEntry]]
    ResourceHandlingOption: NotRequired[str]
    MaxItems: NotRequired[int]
    Marker: NotRequired[str]


class Position(TypedDict):
    """Within `Statement`."""

    Line: NotRequired[int]
    Column: NotRequired[int]


class Statement(TypedDict):
    """Within `ResourceSpecificResult` and 1 more."""

    SourcePolicyId: NotRequired[str]
    SourcePolicyType: NotRequired[PolicySourceType]
    StartPosition: NotRequired[Position]
    EndPosition: NotRequired[Position]


class OrganizationsDecisionDetail(TypedDict):
    """Within `EvaluationResult`."""

    AllowedByOrganizations: NotRequired[bool]


class PermissionsBoundaryDecisionDetail(TypedDict):
    """Within `ResourceSpecificResult` and 1 more."""

    AllowedByPermissionsBoundary: NotRequired[bool]


class ResourceSpecificResult(TypedDict):
    """Within `EvaluationResult`."""

    EvalResourceName: str
    EvalResourceDecision: PolicyEvaluationDecisionType
    MatchedStatements: NotRequired[list[Statement]]
    MissingContextValues: NotRequired[list[str]]
    EvalDecisionDetails: NotRequired[dict[str, PolicyEvaluationDecisionType]]
    PermissionsBoundaryDecisionDetail: NotRequired[PermissionsBoundaryDecisionDetail]


class EvaluationResult(TypedDict):
    """Within `SimulatePolicyResponse`."""

    EvalActionName: str
    EvalResourceName: NotRequired[str]
    EvalDecision: PolicyEvaluationDecisionType
    MatchedStatements: NotRequired[list[Statement]]
    MissingContextValues: NotRequired[list[str]]
    OrganizationsDecisionDetail: NotRequired[OrganizationsDecisionDetail]
    PermissionsBoundaryDecisionDetail: NotRequired[PermissionsBoundaryDecisionDetail]
    EvalDecisionDetails: NotRequired[dict[str, PolicyEvaluationDecisionType]]
    ResourceSpecificResults: NotRequired[list[ResourceSpecificResult]]


class SimulatePolicyResponse(TypedDict):
    """Output of `SimulatePrincipalPolicy`."""

    EvaluationResults: NotRequired[list[EvaluationResult]]
    IsTruncated: NotRequired[bool]
    Marker: NotRequired[str]


class InlinePolicyIdentifierType(TypedDict):
    """Within `PolicyIdentifier`."""

    PolicyName: str
    AttachmentType: AttachmentType
    AttachmentName: str


class PolicyIdentifier(TypedDict):
    """Within `SimulatePrincipalPolicyRequest`."""

    PolicyType: NotRequired[PolicyIdentifierPolicyType]
    PolicyArn: NotRequired[str]
    InlinePolicyIdentifier: NotRequired[InlinePolicyIdentifierType]


class SimulatePrincipalPolicyRequest(TypedDict):
    """Input of `SimulatePrincipalPolicy`."""

    PolicySourceArn: str
    PolicyInputList: NotRequired[list[str]]
    PermissionsBoundaryPolicyInputList: NotRequired[list[str]]
    PolicyExclusionList: NotRequired[list[PolicyIdentifier]]
    ActionNames: list[str]
    ResourceArns: NotRequired[list[str]]
    ResourcePolicy: NotRequired[str]
    ResourceOwner: NotRequired[str]
    CallerArn: NotRequired[str]
    ContextEntries: NotRequired[list[ContextEntry]]
    ResourceHandlingOption: NotRequired[str]
    MaxItems: NotRequired[int]
    Marker: NotRequired[str]


class GetContextKeysForCustomPolicyRequest(TypedDict):
    """Input of `GetContextKeysForCustomPolicy`."""

    PolicyInputList: list[str]


class GetContextKeysForPolicyResponse(TypedDict):
    """Output of `GetContextKeysForPrincipalPolicy`."""

    ContextKeyNames: NotRequired[list[str]]


class GetContextKeysForPrincipalPolicyRequest(TypedDict):
    """Input of `GetContextKeysForPrincipalPolicy`."""

    PolicySourceArn: str
    PolicyInputList: NotRequired[list[str]]


class GetAccountSummaryResponse(TypedDict):
    """Output of `GetAccountSummary`."""

    SummaryMap: NotRequired[dict[SummaryKeyType, int]]


class ListAccountAliasesRequest(TypedDict):
    """Input of `ListAccountAliases`."""

    Marker: NotRequired[str]
    MaxItems: NotRequired[int]


class ListAccountAliasesResponse(TypedDict):
    """Output of `ListAccountAliases`."""

    AccountAliases: list[str]
    IsTruncated: NotRequired[bool]
    Marker: NotRequired[str]
