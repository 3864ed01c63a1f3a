"""What the AssumeRole calls share: which role, for how long, under which session policies."""

from collections.abc import Mapping, Sequence
from typing import Any

from valetkey.api.operation import Call
from valetkey.arn import ACCOUNT_ID, parse_arn
from valetkey.diagnostics import Source
from valetkey.errors import AwsError
from valetkey.policy import PolicyType, compile_policy
from valetkey.store import Directory, RoleRecord

DEFAULT_DURATION = 3600
PLAINTEXT_LIMIT = 2048


def named_role(role_arn: str) -> tuple[str, str] | None:
    """Return the account and the role's name that a role ARN holds, None for anything else."""
    arn = parse_arn(role_arn)
    if arn is None or (arn.partition, arn.service, arn.region) != ("aws", "iam", ""):
        return None
    kind, _, path_and_name = arn.resource.partition("/")
    name = path_and_name.rpartition("/")[2]
    if kind != "role" or not name or not ACCOUNT_ID.fullmatch(arn.account):
        return None
    return arn.account, name


def find_role(directory: Directory, account: str, name: str, role_arn: str) -> RoleRecord | None:
    """Return the role that has exactly this ARN: the path and the case of the name count."""
    role = directory.role(account, name)
    return role if role is not None and role.arn == role_arn else None


def checked_duration(requested: int | None, role: RoleRecord) -> int:
    """Return the session's length in seconds; 3600 where none is asked for, whatever the role.

    Raises ``ValidationError`` above the role's maximum (API reference, DurationSeconds).
    """
    duration = DEFAULT_DURATION if requested is None else requested
    if duration > role.max_session_duration:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            reason=f"asked for `{duration}` s; role `{role.arn}` allows"
            f" `{role.max_session_duration}` s",
            help="ask for less, or raise it with `aws iam update-role --max-session-duration`",
        )
    return duration


def session_documents(
    call: Call, account: str, inline: str | None, arns: Sequence[Mapping[str, Any]]
) -> tuple[str, ...] | None:
    """Return the documents that limit the session, or None where none were passed.

    A managed policy is copied into the session as it stands now, as AWS packs it.
    Raises ``MalformedPolicyDocument``, ``PackedPolicyTooLarge`` or ``ValidationError``.
    """
    if inline is None and not arns:
        return None
    names = [entry.get("arn", "") for entry in arns]
    plain = len(inline or "") + sum(map(len, names))
    if plain > PLAINTEXT_LIMIT:
        raise AwsError(
            "PackedPolicyTooLarge",
            f"The session policies take {plain} characters, and the limit is {PLAINTEXT_LIMIT}.",
        )
    documents = []
    if inline is not None:
        compile_policy(Source("session policy", inline), PolicyType.SESSION, name="session policy")
        documents.append(inline)
    documents.extend(_managed_document(call.directory, account, arn) for arn in names)
    return tuple(documents)


def _managed_document(directory: Directory, account: str, arn: str) -> str:
    policy = directory.policy(arn)
    if policy is None or policy.account not in (account, "aws"):
        raise AwsError(
            "ValidationError",
            f"Policy {arn} does not exist or is not attachable.",
            reason=f"there is no managed policy `{arn}` in account `{account}`",
        )
    return policy.document
