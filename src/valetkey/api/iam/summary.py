"""How much of IAM an account uses, and how much it may."""

from collections.abc import Mapping
from typing import Any

from valetkey.api.iam import access_keys, documents, holders, policies, roles, users
from valetkey.api.iam.shapes import GetAccountSummaryResponse
from valetkey.api.operation import Call


def get_account_summary(call: Call, _request: Mapping[str, Any]) -> GetAccountSummaryResponse:
    """Return counts and quotas, by the names that IAM gives them."""
    directory, account = call.directory, call.account
    return {
        "SummaryMap": {
            "Users": len(directory.users(account)),
            "UsersQuota": users.USER_LIMIT,
            "Roles": len(directory.roles(account)),
            "RolesQuota": roles.ROLE_LIMIT,
            "Policies": len(directory.policies(account)),
            "PoliciesQuota": policies.POLICY_LIMIT,
            "PolicySizeQuota": documents.MANAGED_LIMIT,
            "PolicyVersionsInUseQuota": 10000,
            "VersionsPerPolicyQuota": policies.VERSION_LIMIT,
            "AccessKeysPerUserQuota": access_keys.KEY_LIMIT,
            "AssumeRolePolicySizeQuota": documents.TRUST_LIMIT,
            "AttachedPoliciesPerRoleQuota": holders.ATTACHED_LIMIT,
            "AttachedPoliciesPerUserQuota": holders.ATTACHED_LIMIT,
            "UserPolicySizeQuota": documents.USER_INLINE_LIMIT,
            "RolePolicySizeQuota": documents.ROLE_INLINE_LIMIT,
            "Providers": len(directory.providers(account)),
            "Groups": 0,
            "MFADevices": 0,
            "AccountMFAEnabled": 0,
            "AccountAccessKeysPresent": 0,
        }
    }
