"""A gateway for APIs other than S3 before a scripted upstream, one a test."""

import pytest

from gateway.api_bench import opened


@pytest.fixture
async def bench(tmp_path):
    async with opened(tmp_path) as made:
        yield made
