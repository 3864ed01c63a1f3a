"""Servers without sockets, and the rule that no refusal is a fault."""

from support.edge_fixtures import edge, first_state, shared_edge
from support.refusals import loud, quiet

__all__ = ["edge", "first_state", "loud", "quiet", "shared_edge"]
