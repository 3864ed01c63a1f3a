"""A server without sockets for each test, administered by `edge.query` and `edge.target`."""

from support.edge_fixtures import edge, first_state, shared_edge

__all__ = ["edge", "first_state", "shared_edge"]
