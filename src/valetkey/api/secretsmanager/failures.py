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


def invalid_parameter(message: str) -> AwsError:
    """Return the answer to a parameter that can't be used."""
    return AwsError("InvalidParameterException", message)


def validation(message: str) -> AwsError:
    """Return the answer to a value that breaks a rule which no model states."""
    return AwsError("ValidationException", message)
