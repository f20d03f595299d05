"""Proving that the writer goes on: it takes its turn as a write does, and leaves the disk alone."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from provd.store.engine import Store
from tests.fakes.new_store import make_store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    make_store(tmp_path / "provd.db")
    opened = Store(tmp_path / "provd.db")
    yield opened
    await opened.close()


def on_disk(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Each file of the store with its content and the time of its last change, but for the shared memory."""
    return {
        path.name: (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.iterdir()
        if not path.name.endswith("-shm")
    }


async def test_nothing_is_written(store: Store, tmp_path: Path) -> None:
    await store.prove_writer()
    before = on_disk(tmp_path)
    for _ in range(10):
        await store.prove_writer()
    assert on_disk(tmp_path) == before


async def test_it_waits_for_the_write_that_is_under_way(store: Store) -> None:
    async with store.write():
        proving = asyncio.create_task(store.prove_writer())
        await store.read(lambda session: None)
        assert not proving.done()
    await proving


async def test_it_says_nothing_of_whether_the_disk_has_room(store: Store) -> None:
    store.write_error = "the disk is full"
    await store.prove_writer()
    assert store.write_error == "the disk is full"
