"""A SeaweedFS store as a fixture; a folder's conftest takes it.

One store for the whole session: a test makes buckets of its own names. A test that kills its
store runs one of its own with ``support.seaweed.seaweed``.
"""

from collections.abc import Iterator

import pytest

from support.seaweed import Seaweed, seaweed

__all__ = ["seaweed_store"]


@pytest.fixture(scope="session")
def seaweed_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    """Return a store that runs until the session ends."""
    with seaweed(tmp_path_factory.mktemp("seaweed")) as store:
        yield store
