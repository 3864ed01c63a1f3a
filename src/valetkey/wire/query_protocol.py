"""AWS's query protocol: form parameters in, XML out (STS, IAM)."""

from collections.abc import Mapping
from typing import Any

from valetkey.errors import AwsError
from valetkey.wire.errors import WireError, malformed_input
from valetkey.wire.query_input import QueryReaders, tree
from valetkey.wire.request import WireRequest, WireResponse, respond
from valetkey.wire.tables import Operation, ServiceTable
from valetkey.wire.xml_output import INDENT, XmlWriters, escape

CONTENT_TYPE = b"text/xml"
FAULT_NAMESPACE = "http://webservices.amazon.com/AWSFault/2005-15-09"
"""The namespace of errors that arise before an operation is found."""

METHODS = ("GET", "POST")


def could_not_find(action: str, version: str | None) -> WireError:
    """Return AWS's answer to an action that a version does not have, or to no known version."""
    shown = "NO_VERSION_SPECIFIED" if version is None else version
    return WireError("InvalidAction", f"Could not find operation {action} for version {shown}")


def action_of(request: WireRequest) -> tuple[str, str | None]:
    """Return a request's action and version; raises :class:`WireError` where there is none.

    (To a request without an action, AWS answers with a redirect to its product page.)
    """
    if request.method not in METHODS:
        raise WireError(
            "MethodNotAllowed", "The specified method is not allowed against this resource.", 405
        )
    action = request.parameters.get("Action")
    if action is None:
        raise WireError(
            "MissingAction",
            "The request must contain the parameter Action",
            reason="no parameter `Action` in the URL or in a form body",
            help="a form body counts only with its content-type, application/x-www-form-urlencoded",
        )
    return action, request.parameters.get("Version")


class QueryProtocol:
    """The query protocol of one service."""

    validation_code = "ValidationError"
    malformed = staticmethod(malformed_input)

    def __init__(self, table: ServiceTable) -> None:
        self._table = table
        self._readers = QueryReaders(table)
        self._writers = XmlWriters(table)

    def operation_name(self, request: WireRequest) -> str:
        """Return the operation that a request names; raises :class:`WireError`."""
        action, version = action_of(request)
        if version != self._table.version or action not in self._table.operations:
            raise could_not_find(action, version)
        return action

    def read(self, request: WireRequest, operation: Operation) -> dict[str, Any]:
        """Return the operation's input; raises :class:`WireError`."""
        if operation.input is None:
            return {}
        found: dict[str, Any] = self._readers.structure(operation.input)(tree(request.parameters))
        return found

    def write(
        self, operation: Operation, output: Mapping[str, Any], request_id: str
    ) -> WireResponse:
        """Return the answer that holds an output."""
        name = f"{operation.name}Response"
        body = "".join(
            (
                f'<{name} xmlns="{self._table.namespace}">\n',
                self._result(operation, output),
                f"{INDENT}<ResponseMetadata>\n",
                f"{INDENT * 2}<RequestId>{escape(request_id)}</RequestId>\n",
                f"{INDENT}</ResponseMetadata>\n</{name}>\n",
            )
        )
        return respond(200, CONTENT_TYPE, body.encode(), request_id)

    def _result(self, operation: Operation, output: Mapping[str, Any]) -> str:
        if operation.output is None:
            return ""
        if operation.wrapper is None:
            return self._writers.content(operation.output, INDENT)(output)
        content = self._writers.content(operation.output, INDENT * 2)(output)
        wrapper = operation.wrapper
        if not content:
            return f"{INDENT}<{wrapper}/>\n"
        return f"{INDENT}<{wrapper}>\n{content}{INDENT}</{wrapper}>\n"

    def write_error(self, error: AwsError, request_id: str) -> WireResponse:
        """Return the answer that holds an error."""
        return write_xml_error(self._table.namespace, error, request_id)


def write_xml_error(namespace: str, error: AwsError, request_id: str) -> WireResponse:
    """Return an error in the query protocol's envelope; an empty message is left out."""
    if error.code == "InvalidAction":
        namespace = FAULT_NAMESPACE
    message = f"    <Message>{escape(error.message)}</Message>\n" if error.message else ""
    body = (
        f'<ErrorResponse xmlns="{namespace}">\n  <Error>\n    <Type>{error.fault}</Type>\n'
        f"    <Code>{escape(error.code)}</Code>\n{message}  </Error>\n"
        f"  <RequestId>{escape(request_id)}</RequestId>\n</ErrorResponse>\n"
    )
    return respond(error.status, CONTENT_TYPE, body.encode(), request_id)
