"""When checks are due."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provd.probe.schedule import Schedule
from provd.probe.settings import ProbeSettings
from provd.probe.target import Target, Watch
from provd.schema.hostname import parse_hostname


def target_of(key: str, interval_s: float = 30.0, min_interval_s: float = 0.0) -> Target:
    settings = ProbeSettings(interval_s=interval_s, min_interval_s=min_interval_s)
    return Target(Watch(key, parse_hostname("192.0.2.1"), settings), ("192.0.2.1", 1))


def run(schedule: Schedule, start: float, seconds: float, step: float = 0.01) -> list[tuple[float, Target]]:
    return [
        (start + tick * step, target)
        for tick in range(round(seconds / step))
        for target in schedule.due(start + tick * step, 10**6)
    ]


@given(st.text(min_size=1), st.floats(2, 100))
def test_the_first_check_is_within_the_given_time(key: str, interval_s: float) -> None:
    schedule = Schedule(100.0)
    schedule.add(target_of(key, interval_s), 100.0, within_s=0.9)
    assert len(run(schedule, 100.0, 0.95)) == 1


@given(st.text(min_size=1), st.sampled_from([1.0, 2.5, 15.0, 30.0, 45.0, 60.0]))
def test_checks_come_at_the_interval_never_later(key: str, interval_s: float) -> None:
    schedule = Schedule(0.0)
    schedule.add(target_of(key, interval_s), 0.0, within_s=0.9)
    times = [at for at, _ in run(schedule, 0.0, 14 * interval_s, step=0.05)]
    gaps = [b - a for a, b in pairwise(times)]
    assert max(gaps) <= interval_s + 0.06
    assert min(gaps) >= interval_s * 7 / 8 - 0.06
    assert gaps[-1] == pytest.approx(interval_s, abs=0.06)


@given(st.text(min_size=1), st.sampled_from([15.0, 16.0, 30.0, 60.0]))
def test_no_two_checks_are_nearer_to_each_other_than_the_carrier_allows(key: str, interval_s: float) -> None:
    schedule = Schedule(0.0)
    schedule.add(target_of(key, interval_s, min_interval_s=15.0), 0.0, within_s=0.9)
    times = [at for at, _ in run(schedule, 0.0, 10 * interval_s, step=0.05)]
    assert min(after - before for before, after in pairwise(times)) >= 14.9  # a check may be a step late


@given(st.text(min_size=1))
def test_a_first_check_can_be_put_off(key: str) -> None:
    schedule = Schedule(0.0)
    schedule.add(target_of(key), 0.0, within_s=0.5, after_s=10.0)
    assert [10.0 <= at <= 10.6 for at, _ in run(schedule, 0.0, 20.0)] == [True]


def test_many_targets_are_spread_evenly_after_a_few_rounds() -> None:
    schedule = Schedule(0.0)
    for number in range(20_000):
        schedule.add(target_of(f"provider {number}", 10.0), 0.0, within_s=1.0)
    run(schedule, 0.0, 100.0)
    sent = Counter(round(at, 2) for at, _ in run(schedule, 100.0, 10.0))
    assert sum(sent.values()) == 20_000
    assert max(sent.values()) <= 2 * 20_000 / 1000


def test_a_removed_target_is_not_due_again() -> None:
    schedule = Schedule(0.0)
    target = target_of("a", 1.0)
    schedule.add(target, 0.0, within_s=0.5)
    assert run(schedule, 0.0, 3.0)
    schedule.remove(target)
    schedule.remove(target)
    assert len(schedule) == 0
    assert not run(schedule, 3.0, 100.0)


def test_a_target_that_is_added_again_is_due_once_a_round() -> None:
    schedule = Schedule(0.0)
    target = target_of("a", 1.0)
    for _ in range(5):
        schedule.add(target, 0.0, within_s=0.5)
    assert len(schedule) == 1
    assert len(run(schedule, 0.0, 1.0)) <= 2


def test_a_deferred_target_comes_next() -> None:
    schedule = Schedule(0.0)
    target = target_of("a", 10.0)
    schedule.add(target, 0.0, within_s=0.5)
    (at, _), *_ = run(schedule, 0.0, 1.0)
    schedule.defer(target)
    assert len(run(schedule, 1.0, 1.0)) == 1
    assert at < 1.0


def test_after_a_long_sleep_each_target_is_due_once() -> None:
    schedule = Schedule(0.0)
    targets = [target_of(str(number), 1.0) for number in range(50)]
    for target in targets:
        schedule.add(target, 0.0, within_s=0.9)
    run(schedule, 0.0, 5.0)
    assert Counter(schedule.due(3600.0, 10**6)) == Counter(targets)


def test_it_asks_to_be_called_when_something_is_due_and_at_least_once_a_second() -> None:
    schedule = Schedule(0.0)
    assert schedule.next_at() == pytest.approx(1.0)
    schedule.add(target_of("a", 30.0), 0.0, within_s=0.5)
    due_at = next(at for at, _ in run(Schedule(0.0), 0.0, 0.1) or [(schedule.next_at(), None)])
    assert 0.0 < due_at <= 0.52
    assert list(schedule.due(due_at, 10**6))


def test_what_is_over_the_limit_waits_and_nothing_is_lost() -> None:
    schedule = Schedule(0.0)
    targets = [target_of(str(number), 60.0) for number in range(100)]
    for target in targets:
        schedule.add(target, 0.0, within_s=0.01)
    rounds = [list(schedule.due(1.0 + number / 100, 30)) for number in range(4)]
    assert [len(each) for each in rounds] == [30, 30, 30, 10]
    assert Counter(target for each in rounds for target in each) == Counter(targets)


def test_a_suspect_is_offered_again_before_its_turn_and_then_as_always() -> None:
    schedule = Schedule(0.0)
    target = target_of("a", 30.0)
    schedule.add(target, 0.0, within_s=0.5)
    run(schedule, 0.0, 5.0)
    schedule.again(target, 5.0, 1.0)
    (at, _), *more = run(schedule, 5.0, 20.0)
    assert at == pytest.approx(6.0, abs=0.02)
    assert not more


def test_the_rate_is_what_falls_due_in_a_second() -> None:
    schedule = Schedule(0.0)
    targets = [target_of(str(number), 2.0) for number in range(10)]
    for target in targets:
        schedule.add(target, 0.0, within_s=0.5)
    assert schedule.rate == pytest.approx(5.0)
    for target in targets:
        schedule.remove(target)
    assert schedule.rate == 0.0
