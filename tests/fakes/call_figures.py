"""Figures of calls that look real."""

from provd.schema.calls import (
    CallDetail,
    CallStats,
    CallTrend,
    CodeCount,
    CountryCalls,
    Direction,
)
from provd.schema.timestamps import to_timestamp


def no_calls(provider_id: str) -> CallStats:
    """Make the figures of a provider of which no call was reported."""
    return CallStats(
        provider_id=provider_id,
        from_=to_timestamp(0.0),
        to=to_timestamp(0.0),
        direction=Direction.OUTBOUND,
        calls=CallDetail(),
        week_before=CallDetail(),
        trend=CallTrend(attempts=0),
        countries=[],
    )


def some_calls(provider_id: str) -> CallStats:
    """Make the figures of a provider whose calls went worse than the week before."""
    now = CallDetail(
        attempts=1240,
        answered=520,
        effective=811,
        asr_pct=41.9,
        ner_pct=65.4,
        acd_s=183.0,
        minutes=1586.0,
        pdd_p50_ms=1450.0,
        pdd_p95_ms=4300.0,
        mos_mean=4.12,
        loss_mean_pct=0.4,
        classes={"2xx": 520, "4xx": 391, "5xx": 300, "6xx": 29},
        codes=[
            CodeCount(code=200, count=520),
            CodeCount(code=503, count=300),
            CodeCount(code=486, count=210),
        ],
    )
    before = CallDetail(
        attempts=1180,
        answered=610,
        effective=1010,
        asr_pct=51.7,
        ner_pct=85.6,
        acd_s=190.0,
        minutes=1931.0,
        pdd_p50_ms=1300.0,
        pdd_p95_ms=3100.0,
        mos_mean=4.2,
    )
    trend = CallTrend(
        attempts=60,
        asr_pct=-9.8,
        ner_pct=-20.2,
        acd_s=-7.0,
        pdd_p50_ms=150.0,
        pdd_p95_ms=1200.0,
        mos_mean=-0.08,
    )
    countries = [
        CountryCalls(country="GB", attempts=900, asr_pct=44.1, ner_pct=70.0, acd_s=180.0, pdd_p95_ms=4100.0),
        CountryCalls(country="ES", attempts=300, asr_pct=36.0, ner_pct=51.2, acd_s=201.0, mos_mean=4.0),
        CountryCalls(country="", attempts=40),
    ]
    made = {"calls": now, "week_before": before, "trend": trend, "countries": countries}
    return no_calls(provider_id).model_copy(update=made)
