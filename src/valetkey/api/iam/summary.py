"""How much of IAM an account uses, how much it may, and what it is called."""

from valetkey.api.iam import (
    access_keys,
    documents,
    holders,
    policies,
    policy_versions,
    roles,
    users,
)
from valetkey.api.iam.entities import ROLE, USER, Request
from valetkey.api.iam.shapes import GetAccountSummaryResponse, ListAccountAliasesResponse
from valetkey.api.operation import Call


def get_account_summary(call: Call, _request: Request) -> GetAccountSummaryResponse:
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
            "VersionsPerPolicyQuota": policy_versions.VERSION_LIMIT,
            "AccessKeysPerUserQuota": access_keys.KEY_LIMIT,
            "AssumeRolePolicySizeQuota": documents.TRUST_LIMIT,
            "AttachedPoliciesPerRoleQuota": holders.ATTACHED_LIMIT,
            "AttachedPoliciesPerUserQuota": holders.ATTACHED_LIMIT,
            "UserPolicySizeQuota": USER.inline_limit,
            "RolePolicySizeQuota": ROLE.inline_limit,
            "Providers": len(directory.providers(account)),
            "Groups": 0,
            "MFADevices": 0,
            "AccountMFAEnabled": 0,
            "AccountAccessKeysPresent": 0,
        }
    }


def list_account_aliases(call: Call, _request: Request) -> ListAccountAliasesResponse:
    """Return the account's alias, where it has one."""
    account = call.directory.account(call.account)
    alias = None if account is None else account.alias
    return {"AccountAliases": [] if alias is None else [alias], "IsTruncated": False}
