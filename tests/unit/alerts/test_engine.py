"""From readings to alerts, on a clock of the test's own."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provd.alerts.condition import Found
from provd.alerts.engine import AlertEngine, Timing
from provd.alerts.reading import Reading
from provd.schema.alerts import AlertState, Metric, RuleSpec
from provd.schema.health import HealthStatus

from .clock import DOWN, EPOCH, UP, Bench, rule

HEALTH = RuleSpec(metric=Metric.HEALTH, for_s=30)
UPLINK = Found("everything fails at once", "Ours.", "Look.")


def test_what_holds_for_long_enough_is_an_alert() -> None:
    bench = Bench(unhealthy=HEALTH)
    bench.shows("a", status=DOWN)
    assert bench.wait(39) == []
    assert bench.wait(1) == ["opened"]
    (alert,) = bench.open
    assert (alert.rule, alert.state, list(alert.members)) == ("unhealthy", AlertState.OPEN, ["a"])
    assert alert.members["a"].since == EPOCH


def test_what_is_over_before_that_is_none() -> None:
    bench = Bench(unhealthy=HEALTH)
    bench.shows("a", status=DOWN)
    bench.wait(29)
    bench.shows("a", status=UP)
    assert bench.wait(300) == []


def test_what_is_over_while_it_gathers_is_none() -> None:
    bench = Bench(unhealthy=HEALTH)
    bench.shows("a", status=DOWN)
    bench.wait(35)
    bench.shows("a", status=UP)
    assert bench.wait(300) == []


def test_a_status_that_began_before_a_restart_has_waited_already() -> None:
    bench = Bench(unhealthy=HEALTH)
    bench.shows("a", status=DOWN, since=EPOCH - 3600, cause=None)
    assert bench.wait(11) == ["opened"]
    assert bench.open[0].members["a"].since == EPOCH - 3600


def test_it_is_resolved_once_it_has_been_well_for_a_while() -> None:
    bench = Bench(unhealthy=HEALTH)
    bench.shows("a", status=DOWN)
    bench.wait(41)
    bench.shows("a", status=UP)
    assert bench.wait(59) == []
    assert bench.wait(1) == ["resolved"]
    assert bench.open == []


def test_a_short_recovery_changes_nothing() -> None:
    bench = Bench(unhealthy=HEALTH)
    bench.shows("a", status=DOWN)
    bench.wait(41)
    for _ in range(20):
        bench.shows("a", status=UP)
        bench.wait(50)
        bench.shows("a", status=DOWN)
        bench.wait(50)
    assert bench.told == ["opened"]
    assert len(bench.open) == 1


def test_five_hundred_that_fail_together_are_one_alert() -> None:
    bench = Bench(unhealthy=HEALTH)
    for number in range(500):
        bench.shows(str(number), status=DOWN)
        if number % 17 == 0:
            bench.wait(1)  # their checks are spread over their interval
    assert bench.wait(120) == ["opened"]
    assert len(bench.open[0].members) == 500


def test_it_is_resolved_when_the_last_of_them_is_well() -> None:
    bench = Bench(unhealthy=HEALTH)
    for number in range(5):
        bench.shows(str(number), status=DOWN)
    bench.wait(41)
    for number in range(4):
        bench.shows(str(number), status=UP)
    assert bench.wait(100) == []
    assert [each.provider_id for each in bench.open[0].failing()] == ["4"]
    bench.shows("4", status=UP)
    assert bench.wait(60) == ["resolved"]


def test_one_that_fails_later_is_an_alert_of_its_own() -> None:
    bench = Bench(unhealthy=HEALTH)
    bench.shows("a", status=DOWN)
    bench.wait(60)
    bench.shows("b", status=DOWN)
    assert bench.wait(60) == ["opened"]
    assert sorted(list(each.members) for each in bench.open) == [["a"], ["b"]]


def test_gathering_ends_even_while_more_keep_coming() -> None:
    bench = Bench(unhealthy=RuleSpec(metric=Metric.HEALTH))
    for number in range(60):
        bench.shows(str(number), status=DOWN)
        bench.wait(1)
    assert bench.told == ["opened"]
    assert len(bench.open[0].members) == 41


def test_a_flapping_provider_is_one_alert_until_it_is_steady() -> None:
    bench = Bench(unhealthy=HEALTH)
    for _ in range(10):
        bench.shows("a", status=DOWN, flapping=True)
        bench.wait(5)
        bench.shows("a", status=UP, flapping=True)
        bench.wait(90)
    assert bench.told == ["opened"]
    bench.shows("a", flapping=False)
    assert bench.wait(61) == ["resolved"]


@pytest.mark.parametrize("why", ["it is in maintenance", "it is disabled"])
def test_what_is_excluded_raises_nothing(why: str) -> None:
    bench = Bench(unhealthy=HEALTH)
    bench.shows("a", status=DOWN, excluded=why)
    assert bench.wait(600) == []


def test_maintenance_resolves_at_once_and_says_so() -> None:
    bench = Bench(unhealthy=HEALTH)
    bench.shows("a", status=DOWN)
    bench.wait(41)
    bench.shows("a", excluded="it is in maintenance")
    assert bench.wait(1) == ["resolved"]
    assert bench.changes[-1].incident.members["a"].cleared_why == "it is in maintenance"


CERTIFICATE = RuleSpec(metric=Metric.TLS_DAYS_LEFT, below=14)


def test_what_was_not_measured_yet_after_a_restart_is_not_well() -> None:
    before = Bench(certificate=CERTIFICATE)
    before.shows("a", tls_days_left=5)
    assert before.wait(11) == ["opened"]
    bench = Bench(certificate=CERTIFICATE)
    bench.engine.load(before.open)
    bench.shows("a", tls_days_left=None)
    assert bench.wait(600) == []
    bench.shows("a", tls_days_left=4)
    assert bench.wait(600) == []
    bench.shows("a", tls_days_left=90)
    assert bench.wait(60) == ["resolved"]
    assert bench.changes[-1].incident.members["a"].cleared_why == ""


def test_it_is_not_well_for_as_long_as_nothing_is_measured() -> None:
    bench = Bench(unhealthy=HEALTH)
    bench.shows("a", status=DOWN)
    bench.wait(41)
    bench.shows("a", status=UP)
    bench.wait(30)
    bench.shows("a", status=HealthStatus.UNKNOWN)
    assert bench.wait(600) == []
    bench.shows("a", status=UP)
    assert bench.wait(59) == []
    assert bench.wait(1) == ["resolved"]


def test_what_is_not_known_any_more_while_it_waits_is_no_alert() -> None:
    bench = Bench(unhealthy=HEALTH)
    bench.shows("a", status=DOWN)
    bench.wait(29)
    bench.shows("a", status=HealthStatus.UNKNOWN)
    assert bench.wait(300) == []


def test_the_alert_about_a_certificate_ends_when_the_provider_has_none_any_more() -> None:
    bench = Bench(certificate=CERTIFICATE)
    bench.shows("a", tls_days_left=5)
    bench.wait(11)
    bench.shows("a", tls_days_left=None, over_tls=False)
    assert bench.wait(1) == ["resolved"]
    assert bench.changes[-1].incident.members["a"].cleared_why == "it is not over TLS any more"


@pytest.mark.parametrize(
    ("spec", "fields"),
    [
        (HEALTH, {"status": DOWN}),
        (RuleSpec(metric=Metric.HEALTH, one_of=["unknown"]), {}),
        (RuleSpec(metric=Metric.CAUSE, one_of=["timeout"]), {"status": DOWN}),
        (RuleSpec(metric=Metric.RTT_P95_MS, above=100), {"rtt_p95_ms": 200.0}),
        (RuleSpec(metric=Metric.LOSS_PCT, above=10), {"loss_pct": 20.0}),
        (RuleSpec(metric=Metric.AVAILABILITY, below=99), {"availability_pct": 50.0}),
        (CERTIFICATE, {"tls_days_left": 5}),
        (RuleSpec(metric=Metric.IMPAIRED), {"impaired": "its calls fail"}),
    ],
)
def test_what_checks_found_is_over_when_they_are_switched_off_and_it_says_so(
    spec: RuleSpec, fields: dict[str, Any]
) -> None:
    bench = Bench(it=spec)
    bench.shows("a", **fields)
    assert bench.wait(41) == ["opened"]
    unmeasured = Reading("a", "Acme", unchecked="it is no longer checked")
    bench.readings["a"] = unmeasured
    bench.engine.see(unmeasured, bench.now)
    assert bench.wait(1) == ["resolved"]
    assert bench.changes[-1].incident.members["a"].cleared_why == "it is no longer checked"
    bench.engine.see(unmeasured, bench.now)
    assert bench.wait(600) == []


@pytest.mark.parametrize(
    ("spec", "wrong", "right"),
    [
        (RuleSpec(metric=Metric.BALANCE, below=20), {"balance": 12.5, "set_up": True}, {"balance": 50.0}),
        (RuleSpec(metric=Metric.ASR, below=50), {"asr_pct": 3.0}, {"asr_pct": 60.0}),
        (RuleSpec(metric=Metric.PDD, above=3000), {"pdd_p95_ms": 4000.0}, {"pdd_p95_ms": 900.0}),
        (RuleSpec(metric=Metric.DRIFT), {"drift": 1, "set_up": True}, {"drift": 0}),
        (RuleSpec(metric=Metric.TEST_CALL), {"test_call": "nobody answered"}, {"test_call": ""}),
    ],
)
def test_what_others_than_checks_tell_stays_an_alert_while_they_are_switched_off(
    spec: RuleSpec, wrong: dict[str, Any], right: dict[str, Any]
) -> None:
    bench = Bench(it=spec)
    bench.shows("a", unchecked="it is no longer checked", **wrong)
    assert bench.wait(600) == ["opened"]
    bench.shows("a", **right)
    assert bench.wait(60) == ["resolved"]
    assert bench.changes[-1].incident.members["a"].cleared_why == ""


def test_when_no_calls_come_any_more_it_is_over_after_a_while_and_not_called_well() -> None:
    bench = Bench(calls=RuleSpec(metric=Metric.ASR, below=50))
    bench.shows("a", asr_pct=3.0)
    assert bench.wait(11) == ["opened"]
    bench.shows("a", asr_pct=None)
    assert bench.wait(59) == []
    assert bench.wait(1) == ["resolved"]
    assert bench.changes[-1].incident.members["a"].cleared_why == "no call of the last 15 min tells"


def test_what_told_again_that_all_is_well_before_it_was_over_counts() -> None:
    bench = Bench(calls=RuleSpec(metric=Metric.ASR, below=50))
    bench.shows("a", asr_pct=3.0)
    bench.wait(11)
    bench.shows("a", asr_pct=None)
    bench.wait(30)
    bench.shows("a", asr_pct=90.0)
    assert bench.wait(30) == ["resolved"]
    assert bench.changes[-1].incident.members["a"].cleared_why == ""


def test_a_provider_that_loses_the_tag_of_a_rule_leaves_its_alert_and_it_says_so() -> None:
    bench = Bench(unhealthy=HEALTH.model_copy(update={"tags": ["emea"]}))
    bench.shows("a", status=DOWN, tags=frozenset({"emea"}))
    bench.wait(41)
    bench.shows("a", tags=frozenset())
    assert bench.wait(1) == ["resolved"]
    assert bench.changes[-1].incident.members["a"].cleared_why == "it has no tag of the rule any more"


def test_after_maintenance_it_waits_anew() -> None:
    bench = Bench(unhealthy=HEALTH)
    bench.shows("a", status=DOWN, excluded="it is in maintenance")
    bench.wait(100)
    bench.shows("a", excluded="")
    assert bench.wait(11) == ["opened"]  # it has been unhealthy for long enough


def test_a_deleted_provider_is_no_matter_of_alerts() -> None:
    bench = Bench(unhealthy=HEALTH)
    bench.shows("a", status=DOWN)
    bench.shows("b", status=DOWN)
    bench.wait(41)
    bench.engine.forget("a", "it was deleted", bench.now)
    assert bench.wait(1) == []
    bench.engine.forget("b", "it was deleted", bench.now)
    assert bench.wait(1) == ["resolved"]


def test_nobody_is_blamed_while_the_uplink_is_suspect() -> None:
    bench = Bench(unhealthy=HEALTH, certificate=RuleSpec(metric=Metric.TLS_DAYS_LEFT, below=14))
    bench.shows("a", status=DOWN, tls_days_left=3)
    bench.wait(20)
    bench.engine.uplink(UPLINK, bench.now)
    bench.wait(300)
    assert [each.rule for each in bench.open] == ["certificate"]


def test_who_gets_the_benefit_of_the_doubt_is_not_read_again_until_it_ends() -> None:
    bench = Bench(unhealthy=HEALTH)
    bench.shows("a", status=DOWN, settle_s=35)
    bench.engine.uplink(UPLINK, bench.now)
    bench.wait(60)
    assert bench.engine.due(bench.now) == set()
    bench.engine.uplink(None, bench.now)
    bench.wait(34)
    assert bench.engine.due(bench.now) == set()
    bench.seconds += 1
    assert bench.engine.due(bench.now) == {"a"}


def test_the_uplink_itself_is_an_alert() -> None:
    bench = Bench(uplink=RuleSpec(metric=Metric.UPLINK, for_s=30))
    bench.engine.uplink(UPLINK, bench.now)
    assert bench.wait(41) == ["opened"]
    bench.engine.uplink(None, bench.now)
    assert bench.wait(1) == ["resolved"]


def test_once_the_uplink_is_back_each_has_the_time_to_be_checked_again() -> None:
    bench = Bench(unhealthy=HEALTH)
    bench.engine.uplink(UPLINK, bench.now)
    for number in range(50):
        bench.shows(str(number), status=DOWN)
    bench.wait(300)
    bench.engine.uplink(None, bench.now)
    bench.wait(20)
    for number in range(49):
        bench.shows(str(number), status=UP)
    assert bench.wait(60) == ["opened"]
    assert list(bench.open[0].members) == ["49"]


def test_who_is_checked_rarely_has_more_time_once_the_uplink_is_back() -> None:
    bench = Bench(Timing(group_wait_s=0), unhealthy=HEALTH)
    bench.engine.uplink(UPLINK, bench.now)
    bench.shows("often", status=DOWN, settle_s=6)
    bench.shows("rarely", status=DOWN, settle_s=605)
    bench.wait(300)
    bench.engine.uplink(None, bench.now)
    assert bench.wait(5) == []
    assert bench.wait(1) == ["opened"]
    assert list(bench.open[0].members) == ["often"]
    assert bench.wait(598) == []
    assert bench.wait(1) == ["opened"]
    assert list(bench.open[1].members) == ["rarely"]


def test_who_is_checked_otherwise_meanwhile_has_the_time_that_this_takes() -> None:
    bench = Bench(Timing(group_wait_s=0), unhealthy=HEALTH)
    bench.engine.uplink(UPLINK, bench.now)
    bench.shows("a", status=DOWN, settle_s=605)
    bench.wait(300)
    bench.engine.uplink(None, bench.now)
    bench.shows("a", settle_s=20)
    assert bench.wait(19) == []
    assert bench.wait(1) == ["opened"]


def test_who_gathers_when_the_uplink_is_suspect_has_its_own_time_too() -> None:
    bench = Bench(Timing(group_wait_s=10), unhealthy=HEALTH)
    bench.shows("often", status=DOWN, settle_s=6)
    bench.shows("rarely", status=DOWN, settle_s=605)
    bench.wait(35)
    bench.engine.uplink(UPLINK, bench.now)
    assert bench.wait(300) == []
    assert bench.engine.due(bench.now) == set()
    bench.engine.uplink(None, bench.now)
    assert bench.wait(16) == ["opened"]
    assert list(bench.open[0].members) == ["often"]
    bench.shows("rarely", status=UP)
    assert bench.wait(1000) == []


def test_nobody_cares_so_it_is_told_again() -> None:
    bench = Bench(Timing(remind_s=600), unhealthy=HEALTH)
    bench.shows("a", status=DOWN)
    bench.wait(41)
    assert bench.wait(1800) == ["reminded"] * 3


def test_nobody_cares_so_it_is_told_higher_up_once() -> None:
    bench = Bench(Timing(remind_s=0, escalate_after_s=900), unhealthy=HEALTH)
    bench.shows("a", status=DOWN)
    bench.wait(41)
    assert bench.wait(5000) == ["escalated"]


def test_a_clock_that_is_set_back_puts_off_neither_reminder_nor_escalation() -> None:
    bench = Bench(Timing(escalate_after_s=600, remind_s=1200), unhealthy=HEALTH)
    bench.ahead = 7200.0
    bench.shows("a", status=DOWN)
    assert bench.wait(41) == ["opened"]
    bench.ahead = 0.0
    assert bench.wait(610) == ["escalated"]
    assert bench.wait(1200) == ["reminded"]


def test_who_takes_care_is_not_reminded() -> None:
    bench = Bench(Timing(remind_s=600, escalate_after_s=900), unhealthy=HEALTH)
    bench.shows("a", status=DOWN)
    bench.wait(41)
    bench.engine.acknowledge(bench.open[0].id, "mara", "on it", bench.now)
    assert bench.wait(5000) == ["acknowledged"]
    assert bench.open[0].acknowledged_by == "mara"
    bench.shows("a", status=UP)
    assert bench.wait(60) == ["resolved"]


def test_a_rule_that_is_no_longer_in_force_resolves_its_alerts() -> None:
    bench = Bench(unhealthy=HEALTH)
    bench.shows("a", status=DOWN)
    bench.wait(41)
    bench.engine.use({}, bench.now)
    assert bench.wait(1) == ["resolved"]
    assert bench.wait(100) == []


def test_an_alert_of_the_uplink_ends_when_its_rule_is_made_one_of_providers() -> None:
    bench = Bench(x=RuleSpec(metric=Metric.UPLINK))
    bench.engine.uplink(UPLINK, bench.now)
    assert bench.wait(20) == ["opened"]
    bench.engine.use({"x": rule("x", HEALTH)}, bench.now)
    assert bench.wait(1) == ["resolved"]
    assert bench.open == []


def test_an_alert_of_providers_ends_when_its_rule_is_made_the_uplinks() -> None:
    bench = Bench(x=HEALTH)
    bench.shows("a", status=DOWN)
    assert bench.wait(41) == ["opened"]
    bench.engine.use({"x": rule("x", RuleSpec(metric=Metric.UPLINK))}, bench.now)
    assert bench.wait(1) == ["resolved"]
    assert bench.wait(600) == []


def test_what_waits_for_a_rule_is_dropped_when_it_looks_at_something_else() -> None:
    bench = Bench(x=RuleSpec(metric=Metric.UPLINK, for_s=30))
    bench.engine.uplink(UPLINK, bench.now)
    bench.wait(20)
    bench.engine.use({"x": rule("x", HEALTH)}, bench.now)
    bench.engine.uplink(None, bench.now)
    assert bench.wait(600) == []


def test_a_disabled_rule_raises_nothing() -> None:
    bench = Bench(unhealthy=HEALTH.model_copy(update={"enabled": False}))
    bench.shows("a", status=DOWN)
    assert bench.wait(100) == []


def test_only_providers_with_the_tag() -> None:
    bench = Bench(unhealthy=HEALTH.model_copy(update={"tags": ["emea"]}))
    bench.shows("a", status=DOWN, tags=frozenset({"apac"}))
    bench.shows("b", status=DOWN, tags=frozenset({"emea", "main"}))
    bench.wait(60)
    assert list(bench.open[0].members) == ["b"]


def test_a_number_that_is_another_each_time_is_no_news() -> None:
    bench = Bench(slow=RuleSpec(metric=Metric.RTT_P95_MS, above=100))
    for number in range(50):
        bench.shows("a", rtt_p95_ms=150.0 + number)
        bench.wait(1)
    assert bench.told == ["opened"]
    assert [each.what for each in bench.changes] == ["opened"]


def test_an_alert_from_before_a_restart_goes_on() -> None:
    bench = Bench(unhealthy=HEALTH)
    bench.shows("a", status=DOWN)
    bench.wait(41)
    again = Bench(unhealthy=HEALTH)
    again.engine.load(bench.open)
    again.shows("a", status=DOWN, since=EPOCH)
    assert again.wait(100) == []
    again.shows("a", status=UP)
    assert again.wait(60) == ["resolved"]


def test_a_clock_that_steps_opens_nothing() -> None:
    engine = AlertEngine(Timing())
    bench = Bench(unhealthy=HEALTH)
    engine.use(
        {"cause": rule("cause", RuleSpec(metric=Metric.CAUSE, one_of=["timeout"], for_s=600))}, bench.now
    )
    bench.shows("a", status=DOWN)
    engine.see(bench.readings["a"], bench.now)
    later = bench.now._replace(wall=bench.now.wall + 86400)
    engine.see(bench.readings["a"], later)
    engine.tick(later)
    assert engine.take() == []


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["down", "up", "out", "gone"]), st.integers(1, 90)),
        max_size=40,
    )
)
def test_whatever_happens_each_alert_is_opened_once_and_resolved_once(
    steps: list[tuple[str, str, int]],
) -> None:
    bench = Bench(unhealthy=HEALTH)
    for provider_id, what, seconds in steps:
        if what == "gone":
            bench.engine.forget(provider_id, "it was deleted", bench.now)
            bench.readings.pop(provider_id, None)
        elif what == "out":
            bench.shows(provider_id, excluded="it is disabled")
        else:
            bench.shows(provider_id, status=DOWN if what == "down" else UP, excluded="")
        bench.wait(seconds)
        members = [member for each in bench.open for member in each.members]
        assert len(members) == len(set(members))
    for provider_id in "abc":
        bench.shows(provider_id, status=UP, excluded="")
    bench.wait(61)
    assert bench.open == []
    for number in {each.incident.id for each in bench.changes}:
        told = [each.what for each in bench.changes if each.incident.id == number and each.what]
        assert (told[0], told[-1], len(told)) == ("opened", "resolved", 2)
