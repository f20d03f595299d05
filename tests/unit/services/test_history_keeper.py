"""The keeper of history: nothing lost, nothing counted twice, whenever the end comes."""

import asyncio
import random
import shutil
import sqlite3
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from provd.probe.rollup import Rollup
from provd.probe.samples import RING
from provd.services.history.reader import HistoryReader
from provd.services.history.retention import Retention
from provd.services.history.writer import TRIM_EVERY
from provd.store.tables import ProviderRow
from tests.fakes.daemon import eventually
from tests.fakes.measuring import HOUR, Fleet, Measured

AT = "2026-01-01 00:00:00.000000"
Counted = dict[tuple[str, str], dict[int, Rollup]]


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[Fleet]:
    made = await fleet_with(tmp_path / "provd.db", "a", "b", "c")
    yield made
    await made.store.close()


async def fleet_with(path: Path, *providers: str, retention: Retention | None = None) -> Fleet:
    made = Fleet(path, retention)
    async with made.store.write() as transaction:
        for key in providers:
            transaction.session.add(ProviderRow(id=key, name=key, hostname="h", tm_create=AT, tm_update=AT))
    return made


async def killed(fleet: Fleet, path: Path) -> Fleet:
    """What a daemon finds that starts after this one was killed now."""
    for suffix in ("", "-wal"):
        shutil.copy(f"{fleet.store.path}{suffix}", f"{path}{suffix}")
    return Fleet(path, fleet.retention, fleet.now)


async def counted(fleet: Fleet, *, minutes: bool) -> Counted:
    """Everything that the store and memory have of each target, by the time it begins."""
    reader = HistoryReader(fleet.store, fleet.keeper.roster)
    everything: Counted = {}
    for provider_id in ("a", "b", "c"):
        for address, number in fleet.keeper.roster.numbers(provider_id).items():
            found = await reader.read(number, HOUR - 48, HOUR + 240, minutes=minutes)
            of_target: dict[int, Rollup] = defaultdict(Rollup)
            for at, rollup in found.by_minute() if minutes else found.by_hour():
                of_target[at].merge_encoded(rollup)
            if of_target:
                everything[provider_id, address] = dict(of_target)
    return everything


def expected(fleet: Fleet, unit_s: int) -> Counted:
    everything: Counted = {}
    for name, samples in fleet.measured.items():
        of_target: dict[int, Rollup] = defaultdict(Rollup)
        for packed in samples:
            at = packed >> 32
            of_target[at - at % unit_s].add(packed)
        everything[name] = dict(of_target)
    return everything


async def check(fleet: Fleet, truth: Fleet) -> None:
    assert await counted(fleet, minutes=True) == expected(truth, 60)
    assert await counted(fleet, minutes=False) == expected(truth, 3600)
    for provider_id in ("a", "b", "c"):
        assert fleet.keeper.availability_24h(provider_id) == truth.keeper.availability_24h(provider_id)


async def lock(fleet: Fleet) -> sqlite3.Connection:
    """Another process takes the store: every write fails until it is closed."""
    async with fleet.store.write() as transaction:
        await transaction.session.execute(text("PRAGMA busy_timeout = 1"))
    other = sqlite3.connect(fleet.store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


async def rows_in(fleet: Fleet, table: str) -> int:
    return int(
        await fleet.store.read(
            lambda session: session.execute(text(f"SELECT count(*) FROM {table}")).scalar()
        )
    )


@pytest.mark.parametrize("seed", range(2))
async def test_a_daemon_that_is_killed_at_any_step_has_lost_nothing_and_counts_nothing_twice(
    fleet: Fleet, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    names = [(provider_id, f"udp:192.0.2.{number}:5060") for provider_id in "abc" for number in range(6)]
    watched: dict[tuple[str, str], Measured] = {}
    steps = [0.5, 1.0, 7.0, 30.0, 30.0, 61.0, 400.0, 1700.0, -61.0, -3600.0, 3600.0]
    for step in range(80):
        fleet.now += chance.choices(steps, [4, 4, 4, 4, 4, 4, 4, 2, 1, 1, 1])[0]
        for name in names:
            if chance.random() < 0.05:
                if name in watched:
                    fleet.keeper.detach(watched.pop(name))
                else:
                    watched[name] = fleet.watch(*name)
        for target in watched.values():
            for _ in range(chance.choice([0, 1, 1, 1, 3])):
                rtt_ms = chance.choice([None, chance.uniform(1, 90)])
                fleet.measure(target, rtt_ms, up=chance.random() < 0.7)
        if chance.random() < 0.1:
            other = await lock(fleet)
            await fleet.writer.write(5.0)
            other.close()
            continue
        assert await fleet.writer.write(5.0)
        if chance.random() < 0.2:
            await fleet.pruner.step()
        if step % 3:
            continue
        heir = await killed(fleet, tmp_path / f"killed{step}.db")
        for name in names:
            if chance.random() < 0.5:
                heir.watch(*name)
        await check(heir, fleet)
        if step % 5 == 0:  # it goes on for a while, and is killed again
            for _ in range(20):
                assert await heir.writer.write(5.0)
            await check(heir, fleet)
            second = await killed(heir, tmp_path / f"again{step}.db")
            await check(second, fleet)
            await second.store.close()
        await heir.store.close()
    await check(fleet, fleet)
    assert fleet.measured


async def test_each_hour_that_is_over_is_written_once_and_the_log_stays_short(fleet: Fleet) -> None:
    targets = [fleet.watch("a", f"udp:192.0.2.{number}:5060") for number in range(10)]
    for _ in range(3 * 180):
        fleet.now += 20.0
        for target in targets:
            fleet.measure(target)
        assert await fleet.writer.write(5.0)
    assert await rows_in(fleet, "rollup_hour") == await rows_in(fleet, "rollup_minute") == 20
    assert await rows_in(fleet, "checkpoint") == 10
    assert await rows_in(fleet, "sample_log") <= 80  # five minutes, and until they are deleted
    await check(fleet, fleet)


async def test_an_address_that_comes_back_has_its_number_samples_and_open_hour_again(fleet: Fleet) -> None:
    target = fleet.watch()
    for _ in range(300):
        fleet.now += 5.0
        fleet.measure(target)
    number, samples, minutes = target.number, target.samples, target.minutes
    fleet.keeper.detach(target)
    assert (target.samples, target.minutes) == (None, None)
    at_once = fleet.watch()
    assert (at_once.number, at_once.samples, at_once.minutes) == (number, samples, minutes)
    assert samples is not None
    newest = samples[-RING:]
    fleet.keeper.detach(at_once)
    while fleet.keeper.roster.kept:  # until it is written and memory has let it go
        await fleet.writer.write(5.0)
    later = fleet.watch()
    assert (later.number, later.samples, later.minutes) == (number, newest, minutes)
    fleet.measure(later)
    await check(fleet, fleet)


async def test_a_target_that_another_one_replaces_can_be_detached_afterwards(fleet: Fleet) -> None:
    old = fleet.watch()
    fleet.measure(old)
    new = fleet.watch()
    fleet.keeper.detach(old)
    fleet.measure(new)
    assert fleet.keeper.roster.attached == 1
    assert await fleet.writer.write(5.0)
    await check(fleet, fleet)


async def test_targets_beyond_the_most_are_left_out(tmp_path: Path) -> None:
    fleet = await fleet_with(tmp_path / "provd.db", "a", retention=Retention(max_targets=2))
    first, _, third = (fleet.watch("a", f"udp:192.0.2.{number}:5060") for number in range(3))
    assert (fleet.keeper.left_out, third.number, third.minutes) == (1, None, None)
    for _ in range(200):
        fleet.now += 1.0
        fleet.measure(third)
    assert third.samples is None
    assert await fleet.writer.write(5.0)
    assert await counted(fleet, minutes=True) == {}
    fleet.keeper.detach(third)
    fleet.keeper.detach(first)
    assert fleet.watch("a", "udp:192.0.2.9:5060").number is not None
    assert fleet.keeper.left_out == 0
    await fleet.store.close()


async def test_a_store_that_fails_is_said_once_and_made_up_for(
    fleet: Fleet, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    target = fleet.watch()
    other = await lock(fleet)
    for _ in range(30):
        fleet.now += 200.0
        fleet.measure(target)
        assert not await fleet.writer.write(5.0)
    assert fleet.keeper.pending == 30
    other.close()
    assert await fleet.writer.write(5.0)
    assert fleet.keeper.pending == 0
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]
    assert "another process holds it locked" in caplog.text
    heir = await killed(fleet, tmp_path / "killed.db")
    await check(heir, fleet)
    await heir.store.close()


async def test_what_waits_for_a_store_that_fails_for_long_is_bounded(fleet: Fleet) -> None:
    target = fleet.watch()
    assert target.minutes is not None
    other = await lock(fleet)
    for _ in range(30_000):
        fleet.now += 61.0
        fleet.measure(target)
    before = len(target.minutes)
    fleet.keeper.roster.kept |= dict.fromkeys(range(10**6, 10**6 + 2000), fleet.keeper.roster.kept[1])
    for _ in range(TRIM_EVERY):
        assert not await fleet.writer.write(0.0)
    assert len(target.minutes) <= before // 4
    other.close()


async def test_a_round_that_is_under_way_when_the_daemon_stops_is_finished_and_not_repeated(
    fleet: Fleet, tmp_path: Path
) -> None:
    target = fleet.watch()
    for _ in range(100):
        fleet.now += 61.0
        fleet.measure(target)
    for elapsed_s in (*[5.0] * 59, 4.9):
        await fleet.writer.write(elapsed_s)  # the next round is its turn
    running = asyncio.create_task(fleet.keeper.run())
    async with fleet.store.write():  # holds the round up

        async def under_way() -> bool:
            return fleet.keeper.pending > 0 and fleet.writer.rounds > 60

        fleet.measure(target)
        await eventually(under_way, bool)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    fleet.measure(target)
    await fleet.keeper.flush()
    assert fleet.keeper.pending == 0
    assert await rows_in(fleet, "rollup_hour") == 1
    heir = await killed(fleet, tmp_path / "killed.db")
    await check(heir, fleet)
    await heir.store.close()


async def test_availability_is_the_share_of_checks_that_left_the_provider_healthy(fleet: Fleet) -> None:
    first, second = fleet.watch("a", "udp:192.0.2.1:5060"), fleet.watch("a", "udp:192.0.2.2:5060")
    assert fleet.keeper.availability_24h("a") is None
    for number in range(100):
        fleet.now += 60.0
        fleet.measure(first, None, up=number >= 30)
        fleet.measure(second, up=number >= 30)
    await fleet.writer.write(0.0)
    assert fleet.keeper.availability_24h("a") == 70.0
    fleet.now += 24 * 3600.0
    fleet.measure(first, up=True)
    await fleet.writer.write(0.0)
    share = fleet.keeper.availability_24h("a")
    assert share is not None  # of the hours before, the last is still within a day
    assert share > 98.0
    fleet.now += 30 * 3600.0
    assert fleet.keeper.availability_24h("a") is None
    assert fleet.keeper.availability_24h("nobody") is None


async def test_a_store_that_cannot_be_read_leaves_the_target_out(
    fleet: Fleet, caplog: pytest.LogCaptureFixture
) -> None:
    target = fleet.watch()
    fleet.measure(target)
    fleet.keeper.detach(target)
    while fleet.keeper.roster.kept:
        await fleet.writer.write(5.0)
    async with fleet.store.write() as transaction:
        await transaction.session.execute(text("ALTER TABLE checkpoint RENAME TO elsewhere"))
    assert fleet.watch().number is None
    assert fleet.keeper.left_out == 1
    assert "goes on without what is stored" in caplog.text


async def test_what_is_measured_while_a_checkpoint_is_written_is_kept_though_the_target_goes(
    fleet: Fleet,
) -> None:
    target = fleet.watch()
    for _ in range(59):
        await fleet.writer.write(5.0)
    fleet.measure(target)
    async with fleet.store.write():  # holds its turn up
        turn = asyncio.create_task(fleet.writer.write(5.1))

        async def under_way() -> bool:
            return fleet.keeper.pending > 0

        await eventually(under_way, bool)
        fleet.measure(target, None)
        fleet.keeper.detach(target)
    assert await turn
    while fleet.keeper.roster.kept:
        await fleet.writer.write(5.0)
    fleet.measure(fleet.watch())
    await check(fleet, fleet)
