"""Identity and Access Management: issuers that are trusted, roles, policies, users and keys.

Follows the IAM API reference, version 2010-05-08. IAM's own actions are authorised by policy
like any other.
"""

from collections.abc import Callable
from typing import Any

from valetkey.access import Target
from valetkey.api.iam import access_keys, holders, policies, providers, roles, users
from valetkey.api.iam.summary import get_account_summary
from valetkey.api.operation import Call, Operation, no_target

Targets = Callable[[Call, Any], Target]


def _read(name: str, handler: Any, target: Targets = no_target) -> Operation:
    return Operation(name, handler, f"iam:{name}", target)


def _write(name: str, handler: Any, target: Targets = no_target) -> Operation:
    return Operation(name, handler, f"iam:{name}", target, writes=True)


_PROVIDERS = (
    # A coroutine: it may have to ask the issuer for its certificate chain.
    _read("CreateOpenIDConnectProvider", providers.create, providers.create_target),
    _read("GetOpenIDConnectProvider", providers.get, providers.provider_target),
    _read("ListOpenIDConnectProviders", providers.list_all),
    _write("DeleteOpenIDConnectProvider", providers.delete, providers.provider_target),
    _write(
        "AddClientIDToOpenIDConnectProvider", providers.add_client_id, providers.provider_target
    ),
    _write(
        "RemoveClientIDFromOpenIDConnectProvider",
        providers.remove_client_id,
        providers.provider_target,
    ),
    _write(
        "UpdateOpenIDConnectProviderThumbprint",
        providers.update_thumbprint,
        providers.provider_target,
    ),
    _write("TagOpenIDConnectProvider", providers.tag, providers.provider_target),
    _write("UntagOpenIDConnectProvider", providers.untag, providers.provider_target),
    _read("ListOpenIDConnectProviderTags", providers.list_tags, providers.provider_target),
)

_ROLES = (
    _write("CreateRole", roles.create, roles.create_target),
    _read("GetRole", roles.get, roles.role_target),
    _read("ListRoles", roles.list_all, roles.list_target),
    _write("UpdateRole", roles.update, roles.role_target),
    _write("UpdateRoleDescription", roles.update_description, roles.role_target),
    _write("UpdateAssumeRolePolicy", roles.update_trust_policy, roles.role_target),
    _write("DeleteRole", roles.delete, roles.role_target),
    _write("PutRolePermissionsBoundary", roles.put_boundary, roles.role_target),
    _write("DeleteRolePermissionsBoundary", roles.delete_boundary, roles.role_target),
    _write("TagRole", roles.tag, roles.role_target),
    _write("UntagRole", roles.untag, roles.role_target),
    _read("ListRoleTags", roles.list_tags, roles.role_target),
    _write("PutRolePolicy", holders.put_inline(holders.ROLE), roles.role_target),
    _read("GetRolePolicy", holders.get_inline(holders.ROLE), roles.role_target),
    _write("DeleteRolePolicy", holders.delete_inline(holders.ROLE), roles.role_target),
    _read("ListRolePolicies", holders.list_inline(holders.ROLE), roles.role_target),
    _write("AttachRolePolicy", holders.attach(holders.ROLE), roles.role_target),
    _write("DetachRolePolicy", holders.detach(holders.ROLE), roles.role_target),
    _read("ListAttachedRolePolicies", holders.list_attached(holders.ROLE), roles.role_target),
)

_POLICIES = (
    _write("CreatePolicy", policies.create, policies.create_target),
    _read("GetPolicy", policies.get, policies.policy_target),
    _read("ListPolicies", policies.list_all),
    _write("DeletePolicy", policies.delete, policies.policy_target),
    _write("CreatePolicyVersion", policies.create_version, policies.policy_target),
    _read("GetPolicyVersion", policies.get_version, policies.policy_target),
    _read("ListPolicyVersions", policies.list_versions, policies.policy_target),
    _write("DeletePolicyVersion", policies.delete_version, policies.policy_target),
    _write("SetDefaultPolicyVersion", policies.set_default_version, policies.policy_target),
    _read("ListEntitiesForPolicy", policies.list_entities, policies.policy_target),
    _write("TagPolicy", policies.tag, policies.policy_target),
    _write("UntagPolicy", policies.untag, policies.policy_target),
    _read("ListPolicyTags", policies.list_tags, policies.policy_target),
)

_USERS = (
    _write("CreateUser", users.create, users.create_target),
    _read("GetUser", users.get, users.user_target),
    _read("ListUsers", users.list_all, users.list_target),
    _write("UpdateUser", users.update, users.user_target),
    _write("DeleteUser", users.delete, users.user_target),
    _write("PutUserPolicy", holders.put_inline(holders.USER), users.user_target),
    _read("GetUserPolicy", holders.get_inline(holders.USER), users.user_target),
    _write("DeleteUserPolicy", holders.delete_inline(holders.USER), users.user_target),
    _read("ListUserPolicies", holders.list_inline(holders.USER), users.user_target),
    _write("AttachUserPolicy", holders.attach(holders.USER), users.user_target),
    _write("DetachUserPolicy", holders.detach(holders.USER), users.user_target),
    _read("ListAttachedUserPolicies", holders.list_attached(holders.USER), users.user_target),
    _write("CreateAccessKey", access_keys.create, users.user_target),
    _read("ListAccessKeys", access_keys.list_all, users.user_target),
    _write("UpdateAccessKey", access_keys.update, users.user_target),
    _write("DeleteAccessKey", access_keys.delete, users.user_target),
)

OPERATIONS = (
    *_PROVIDERS,
    *_ROLES,
    *_POLICIES,
    *_USERS,
    _read("GetAccountSummary", get_account_summary),
)
