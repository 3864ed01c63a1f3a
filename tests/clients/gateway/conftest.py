"""The gateway before a store, for real S3 clients to talk to."""

from typing import Any

import pytest

from support.gateway_running import gateway
from support.processes import Site

__all__ = ["gateway"]


@pytest.fixture(scope="session")
def site(gateway: Any) -> Site:
    """Stand in for the site of the other clients: what isolates a test points at the gateway."""
    found: Site = gateway.site
    return found
