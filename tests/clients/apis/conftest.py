"""The gateway before moto, for real clients of many services to talk to."""

from typing import Any

import pytest

from support.moto_running import apis
from support.processes import Site

__all__ = ["apis"]


@pytest.fixture(scope="session")
def site(apis: Any) -> Site:
    """Stand in for the site of the other clients: what isolates a test points at this gateway."""
    found: Site = apis.site
    return found
