"""When scheduled calls are due, on a fake clock."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

from provd.schema.test_calls import CallTestRequest
from provd.services.test_calls.rules import Planned, Rules
from provd.services.test_calls.schedule import Scheduler

HOURLY = Planned("Acme", CallTestRequest(destination="+15550100"), 3600.0)
DAILY = Planned("Acme", CallTestRequest(destination="+15550100"), 86400.0)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def scheduler(clock: Clock, chance: Callable[[], float], **schedule: Planned) -> tuple[Scheduler, Any]:
    calls = SimpleNamespace(rules=Rules(schedule=schedule))
    return Scheduler(cast(Any, None), cast(Any, calls), clock=clock, chance=chance), calls


def test_the_first_call_comes_within_the_period_and_the_next_about_one_later() -> None:
    clock = Clock()
    made, _ = scheduler(clock, lambda: 0.5, hourly=HOURLY)
    assert made.take_due() == []
    clock.now += 1799
    assert made.take_due() == []
    clock.now += 1
    assert made.take_due() == [("hourly", HOURLY)]
    assert made.take_due() == []
    clock.now += 3600
    assert made.take_due() == [("hourly", HOURLY)]


def test_periods_differ_by_a_tenth_at_most() -> None:
    clock = Clock()
    made, _ = scheduler(clock, lambda: 1.0, hourly=HOURLY)
    made.take_due()
    clock.now += 3600
    assert made.take_due() == [("hourly", HOURLY)]
    clock.now += 3600 * 1.1 - 1
    assert made.take_due() == []
    clock.now += 1
    assert made.take_due() == [("hourly", HOURLY)]


def test_a_daemon_that_slept_makes_one_call_and_not_those_that_it_missed() -> None:
    clock = Clock()
    made, _ = scheduler(clock, lambda: 0.5, hourly=HOURLY)
    made.take_due()
    clock.now += 10 * 3600
    assert made.take_due() == [("hourly", HOURLY)]
    assert made.take_due() == []


def test_a_changed_schedule_begins_anew_and_one_that_is_gone_is_forgotten() -> None:
    clock = Clock()
    made, calls = scheduler(clock, lambda: 0.0, hourly=HOURLY)
    assert made.take_due() == [("hourly", HOURLY)]
    calls.rules = Rules(schedule={"hourly": DAILY})
    assert made.take_due() == [("hourly", DAILY)]
    calls.rules = Rules()
    clock.now += 10 * 86400
    assert made.take_due() == []
