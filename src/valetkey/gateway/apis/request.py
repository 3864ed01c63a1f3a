"""A request, understood: its operation and what it names, whatever protocol it came in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from valetkey.wire.api_tables import ApiEntry, ApiOperation, ApiProtocol

Value = str | list["Value"] | dict[str, "Value"]
"""A value as the model has it: members by their model names, scalars as text."""


@dataclass(frozen=True)
class ApiRequest:
    """A request to an AWS service.

    ``service`` is the name in the signature's scope, ``prefix`` the one in IAM's actions.
    ``meaning`` names the headers that the request's meaning hangs on, beside ``x-amz-*``: what
    a signature does not cover of them could have been put there by others.
    ``resource_path`` is the path as it came, for APIs whose resources are paths.
    """

    service: str
    prefix: str
    entry: ApiEntry
    protocol: ApiProtocol
    operation: str
    model: ApiOperation
    input: dict[str, Value]
    region: str
    method: str
    resource_path: str
    meaning: frozenset[bytes] = frozenset()

    @cached_property
    def parameters(self) -> Mapping[str, tuple[str, ...]]:
        """Return every value by its path: ``TagSpecifications[].Tags[].Key``; maps as ``{}``."""
        found: dict[str, list[str]] = {}
        for path, value in flatten(self.input):
            found.setdefault(path, []).append(value)
        return {path: tuple(values) for path, values in found.items()}


def flatten(value: Value, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield path and text of every scalar in a value; lists add ``[]`` to the path."""
    match value:
        case str():
            yield path, value
        case list():
            for element in value:
                yield from flatten(element, f"{path}[]")
        case dict():
            for name, child in value.items():
                yield from flatten(child, f"{path}.{name}" if path else name)
