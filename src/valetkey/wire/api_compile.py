"""From botocore's JSON model of any service to the tables of its requests."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from valetkey.wire.api_tables import (
    ApiEntry,
    ApiKind,
    ApiMember,
    ApiOperation,
    ApiProtocol,
    ApiShape,
    ApiTable,
)
from valetkey.wire.errors import ModelsUnavailable

Json = Mapping[str, Any]

DEFAULT_STATUS = 400


def compile_entry(name: str, version: str, metadata: Json) -> ApiEntry:
    """Return what tells a service's requests; ``version`` is that of the model's folder."""
    protocols = metadata.get("protocols") or [metadata["protocol"]]
    if "awsQueryCompatible" in metadata and "query" not in protocols:
        protocols = [*protocols, "query"]
    return ApiEntry(
        name=name,
        version=version,
        api_version=metadata["apiVersion"],
        signing_name=metadata.get("signingName") or metadata["endpointPrefix"],
        protocols=tuple(cast("list[ApiProtocol]", protocols)),
        target_prefix=metadata.get("targetPrefix", ""),
        json_version=metadata.get("jsonVersion", ""),
        namespace=metadata.get("xmlNamespace", ""),
        query_compatible="awsQueryCompatible" in metadata,
    )


def compile_api(entry: ApiEntry, model: Json) -> ApiTable:
    """Return a service's tables; raises :class:`ModelsUnavailable` on a model of another kind."""
    try:
        return _table(entry, model)
    except (KeyError, TypeError) as error:
        raise ModelsUnavailable(
            f"botocore's model of `{entry.name}` is not as expected: `{error}`",
            help="install another release of botocore",
        ) from error


def _table(entry: ApiEntry, model: Json) -> ApiTable:
    shapes = model["shapes"]
    operations = {key: _operation(key, value) for key, value in model["operations"].items()}
    roots = [one.input for one in operations.values() if one.input]
    return ApiTable(
        entry=entry,
        operations=operations,
        shapes={name: _shape(shapes[name], shapes) for name in _reachable(roots, shapes)},
        errors=dict(_errors(shapes)),
    )


def _errors(shapes: Json) -> Iterator[tuple[str, int]]:
    for key, value in shapes.items():
        if value.get("exception"):
            declared = value.get("error", {})
            fault = 500 if value.get("fault") else DEFAULT_STATUS
            yield declared.get("code", key), declared.get("httpStatusCode", fault)


def _operation(name: str, raw: Json) -> ApiOperation:
    http = raw.get("http", {})
    return ApiOperation(
        name=name,
        method=http.get("method", "POST"),
        uri=http.get("requestUri", "/"),
        input=raw.get("input", {}).get("shape"),
        unsigned=raw.get("authtype") == "none",
        compressed="gzip" in raw.get("requestcompression", {}).get("encodings", ()),
    )


def _reachable(roots: list[str], shapes: Json) -> set[str]:
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [use["shape"] for _, use in _uses(shapes[name])]
    return found


def _uses(raw: Json) -> Iterator[tuple[str, Json]]:
    match raw["type"]:
        case "structure":
            yield from raw.get("members", {}).items()
        case "list":
            yield "member", raw["member"]
        case "map":
            yield "key", raw["key"]
            yield "value", raw["value"]
        case _:
            pass


def _shape(raw: Json, shapes: Json) -> ApiShape:
    kind = "document" if raw.get("document") else raw["type"]
    return ApiShape(
        kind=cast("ApiKind", "string" if kind == "character" else kind),
        members=tuple(_member(name, use, shapes[use["shape"]]) for name, use in _uses(raw)),
        payload=raw.get("payload", ""),
        stream=raw.get("eventstream", False),
        flattened=raw.get("flattened", False),
    )


def _member(name: str, use: Json, target: Json) -> ApiMember:
    return ApiMember(
        name=name,
        shape=use["shape"],
        wire=use.get("locationName", ""),
        query=use.get("queryName", ""),
        location=use.get("location", ""),
        flattened=use.get("flattened", target.get("flattened", False)),
        attribute=use.get("xmlAttribute", False),
    )
