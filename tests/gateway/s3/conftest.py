import pytest

from support.s3_botocore import Botocore
from support.seaweed_fixtures import seaweed_store

__all__ = ["botocore", "seaweed_store"]


@pytest.fixture(scope="session")
def botocore() -> Botocore:
    return Botocore()
