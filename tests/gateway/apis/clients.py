"""botocore as the client of any service: what it would send, without a network."""

import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import botocore.session
from botocore.awsrequest import create_request_object, prepare_request_dict
from botocore.model import ServiceModel, Shape
from botocore.serialize import create_serializer

from valetkey.gateway.apis import ApiRequest, understand
from valetkey.gateway.model import Head
from valetkey.wire.api_compile import compile_api, compile_entry
from valetkey.wire.api_tables import ApiEntry, ApiTable
from valetkey.wire.catalogue import Catalogue

NOW = dt.datetime(2026, 11, 25, 10, 30, tzinfo=dt.UTC)
ACCOUNT, REGION = "123456789012", "eu-west-1"
CATALOGUE = Catalogue()
SESSION = botocore.session.Session()


class Made:
    """A catalogue of one service, compiled from a model that a test gives."""

    def __init__(self, model: Mapping[str, Any], name: str = "example") -> None:
        metadata = {"endpointPrefix": name, **model["metadata"]}
        self._entry = compile_entry(name, "1", metadata)
        self._table = compile_api(self._entry, model)

    def of_scope(self, signing_name: str) -> tuple[ApiEntry, ...]:
        return (self._entry,)

    def table(self, entry: ApiEntry) -> ApiTable:
        return self._table


@cache
def model(service: str) -> ServiceModel:
    loader = SESSION.get_component("data_loader")
    return ServiceModel(loader.load_service_model(service, "service-2"), service)


def sent(
    service: str, operation: str, parameters: dict[str, Any], protocol: str | None = None
) -> tuple[Head, bytes]:
    """Return the head and the body of the request that botocore would send."""
    found = model(service)
    serializer = create_serializer(protocol or found.metadata["protocol"], include_validation=False)
    made = serializer.serialize_to_request(parameters, found.operation_model(operation))
    prepare_request_dict(made, "https://example.com")
    request = create_request_object(made).prepare()
    body = request.body.read() if hasattr(request.body, "read") else request.body or b""
    return head(request.method, request.url, dict(request.headers)), (
        body.encode() if isinstance(body, str) else bytes(body)
    )


def head(method: str, url: str, headers: Mapping[str, Any]) -> Head:
    parts = urlsplit(url)
    pairs = tuple(
        (name.lower().encode(), value if isinstance(value, bytes) else str(value).encode())
        for name, value in headers.items()
    )
    return Head(method, parts.path.encode(), parts.query.encode(), pairs)


def asked(
    service: str, operation: str, parameters: dict[str, Any], protocol: str | None = None
) -> ApiRequest:
    """Return what is understood of a request that botocore would send."""
    made, body = sent(service, operation, parameters, protocol)
    return understand(
        made, body, service=model(service).signing_name, region=REGION, catalogue=CATALOGUE
    )


SCALARS: dict[str, Any] = {
    "string": "text-1",
    "character": "x",
    "integer": 7,
    "long": 8,
    "float": 1.5,
    "double": 2.5,
    "boolean": True,
    "blob": b"bytes",
    "timestamp": NOW,
}
DEEPEST = -8
"""Where shapes that hold themselves end."""

NOT_SENT = {("rds", "SourceRegion"), ("docdb", "SourceRegion"), ("neptune", "SourceRegion")}
"""Members that botocore itself takes out before it sends a request."""


def sample(shape: Shape, depth: int, *, whole: bool) -> Any:
    """Return a value of a shape: what is required, or everything down to a depth."""
    match shape.type_name:
        case "structure" if getattr(shape, "is_document_type", False):
            return {"a": [1]}
        case "structure":
            return _structure(shape, depth, whole=whole) if depth > DEEPEST else {}
        case "list":
            times = 2 if whole else 1
            return [sample(shape.member, depth - 1, whole=whole)] * times if depth > DEEPEST else []
        case "map":
            key = (shape.key.enum or ["key-1"])[0]
            return {key: sample(shape.value, depth - 1, whole=whole)} if depth > DEEPEST else {}
        case "string" if shape.enum:
            return shape.enum[0]
        case kind:
            return SCALARS[kind]


def _structure(shape: Shape, depth: int, *, whole: bool) -> dict[str, Any]:
    members = dict(shape.members)
    if getattr(shape, "is_tagged_union", False):
        members = dict(list(members.items())[:1])
    found = {
        name: sample(inner, depth - 1, whole=whole)
        for name, inner in members.items()
        if name in shape.required_members or (whole and depth > 0)
    }
    for name, inner in members.items():
        if name in found and inner.serialization.get("name", "").lower() == "content-type":
            found[name] = "application/json"
    return found


def pruned(value: Any) -> Any:
    """Return a value without what forms can't say: empty structures, and lists and maps of them."""
    match value:
        case dict():
            inner = {key: pruned(child) for key, child in value.items()}
            return {key: child for key, child in inner.items() if child not in ({}, [])}
        case list():
            return [child for child in map(pruned, value) if child not in ({}, [])]
        case _:
            return value


def same(got: Any, wanted: Any, shape: Shape) -> bool:
    """Tell whether what was understood is what was sent; numbers and times as any text."""
    match shape.type_name:
        case "structure":
            return getattr(shape, "is_document_type", False) or _same_members(got, wanted, shape)
        case "list":
            pairs = zip(got, wanted, strict=False)
            return len(got) == len(wanted) and all(same(*pair, shape.member) for pair in pairs)
        case "map":
            keys = got.keys()
            return keys == wanted.keys() and all(
                same(got[key], wanted[key], shape.value) for key in keys
            )
        case kind:
            return _SAME.get(kind, _any_text)(got, wanted, shape)


def _same_members(got: dict[str, Any], wanted: dict[str, Any], shape: Shape) -> bool:
    left = {name for name, value in wanted.items() if value in ({}, [])}
    left.add(shape.serialization.get("payload") or "")
    more = {name for name, value in got.items() if value in ({}, [])}
    return wanted.keys() - left <= got.keys() <= wanted.keys() | more and all(
        same(got[name], wanted[name], inner)
        for name, inner in shape.members.items()
        if name in got and name in wanted
    )


def _any_text(got: Any, _: Any, __: Shape) -> bool:
    return isinstance(got, str) and got != ""


def _same_text(got: Any, wanted: Any, shape: Shape) -> bool:
    return bool(got == wanted or (shape.serialization.get("jsonvalue") and got))


_SAME = {
    "string": _same_text,
    "character": _same_text,
    "boolean": lambda got, wanted, _: got == ("true" if wanted else "false"),
    "integer": lambda got, wanted, _: got == str(wanted),
    "long": lambda got, wanted, _: got == str(wanted),
}
