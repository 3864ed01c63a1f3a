"""From request to service, operation and input; from output or error to answer."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from valetkey.errors import AwsError
from valetkey.wire.constraints import report
from valetkey.wire.errors import InputRefused, WireError, unknown_operation
from valetkey.wire.json_protocol import TARGET, VERSION, write_json_error
from valetkey.wire.query_protocol import (
    FAULT_NAMESPACE,
    action_of,
    could_not_find,
    write_xml_error,
)
from valetkey.wire.request import MAX_BODY_BYTES, WireRequest, WireResponse
from valetkey.wire.service import Service, Services
from valetkey.wire.tables import Operation


class Decoded(NamedTuple):
    """A request, understood. ``operation`` is its name, ``input`` as the shapes have it."""

    service: Service
    operation: str
    input: dict[str, Any]

    @property
    def model(self) -> Operation:
        """Return what the model says of the operation, such as that it is called unsigned."""
        return self.service.operations[self.operation]


def identify(
    request: WireRequest,
    services: Services,
    *,
    scope_service: str | None = None,
    max_body_bytes: int = MAX_BODY_BYTES,
) -> Service:
    """Return the service that a request is for.

    Told by the service in its signature's scope, else by its ``X-Amz-Target``, else by its
    version. Whatever else the request says must then fit: :func:`decode` looks for the action
    in that service only. Raises :class:`WireError` where no service is meant.
    """
    check_size(request, max_body_bytes)
    target = request.header(TARGET)
    if scope_service is not None:
        service = services.of_scope(scope_service)
    elif target is not None:
        service = services.of_target(target.rpartition(".")[0])
    else:
        service = services.of_version(action_of(request)[1])
    if service is not None:
        return service
    if target is not None:
        raise unknown_operation("no service here has this `x-amz-target` or signature scope")
    raise could_not_find(*action_of(request))


def decode(
    request: WireRequest, service: Service, *, max_body_bytes: int = MAX_BODY_BYTES
) -> Decoded:
    """Return a request's operation and input, read by the service's model.

    Types are checked, constraints are not: that is :func:`validate`. Raises :class:`WireError`
    with AWS's code of the service's protocol.
    """
    check_size(request, max_body_bytes)
    if (request.header(b"content-encoding") or "identity").lower() != "identity":
        raise service.protocol.malformed("the body is compressed, which no operation asks for")
    name = service.protocol.operation_name(request)
    return Decoded(service, name, service.protocol.read(request, service.operations[name]))


def validate(decoded: Decoded) -> None:
    """Check input against the model's constraints; raises :class:`InputRefused`."""
    check = decoded.service.check(decoded.model)
    failures = list(check(decoded.input, "")) if check else []
    if failures:
        raise InputRefused(decoded.service.protocol.validation_code, report(failures))


def encode_output(
    service: Service, operation: str, output: Mapping[str, Any] | None, request_id: str
) -> WireResponse:
    """Return the answer to an operation that succeeded; ``output`` None or ``{}`` is none.

    Raises :class:`~valetkey.wire.errors.UnencodableOutput` for output that the model does not
    have.
    """
    return service.protocol.write(service.operations[operation], output or {}, request_id)


def encode_error(service: Service | None, error: AwsError, request_id: str) -> WireResponse:
    """Return the answer to a request that was refused or failed.

    Without a service, in the protocol that the client spoke. Codes of the query protocol become
    the JSON protocol's own where that has another word or status for them.
    """
    if service is not None:
        return service.protocol.write_error(error, request_id)
    if isinstance(error, WireError) and error.protocol == "json":
        return write_json_error(VERSION, {}, error, request_id)
    return write_xml_error(FAULT_NAMESPACE, error, request_id)


def check_size(request: WireRequest, limit: int) -> None:
    """Raise :class:`WireError` for a body or a query string of more than ``limit`` bytes."""
    if len(request.body) > limit or len(request.query) > limit:
        raise WireError("RequestEntityTooLargeException", "The request is too large.", 413)
