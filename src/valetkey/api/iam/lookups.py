"""Names and ARNs of a request, and what they name; nothing found is an answer of its own."""

from valetkey.api.iam.failures import no_such_entity, validation_error
from valetkey.arn import Arn, parse_arn
from valetkey.store import (
    AWS_ACCOUNT,
    Directory,
    PolicyRecord,
    ProviderRecord,
    RoleRecord,
    Transaction,
    UserRecord,
)


def role_in(tx: Transaction, account: str, name: str) -> RoleRecord:
    """Return a role for a change. Raises ``NoSuchEntity``."""
    return _role(tx.get(RoleRecord, account, name.lower()), name)


def role_of(directory: Directory, account: str, name: str) -> RoleRecord:
    """Return a role to read. Raises ``NoSuchEntity``."""
    return _role(directory.role(account, name), name)


def _role(role: RoleRecord | None, name: str) -> RoleRecord:
    if role is None:
        raise no_such_entity(f"The role with name {name} cannot be found.")
    return role


def user_in(tx: Transaction, account: str, name: str) -> UserRecord:
    """Return a user for a change. Raises ``NoSuchEntity``."""
    return _user(tx.get(UserRecord, account, name.lower()), name)


def user_of(directory: Directory, account: str, name: str) -> UserRecord:
    """Return a user to read. Raises ``NoSuchEntity``."""
    return _user(directory.user(account, name), name)


def _user(user: UserRecord | None, name: str) -> UserRecord:
    if user is None:
        raise no_such_entity(f"The user with name {name} cannot be found.")
    return user


def policy_in(tx: Transaction, account: str, arn: str) -> PolicyRecord:
    """Return a customer managed policy for a change. Raises ``NoSuchEntity``.

    AWS's own policies can be attached, and not changed.
    """
    parsed = _policy_arn(arn)
    policy = tx.get(PolicyRecord, account, parsed.resource.rpartition("/")[2].lower())
    if policy is None or policy.arn != arn:
        raise no_such_entity(f"Policy {arn} was not found.")
    return policy


def policy_of(directory: Directory, account: str, arn: str) -> PolicyRecord:
    """Return a managed policy to read, AWS's included. Raises ``NoSuchEntity``."""
    _policy_arn(arn)
    policy = directory.policy(arn)
    if policy is None or policy.account not in (account, AWS_ACCOUNT):
        raise no_such_entity(f"Policy {arn} was not found.")
    return policy


def attachable(directory: Directory, account: str, arn: str) -> PolicyRecord:
    """Return a managed policy that may be attached. Raises ``NoSuchEntity``."""
    _policy_arn(arn)
    policy = directory.policy(arn)
    if policy is None or policy.account not in (account, AWS_ACCOUNT):
        raise no_such_entity(f"Policy {arn} does not exist or is not attachable.")
    return policy


def _policy_arn(arn: str) -> Arn:
    parsed = parse_arn(arn)
    if parsed is None:
        raise validation_error("Invalid ARN:  Could not be parsed!")
    if parsed.service != "iam" or not parsed.resource.startswith("policy/"):
        raise validation_error(f"ARN {arn} is not valid.")
    return parsed


def provider_key(arn: str) -> tuple[str, str]:
    """Return the account and key of a provider's ARN. Raises ``ValidationError``."""
    parsed = parse_arn(arn)
    if parsed is None or parsed.service != "iam":
        raise validation_error(f"Invalid ARN: {arn}")
    kind, slash, key = parsed.resource.partition("/")
    if kind != "oidc-provider" or not slash or not key:
        raise validation_error("Invalid resource type in ARN")
    return parsed.account, key


def provider_in(tx: Transaction, account: str, arn: str) -> ProviderRecord:
    """Return an OIDC provider for a change. Raises ``NoSuchEntity``."""
    provider = tx.get(ProviderRecord, account, provider_key(arn)[1])
    if provider is None or provider.arn != arn:
        raise no_such_entity(f"OpenIDConnect Provider not found for arn {arn}")
    return provider


def provider_of(directory: Directory, account: str, arn: str) -> ProviderRecord:
    """Return an OIDC provider to read. Raises ``NoSuchEntity``."""
    provider = directory.provider(account, provider_key(arn)[1])
    if provider is None or provider.arn != arn:
        raise no_such_entity(f"OpenIDConnect Provider not found for arn {arn}")
    return provider

