"""What can go wrong between bytes and typed input, and between output and bytes.

::

    ValetkeyError
    ├── ModelsUnavailable      botocore's models can't be found or read (operator)
    ├── UnencodableOutput      an operation gave what its model does not have (our own fault)
    └── AwsError
        └── WireError          the request is not one; has AWS's answer on the wire
            └── InputRefused   a value breaks the model's constraints
"""

from valetkey.errors import AwsError, ValetkeyError
from valetkey.wire.tables import Protocol


class ModelsUnavailable(ValetkeyError):
    """botocore's service models are absent or not as expected."""

    code = "models-unavailable"


class UnencodableOutput(ValetkeyError):
    """An operation's output does not fit its model."""

    code = "unencodable-output"


class WireError(AwsError):
    """A request that can't be read as one: unknown action, bad form, value of another type.

    ``protocol`` is the one that the client spoke, for an answer where no service was found.
    """

    def __init__(
        self,
        code: str,
        message: str = "",
        status: int = 400,
        *,
        protocol: Protocol = "query",
        reason: str | None = None,
        help: str | None = None,
    ) -> None:
        super().__init__(code, message, status, reason=reason, help=help)
        self.protocol: Protocol = protocol


class InputRefused(WireError):
    """A request whose values break the model's constraints."""


def malformed_input(reason: str, message: str = "") -> WireError:
    """Return STS's and IAM's answer to a parameter of another type; often without a message."""
    return WireError("MalformedInput", message, reason=reason)


def serialization_failure(reason: str, message: str = "") -> WireError:
    """Return the JSON protocol's answer to a body of another form; often without a message."""
    return WireError("SerializationException", message, protocol="json", reason=reason)


def unknown_operation(reason: str) -> WireError:
    """Return the JSON protocol's answer to an unknown target; AWS adds no message."""
    return WireError("UnknownOperationException", protocol="json", reason=reason)
