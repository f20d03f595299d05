"""The one writer."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from provd.store import events as stored_events
from provd.store.engine import Store, StoredEvent
from provd.store.errors import StoreError
from provd.store.tables import ProviderRow
from tests.fakes.new_store import make_store

AT = "2026-01-01 00:00:00.000000"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    make_store(tmp_path / "provd.db")
    opened = Store(tmp_path / "provd.db")
    async with opened.write() as transaction:
        transaction.session.add(ProviderRow(id="a", name="0", hostname="h", tm_create=AT, tm_update=AT))
    yield opened
    await opened.close()


async def name_in(store: Store) -> str:
    row = await store.read(lambda session: session.get(ProviderRow, "a"))
    assert row is not None
    assert store.read_now(lambda session: session.get(ProviderRow, "a")) == row
    return row.name


async def test_read_modify_write_loses_nothing(store: Store) -> None:
    async def increase() -> None:
        async with store.write() as transaction:
            row = await transaction.session.get(ProviderRow, "a")
            assert row is not None
            row.name = str(int(row.name) + 1)

    await asyncio.gather(*(increase() for _ in range(100)))
    assert await name_in(store) == "100"


async def test_a_write_that_fails_leaves_nothing_and_announces_nothing(store: Store) -> None:
    announced: list[StoredEvent] = []
    store.on_commit = announced.extend

    async def change_and_fail() -> None:
        async with store.write() as transaction:
            row = await transaction.session.get(ProviderRow, "a")
            assert row is not None
            row.name = "changed"
            transaction.record("provider.updated", AT, "a", "{}")
            transaction.after_commit(lambda: pytest.fail("it was not committed"))
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        await change_and_fail()
    assert await name_in(store) == "0"
    assert announced == []
    async with store.write() as transaction:
        transaction.record("provider.updated", AT, "a", "{}")
    assert [event.seq for event in announced] == [1]


async def test_events_are_handed_on_in_order_after_the_commit(store: Store) -> None:
    seen: list[str] = []
    store.on_commit = lambda events: seen.extend(f"{event.seq} {event.data}" for event in events)
    async with store.write() as transaction:
        for number in range(500):
            transaction.record("x", AT, None, str(number))
        transaction.after_commit(lambda: seen.append("committed"))
    assert seen == ["committed", *(f"{number + 1} {number}" for number in range(500))]


async def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError):
        await store.read(lambda session: session.execute(text("DELETE FROM provider")))
    with pytest.raises(StoreError):
        store.read_now(lambda session: session.execute(text("DELETE FROM provider")))
    assert await name_in(store) == "0"


async def test_a_store_that_another_process_locks_is_an_error_in_words(store: Store) -> None:
    async with store.write() as transaction:
        await transaction.session.execute(text("PRAGMA busy_timeout = 10"))
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StoreError, match="another process holds it locked"):
            async with store.write() as transaction:
                transaction.record("x", AT, None, "{}")
        assert store.write_error is not None
        assert await name_in(store) == "0"
    finally:
        other.execute("ROLLBACK")
        other.close()
    async with store.write():
        pass
    assert store.write_error is None


async def test_every_commit_reaches_the_disk(store: Store) -> None:
    async with store.write() as transaction:
        pragmas = {
            name: (await transaction.session.execute(text(f"PRAGMA {name}"))).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


async def test_a_read_in_the_midst_of_another_reads_too(store: Store) -> None:
    async with store.write() as transaction:
        for number in range(5):
            transaction.record("daemon.started", f"2026-01-01 00:00:0{number}.000000", None, "{}")

    def within(session: Session) -> list[tuple[int, int]]:
        outer = session.execute(text("SELECT seq FROM event ORDER BY seq").execution_options(yield_per=1))
        return [(row[0], store.read_now(stored_events.newest_seq)) for row in outer]

    assert store.read_now(within) == [(number, 5) for number in range(1, 6)]
