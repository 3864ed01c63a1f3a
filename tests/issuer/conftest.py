import pytest

from valetkey.issuer import SigningKey, SigningKeys


@pytest.fixture(scope="session")
def keys() -> SigningKeys:
    return SigningKeys.generate()


@pytest.fixture(scope="session")
def key(keys) -> SigningKey:
    return keys.ci
