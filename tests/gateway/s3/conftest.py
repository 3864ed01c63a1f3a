import pytest

from support.s3_botocore import Botocore


@pytest.fixture(scope="session")
def botocore() -> Botocore:
    return Botocore()
