"""From an HTTP request to operation and input, in any protocol; what is not certain is refused."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from valetkey.gateway.apis.bodies import content, encoding, parse_object
from valetkey.gateway.apis.cbor import parse_cbor
from valetkey.gateway.apis.errors import (
    Misfit,
    RequestNotUnderstood,
    malformed,
    misfit,
    unknown_action,
    unknown_operation,
)
from valetkey.gateway.apis.form import EC2, QUERY, SQS, Naming, read_form
from valetkey.gateway.apis.marks import (
    CBOR,
    CONTENT_ENCODING,
    CONTENT_TYPE,
    FORM,
    SMITHY,
    TARGET,
    charset,
    guessed,
    media_type,
    query_pairs,
    spoken,
)
from valetkey.gateway.apis.names import prefix_of
from valetkey.gateway.apis.request import ApiRequest, Value
from valetkey.gateway.apis.rest import read_rest, routes
from valetkey.gateway.apis.shapes import read_shape
from valetkey.gateway.apis.sqs import queue_of_path
from valetkey.gateway.model import Head
from valetkey.wire.api_tables import ApiEntry, ApiOperation, ApiProtocol, ApiTable
from valetkey.wire.catalogue import Catalogue
from valetkey.wire.form import merge, parse_form

SINGLE = (TARGET, SMITHY, CONTENT_TYPE, CONTENT_ENCODING)
"""Headers that a request's meaning hangs on: none of them is given twice."""

_RPC_PATHS = (b"", b"/")
_JSON_TYPES = frozenset({"application/x-amz-json-1.0", "application/x-amz-json-1.1"})


@dataclass(frozen=True)
class Incoming:
    """What every protocol's reader is handed."""

    head: Head
    body: bytes
    entries: tuple[ApiEntry, ...]
    protocol: ApiProtocol
    catalogue: Catalogue


@dataclass(frozen=True)
class Understood:
    """What every protocol's reader returns."""

    table: ApiTable
    operation: ApiOperation
    input: dict[str, Value]


def understand(
    head: Head, body: bytes, *, service: str, region: str, catalogue: Catalogue
) -> ApiRequest:
    """Return what a request asks for; ``service`` and ``region`` are of its signature's scope.

    Raises :class:`~valetkey.errors.AwsError` in the protocol's own words for anything that is
    not wholly understood: an operation or a member that the models do not have, a body of
    another form, marks of two protocols, a header or a parameter that is given twice.
    """
    entries = _preferred(catalogue.of_scope(service), service)
    if not entries:
        raise unknown_operation(
            guessed(head, ()), f"no service signs as `{service}`", help="check the signing name"
        )
    for name in SINGLE:
        if sum(key == name for key, _ in head.headers) > 1:
            raise malformed(guessed(head, entries), f"the header `{name.decode()}` is given twice")
    protocol = spoken(head, entries)
    try:
        found = _READERS[protocol](Incoming(head, body, entries, protocol, catalogue))
    except Misfit as error:
        raise misfit(protocol, error) from error
    if encoding(head, protocol) and not found.operation.compressed:
        raise malformed(protocol, "the body is compressed, which the operation does not take")
    return ApiRequest(
        service=service,
        prefix=prefix_of(found.table.entry),
        entry=found.table.entry,
        protocol=protocol,
        operation=found.operation.name,
        model=found.operation,
        input=found.input,
        region=region,
        method=head.method,
        resource_path=head.raw_path.decode("latin-1"),
        meaning=_meaning(head, found),
    )


def spoken_by(head: Head, service: str, catalogue: Catalogue) -> ApiProtocol:
    """Return the protocol to answer in, for a refusal of a request that nobody understood.

    Never raises: where the request tells nothing, it is the first that the service offers.
    """
    return guessed(head, _preferred(catalogue.of_scope(service), service))


def _preferred(entries: Iterable[ApiEntry], service: str) -> tuple[ApiEntry, ...]:
    """Return the candidates, the one that bears the scope's own name first."""
    return tuple(sorted(entries, key=lambda entry: entry.name != service))


def _meaning(head: Head, found: Understood) -> frozenset[bytes]:
    shape = found.table.shapes[found.operation.input] if found.operation.input else None
    bound = {
        member.wire.lower().encode()
        for member in (shape.members if shape else ())
        if member.location == "header"
    }
    return frozenset(name for name, _ in head.headers if name in SINGLE or name in bound)


def _expect_rpc(incoming: Incoming, path: bool = True) -> None:
    """Check what the protocols with one address have in common."""
    if incoming.head.method != "POST":
        raise unknown_operation(incoming.protocol, "the protocol's method is POST")
    if path and incoming.head.raw_path not in _RPC_PATHS:
        raise unknown_operation(incoming.protocol, "the protocol's path is `/`")
    if query_pairs(incoming.head):
        raise malformed(incoming.protocol, "the protocol has no parameters in the URL")


def _having(incoming: Incoming, name: str, entries: Iterable[ApiEntry]) -> Understood | None:
    """Return the first of some services that has an operation."""
    for entry in entries:
        table = incoming.catalogue.table(entry)
        if name in table.operations:
            return Understood(table, table.operations[name], {})
    return None


def _json(incoming: Incoming) -> Understood:
    _expect_rpc(incoming)
    prefix, _, name = (incoming.head.header(TARGET) or "").rpartition(".")
    targeted = (e for e in incoming.entries if e.target_prefix == prefix and "json" in e.protocols)
    found = _having(incoming, name, targeted)
    if found is None:
        raise unknown_operation("json", "the header `x-amz-target` names no operation")
    if media_type(incoming.head) not in _JSON_TYPES:
        raise unknown_operation("json", "the content-type is not that of the JSON protocol")
    value = parse_object(content(incoming.head, incoming.body, "json"), "json")
    return _with(found, _members(found, value))


def _cbor(incoming: Incoming) -> Understood:
    _expect_rpc(incoming, path=False)
    if incoming.head.header(SMITHY) != "rpc-v2-cbor":
        raise unknown_operation(CBOR, "the header `smithy-protocol` is not `rpc-v2-cbor`")
    steps = incoming.head.raw_path.split(b"/")
    if len(steps) != 5 or (steps[0], steps[1], steps[3]) != (b"", b"service", b"operation"):  # noqa: PLR2004 - /service/S/operation/O
        raise unknown_operation(CBOR, "the path is not `/service/NAME/operation/NAME`")
    target, name = steps[2].decode("latin-1"), steps[4].decode("latin-1")
    targeted = (e for e in incoming.entries if e.target_prefix == target and CBOR in e.protocols)
    found = _having(incoming, name, targeted)
    if found is None:
        raise unknown_operation(CBOR, "the path names no operation of the service")
    body = content(incoming.head, incoming.body, CBOR)
    if body and media_type(incoming.head) != "application/cbor":
        raise malformed(CBOR, "the content-type is not `application/cbor`")
    try:
        value = parse_cbor(body) if body else {}
    except ValueError as error:
        raise malformed(CBOR, f"the body is not understood: {error}") from error
    return _with(found, _members(found, value))


def _members(found: Understood, value: object) -> dict[str, Value]:
    if found.operation.input is None:
        if value != {}:
            raise Misfit("the operation has no input")
        return {}
    read = read_shape(found.table.shapes, found.operation.input, value)
    return read if isinstance(read, dict) else {}


def _with(found: Understood, given: dict[str, Value]) -> Understood:
    return Understood(found.table, found.operation, given)


def _form(incoming: Incoming) -> Understood:
    parameters = merge(list(_form_pairs(incoming)))
    action = parameters.pop("Action", None)
    version = parameters.pop("Version", None)
    if action is None:
        raise RequestNotUnderstood(
            incoming.protocol,
            "MissingAction",
            "The request must contain the parameter Action",
            reason="no parameter `Action` in the URL or in a form body",
        )
    versioned = (
        e for e in incoming.entries if e.api_version == version and incoming.protocol in e.protocols
    )
    found = _having(incoming, action, versioned)
    if found is None:
        raise unknown_action(incoming.protocol, action)
    naming = _naming(found.table.entry, incoming.protocol)
    if naming is SQS:
        queue_of_path(incoming.head.raw_path, parameters)
    elif incoming.head.raw_path not in _RPC_PATHS:
        raise unknown_operation(incoming.protocol, "the protocol's path is `/`")
    if found.operation.input is None:
        if parameters:
            raise Misfit("the operation has no input", unknown=next(iter(parameters)))
        return found
    return _with(found, read_form(found.table.shapes, found.operation.input, parameters, naming))


def _naming(entry: ApiEntry, protocol: ApiProtocol) -> Naming:
    if protocol == "ec2":
        return EC2
    return SQS if entry.name == "sqs" else QUERY


def _form_pairs(incoming: Incoming) -> Iterator[tuple[str, str]]:
    """Yield the parameters, which are all in the URL or all in the body."""
    head, protocol = incoming.head, incoming.protocol
    if head.method not in ("GET", "POST"):
        raise RequestNotUnderstood(
            protocol, "MethodNotAllowed", "The specified method is not allowed.", 405
        )
    in_url = query_pairs(head)
    body = content(head, incoming.body, protocol)
    if body:
        if in_url or head.method == "GET":
            raise malformed(protocol, "there are parameters in the URL and a body")
        if media_type(head) != FORM or charset(head) not in ("", "utf-8"):
            raise malformed(protocol, "the body's content-type is not that of a form in UTF-8")
        yield from parse_form(body)
    yield from in_url


def _rest(incoming: Incoming) -> Understood:
    found = routes(incoming.head, incoming.entries, incoming.protocol, incoming.catalogue)
    failure: Misfit | None = None
    for table, one in found:
        try:
            given = read_rest(incoming.head, incoming.body, table, one, incoming.protocol)
        except Misfit as error:
            failure = failure or error
        else:
            return Understood(table, one.operation, given)
    raise failure or Misfit("no service has the operation")


_READERS = {
    "json": _json,
    CBOR: _cbor,
    "query": _form,
    "ec2": _form,
    "rest-json": _rest,
    "rest-xml": _rest,
}
