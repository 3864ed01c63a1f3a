"""Policies that a simulation leaves out, to see what would be if they were taken away.

Follows the IAM API reference, *PolicyIdentifier*. What names nothing that is held is passed over,
and what a request itself brings is never left out.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from valetkey.api.iam.failures import invalid_input
from valetkey.api.iam.shapes import InlinePolicyIdentifierType, PolicyIdentifier
from valetkey.api.iam.simulation_policies import Simulated, Sourced, is_of_aws, managed_name
from valetkey.arn import Arn, parse_arn
from valetkey.policy import Glob, glob
from valetkey.store import RoleRecord, UserRecord

_NAME = re.compile(r"[\w+=,.@\-?]*\*?[\w+=,.@\-?]*", re.ASCII)
_ACCOUNT = re.compile(r"[0-9]{12}|aws", re.ASCII)

Excluded = Callable[[Sourced], bool]


def without(
    held: Simulated, holder: UserRecord | RoleRecord, exclusions: Iterable[PolicyIdentifier]
) -> Simulated:
    """Return what a principal holds without what is excluded.

    Raises ``InvalidInput`` for an ARN that is none of a policy, or has wildcards elsewhere than in
    its name, or more than one ``*``.
    """
    taken = list(exclusions)
    tests = [_test(exclusion, holder) for exclusion in taken]
    kept = tuple(sourced for sourced in held.identity if not any(test(sourced) for test in tests))
    capped = not any(each.get("PolicyType") == "permission-boundary" for each in taken)
    return replace(held, identity=kept, boundary=held.boundary if capped else None)


def _test(exclusion: PolicyIdentifier, holder: UserRecord | RoleRecord) -> Excluded:
    if "PolicyArn" in exclusion:
        return _by_arn(exclusion["PolicyArn"])
    if "InlinePolicyIdentifier" in exclusion:
        return _by_owner(exclusion["InlinePolicyIdentifier"], holder)
    match exclusion.get("PolicyType"):
        case "inline":
            return lambda sourced: managed_name(sourced.policy) is None
        case "aws-managed":
            return lambda sourced: is_of_aws(sourced.policy)
        case "user-managed":
            return lambda sourced: (
                managed_name(sourced.policy) is not None and not is_of_aws(sourced.policy)
            )
        case _:
            # A boundary is no identity policy, and there are no organizations here.
            return lambda _sourced: False


def _by_arn(text: str) -> Excluded:
    """Exclude managed policies by account and name; as on AWS a path says nothing."""
    wanted = parse_arn(text)
    name = None if wanted is None else _wanted_name(wanted)
    if wanted is None or name is None:
        raise invalid_input(f"Invalid ARN provided in the request: {text}")
    account = wanted.account

    def excluded(sourced: Sourced) -> bool:
        arn = parse_arn(sourced.policy.name)
        return arn is not None and arn.account == account and name.matches(sourced.id)

    return excluded


def _wanted_name(arn: Arn) -> Glob | None:
    kind, _, path_and_name = arn.resource.partition("/")
    name = path_and_name.rpartition("/")[2]
    is_policy = (arn.service, arn.region, kind) == ("iam", "", "policy")
    if not is_policy or not _ACCOUNT.fullmatch(arn.account) or not name:
        return None
    return glob(name) if _NAME.fullmatch(name) else None


def _by_owner(wanted: InlinePolicyIdentifierType, holder: UserRecord | RoleRecord) -> Excluded:
    owner = wanted["AttachmentType"], wanted["AttachmentName"]
    if owner != (holder.kind, holder.name):
        return lambda _sourced: False
    inline_id = f"{holder.kind}_{holder.name}_{wanted['PolicyName']}"
    return lambda sourced: managed_name(sourced.policy) is None and sourced.id == inline_id
