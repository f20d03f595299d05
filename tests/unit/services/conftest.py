"""A store for the services."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from provd.store.engine import STORE_NAME, Store
from tests.fakes.new_store import make_store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A new one, as the daemon makes it."""
    make_store(tmp_path / STORE_NAME)
    opened = Store(tmp_path / STORE_NAME)
    yield opened
    await opened.close()
