"""What is forgotten, and what is not."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from provd.schema.timestamps import to_timestamp
from provd.services.history.pruner import SLACK_S
from provd.services.history.reader import HistoryReader
from provd.services.history.retention import Retention
from provd.store import transitions
from provd.store.tables import ProviderRow
from tests.fakes.measuring import HOUR, START, Fleet, Measured

AT = "2026-01-01 00:00:00.000000"
RETENTION = Retention(minutes_s=6 * 3600, hours_s=24 * 3600, transitions_s=3600, traces=2)


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[Fleet]:
    made = Fleet(tmp_path / "provd.db", RETENTION)
    async with made.store.write() as transaction:
        transaction.session.add(ProviderRow(id="a", name="a", hostname="h", tm_create=AT, tm_update=AT))
    yield made
    await made.store.close()


async def watched_for(fleet: Fleet, target: Measured, hours: int) -> None:
    """A check a minute, and a checkpoint every five."""
    for minute in range(hours * 60):
        fleet.measure(target)
        fleet.now += 60
        if minute % 5 == 0:
            for _ in range(60):
                await fleet.writer.write(5.0)


async def let_go(fleet: Fleet, target: Measured) -> None:
    fleet.keeper.detach(target)
    while fleet.keeper.roster.kept:
        await fleet.writer.write(5.0)


async def hours(fleet: Fleet, number: int, *, minutes: bool) -> list[int]:
    found = await HistoryReader(fleet.store, fleet.keeper.roster).read(
        number, HOUR - 9, HOUR + 999, minutes=minutes
    )
    return [hour - HOUR for hour, _ in found.hours]


async def rows_in(fleet: Fleet, table: str) -> int:
    query = text(f"SELECT count(*) FROM {table}")
    return int(await fleet.store.read(lambda session: session.execute(query).scalar()))


async def test_minutes_go_before_hours_and_a_step_of_the_clock_costs_nothing(fleet: Fleet) -> None:
    await watched_for(fleet, fleet.watch(), 10)
    fleet.now += 3600  # the clock is wrong for a while
    await fleet.pruner.step()
    fleet.now -= 3600
    kept = 6 + SLACK_S // 3600
    assert (await hours(fleet, 1, minutes=True))[0] <= 10 - kept + 1
    fleet.now += 4 * 3600
    await fleet.pruner.step()
    assert await hours(fleet, 1, minutes=True) == [hour for hour in range(9) if hour >= 14 - kept]
    assert await hours(fleet, 1, minutes=False) == list(range(9))
    fleet.now += 16 * 3600
    await fleet.pruner.step()
    assert await hours(fleet, 1, minutes=False) == [
        hour for hour in range(9) if hour >= 30 - 24 - SLACK_S // 3600
    ]


async def test_the_last_minutes_of_a_target_that_is_gone_become_part_of_its_hours(fleet: Fleet) -> None:
    target = fleet.watch()
    await watched_for(fleet, target, 2)
    fleet.now += 600
    fleet.measure(target, None)
    await let_go(fleet, target)
    assert await hours(fleet, 1, minutes=False) == [0, 1]
    fleet.now += 5 * 3600
    await fleet.pruner.step()
    assert await rows_in(fleet, "checkpoint") == 1
    fleet.now += 4 * 3600
    await fleet.pruner.step()
    assert await rows_in(fleet, "checkpoint") == 0
    assert await hours(fleet, 1, minutes=False) == [0, 1, 2]
    again = fleet.watch()
    assert (again.number, list(again.samples or ())) == (1, [])
    fleet.measure(again)
    await fleet.writer.write(5.0)
    found = await HistoryReader(fleet.store, fleet.keeper.roster).read(1, HOUR, HOUR + 99, minutes=False)
    assert sum(1 for _ in found.by_hour()) == 4


async def test_a_target_under_watch_is_not_retired_however_seldom_it_is_checked(fleet: Fleet) -> None:
    target = fleet.watch()
    fleet.measure(target)
    for _ in range(60):
        await fleet.writer.write(5.0)
    fleet.now += 9 * 3600
    await fleet.pruner.step()
    assert await rows_in(fleet, "checkpoint") == 1


async def test_a_target_with_nothing_left_is_forgotten_and_can_come_again(fleet: Fleet) -> None:
    target = fleet.watch()
    fleet.measure(target)
    await let_go(fleet, target)
    fleet.now += 9 * 3600
    await fleet.pruner.step()
    assert await rows_in(fleet, "target") == 1
    fleet.now += 24 * 3600
    await fleet.pruner.step()
    await fleet.pruner.step()
    assert await rows_in(fleet, "target") == await rows_in(fleet, "rollup_hour") == 0
    assert fleet.keeper.roster.numbers("a") == {}
    fleet.measure(fleet.watch())
    assert await fleet.writer.write(5.0)
    assert await rows_in(fleet, "target") == 1


async def test_transitions_and_their_exchanges_are_kept_as_long_as_was_asked(fleet: Fleet) -> None:
    row = {"provider_id": "a", "previous": "healthy", "status": "unhealthy", "sent": "s", "received": "r"}
    async with fleet.store.write() as transaction:
        for minute in range(5):
            await transaction.run(transitions.add, [{**row, "at": to_timestamp(START + 60 * minute)}])
    await fleet.pruner.step()
    found = fleet.store.read_now(transitions.newest, "a", 9)
    assert [each.sent for each in found] == ["s", "s", None, None, None]
    fleet.now = START + SLACK_S + 3600 + 150
    await fleet.pruner.step()
    assert len(fleet.store.read_now(transitions.newest, "a", 9)) == 2


async def test_many_idle_targets_are_retired_step_by_step(fleet: Fleet) -> None:
    for number in range(50):
        target = fleet.watch("a", f"udp:192.0.2.{number}:5060")
        fleet.measure(target)
        fleet.keeper.detach(target)
    while fleet.keeper.roster.kept:
        await fleet.writer.write(5.0)
    fleet.now += 9 * 3600
    for _ in range(5):
        await fleet.pruner.step()
    assert await rows_in(fleet, "checkpoint") == 0
    assert await rows_in(fleet, "rollup_hour") == 50
