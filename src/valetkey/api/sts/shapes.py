"""Typed shapes of the offered operations, from botocore's `sts` 2011-06-15.

Written by `tools/generate_shapes.py`: change that, not this. Members without `NotRequired` are
required by the model. Timestamps are seconds since 1970.
"""

from typing import NotRequired, TypedDict


class PolicyDescriptorType(TypedDict):
    """Within `AssumeRoleRequest` and 1 more."""

    arn: NotRequired[str]


class Tag(TypedDict):
    """Within `AssumeRoleRequest`."""

    Key: str
    Value: str


class ProvidedContext(TypedDict):
    """Within `AssumeRoleRequest`."""

    ProviderArn: NotRequired[str]
    ContextAssertion: NotRequired[str]


class AssumeRoleRequest(TypedDict):
    """Input of `AssumeRole`."""

    RoleArn: str
    RoleSessionName: str
    PolicyArns: NotRequired[list[PolicyDescriptorType]]
    Policy: NotRequired[str]
    DurationSeconds: NotRequired[int]
    Tags: NotRequired[list[Tag]]
    TransitiveTagKeys: NotRequired[list[str]]
    ExternalId: NotRequired[str]
    SerialNumber: NotRequired[str]
    TokenCode: NotRequired[str]
    SourceIdentity: NotRequired[str]
    ProvidedContexts: NotRequired[list[ProvidedContext]]
    MinimumSessionTokenSize: NotRequired[int]


class Credentials(TypedDict):
    """Within `AssumeRoleResponse` and 1 more."""

    AccessKeyId: str
    SecretAccessKey: str
    SessionToken: str
    Expiration: float


class AssumedRoleUser(TypedDict):
    """Within `AssumeRoleResponse` and 1 more."""

    AssumedRoleId: str
    Arn: str


class AssumeRoleResponse(TypedDict):
    """Output of `AssumeRole`."""

    Credentials: NotRequired[Credentials]
    AssumedRoleUser: NotRequired[AssumedRoleUser]
    PackedPolicySize: NotRequired[int]
    SourceIdentity: NotRequired[str]
    SessionTokenUtilization: NotRequired[int]
    SessionTokenSize: NotRequired[int]


class AssumeRoleWithWebIdentityRequest(TypedDict):
    """Input of `AssumeRoleWithWebIdentity`."""

    RoleArn: str
    RoleSessionName: str
    WebIdentityToken: str
    ProviderId: NotRequired[str]
    PolicyArns: NotRequired[list[PolicyDescriptorType]]
    Policy: NotRequired[str]
    DurationSeconds: NotRequired[int]
    MinimumSessionTokenSize: NotRequired[int]


class OriginIdentity(TypedDict):
    """Within `TrustedIdentityPropagationContext`."""

    Subject: NotRequired[str]
    SubjectType: NotRequired[str]
    Issuer: NotRequired[str]
    FederatedProviderArn: NotRequired[str]


class TransactionContext(TypedDict):
    """Within `TrustedIdentityPropagationContext`."""

    IdentityProvider: NotRequired[dict[str, str]]


class TrustedIdentityPropagationContext(TypedDict):
    """Within `AssumeRoleWithWebIdentityResponse`."""

    OriginIdentity: NotRequired[OriginIdentity]
    TransactionContext: NotRequired[TransactionContext]


class AssumeRoleWithWebIdentityResponse(TypedDict):
    """Output of `AssumeRoleWithWebIdentity`."""

    Credentials: NotRequired[Credentials]
    SubjectFromWebIdentityToken: NotRequired[str]
    AssumedRoleUser: NotRequired[AssumedRoleUser]
    PackedPolicySize: NotRequired[int]
    Provider: NotRequired[str]
    Audience: NotRequired[str]
    SourceIdentity: NotRequired[str]
    SessionTokenUtilization: NotRequired[int]
    SessionTokenSize: NotRequired[int]
    TrustedIdentityPropagationContext: NotRequired[TrustedIdentityPropagationContext]


class GetAccessKeyInfoRequest(TypedDict):
    """Input of `GetAccessKeyInfo`."""

    AccessKeyId: str


class GetAccessKeyInfoResponse(TypedDict):
    """Output of `GetAccessKeyInfo`."""

    Account: NotRequired[str]


class GetCallerIdentityRequest(TypedDict):
    """Input of `GetCallerIdentity`."""


class GetCallerIdentityResponse(TypedDict):
    """Output of `GetCallerIdentity`."""

    UserId: NotRequired[str]
    Account: NotRequired[str]
    Arn: NotRequired[str]
