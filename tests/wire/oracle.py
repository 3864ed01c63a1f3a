"""botocore as the client at the other end: what it sends we read, what we send it reads."""

import math
from typing import Any

from botocore.awsrequest import create_request_object, prepare_request_dict
from botocore.model import OperationModel, ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from valetkey.wire import Service, WireRequest, WireResponse
from valetkey.wire.compile import compile_service


class Client:
    """One service's client, without a network."""

    def __init__(self, model: dict[str, Any], name: str = "example") -> None:
        metadata = {"endpointPrefix": name, **model["metadata"]}
        self.model = {"documentation": "", **model, "metadata": metadata}
        self.botocore = ServiceModel(self.model, name)
        self.service = Service(compile_service(name, self.model))

    def operation(self, name: str) -> OperationModel:
        return self.botocore.operation_model(name)

    def request(self, operation: str, parameters: dict[str, Any]) -> WireRequest:
        """Return the request that botocore would send."""
        protocol = self.botocore.metadata["protocol"]
        serializer = create_serializer(protocol, include_validation=False)
        made = serializer.serialize_to_request(parameters, self.operation(operation))
        body = made["body"]
        if isinstance(body, dict):
            prepare_request_dict(made, "https://example.com")
            body = create_request_object(made).prepare().body
        return wire_request(made["method"], made["url_path"], made["headers"], body)

    def parse(self, operation: str, response: WireResponse) -> dict[str, Any]:
        """Return what botocore reads in an answer."""
        parser = create_parser(self.botocore.metadata["protocol"])
        headers = {key.decode(): value.decode() for key, value in response.headers}
        parsed: dict[str, Any] = parser.parse(
            {"status_code": response.status, "headers": headers, "body": response.body},
            self.operation(operation).output_shape,
        )
        return parsed


def wire_request(method: str, uri: str, headers: dict[str, str], body: Any) -> WireRequest:
    path, _, query = uri.partition("?")
    content = body if isinstance(body, bytes) else (body or "").encode()
    pairs = tuple(
        (
            key.lower().encode(),
            str(value, "utf-8").encode() if isinstance(value, bytes) else value.encode(),
        )
        for key, value in headers.items()
    )
    return WireRequest(method, path.encode(), query.encode(), pairs, content)


def typed(value: Any, shape: Any) -> Any:
    """Return a vector's value as our shapes have it: times as numbers, blobs as bytes."""
    match shape.type_name:
        case "structure" if not shape.is_document_type:
            return {
                key: typed(child, shape.members[key])
                for key, child in value.items()
                if child is not None
            }
        case "list":
            return [typed(child, shape.member) for child in value]
        case "map":
            return {key: typed(child, shape.value) for key, child in value.items()}
        case kind:
            return SCALARS[kind](value) if kind in SCALARS else value


SCALARS = {
    "blob": lambda value: value.encode() if isinstance(value, str) else value,
    "timestamp": lambda value: float(getattr(value, "timestamp", lambda: value)()),
    "float": float,
    "double": float,
}


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal, with NaN equal to itself."""
    match one, other:
        case dict(), dict():
            return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
        case list(), list():
            return len(one) == len(other) and all(map(same, one, other))
        case float(), float():
            return one == other or (math.isnan(one) and math.isnan(other))
        case _:
            return bool(one == other)
