"""The wall clock steps by an hour, either way: what was measured is kept, verdicts go by what was found."""

from array import array
from itertools import pairwise
from pathlib import Path

import pytest

from provd.probe.assessor import Assessor
from provd.probe.result import ProbeResult
from provd.probe.rollup import Rollup
from provd.probe.settings import ProbeSettings
from provd.probe.target import Answer, Target, Watch
from provd.probe.timeline import take
from provd.schema.health import Cause, HealthStatus
from provd.schema.hostname import parse_hostname
from provd.services.believed import BelievedTime
from provd.services.history.reader import HistoryReader
from provd.services.history.retention import Retention
from provd.services.summary import watched_summary
from provd.store.tables import ProviderRow
from tests.fakes.measuring import HOUR, START, Fleet

AT = "2026-01-01 00:00:00.000000"
OK = Answer(b"SIP/2.0 200 OK\r\n", 200, "OK", None)
STEPS_S = [3600.0, -3600.0]


def watched() -> Target:
    watch = Watch("a", parse_hostname("192.0.2.1"), ProbeSettings(interval_s=30.0, timeout_s=5.0))
    target = Target(watch, ("192.0.2.1", 5060))
    target.samples, target.minutes = array("Q"), bytearray()
    watch.targets = (target,)
    return target


@pytest.mark.parametrize("step_s", [*STEPS_S, -1200.0])  # the last one has the same minutes come again
async def test_nothing_that_was_measured_is_lost_or_counted_twice(tmp_path: Path, step_s: float) -> None:
    fleet = Fleet(tmp_path / "provd.db", now=START + 1800.0)
    async with fleet.store.write() as transaction:
        transaction.session.add(ProviderRow(id="a", name="a", hostname="h", tm_create=AT, tm_update=AT))
    target = fleet.watch()

    async def measure(count: int, rtt_ms: float | None = 20.0) -> None:
        for _ in range(count):
            fleet.measure(target, rtt_ms)
            fleet.now += 30.0
            await fleet.keeper.round(30.0)

    await measure(40)
    fleet.now += step_s
    await measure(40)
    await measure(1, None)
    await fleet.keeper.flush()
    assert await known(fleet) == (81, 80)
    assert fleet.keeper.availability_24h("a") == pytest.approx(100.0 * 80 / 81, abs=0.001)
    await fleet.store.close()

    again = Fleet(tmp_path / "provd.db", now=fleet.now)
    again.watch()
    assert await known(again) == (81, 80)
    assert again.keeper.availability_24h("a") == pytest.approx(100.0 * 80 / 81, abs=0.001)
    await again.store.close()


async def test_a_clock_that_is_years_ahead_for_a_while_has_nothing_forgotten(tmp_path: Path) -> None:
    steady, ahead = 0.0, 0.0
    believed = BelievedTime(START, lambda: START + steady + ahead, lambda: steady)
    kept = Retention(minutes_s=3600, hours_s=7200)
    fleet = Fleet(tmp_path / "provd.db", kept, START, believed)
    target = fleet.watch()

    async def pass_by(seconds: float) -> None:
        nonlocal steady
        for _ in range(int(seconds / 60)):
            steady += 60.0
            fleet.now = START + steady + ahead
            fleet.measure(target)
            await fleet.keeper.round(60.0)

    await pass_by(3 * 3600)
    (before, _) = await known(fleet)
    ahead = 10 * 365 * 86400.0
    await pass_by(1800)
    for _ in range(20):
        await fleet.pruner.step()
    ahead = 0.0
    fleet.now = START + steady
    await fleet.pruner.step()
    assert (await known(fleet))[0] == before + 30
    await fleet.store.close()


async def known(fleet: Fleet) -> tuple[int, int]:
    """How many checks are kept of the one target, and how many of them were answered."""
    reader = HistoryReader(fleet.store, fleet.keeper.roster)
    (number,) = fleet.keeper.roster.numbers("a").values()
    totals = set()
    for minutes in (True, False):
        found = await reader.read(number, HOUR - 2, HOUR + 4, minutes=minutes)
        total = Rollup()
        for _, encoded in found.by_minute() if minutes else found.by_hour():
            total.merge_encoded(encoded)
        totals.add((total.count, total.ok))
    (only,) = totals
    return only


@pytest.mark.parametrize("step_s", STEPS_S)
def test_verdicts_go_by_what_was_found(step_s: float) -> None:
    target = watched()
    watch = target.watch
    assessor = Assessor(lambda each, packed: take(each, packed), lambda _: None)
    wall, now = START, 1000.0

    def find(cause: Cause) -> None:
        answer, rtt_ms = (OK, 20.0) if cause is Cause.OK else (None, None)
        assessor.assess(ProbeResult(target, now, cause, answer, rtt_ms=rtt_ms), wall, traced=True)

    statuses = []
    for round_, cause in enumerate([Cause.OK, Cause.TIMEOUT, Cause.OK, Cause.OK]):
        if round_ == 1:
            wall += step_s
        find(cause)
        statuses.append(watch.status)
        assert watch.since is not None
        assert watch.checked_at == wall
        summary = watched_summary(watch, wall=wall + 1.0, now=now + 1.0, availability_24h_pct=None)
        assert (summary.age_s, summary.stale) == (1.0, False)
        assert len(summary.recent) == round_ + 1
        wall, now = wall + 30.0, now + 30.0
    assert statuses == [
        HealthStatus.HEALTHY,
        HealthStatus.UNHEALTHY,
        HealthStatus.HEALTHY,
        HealthStatus.HEALTHY,
    ]
    assert not watch.flapping
    assert len(assessor.take_findings()) == 3


def test_a_clock_that_was_set_back_shows_no_negative_age() -> None:
    target = watched()
    assessor = Assessor(lambda each, packed: take(each, packed), lambda _: None)
    assessor.assess(ProbeResult(target, 1000.0, Cause.OK, OK, rtt_ms=20.0), START, traced=False)
    summary = watched_summary(target.watch, wall=START - 3600.0, now=1001.0, availability_24h_pct=None)
    assert (summary.age_s, summary.stale) == (0.0, False)


def test_changes_are_flapping_by_the_time_that_passed_not_by_the_clock() -> None:
    target = watched()
    assessor = Assessor(lambda each, packed: take(each, packed), lambda _: None)
    walls = [START + 3600.0 * (-1) ** number for number in range(7)]
    assert any(later < earlier for earlier, later in pairwise(walls))
    for number, wall in enumerate(walls):
        cause, answer = (Cause.TIMEOUT, None) if number % 2 else (Cause.OK, OK)
        assessor.assess(ProbeResult(target, float(number), cause, answer, rtt_ms=None), wall, traced=False)
    assert target.watch.flapping
    assessor.end_flapping(now=10_000.0, wall=START)
    assert not target.watch.flapping
