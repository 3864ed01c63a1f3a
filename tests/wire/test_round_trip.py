"""A law: what botocore sends we read as it was, what we answer botocore reads as it was.

For every operation of every service, with inputs and outputs made from the models.
"""

import functools
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from valetkey.wire import decode, encode_output, identify
from valetkey.wire.botocore_data import botocore_folder, read_model
from valetkey.wire.cache import OFFERED
from wire.oracle import Client, same, typed

DEPTH = 3
# Text that both protocols can carry: XML has no control characters, we refuse NUL.
TEXT = st.text(
    st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), max_size=12
)
SCALARS = {
    "blob": st.binary(max_size=12),
    "timestamp": st.integers(0, 4102444800).map(float),
    "boolean": st.booleans(),
    "integer": st.integers(-(1 << 31), (1 << 31) - 1),
    "long": st.integers(-(1 << 63), (1 << 63) - 1),
    "string": TEXT,
}


@functools.cache
def client(name: str, version: str) -> Client:
    return Client(read_model(botocore_folder(), name, version), name)


def values(shape: Any, depth: int = 0) -> st.SearchStrategy[Any]:
    match shape.type_name:
        case "structure":
            members = {
                key: values(member, depth + 1)
                for key, member in shape.members.items()
                if depth < DEPTH or member.type_name not in ("structure", "list", "map")
            }
            return st.fixed_dictionaries({}, optional=members)
        case "list":
            return st.lists(values(shape.member, depth + 1), max_size=3)
        case "map":
            return st.dictionaries(
                values(shape.key, depth + 1), values(shape.value, depth + 1), max_size=3
            )
        case kind:
            return SCALARS[kind]


def sendable(value: Any, shape: Any) -> Any:
    """Return a value as botocore takes it: times as datetimes."""
    match shape.type_name:
        case "structure":
            return {key: sendable(child, shape.members[key]) for key, child in value.items()}
        case "list":
            return [sendable(child, shape.member) for child in value]
        case "map":
            return {key: sendable(child, shape.value) for key, child in value.items()}
        case "timestamp":
            return datetime.fromtimestamp(value, UTC)
        case _:
            return value


def unsaid(value: Any, shape: Any) -> Any:
    """Return an input without what the query protocol can't say: empty structures and maps."""
    match shape.type_name:
        case "structure":
            inside = {key: unsaid(child, shape.members[key]) for key, child in value.items()}
            return {
                key: child
                for key, child in inside.items()
                if child != {} or shape.members[key].type_name not in ("structure", "map")
            }
        case "list":
            return [unsaid(child, shape.member) for child in value]
        case _:
            return value


def has_empty_part(value: Any) -> bool:
    match value:
        case list() | dict():
            parts = value if isinstance(value, list) else value.values()
            return any(part == {} or has_empty_part(part) for part in parts)
        case _:
            return False


def operations() -> list[Any]:
    return [
        pytest.param(service, version, name, id=f"{service}-{name}")
        for service, version in OFFERED
        for name in client(service, version).service.operations
    ]


LAW = settings(
    max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize(("name", "version", "operation"), operations())
def test_what_botocore_sends_we_read(
    services: Any, name: str, version: str, operation: str
) -> None:
    there = client(name, version)
    shape = there.operation(operation).input_shape

    @LAW
    @given(values(shape) if shape else st.just({}))
    def law(value: dict[str, Any]) -> None:
        wanted = value
        if there.botocore.metadata["protocol"] == "query" and shape:
            wanted = unsaid(value, shape)
            assume(not has_empty_part(wanted))
        request = there.request(operation, sendable(value, shape) if shape else {})
        service = identify(request, services)
        assert service.name == name
        decoded = decode(request, service)
        assert decoded.operation == operation
        assert same(decoded.input, wanted)

    law()


@pytest.mark.parametrize(("name", "version", "operation"), operations())
def test_what_we_answer_botocore_reads(
    services: Any, name: str, version: str, operation: str
) -> None:
    there = client(name, version)
    shape = there.operation(operation).output_shape

    @LAW
    @given(values(shape) if shape else st.just({}))
    def law(value: dict[str, Any]) -> None:
        answer = encode_output(services[name], operation, value, "0123-abc")
        parsed = there.parse(operation, answer)
        metadata = parsed.pop("ResponseMetadata")
        assert metadata["RequestId"] == "0123-abc"
        assert same(typed(parsed, shape) if shape else parsed, value)

    law()
