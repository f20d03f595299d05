"""From results to a provider's status."""

import pytest

from provd.probe.result import ProbeResult
from provd.probe.target import Target
from provd.probe.verdict import Transition, is_suspect, judge
from provd.schema.health import Cause, HealthStatus

from .conftest import MakeTarget


def up(target: Target, at: float = 0.0, rtt_ms: float = 20.0) -> Transition | None:
    return judge(ProbeResult(target, at, Cause.OK, 200, "OK", rtt_ms=rtt_ms), 1000.0 + at)


def down(target: Target, at: float = 0.0, cause: Cause = Cause.TIMEOUT) -> Transition | None:
    return judge(ProbeResult(target, at, cause), 1000.0 + at)


def test_the_first_result_decides_whatever_fall_and_rise_say(make_target: MakeTarget) -> None:
    well, ill = make_target(fall=3, rise=3), make_target(fall=3, rise=3)
    first, second = up(well), down(ill)
    assert first is not None
    assert second is not None
    assert (first.previous, first.status) == (HealthStatus.UNKNOWN, HealthStatus.HEALTHY)
    assert second.status is HealthStatus.UNHEALTHY


def test_fall_failures_in_a_row_make_it_unhealthy(make_target: MakeTarget) -> None:
    target = make_target(fall=3)
    up(target)
    assert down(target) is None
    assert is_suspect(target.watch)
    assert down(target) is None
    assert up(target) is None
    assert not is_suspect(target.watch)
    assert [down(target) is None for _ in range(3)] == [True, True, False]
    assert target.watch.status is HealthStatus.UNHEALTHY
    assert not is_suspect(target.watch)


def test_rise_successes_in_a_row_make_it_healthy_again(make_target: MakeTarget) -> None:
    target = make_target(rise=2)
    down(target)
    assert up(target) is None
    assert down(target) is None
    assert up(target) is None
    transition = up(target, at=7.0)
    assert transition is not None
    assert transition.status is HealthStatus.HEALTHY
    assert target.watch.since == 1007.0


def test_one_target_up_is_enough(make_target: MakeTarget) -> None:
    first = make_target()
    second = Target(first.watch, ("192.0.2.2", 5060))
    first.watch.targets.append(second)
    assert down(first) is None  # the other one is not known yet
    transition = up(second)
    assert transition is not None
    assert transition.status is HealthStatus.HEALTHY
    assert down(first) is None
    assert first.watch.cause is Cause.OK  # a dead target does not speak for the provider
    transition = down(second, cause=Cause.REFUSED)
    assert transition is not None
    assert (transition.status, transition.cause) == (HealthStatus.UNHEALTHY, Cause.REFUSED)


def test_a_busy_answer_is_remembered_until_its_end_or_the_next_answer(make_target: MakeTarget) -> None:
    target = make_target()
    judge(ProbeResult(target, 0.0, Cause.OK, 503, "Busy", rtt_ms=1.0, retry_after_s=120), 1000.0)
    assert target.watch.busy_until == 1120.0
    assert target.watch.status is HealthStatus.HEALTHY
    up(target)
    assert target.watch.busy_until is None


def test_the_last_thirty_results_are_kept_in_order(make_target: MakeTarget) -> None:
    target = make_target()
    for number in range(29):
        up(target, rtt_ms=float(number))
    down(target)
    assert target.watch.recent_results() == [*map(float, range(29)), None]
    for number in range(100, 105):
        up(target, rtt_ms=float(number))
    assert target.watch.recent_results() == [
        *map(float, range(5, 29)),
        None,
        100.0,
        101.0,
        102.0,
        103.0,
        104.0,
    ]


@pytest.mark.parametrize(("changes", "flapping"), [(4, False), (5, True)])
def test_five_changes_within_the_window_are_flapping(
    make_target: MakeTarget, changes: int, flapping: bool
) -> None:
    target = make_target()
    up(target)
    for number in range(changes):
        (up if number % 2 else down)(target, at=float(number))
    assert target.watch.is_flapping(10.0, window_s=600.0) is flapping
    assert not target.watch.is_flapping(700.0, window_s=600.0)
