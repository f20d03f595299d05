"""The history's tables: what is written comes back, and what is too old goes in steps."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from provd.schema.timestamps import NEVER
from provd.store import history
from provd.store.engine import Store
from provd.store.history import Changes, Checkpoint, HourRollups
from provd.store.tables import ProviderRow
from tests.fakes.new_store import make_store

AT = "2026-01-01 00:00:00.000000"
HOUR = 494_000


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    make_store(tmp_path / "provd.db")
    opened = Store(tmp_path / "provd.db")
    yield opened
    await opened.close()


async def save(store: Store, changes: Changes) -> None:
    async with store.write() as transaction:
        await transaction.run(history.save, changes)


async def test_a_checkpoint_replaces_the_one_before(store: Store) -> None:
    first = Checkpoint(7, 1, 100, b"samples", b"minutes", b"day")
    await save(store, Changes(checkpoints=[first, first._replace(target_id=8)]))
    await save(store, Changes(checkpoints=[first._replace(upto=2, samples=b"more")]))
    assert store.read_now(history.checkpoint, 7) == first._replace(upto=2, samples=b"more")
    assert store.read_now(history.checkpoint, 9) is None
    assert store.read_now(lambda session: [row.target_id for row in history.checkpoints(session)]) == [7, 8]


async def test_the_log_is_read_in_order_and_cut_at_its_beginning(store: Store) -> None:
    for number in (1, 2, 10, 11):
        await save(store, Changes(log=(number, 5, b"%d" % number)))
    await save(store, Changes(log=(11, 6, b"again"), log_until=2))
    assert store.read_now(lambda session: list(history.log_rows(session))) == [(10, b"10"), (11, b"again")]


async def test_hours_are_found_by_target_and_time(store: Store) -> None:
    hours = {
        (HOUR + hour, target): HourRollups(b"h%d" % hour, b"m%d" % hour)
        for hour in (0, 1, 5)
        for target in (1, 2**31)
    }
    await save(store, Changes(hours=hours))
    assert store.read_now(history.hours_at, [*hours, (HOUR + 2, 1), (HOUR, 3)]) == hours
    for target in (1, 2**31):
        between = store.read_now(history.hours_between, target, HOUR, HOUR + 4, minutes=False)
        assert between == [(HOUR, b"h0"), (HOUR + 1, b"h1")]
        minutes = store.read_now(history.hours_between, target, HOUR + 1, HOUR + 5, minutes=True)
        assert minutes == [(HOUR + 1, b"m1"), (HOUR + 5, b"m5")]
    assert store.read_now(history.hours_between, 3, HOUR, HOUR + 4, minutes=True) == []
    assert store.read_now(history.hours_between, 1, HOUR + 1, HOUR, minutes=False) == []


async def test_hours_between_are_looked_up_one_by_one_and_not_searched_for(store: Store) -> None:
    plan = store.read_now(
        lambda session: session.execute(
            text(f"EXPLAIN QUERY PLAN {history._HOURS_BETWEEN}"),
            {"target": 1, "first": HOUR, "last": HOUR + 9},
        ).all()
    )
    assert any("SEARCH rollup_hour USING INTEGER PRIMARY KEY" in row[3] for row in plan)


async def test_pruning_forgets_the_oldest_hours_a_step_at_a_time(store: Store) -> None:
    hours = {(HOUR + hour, target): HourRollups(b"h", b"m") for hour in range(10) for target in range(1, 6)}
    await save(store, Changes(hours=hours))

    async def left(*, minutes: bool) -> list[int]:
        return [
            len(store.read_now(history.hours_between, each, HOUR, HOUR + 9, minutes=minutes))
            for each in (1, 5)
        ]

    async with store.write() as transaction:
        await transaction.run(history.prune_rollups, HOUR + 4, 8, minutes=True)
    assert await left(minutes=True) == [8, 9]
    for _ in range(5):
        async with store.write() as transaction:
            await transaction.run(history.prune_rollups, HOUR + 4, 8, minutes=True)
    assert await left(minutes=True) == [6, 6]
    assert await left(minutes=False) == [10, 10]
    first = store.read_now(history.hours_at, [(HOUR, 1)])
    assert first == {(HOUR, 1): HourRollups(b"h", b"")}


async def test_targets_are_read_whether_or_not_their_providers_were_deleted(store: Store) -> None:
    async with store.write() as transaction:
        for key, deleted in (("a", NEVER), ("b", AT)):
            transaction.session.add(
                ProviderRow(id=key, name=key, hostname="h", tm_create=AT, tm_update=AT, tm_delete=deleted)
            )
        await transaction.run(history.add_targets, [(1, "a", "x"), (2, "b", "x"), (3, "a", "y")])
    found = store.read_now(lambda session: list(history.targets(session)))
    assert found == [(1, "a", "x"), (2, "b", "x"), (3, "a", "y")]
    assert store.read_now(history.newest_target) == 3


async def test_idle_targets_are_retired_and_forgotten_later(store: Store) -> None:
    rows = [Checkpoint(number, 1, 100 * number, b"", b"", b"") for number in range(1, 6)]
    async with store.write() as transaction:
        await transaction.run(history.add_targets, [(row.target_id, "a", f"{row.target_id}") for row in rows])
        await transaction.run(history.save, Changes(checkpoints=rows))
    assert store.read_now(history.idle_checkpoints, 0, 2, 250) == (2, [(1, 100), (2, 200)])
    assert store.read_now(history.idle_checkpoints, 2, 10, 350) == (None, [(3, 300)])
    async with store.write() as transaction:
        for number in (1, 2):
            await transaction.run(history.retire, number, 100 * number)
    assert store.read_now(history.checkpoint, 1) is None
    assert store.read_now(history.retired_targets, 150, 10) == [1]
    assert store.read_now(history.retired_targets, 1000, 1) == [1]
    await save(store, Changes(checkpoints=[rows[0]]))  # it is checked again
    assert store.read_now(history.retired_targets, 1000, 10) == [2]
    async with store.write() as transaction:
        await transaction.run(history.delete_targets, [2])
    assert store.read_now(history.retired_targets, 1000, 10) == []
