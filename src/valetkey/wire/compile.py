"""From botocore's JSON model to tables."""

from collections.abc import Mapping
from typing import Any, cast

from valetkey.wire.errors import ModelsUnavailable
from valetkey.wire.tables import ErrorShape, Kind, Member, Operation, ServiceTable, Shape

Json = Mapping[str, Any]

DEFAULT_STATUS = 400


def compile_service(name: str, model: Json) -> ServiceTable:
    """Return a service's tables; raises :class:`ModelsUnavailable` on a model of another kind."""
    try:
        return _service(name, model)
    except (KeyError, TypeError) as error:
        raise ModelsUnavailable(
            f"botocore's model of `{name}` is not as expected: `{error}`",
            help="install another release of botocore",
        ) from error


def _service(name: str, model: Json) -> ServiceTable:
    metadata = model["metadata"]
    shapes = model["shapes"]
    return ServiceTable(
        name=name,
        signing_name=metadata.get("signingName") or metadata.get("endpointPrefix", name),
        version=metadata["apiVersion"],
        protocol=metadata["protocol"],
        namespace=metadata.get("xmlNamespace", ""),
        target_prefix=metadata.get("targetPrefix", ""),
        json_version=metadata.get("jsonVersion", ""),
        operations={key: _operation(value) for key, value in model["operations"].items()},
        shapes={key: _shape(value, shapes) for key, value in shapes.items()},
        errors={
            error.code: error
            for key, value in shapes.items()
            if value.get("exception")
            for error in [_error(key, value)]
        },
    )


def _operation(raw: Json) -> Operation:
    output = raw.get("output", {})
    return Operation(
        name=raw["name"],
        input=raw.get("input", {}).get("shape"),
        output=output.get("shape"),
        wrapper=output.get("resultWrapper"),
        unsigned=raw.get("authtype") == "none",
    )


def _shape(raw: Json, shapes: Json) -> Shape:
    kind = "document" if raw.get("document") else raw["type"]
    return Shape(
        kind=cast("Kind", "string" if kind == "character" else kind),
        members=_members(raw, shapes),
        required=tuple(raw.get("required", ())),
        least=raw.get("min"),
        most=raw.get("max"),
        pattern=raw.get("pattern"),
        enum=tuple(raw.get("enum", ())),
        sensitive=raw.get("sensitive", False),
        union=raw.get("union", False),
    )


def _members(raw: Json, shapes: Json) -> tuple[Member, ...]:
    match raw["type"]:
        case "structure":
            return tuple(
                _member(name, name, use, shapes[use["shape"]])
                for name, use in raw.get("members", {}).items()
            )
        case "list":
            use = raw["member"]
            return (_member("member", "member", use, shapes[use["shape"]]),)
        case "map":
            return tuple(
                _member(part, part, raw[part], shapes[raw[part]["shape"]])
                for part in ("key", "value")
            )
        case _:
            return ()


def _member(name: str, wire: str, use: Json, target: Json) -> Member:
    return Member(
        name=name,
        wire=use.get("locationName", wire),
        shape=use["shape"],
        flattened=use.get("flattened", target.get("flattened", False)),
        timestamp=use.get("timestampFormat", target.get("timestampFormat")),
    )


def _error(name: str, raw: Json) -> ErrorShape:
    declared = raw.get("error", {})
    members = raw.get("members", {})
    return ErrorShape(
        code=declared.get("code", name),
        status=declared.get("httpStatusCode", 500 if raw.get("fault") else DEFAULT_STATUS),
        message=next((m for m in members if m.lower() == "message"), None),
    )
