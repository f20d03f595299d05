"""The audit log in the store: added to alone, with the change itself, and forgotten only as a whole."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from provd.schema.audit import AuditEntry
from provd.services.actor import Actor
from provd.services.auditing import Subject
from provd.services.auditing import audit as say
from provd.store import audit, providers
from provd.store.audit import AuditFilter
from provd.store.audit_chain import Broken, Link
from provd.store.engine import Store, StoredEvent
from provd.store.errors import StoreError
from provd.store.tables import ProviderRow
from tests.fakes.new_store import make_store

MARA = Actor(1000, "mara", 77, "admin", "PATCH", "r-1")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    make_store(tmp_path / "provd.db")
    opened = Store(tmp_path / "provd.db")
    yield opened
    await opened.close()


async def write(store: Store, *names: str) -> None:
    async with store.write() as transaction:
        for name in names:
            say(transaction, MARA, "provider.update", Subject("provider", "p", name), after={"name": name})


async def write_at(store: Store, *times: str) -> None:
    """Lines as if they had been written then."""
    async with store.write() as transaction:
        for at in times:
            names = set(AuditEntry.model_fields) - {"seq", "previous", "hash"}
            transaction.audit({**dict.fromkeys(names, ""), "uid": 0, "pid": 0, "revision": 0, "at": at})


def numbers(store: Store, **wanted: str) -> list[int | None]:
    return [row.seq for row in store.read_now(audit.page, AuditFilter(**wanted), None, 100)]


async def test_lines_are_numbered_and_announced_in_order_with_their_transaction(store: Store) -> None:
    heard: list[StoredEvent] = []
    store.on_commit = heard.extend
    await write(store, "a", "b")
    await write(store, "c")
    assert numbers(store) == [3, 2, 1]
    assert [event.type for event in heard] == ["audit"] * 3
    walked = store.read_now(audit.walk, Link(), 100)
    assert (walked.last.seq, walked.seen, walked.broken) == (3, 3, None)


async def test_a_write_that_fails_leaves_no_line_and_no_gap(store: Store) -> None:
    async def write_and_fail() -> None:
        async with store.write() as transaction:
            say(transaction, MARA, "provider.update", Subject("provider"))
            raise RuntimeError

    await write(store, "a")
    with pytest.raises(RuntimeError):
        await write_and_fail()
    await write(store, "b")
    assert store.read_now(audit.walk, Link(), 100).last.seq == 2


async def test_a_store_that_is_opened_again_goes_on_with_the_chain(store: Store) -> None:
    await write(store, "a")
    again = Store(store.path)
    await write(again, "b")
    assert again.read_now(audit.walk, Link(), 100).last.seq == 2
    await again.close()


async def test_after_a_write_that_broke_off_the_end_of_the_log_is_looked_for_anew(store: Store) -> None:
    await write(store, "a")
    other = Store(store.path)
    await write(other, "committed, though its writer never heard")
    await other.close()
    with pytest.raises(StoreError):
        await write(store, "b")
    await write(store, "c")
    assert store.read_now(audit.walk, Link(), 100).last.seq == 3


async def test_sqlite_itself_refuses_to_change_or_remove_a_line(store: Store) -> None:
    await write(store, "a")
    for statement in ("UPDATE audit SET name = 'x'", "DELETE FROM audit"):
        refused = pytest.raises(sqlite3.IntegrityError, match="added to alone")
        with closing(sqlite3.connect(store.path)) as connection, refused:
            connection.execute(statement)


async def test_lines_taken_from_the_end_leave_a_gap_that_new_ones_do_not_hide(store: Store) -> None:
    await write(store, "a", "b", "c")
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("DROP TRIGGER audit_no_removal")
        connection.execute("DELETE FROM audit WHERE seq > 1")
    again = Store(store.path)
    await write(again, "d")
    walked = again.read_now(audit.walk, Link(), 100)
    assert isinstance(walked.broken, Broken)
    assert (walked.broken.seq, walked.seen) == (2, 1)
    await again.close()


async def test_old_lines_are_forgotten_from_the_beginning_and_the_rest_verifies(store: Store) -> None:
    days = ("01", "03", "02", "05")  # the clock was set back once
    await write_at(store, *(f"2026-01-{day} 00:00:00.000000" for day in days))

    async def forget(before: str) -> Link | None:
        async with store.write() as transaction:
            return await transaction.run(audit.forget, before)

    assert await forget("2025-12-31 00:00:00.000000") is None
    last = await forget("2026-01-04 00:00:00.000000")
    assert last is not None
    assert (last.seq, numbers(store)) == (3, [4])
    assert store.read_now(audit.anchored) == last
    assert store.read_now(audit.walk, last, 100).broken is None
    assert await forget("2027-01-01 00:00:00.000000") is None  # the newest stays until there is a newer one


async def test_lines_are_found_by_what_is_asked(store: Store) -> None:
    await write(store, "first")
    await write(store, "50%_off")
    assert numbers(store, q="FIRST") == [1]
    assert numbers(store, q="%_") == [2]
    assert numbers(store, object_id="p", user="mara", action="provider.") == [2, 1]
    assert numbers(store, user="1000") == [2, 1]
    assert numbers(store, user="99999999999999999999") == []
    assert numbers(store, action="provider_") == []
    assert numbers(store, outcome="refused") == []
    assert numbers(store, since="9998-01-01 00:00:00.000000") == []
    assert numbers(store, until="9998-01-01 00:00:00.000000") == [2, 1]


async def test_a_change_whose_line_cannot_be_written_is_not_made(store: Store) -> None:
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("CREATE TRIGGER t BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no'); END")

    async def add() -> None:
        async with store.write() as transaction:
            row = ProviderRow(id="p", name="a", hostname="h", tm_create="", tm_update="")
            transaction.session.add(row)
            say(transaction, MARA, "provider.create", Subject("provider", "p"))

    with pytest.raises(StoreError):
        await add()
    assert store.read_now(providers.get, "p") is None
