"""What the history answers, of targets in memory and of those in the store alone."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from provd.probe.rollup import counts as counted
from provd.schema.history import History, HistoryPoint, Resolution, TargetHealth
from provd.schema.provider import Transport
from provd.schema.timestamps import to_timestamp
from provd.services.errors import ServiceError
from provd.services.history.queries import HistoryQueries
from provd.services.history.reader import HistoryReader
from provd.store import transitions
from provd.store.engine import Store
from provd.store.tables import ProviderRow
from tests.fakes.measuring import HOUR, START, Fleet, Measured, Records

AT = "2026-01-01 00:00:00.000000"
HOUR_S, DAY_S = 3600.0, 86_400.0


def live(row: ProviderRow) -> list[TargetHealth]:
    return [TargetHealth(address="192.0.2.1:5060", transport=Transport.UDP, status="healthy")]  # type: ignore[arg-type]


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[Fleet]:
    made = Fleet(tmp_path / "provd.db")
    async with made.store.write() as transaction:
        for key in ("a", "b"):
            transaction.session.add(ProviderRow(id=key, name=key, hostname="h", tm_create=AT, tm_update=AT))
    yield made
    await made.store.close()


@pytest.fixture
def queries(fleet: Fleet) -> HistoryQueries:
    return HistoryQueries(
        Records(fleet.store),
        fleet.keeper,
        fleet.store,
        fleet.retention,
        live,
        lambda _: 5.0,
        lambda: fleet.now,
    )


def counts(history: History) -> list[int]:
    return [point.count for point in history.points]


async def checked(fleet: Fleet, target: Measured, seconds: float, every_s: float = 30.0) -> None:
    """Check a target for some time, and write now and then. Each answer takes the hour of the day in ms."""
    for number in range(int(seconds / every_s)):
        fleet.measure(target, 1.0 + fleet.now // HOUR_S % 24)
        fleet.now += every_s
        if number % 20 == 0:
            await fleet.writer.write(5.0)


async def test_a_short_time_is_shown_by_the_samples_in_memory(fleet: Fleet, queries: HistoryQueries) -> None:
    target = fleet.watch()
    for rtt_ms in (10.0, None, 20.0, 30.0):
        fleet.now += 5.0
        fleet.measure(target, rtt_ms, up=rtt_ms != 30.0)
    answer = await queries.history("a", START, START + 30.0, 3)
    assert (answer.resolution, answer.step_s, answer.from_) == (Resolution.SAMPLE, 10.0, to_timestamp(START))
    first, second, third = answer.points
    assert first == HistoryPoint(
        at=to_timestamp(START),
        count=1,
        ok=1,
        loss_pct=0.0,
        min_ms=10.0,
        mean_ms=10.0,
        p50_ms=10.0,
        p95_ms=10.0,
        max_ms=10.0,
        availability_pct=100.0,
    )
    assert (second.count, second.ok, second.loss_pct, second.mean_ms) == (2, 1, 50.0, 20.0)
    assert (third.count, third.mean_ms, third.availability_pct) == (1, 30.0, 0.0)


async def test_a_gap_stays_a_gap(fleet: Fleet, queries: HistoryQueries) -> None:
    target = fleet.watch()
    await checked(fleet, target, 600)
    fleet.now += 600
    await checked(fleet, target, 600)
    answer = await queries.history("a", START + 0.5, START + 1800.5, 30)
    assert answer.resolution is Resolution.MINUTE
    assert [bool(count) for count in counts(answer)] == [True] * 10 + [False] * 10 + [True] * 10
    gap = answer.points[15]
    assert (gap.count, gap.ok) == (0, 0)
    assert {
        gap.loss_pct,
        gap.min_ms,
        gap.mean_ms,
        gap.p50_ms,
        gap.p95_ms,
        gap.max_ms,
        gap.availability_pct,
    } == {None}


async def test_a_day_is_made_of_minutes_and_a_month_of_hours(fleet: Fleet, queries: HistoryQueries) -> None:
    target = fleet.watch()
    await checked(fleet, target, DAY_S)
    day = await queries.history("a", None, None, 24)
    assert (day.resolution, day.step_s, sum(counts(day))) == (Resolution.MINUTE, HOUR_S, 2880)
    assert {*counts(day)} <= {119, 120, 121}
    middle = day.points[12]
    assert middle.p50_ms is not None
    assert middle.p50_ms == pytest.approx(1.0 + (START // HOUR_S + 12) % 24, rel=0.01)
    month = await queries.history("a", START - 29 * DAY_S, START + DAY_S + 60, 30)
    assert month.resolution is Resolution.HOUR
    assert sum(counts(month)) == 2880
    assert counts(month)[:28] == [0] * 28
    assert (month.points[-1].min_ms, month.points[-1].max_ms) == (1.0, 24.0)


async def test_what_is_in_the_store_alone_is_found_too(fleet: Fleet, queries: HistoryQueries) -> None:
    target = fleet.watch()
    await checked(fleet, target, 3 * HOUR_S)
    before = await queries.history("a", START, fleet.now, 60)
    fleet.keeper.detach(target)
    while fleet.keeper.roster.kept:
        await fleet.writer.write(5.0)
    assert await queries.history("a", START, fleet.now, 60) == before
    assert sum(counts(before)) == 360
    samples = await queries.history("a", fleet.now - 1800, fleet.now, 180)
    assert (samples.resolution, sum(counts(samples))) == (Resolution.SAMPLE, 60)


async def test_targets_are_added_up_or_shown_one_by_one(fleet: Fleet, queries: HistoryQueries) -> None:
    first, second = fleet.watch("a", "udp:192.0.2.1:5060"), fleet.watch("a", "tls:[2001:db8::1]:5061")
    other = fleet.watch("b")
    for target, times in ((first, 1), (second, 2), (other, 4)):
        for _ in range(times):
            fleet.measure(target)
    fleet.now += 1

    async def total(target: str = "") -> int:
        return sum(counts(await queries.history("a", None, None, 10, target)))

    assert await total() == 3
    assert await total("192.0.2.1:5060") == await total("udp:192.0.2.1:5060") == 1
    assert await total("[2001:db8::1]:5061") == 2
    with pytest.raises(ServiceError, match=r"there are tls:\[2001:db8::1\]:5061, udp:192.0.2.1:5060"):
        await total("192.0.2.99:5060")


async def test_a_time_long_before_or_after_everything_is_empty(fleet: Fleet, queries: HistoryQueries) -> None:
    await checked(fleet, fleet.watch(), HOUR_S)
    for start, end in ((0.0, 1000.0), (START - 1e9, START - 1e8), (START + 1e8, 2.5e11)):
        answer = await queries.history("a", start, end, 5)
        assert counts(answer) == [0] * len(answer.points)
    everything = await queries.history("a", 0.0, 2.5e11, 2000)
    assert sum(counts(everything)) == 120


async def test_the_start_must_be_before_the_end(queries: HistoryQueries) -> None:
    for end in (START, START - 1):
        with pytest.raises(ServiceError, match="from must be before to"):
            await queries.history("a", START, end, 5)


async def test_what_was_measured_while_the_clock_was_ahead_is_not_lost(
    fleet: Fleet, queries: HistoryQueries
) -> None:
    target = fleet.watch()
    await checked(fleet, target, HOUR_S)
    fleet.now += HOUR_S
    await checked(fleet, target, HOUR_S)
    fleet.now -= HOUR_S
    await checked(fleet, target, HOUR_S)
    fleet.now -= 2 * HOUR_S
    await checked(fleet, target, 3 * HOUR_S)
    for number in (10, 2000):
        answer = await queries.history("a", START, START + 4 * HOUR_S, number)
        assert sum(counts(answer)) == 6 * 120


async def test_health_has_availability_targets_and_the_last_transitions(
    fleet: Fleet, queries: HistoryQueries
) -> None:
    target = fleet.watch()
    for number in range(10 * 24):
        fleet.now += HOUR_S
        fleet.measure(target, up=number >= 5 * 24)
        await fleet.writer.write(5.0)
    row = {"provider_id": "a", "previous": "healthy", "status": "unhealthy", "cause": "timeout", "code": None}
    rest = {"reason": None, "rtt_ms": None, "address": "udp:192.0.2.1:5060", "sent": None, "received": None}
    async with fleet.store.write() as transaction:
        for second in range(30):
            at = to_timestamp(START + second)
            await transaction.run(transitions.add, [{**row, **rest, "at": at}])
    health = await queries.health("a")
    assert (health.provider_id, health.name) == ("a", "a")
    assert health.targets[0].address == "192.0.2.1:5060"
    assert [each.at for each in health.transitions] == [
        to_timestamp(START + 29 - second) for second in range(20)
    ]
    assert health.transitions[0].explanation == "No answer within 5 s."
    day, week, month = (
        health.availability.day_pct,
        health.availability.week_pct,
        health.availability.month_pct,
    )
    assert (day, month) == (100.0, 50.0)
    assert week == pytest.approx(100 * 5 / 7, abs=0.5)
    shown = await queries.history("a", START + 10, START + 15, 1)
    assert [each.at for each in shown.transitions] == [
        to_timestamp(START + second) for second in (14, 13, 12, 11, 10)
    ]
    nothing = await queries.health("b")
    assert nothing.availability.model_dump() == {"day_pct": None, "week_pct": None, "month_pct": None}


async def test_an_unknown_provider_is_refused(queries: HistoryQueries) -> None:
    for ask in (queries.health("x"), queries.history("x", None, None, 1)):
        with pytest.raises(ServiceError, match="there is no provider x"):
            await ask


class Overtaken(Store):
    """A store whose first answer is out of date when it arrives: ``meanwhile`` was done."""

    def __init__(self, path: Path, meanwhile: Callable[[], Awaitable[None]]) -> None:
        super().__init__(path)
        self._meanwhile: Callable[[], Awaitable[None]] | None = meanwhile

    async def read(self, work: Any, *args: Any, **kwargs: Any) -> Any:
        answer = await super().read(work, *args, **kwargs)
        if self._meanwhile is not None:
            meanwhile, self._meanwhile = self._meanwhile, None
            await meanwhile()
        return answer


@pytest.mark.parametrize("leaves", [False, True])
async def test_an_hour_that_moves_to_the_store_while_it_is_read_counts_once(
    fleet: Fleet, leaves: bool
) -> None:
    target = fleet.watch()
    for _ in range(59):
        await fleet.writer.write(5.0)
    await checked(fleet, target, 90 * 60, every_s=300.0)
    if leaves:
        fleet.keeper.detach(target)

    async def checkpoint() -> None:
        while target.number in fleet.keeper.roster.kept and not await rollups():
            await fleet.writer.write(5.0)
        assert await rollups() == 1

    async def rollups() -> int:
        query = text("SELECT count(*) FROM rollup_hour")
        return int(await fleet.store.read(lambda session: session.execute(query).scalar()))

    overtaken = Overtaken(fleet.store.path, checkpoint)
    found = await HistoryReader(overtaken, fleet.keeper.roster).read(1, HOUR, HOUR + 9, minutes=False)
    await overtaken.close()
    assert sum(counted(rollup)[0] for _, rollup in found.by_hour()) == 18
