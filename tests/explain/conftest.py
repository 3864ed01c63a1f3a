"""Servers without sockets."""

from support.edge_fixtures import edge, first_state, shared_edge

__all__ = ["edge", "first_state", "shared_edge"]
