"""The services as the server has them, compiled once."""

import pytest

from valetkey.wire import Services, load_services


@pytest.fixture(scope="session")
def services() -> Services:
    return load_services(None)
