"""AWS's JSON protocol: the target in a header, JSON both ways (Secrets Manager)."""

from collections.abc import Mapping
from typing import Any

import msgspec

from valetkey.errors import AwsError
from valetkey.wire.errors import serialization_failure, unknown_operation
from valetkey.wire.json_input import JsonReaders
from valetkey.wire.json_output import JsonWriters, clean
from valetkey.wire.json_text import parse_json
from valetkey.wire.request import WireRequest, WireResponse, respond
from valetkey.wire.tables import ErrorShape, Operation, ServiceTable

TARGET = b"x-amz-target"
VERSION = "1.1"

# What the query protocol's services call by another name, or answer with another status.
_JSON_CODES = {
    "AccessDenied": ("AccessDeniedException", 400),
    "ExpiredToken": ("ExpiredTokenException", 400),
    "IncompleteSignature": ("IncompleteSignatureException", 400),
    "InvalidAction": ("UnknownOperationException", 400),
    "InvalidClientTokenId": ("UnrecognizedClientException", 400),
    "MissingAuthenticationToken": ("MissingAuthenticationTokenException", 400),
    "SignatureDoesNotMatch": ("InvalidSignatureException", 400),
    "Throttling": ("ThrottlingException", 400),
    "ValidationError": ("ValidationException", 400),
}

# Errors of no model: most have their message in `message`, these in `Message`.
_CAPITAL = frozenset({"AccessDeniedException", "SerializationException"})


class JsonProtocol:
    """The JSON protocol of one service."""

    validation_code = "ValidationException"
    malformed = staticmethod(serialization_failure)

    def __init__(self, table: ServiceTable) -> None:
        self._table = table
        self._readers = JsonReaders(table)
        self._writers = JsonWriters(table)

    def operation_name(self, request: WireRequest) -> str:
        """Return the operation that a request names; raises :class:`WireError`."""
        prefix, _, name = (request.header(TARGET) or "").rpartition(".")
        if prefix != self._table.target_prefix or name not in self._table.operations:
            raise unknown_operation("the header `x-amz-target` names no operation of the service")
        if request.method != "POST":
            raise unknown_operation("the JSON protocol's method is POST")
        media = (request.header(b"content-type") or "").partition(";")[0].strip().lower()
        if media != f"application/x-amz-json-{self._table.json_version}":
            raise unknown_operation(
                f"the content-type is not `application/x-amz-json-{self._table.json_version}`"
            )
        return name

    def read(self, request: WireRequest, operation: Operation) -> dict[str, Any]:
        """Return the operation's input; raises :class:`WireError`."""
        if operation.input is None and not request.body:
            return {}
        try:
            value = parse_json(request.body)
        except ValueError as error:
            raise serialization_failure("the body is no strict JSON") from error
        if type(value) is not dict:
            message = "Start of list found where not expected" if type(value) is list else ""
            raise serialization_failure("the body is no JSON object", message)
        if operation.input is None:
            return {}
        found: dict[str, Any] = self._readers.structure(operation.input)(value)
        return found

    def write(
        self, operation: Operation, output: Mapping[str, Any], request_id: str
    ) -> WireResponse:
        """Return the answer that holds an output."""
        value = self._writers.structure(operation.output)(output) if operation.output else {}
        return _respond(200, self._table.json_version, value, request_id)

    def write_error(self, error: AwsError, request_id: str) -> WireResponse:
        """Return the answer that holds an error."""
        return write_json_error(self._table.json_version, self._table.errors, error, request_id)


def write_json_error(
    version: str, modelled: Mapping[str, ErrorShape], error: AwsError, request_id: str
) -> WireResponse:
    """Return an error in the JSON protocol's envelope; an empty message is left out."""
    code, status = _JSON_CODES.get(error.code, (error.code, error.status))
    shape = modelled.get(code)
    key = "Message" if code in _CAPITAL else "message"
    if shape is not None and shape.message:
        key = shape.message
    value = {"__type": code}
    if error.message:
        value[key] = clean(error.message)
    return _respond(status, version, value, request_id)


def _respond(status: int, version: str, value: Any, request_id: str) -> WireResponse:
    content_type = f"application/x-amz-json-{version}".encode()
    return respond(status, content_type, msgspec.json.encode(value), request_id)
