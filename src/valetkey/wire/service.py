"""A service as requests meet it: its tables, and its protocol compiled from them."""

from collections.abc import Iterable, Iterator, Mapping

from valetkey.wire.constraints import Check, Checks
from valetkey.wire.json_protocol import JsonProtocol
from valetkey.wire.query_protocol import QueryProtocol
from valetkey.wire.tables import ErrorShape, Operation, ServiceTable

PROTOCOLS: Mapping[str, type[QueryProtocol | JsonProtocol]] = {
    "query": QueryProtocol,
    "json": JsonProtocol,
}


class Service:
    """One AWS service. ``name`` is botocore's (``sts``, ``iam``, ``secretsmanager``)."""

    def __init__(self, table: ServiceTable) -> None:
        self.name = table.name
        self.signing_name = table.signing_name
        self.version = table.version
        self.target_prefix = table.target_prefix
        self.operations: Mapping[str, Operation] = table.operations
        self.errors: Mapping[str, ErrorShape] = table.errors
        self.protocol: QueryProtocol | JsonProtocol = PROTOCOLS[table.protocol](table)
        self._checks = Checks(table)

    def check(self, operation: Operation) -> Check | None:
        """Return the check of an operation's input, or None where it has no input."""
        return self._checks.structure(operation.input) if operation.input else None


class Services(Mapping[str, Service]):
    """All services by name, and the ways to tell which one a request is for."""

    def __init__(self, services: Iterable[Service]) -> None:
        self._services = {service.name: service for service in services}
        self._by_scope = {s.signing_name: s for s in self._services.values()}
        self._by_target = {s.target_prefix: s for s in self._services.values() if s.target_prefix}
        self._by_version = {s.version: s for s in self._services.values() if not s.target_prefix}

    def __getitem__(self, name: str) -> Service:
        return self._services[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._services)

    def __len__(self) -> int:
        return len(self._services)

    def of_scope(self, name: str) -> Service | None:
        """Return the service that a signature's scope names."""
        return self._by_scope.get(name)

    def of_target(self, prefix: str) -> Service | None:
        """Return the service that an ``X-Amz-Target`` header's prefix names."""
        return self._by_target.get(prefix)

    def of_version(self, version: str | None) -> Service | None:
        """Return the query service whose API has a version."""
        return self._by_version.get(version or "")
