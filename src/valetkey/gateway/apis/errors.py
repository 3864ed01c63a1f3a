"""What can be wrong with a request to an AWS API, in the words of the protocol it speaks.

::

    AwsError
    └── RequestNotUnderstood   no operation, another protocol's request, or a body of another form
"""

from valetkey.errors import AwsError
from valetkey.wire.api_tables import ApiProtocol

UNKNOWN_OPERATION = {
    "query": ("InvalidAction", 400),
    "ec2": ("InvalidAction", 400),
    "json": ("UnknownOperationException", 400),
    "rest-json": ("UnknownOperationException", 404),
    "rest-xml": ("UnknownOperationException", 404),
    "smithy-rpc-v2-cbor": ("UnknownOperationException", 404),
}
MALFORMED = {
    "query": "MalformedInput",
    "ec2": "InvalidParameterValue",
    "json": "SerializationException",
    "rest-json": "SerializationException",
    "rest-xml": "MalformedInput",
    "smithy-rpc-v2-cbor": "SerializationException",
}


class RequestNotUnderstood(AwsError):
    """A request that names no operation, or says what its operation's model does not have.

    ``protocol`` is the one that the client speaks, so far as it could be told.
    """

    def __init__(
        self,
        protocol: ApiProtocol,
        code: str,
        message: str,
        status: int = 400,
        *,
        reason: str | None = None,
        help: str | None = None,
    ) -> None:
        super().__init__(code, message, status, reason=reason, help=help)
        self.protocol: ApiProtocol = protocol


_SHOWN = 200
"""As much of a name that came with a request as is said again."""


class Misfit(ValueError):
    """A value that does not fit its shape; the text says where, for the operator."""

    def __init__(self, reason: str, *, unknown: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason[:_SHOWN]
        self.unknown = None if unknown is None else unknown[:_SHOWN]


def unknown_operation(
    protocol: ApiProtocol, reason: str, message: str = "", *, help: str | None = None
) -> RequestNotUnderstood:
    """Return the protocol's answer to a request that names no operation."""
    code, status = UNKNOWN_OPERATION[protocol]
    return RequestNotUnderstood(protocol, code, message, status, reason=reason, help=help)


def unknown_action(protocol: ApiProtocol, action: str) -> RequestNotUnderstood:
    """Return the query protocols' answer to an action that the service does not have."""
    return unknown_operation(
        protocol,
        "the parameter `Action` names no operation of the service in that version",
        f"The action {action} is not valid for this web service.",
    )


def malformed(protocol: ApiProtocol, reason: str, message: str = "") -> RequestNotUnderstood:
    """Return the protocol's answer to a request of another form."""
    return RequestNotUnderstood(protocol, MALFORMED[protocol], message, reason=reason)


def misfit(protocol: ApiProtocol, found: Misfit) -> RequestNotUnderstood:
    """Return the protocol's answer to a value that does not fit its shape."""
    if found.unknown is None:
        return malformed(protocol, found.reason)
    # A parameter that is not understood may name what was not authorised: it is not passed on.
    help_text = "a newer botocore in valetkey's environment may know it"
    code = "UnknownParameter" if protocol == "ec2" else MALFORMED[protocol]
    message = f"The parameter {found.unknown} is not recognized"
    return RequestNotUnderstood(protocol, code, message, reason=found.reason, help=help_text)
