"""Whether a rule is about a provider and holds, and what was found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from provd.alerts.reading import Reading
from provd.calls.impairment import WINDOW_MIN
from provd.schema.alerts import Metric, RuleSpec
from provd.schema.health import HealthStatus


@dataclass(frozen=True, slots=True)
class Found:
    """What makes a rule hold: in short, and in sentences. ``next_step`` is what to do about it."""

    value: str
    explanation: str
    next_step: str | None = None


@dataclass(frozen=True, slots=True)
class _Number:
    read: Callable[[Reading], float | int | None]
    what: str
    unit: str
    next_step: str


_NUMBERS: Mapping[Metric, _Number] = {
    Metric.RTT_P95_MS: _Number(
        lambda reading: reading.figures().rtt_p95_ms,
        "RTT p95",
        " ms",
        "Compare with other providers: if theirs rose too, look at our own uplink, else ask the carrier.",
    ),
    Metric.LOSS_PCT: _Number(
        lambda reading: reading.figures().loss_pct,
        "loss",
        " %",
        "Compare with other providers: if theirs rose too, look at our own uplink, else ask the carrier.",
    ),
    Metric.AVAILABILITY: _Number(
        lambda reading: reading.figures().availability_pct,
        "availability of 24 h",
        " %",
        "Look at its history for when it was away, and give its routes a second provider.",
    ),
    Metric.TLS_DAYS_LEFT: _Number(
        lambda reading: reading.tls_days_left,
        "certificate's days left",
        "",
        "Ask the carrier when it renews its certificate: calls over TLS fail once it has ended.",
    ),
    Metric.BALANCE: _Number(
        lambda reading: reading.balance,
        "balance",
        "",
        "Top the account up at the carrier: calls are refused once it is used up.",
    ),
    Metric.ASR: _Number(
        lambda reading: reading.asr_pct,
        "ASR of 15 min",
        " %",
        "Look at the SIP codes of its calls, and place a test call.",
    ),
    Metric.PDD: _Number(
        lambda reading: reading.pdd_p95_ms,
        "PDD p95 of 15 min",
        " ms",
        "Callers wait in silence: place a test call, and ask the carrier for a better route.",
    ),
}


_OF_CHECKS = frozenset(
    {
        Metric.HEALTH,
        Metric.CAUSE,
        Metric.RTT_P95_MS,
        Metric.LOSS_PCT,
        Metric.AVAILABILITY,
        Metric.TLS_DAYS_LEFT,
        Metric.IMPAIRED,
    }
)


def left_out(rule: RuleSpec, reading: Reading) -> str:
    """Why ``rule`` is not about a provider now, in words; empty when it is."""
    if reading.excluded:
        return reading.excluded
    if rule.tags and reading.tags.isdisjoint(rule.tags):
        return "it has no tag of the rule any more"
    if reading.unchecked and rule.metric in _OF_CHECKS:
        return reading.unchecked
    if rule.metric is Metric.TLS_DAYS_LEFT and not reading.over_tls:
        return "it is not over TLS any more"
    return ""


def unknown(rule: RuleSpec, reading: Reading) -> bool:
    """Whether checks did not yet find what ``rule`` goes by: it may hold or not."""
    metric = rule.metric
    if metric is Metric.HEALTH or metric is Metric.IMPAIRED:
        return reading.status is HealthStatus.UNKNOWN
    if metric is Metric.CAUSE:
        return reading.cause is None
    return metric in _OF_CHECKS and _NUMBERS[metric].read(reading) is None


def silent(rule: RuleSpec, reading: Reading) -> str:
    """Why nothing tells any more whether ``rule`` holds, in words; empty when something does, or will with
    the next check."""
    metric = rule.metric
    if metric in (Metric.ASR, Metric.PDD) and _NUMBERS[metric].read(reading) is None:
        return f"no call of the last {WINDOW_MIN} min tells"
    if metric is Metric.IMPAIRED:
        if reading.status is HealthStatus.UNHEALTHY:
            return "its checks fail now"
        return "" if reading.calls_tell else f"too few calls in the last {WINDOW_MIN} min to tell"
    if metric in (Metric.DRIFT, Metric.BALANCE) and not reading.set_up:
        return "it is not set up at its carrier any more"
    if metric is Metric.BALANCE and reading.balance is None:
        return "its carrier does not tell the balance any more"
    return ""


def found(rule: RuleSpec, reading: Reading) -> Found | None:
    """What makes ``rule`` hold for a provider that it is about; None when it does not, or it is unknown."""
    metric = rule.metric
    number = _NUMBERS.get(metric)
    if number is not None:
        return _compared(rule, number, number.read(reading))
    if metric is Metric.HEALTH:
        return _health(rule, reading)
    if metric is Metric.CAUSE:
        word = None if reading.cause is None else reading.cause.value
        return _told(reading, word) if word is not None and word in rule.wanted else None
    if metric is Metric.DRIFT:
        return _drift(reading.drift) if reading.drift else None
    if metric is Metric.IMPAIRED:
        return _calls_fail("impaired", reading.impaired)
    if metric is Metric.TEST_CALL:
        return _calls_fail("test call failed", reading.test_call)
    return None


def phrase(rule: RuleSpec) -> str:
    """What a rule is about, to be said of several providers."""
    metric = rule.metric
    number = _NUMBERS.get(metric)
    if number is not None:
        over = rule.above is not None
        bound = rule.above if over else rule.below
        return f"{number.what} {'above' if over else 'below'} {bound:g}{number.unit}"
    if metric is Metric.HEALTH:
        return " or ".join(sorted(rule.wanted))
    if metric is Metric.CAUSE:
        return " or ".join(sorted(rule.wanted))
    return {
        Metric.DRIFT: "not as set up at the carrier",
        Metric.IMPAIRED: "calls fail though OPTIONS are answered",
        Metric.TEST_CALL: "test calls fail",
        Metric.UPLINK: "our own uplink is suspect",
    }[metric]


def _compared(rule: RuleSpec, number: _Number, value: float | int | None) -> Found | None:
    if value is None:
        return None
    if rule.above is not None and value > rule.above:
        side, bound = "above", rule.above
    elif rule.below is not None and value < rule.below:
        side, bound = "below", rule.below
    else:
        return None
    said = f"{number.what} is {value:g}{number.unit}"
    return Found(said, f"The {said}, {side} {bound:g}{number.unit}.", number.next_step)


def _health(rule: RuleSpec, reading: Reading) -> Found | None:
    wanted = rule.wanted
    if reading.status.value in wanted:
        cause = "" if reading.cause is None else f": {reading.cause.value}"
        return _told(reading, f"{reading.status.value}{cause}")
    if reading.flapping and HealthStatus.UNHEALTHY.value in wanted:
        return Found(
            "flapping",
            "It goes up and down again and again; this alert stands for all of it.",
            "Look at the causes in its history: a trunk at its limit and a lossy path look like this.",
        )
    return None


def _told(reading: Reading, value: str) -> Found:
    figures = reading.figures()
    return Found(value, figures.explanation, figures.next_step)


def _drift(count: int) -> Found:
    return Found(
        f"{count} difference{'s' if count > 1 else ''}",
        "What is at the carrier differs from what was set up there.",
        "Run `provctl setup verify` for it, or look at its tab Carrier: each difference is named.",
    )


def _calls_fail(value: str, why: str) -> Found | None:
    if not why:
        return None
    step = "Look at the SIP codes of its calls, and have its routes lead elsewhere."
    return Found(value, f"{why[:1].upper()}{why[1:].rstrip('.')}.", step)
