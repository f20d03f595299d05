"""Whether a rule holds, and what it says then."""

from typing import Any

import pytest

from provd.alerts.condition import found, phrase, silent, unknown
from provd.alerts.reading import Reading
from provd.schema.alerts import NUMBERS, Metric, RuleSpec
from provd.schema.health import Cause, HealthStatus

from .clock import with_fields

FIELDS = {
    Metric.RTT_P95_MS: "rtt_p95_ms",
    Metric.LOSS_PCT: "loss_pct",
    Metric.AVAILABILITY: "availability_pct",
    Metric.TLS_DAYS_LEFT: "tls_days_left",
    Metric.BALANCE: "balance",
    Metric.ASR: "asr_pct",
    Metric.PDD: "pdd_p95_ms",
}
each_number = pytest.mark.parametrize("metric", sorted(NUMBERS))


def reading(**fields: Any) -> Reading:
    return with_fields(Reading("id", "Acme"), fields)


@each_number
def test_a_number_is_compared_with_its_bound(metric: Metric) -> None:
    over, under = RuleSpec(metric=metric, above=50), RuleSpec(metric=metric, below=50)
    field = FIELDS[metric]
    assert [found(over, reading(**{field: value})) is not None for value in (49, 50, 51)] == [
        False,
        False,
        True,
    ]
    assert [found(under, reading(**{field: value})) is not None for value in (49, 50, 51)] == [
        True,
        False,
        False,
    ]


@each_number
def test_what_was_not_measured_is_not_wrong(metric: Metric) -> None:
    assert found(RuleSpec(metric=metric, below=1e9), reading()) is None


@pytest.mark.parametrize("metric", list(Metric))
def test_what_only_checks_tell_is_unknown_until_one_ended(metric: Metric) -> None:
    extra = {"below": 5.0} if metric in NUMBERS else {"one_of": ["timeout"]} if metric is Metric.CAUSE else {}
    by_checks = {"health", "cause", "rtt_p95_ms", "loss_pct", "availability", "tls_days_left", "impaired"}
    spec = RuleSpec(metric=metric, **extra)  # type: ignore[arg-type]
    checked = reading(status=HealthStatus.HEALTHY, cause=Cause.OK, **dict.fromkeys(FIELDS.values(), 50))
    assert (unknown(spec, reading()), unknown(spec, checked)) == (metric in by_checks, False)


@pytest.mark.parametrize(
    ("spec", "telling", "dumb", "said"),
    [
        (RuleSpec(metric=Metric.ASR, below=50), {"asr_pct": 60.0}, {}, "no call of the last 15 min tells"),
        (
            RuleSpec(metric=Metric.PDD, above=9),
            {"pdd_p95_ms": 5.0},
            {"asr_pct": 0.0},
            "no call of the last 15 min tells",
        ),
        (
            RuleSpec(metric=Metric.IMPAIRED),
            {"calls_tell": True},
            {"calls_tell": False},
            "too few calls in the last 15 min to tell",
        ),
        (
            RuleSpec(metric=Metric.IMPAIRED),
            {"calls_tell": True, "status": HealthStatus.HEALTHY},
            {"calls_tell": True, "status": HealthStatus.UNHEALTHY},
            "its checks fail now",
        ),
        (
            RuleSpec(metric=Metric.BALANCE, below=5),
            {"set_up": True, "balance": 9.0},
            {"set_up": True},
            "its carrier does not tell the balance any more",
        ),
        (
            RuleSpec(metric=Metric.BALANCE, below=5),
            {"set_up": True, "balance": 9.0},
            {},
            "it is not set up at its carrier any more",
        ),
        (
            RuleSpec(metric=Metric.DRIFT),
            {"set_up": True},
            {},
            "it is not set up at its carrier any more",
        ),
    ],
)
def test_what_nothing_tells_any_more_is_not_well(
    spec: RuleSpec, telling: dict[str, Any], dumb: dict[str, Any], said: str
) -> None:
    assert (silent(spec, reading(**telling)), silent(spec, reading(**dumb))) == ("", said)


@pytest.mark.parametrize("metric", ["health", "cause", "rtt_p95_ms", "tls_days_left", "test_call"])
def test_what_the_next_check_or_test_call_tells_is_not_silent(metric: str) -> None:
    extra = {"below": 5.0} if metric in NUMBERS else {"one_of": ["timeout"]} if metric == "cause" else {}
    assert silent(RuleSpec.model_validate({"metric": metric, **extra}), reading()) == ""


@each_number
def test_it_says_the_value_the_bound_and_what_to_do(metric: Metric) -> None:
    what = found(RuleSpec(metric=metric, above=50), reading(**{FIELDS[metric]: 77}))
    assert what is not None
    assert "77" in what.value
    assert "50" in what.explanation
    assert what.next_step


def test_health_is_about_unhealthy_ones_unless_it_says_otherwise() -> None:
    spec = RuleSpec(metric=Metric.HEALTH)
    assert found(spec, reading(status=HealthStatus.UNHEALTHY)) is not None
    assert found(spec, reading(status=HealthStatus.UNKNOWN)) is None
    both = RuleSpec(metric=Metric.HEALTH, one_of=["unknown", "unhealthy"])
    assert found(both, reading(status=HealthStatus.UNKNOWN)) is not None


def test_health_has_the_words_of_the_verdict() -> None:
    what = found(
        RuleSpec(metric=Metric.HEALTH),
        reading(
            status=HealthStatus.UNHEALTHY,
            cause=Cause.REFUSED,
            explanation="It refuses.",
            next_step="Check the port.",
        ),
    )
    assert what is not None
    assert (what.value, what.explanation, what.next_step) == (
        "unhealthy: refused",
        "It refuses.",
        "Check the port.",
    )


def test_a_cause_is_one_of_those_named() -> None:
    spec = RuleSpec(metric=Metric.CAUSE, one_of=["tls_verify", "tls_error"])
    assert found(spec, reading(cause=Cause.TLS_ERROR)) is not None
    assert found(spec, reading(cause=Cause.TIMEOUT)) is None
    assert found(spec, reading()) is None


def test_drift_and_impaired_are_so_or_not() -> None:
    assert found(RuleSpec(metric=Metric.DRIFT), reading(drift=0)) is None
    assert found(RuleSpec(metric=Metric.DRIFT), reading(drift=2)) is not None
    assert found(RuleSpec(metric=Metric.IMPAIRED), reading()) is None
    what = found(
        RuleSpec(metric=Metric.IMPAIRED), reading(impaired="its checks succeed, but of 40 calls only 9 did")
    )
    assert what is not None
    assert what.explanation == "Its checks succeed, but of 40 calls only 9 did."


@pytest.mark.parametrize("metric", list(Metric))
def test_every_metric_can_be_said_of_several(metric: Metric) -> None:
    extra = {"below": 5.0} if metric in NUMBERS else {"one_of": ["timeout"]} if metric is Metric.CAUSE else {}
    assert phrase(RuleSpec(metric=metric, **extra))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"metric": "rtt_p95_ms"}, "either above or below"),
        ({"metric": "rtt_p95_ms", "above": 1, "below": 2}, "either above or below"),
        ({"metric": "rtt_p95_ms", "above": 1, "one_of": ["x"]}, "no one_of"),
        ({"metric": "health", "above": 1}, "leave above and below out"),
        ({"metric": "health", "one_of": ["poorly"]}, "use unknown, healthy, unhealthy"),
        ({"metric": "cause"}, "cause needs one_of"),
        ({"metric": "cause", "one_of": ["bad luck"]}, "is never 'bad luck'"),
        ({"metric": "drift", "one_of": ["x"]}, "leave one_of out"),
        ({"metric": "uplink", "below": 3}, "leave above and below out"),
        ({"metric": "health", "for_s": -1}, "greater than or equal to 0"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(fields: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        RuleSpec.model_validate(fields)
