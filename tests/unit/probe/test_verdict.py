"""From results to a provider's status."""

import pytest

from provd.probe.findings import Transition
from provd.probe.result import ProbeResult
from provd.probe.target import Answer, Target
from provd.probe.verdict import is_suspect, judge, shown_target
from provd.schema.codes import parse_codes
from provd.schema.health import Cause, HealthStatus
from provd.schema.probe import RollUp

from .conftest import MakeTarget

ANSWER = Answer(b"SIP/2.0 200 OK\r\n", 200, "OK", None)

BUSY = Answer(b"\0", 503, "Busy", None)


def up(target: Target, at: float = 0.0, rtt_ms: float = 20.0) -> Transition | None:
    return judge(ProbeResult(target, at, Cause.OK, ANSWER, rtt_ms=rtt_ms), 1000.0 + at)


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
    assert is_suspect(target)
    assert down(target) is None
    assert up(target) is None
    assert not is_suspect(target)
    assert [down(target) is None for _ in range(3)] == [True, True, False]
    assert target.watch.status is HealthStatus.UNHEALTHY
    assert not is_suspect(target)


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
    first.watch.targets = (first, second)
    assert down(first) is None  # the other one is not known yet
    transition = up(second)
    assert transition is not None
    assert transition.status is HealthStatus.HEALTHY
    assert down(first) is None
    assert shown_target(first.watch) is second  # a dead target does not speak for the provider
    transition = down(second, cause=Cause.REFUSED)
    assert transition is not None
    assert (transition.status, transition.cause) == (HealthStatus.UNHEALTHY, Cause.REFUSED)


def test_a_busy_answer_is_remembered_until_its_end_or_the_next_answer(make_target: MakeTarget) -> None:
    target = make_target()
    judge(ProbeResult(target, 0.0, Cause.OK, BUSY, rtt_ms=1.0, retry_after_s=120), 1000.0)
    assert target.watch.busy_until == 1120.0
    assert target.watch.status is HealthStatus.HEALTHY
    up(target)
    assert target.watch.busy_until is None


@pytest.mark.parametrize(("changes", "flapping"), [(4, False), (5, True)])
def test_five_changes_within_the_window_are_flapping(
    make_target: MakeTarget, changes: int, flapping: bool
) -> None:
    target = make_target()
    up(target)
    for number in range(changes):
        (up if number % 2 else down)(target, at=float(number))
    assert target.watch.changes_often(10.0, window_s=600.0) is flapping
    assert not target.watch.changes_often(700.0, window_s=600.0)


@pytest.mark.parametrize(
    ("rollup", "up_of_three", "status"),
    [
        (RollUp.ANY, 1, HealthStatus.HEALTHY),
        (RollUp.ANY, 0, HealthStatus.UNHEALTHY),
        (RollUp.QUORUM, 2, HealthStatus.HEALTHY),
        (RollUp.QUORUM, 1, HealthStatus.UNHEALTHY),
        (RollUp.ALL, 3, HealthStatus.HEALTHY),
        (RollUp.ALL, 2, HealthStatus.UNHEALTHY),
    ],
)
def test_the_roll_up_says_how_many_targets_must_be_up(
    make_target: MakeTarget, rollup: RollUp, up_of_three: int, status: HealthStatus
) -> None:
    first = make_target(rollup=rollup)
    targets = (first, *(Target(first.watch, (f"192.0.2.{number}", 5060)) for number in (2, 3)))
    first.watch.targets = targets
    for number, target in enumerate(targets):
        (up if number < up_of_three else down)(target)
    assert first.watch.status is status


def test_an_answer_that_the_code_policy_excludes_is_a_failure_with_its_code(make_target: MakeTarget) -> None:
    target = make_target(codes=parse_codes("2xx,404"))
    transition = judge(ProbeResult(target, 0.0, Cause.OK, BUSY, rtt_ms=1.0), 1000.0)
    assert transition is not None
    assert (transition.status, transition.cause) == (HealthStatus.UNHEALTHY, Cause.REPLY_EXCLUDED)
    assert transition.code == 503
    assert target.rtt_ms == 1.0
    assert up(target) is not None


def test_our_own_failure_is_shown_and_changes_nothing(make_target: MakeTarget) -> None:
    target = make_target()
    assert down(target, cause=Cause.LOCAL) is None
    assert target.watch.status is HealthStatus.UNKNOWN
    up(target)
    checked_at = target.checked_at
    for _ in range(3):
        assert down(target, at=60.0, cause=Cause.LOCAL) is None
    assert target.watch.status is HealthStatus.HEALTHY
    assert (target.cause, target.checked_at) == (Cause.LOCAL, checked_at)
