"""Servers without sockets, the rule that no refusal is a fault, and a count of sockets."""

import socket
from typing import Any

import pytest

from support.edge_fixtures import edge, first_state, shared_edge
from support.gateway_guarded import bench
from support.refusals import loud, quiet

__all__ = ["bench", "edge", "first_state", "loud", "quiet", "shared_edge", "sockets"]


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return what this process asked of the network from now on: names, and connections."""
    seen: list[Any] = []
    for owner, name in (
        (socket.socket, "connect"),
        (socket.socket, "connect_ex"),
        (socket.socket, "sendto"),
        (socket, "getaddrinfo"),
        (socket, "gethostbyname"),
        (socket, "create_connection"),
    ):
        monkeypatch.setattr(owner, name, watched(getattr(owner, name), seen), raising=True)
    return seen


def watched(function: Any, seen: list[Any]) -> Any:
    def call(*arguments: Any, **options: Any) -> Any:
        seen.append((function.__name__, arguments[-2:]))
        return function(*arguments, **options)

    return call
