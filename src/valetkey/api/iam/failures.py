"""IAM's refusals, in its own words (API reference, *Common errors*; texts as observed)."""

from valetkey.errors import AwsError

FORBIDDEN = 403
NOT_FOUND = 404
CONFLICT = 409


class IamRefused(AwsError):
    """The request is understood, and what is there does not permit it."""

    refusal = True


def no_such_entity(message: str) -> IamRefused:
    """Return the answer to a name that names nothing."""
    return IamRefused("NoSuchEntity", message, NOT_FOUND)


def outside_account() -> IamRefused:
    """Return the answer to changing a policy that is AWS's own."""
    return IamRefused("AccessDenied", "Policy is outside your own account.", FORBIDDEN)


def already_exists(message: str, *, reason: str | None = None) -> IamRefused:
    """Return the answer to a name that is taken."""
    return IamRefused("EntityAlreadyExists", message, CONFLICT, reason=reason)


def delete_conflict(message: str) -> IamRefused:
    """Return the answer to a deletion that something still stands against."""
    return IamRefused("DeleteConflict", message, CONFLICT)


def limit_exceeded(message: str) -> IamRefused:
    """Return the answer to one too many."""
    return IamRefused("LimitExceeded", message, CONFLICT)


def quota(name: str, limit: int) -> IamRefused:
    """Return the answer to a quota that is used up, named as IAM names it."""
    return limit_exceeded(f"Cannot exceed quota for {name}: {limit}")


def invalid_input(message: str) -> AwsError:
    """Return the answer to a value that the model allows and IAM does not."""
    return AwsError("InvalidInput", message)


def validation_error(message: str) -> AwsError:
    """Return the answer to a value that breaks a rule which no model states."""
    return AwsError("ValidationError", message)
