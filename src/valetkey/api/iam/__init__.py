"""Identity and Access Management: issuers that are trusted, roles, policies, users and keys.

Follows the IAM API reference, version 2010-05-08. IAM's own actions are authorised by policy
like any other.
"""

from collections.abc import Callable
from typing import Any

from valetkey.access import Target
from valetkey.api.iam import (
    access_keys,
    context_keys,
    policies,
    policy_versions,
    providers,
    roles,
    targets,
    users,
)
from valetkey.api.iam.boundary import delete_boundary, put_boundary
from valetkey.api.iam.entities import POLICY, PROVIDER, ROLE, USER, HolderKind, Kind
from valetkey.api.iam.holders import (
    attach,
    delete_inline,
    detach,
    get_inline,
    list_attached,
    list_inline,
    put_inline,
)
from valetkey.api.iam.simulation import simulate_custom, simulate_principal
from valetkey.api.iam.simulation_sources import also_of_caller, source_target
from valetkey.api.iam.summary import get_account_summary, list_account_aliases
from valetkey.api.iam.tags import list_tags, tag, untag
from valetkey.api.operation import Also, Call, Operation, no_target, nothing_more

TargetOf = Callable[[Call, Any], Target]


def _read(name: str, handler: Any, target: TargetOf = no_target) -> Operation:
    return Operation(name, handler, f"iam:{name}", target)


def _write(
    name: str, handler: Any, target: TargetOf = no_target, also: Also = nothing_more
) -> Operation:
    return Operation(name, handler, f"iam:{name}", target, writes=True, also=also)


def _tag_operations(name: str, kind: Kind[Any], target: TargetOf) -> tuple[Operation, ...]:
    return (
        _write(f"Tag{name}", tag(kind), target),
        _write(f"Untag{name}", untag(kind), target),
        _read(f"List{name}Tags", list_tags(kind), target),
    )


def _holder_operations(name: str, kind: HolderKind[Any]) -> tuple[Operation, ...]:
    """Return the operations that roles and users have alike."""
    target, changing = targets.entity_target(kind), targets.held_policies_target(kind)
    return (
        _write(f"Put{name}Policy", put_inline(kind), changing),
        _read(f"Get{name}Policy", get_inline(kind), target),
        _write(f"Delete{name}Policy", delete_inline(kind), changing),
        _read(f"List{name}Policies", list_inline(kind), target),
        _write(f"Attach{name}Policy", attach(kind), changing),
        _write(f"Detach{name}Policy", detach(kind), changing),
        _read(f"ListAttached{name}Policies", list_attached(kind), target),
        _write(f"Put{name}PermissionsBoundary", put_boundary(kind), changing),
        _write(f"Delete{name}PermissionsBoundary", delete_boundary(kind), changing),
        *_tag_operations(name, kind, target),
    )


def _provider_operations() -> tuple[Operation, ...]:
    target, new = targets.provider_target, targets.new_provider_target
    return (
        Operation(
            "CreateOpenIDConnectProvider",
            # A coroutine: it may have to ask the issuer for its certificate chain.
            providers.create,
            "iam:CreateOpenIDConnectProvider",
            new,
            also=targets.tagging("iam:TagOpenIDConnectProvider", new),
        ),
        _read("GetOpenIDConnectProvider", providers.get, target),
        _read("ListOpenIDConnectProviders", providers.list_all),
        _write("DeleteOpenIDConnectProvider", providers.delete, target),
        _write("AddClientIDToOpenIDConnectProvider", providers.add_client_id, target),
        _write("RemoveClientIDFromOpenIDConnectProvider", providers.remove_client_id, target),
        _write("UpdateOpenIDConnectProviderThumbprint", providers.update_thumbprint, target),
        *_tag_operations("OpenIDConnectProvider", PROVIDER, target),
    )


def _role_operations() -> tuple[Operation, ...]:
    target, new = targets.entity_target(ROLE), targets.new_holder_target("role")
    return (
        _write("CreateRole", roles.create, new, targets.tagging("iam:TagRole", new)),
        _read("GetRole", roles.get, target),
        _read("ListRoles", roles.list_all, targets.list_target("role")),
        _write("UpdateRole", roles.update, target),
        _write("UpdateRoleDescription", roles.update_description, target),
        _write("UpdateAssumeRolePolicy", roles.update_trust_policy, target),
        _write("DeleteRole", roles.delete, target),
        _read("ListInstanceProfilesForRole", roles.list_instance_profiles, target),
        *_holder_operations("Role", ROLE),
    )


def _user_operations() -> tuple[Operation, ...]:
    target, new = targets.entity_target(USER), targets.new_holder_target("user")
    return (
        _write("CreateUser", users.create, new, targets.tagging("iam:TagUser", new)),
        _read("GetUser", users.get, target),
        _read("ListUsers", users.list_all, targets.list_target("user")),
        _write("UpdateUser", users.update, target, targets.renaming),
        _write("DeleteUser", users.delete, target),
        _read("ListGroupsForUser", users.list_groups, target),
        *_holder_operations("User", USER),
        _write("CreateAccessKey", access_keys.create, target),
        _read("ListAccessKeys", access_keys.list_all, target),
        _write("UpdateAccessKey", access_keys.update, target),
        _write("DeleteAccessKey", access_keys.delete, target),
    )


def _policy_operations() -> tuple[Operation, ...]:
    target, new = targets.policy_target, targets.new_policy_target
    return (
        _write("CreatePolicy", policies.create, new, targets.tagging("iam:TagPolicy", new)),
        _read("GetPolicy", policies.get, target),
        _read("ListPolicies", policies.list_all, targets.policies_target),
        _write("DeletePolicy", policies.delete, target),
        _read("ListEntitiesForPolicy", policies.list_entities, target),
        _write("CreatePolicyVersion", policy_versions.create, target),
        _read("GetPolicyVersion", policy_versions.get, target),
        _read("ListPolicyVersions", policy_versions.list_all, target),
        _write("DeletePolicyVersion", policy_versions.delete, target),
        _write("SetDefaultPolicyVersion", policy_versions.set_default, target),
        *_tag_operations("Policy", POLICY, target),
    )


def _simulator_operations() -> tuple[Operation, ...]:
    principal = "SimulatePrincipalPolicy"
    return (
        _read("SimulateCustomPolicy", simulate_custom),
        Operation(
            principal, simulate_principal, f"iam:{principal}", source_target, also=also_of_caller
        ),
        _read("GetContextKeysForCustomPolicy", context_keys.of_custom_policy),
        _read("GetContextKeysForPrincipalPolicy", context_keys.of_principal_policy, source_target),
    )


OPERATIONS = (
    *_provider_operations(),
    *_role_operations(),
    *_user_operations(),
    *_policy_operations(),
    *_simulator_operations(),
    _read("GetAccountSummary", get_account_summary),
    _read("ListAccountAliases", list_account_aliases),
)
