"""Secrets Manager's refusals, in its own words (texts as observed)."""

from valetkey.errors import AwsError


class SecretsRefused(AwsError):
    """The request is understood, and what is there does not permit it."""

    refusal = True


def not_found() -> SecretsRefused:
    """Return the answer to a secret id that names nothing."""
    return SecretsRefused(
        "ResourceNotFoundException", "Secrets Manager can't find the specified secret."
    )


def value_not_found(what: str) -> SecretsRefused:
    """Return the answer to a version that is not there: ``VersionId: …``, ``staging label: …``."""
    return SecretsRefused(
        "ResourceNotFoundException",
        f"Secrets Manager can't find the specified secret value for {what}",
    )


def invalid_request(message: str) -> SecretsRefused:
    """Return the answer to a request that the secret's state does not permit."""
    return SecretsRefused("InvalidRequestException", message)


def marked_for_deletion() -> SecretsRefused:
    """Return the answer to a request on a secret in its recovery window."""
    return invalid_request(
        "You can't perform this operation on the secret because it was marked for deletion."
    )


def exists(message: str) -> SecretsRefused:
    """Return the answer to a name or version that is taken."""
    return SecretsRefused("ResourceExistsException", message)


def limit_exceeded(message: str) -> SecretsRefused:
    """Return the answer to one too many."""
    return SecretsRefused("LimitExceededException", message)


def not_opened(reason: str) -> AwsError:
    """Return the answer where a value does not open under the key ring."""
    return AwsError(
        "DecryptionFailure",
        "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
        reason=reason,
        help="restore the key ring that belongs to this database",
    )


def invalid_parameter(message: str) -> AwsError:
    """Return the answer to a parameter that can't be used."""
    return AwsError("InvalidParameterException", message)


def unoffered(member: str) -> AwsError:
    """Return the answer to a parameter that stands for what this server does not do."""
    return invalid_parameter(f"{member} is not supported by this server.")


def invalid_name() -> AwsError:
    """Return the answer to a name that no secret can have."""
    return AwsError(
        "ValidationException",
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the"
        " following: -/_+=.@!",
    )
