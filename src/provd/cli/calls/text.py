"""Figures of calls as text."""

from collections.abc import Sequence

from provd.cli.calls.importing import Counts
from provd.cli.figures import ms, percent, to_second
from provd.cli.output import columns, facts
from provd.schema.calls import CallDetail, CallStats, CallTotals

_MOST_CODES = 8


def stats_text(name: str, stats: CallStats) -> str:
    """A provider's calls over a time: now, a week before, the difference; then each country."""
    now, before, trend = stats.calls, stats.week_before, stats.trend
    rows = [
        ("calls", str(now.attempts), str(before.attempts), f"{trend.attempts:+d}"),
        ("answered (ASR)", percent(now.asr_pct), percent(before.asr_pct), _change(trend.asr_pct, "points")),
        ("effective (NER)", percent(now.ner_pct), percent(before.ner_pct), _change(trend.ner_pct, "points")),
        ("mean duration (ACD)", _seconds(now.acd_s), _seconds(before.acd_s), _change(trend.acd_s, "s")),
        ("PDD p50", ms(now.pdd_p50_ms), ms(before.pdd_p50_ms), _change(trend.pdd_p50_ms, "ms")),
        ("PDD p95", ms(now.pdd_p95_ms), ms(before.pdd_p95_ms), _change(trend.pdd_p95_ms, "ms")),
        ("MOS", _plain(now.mos_mean), _plain(before.mos_mean), _change(trend.mos_mean, "")),
        ("loss", percent(now.loss_mean_pct), percent(before.loss_mean_pct), ""),
    ]
    of = "" if stats.country is None else f" to {stats.country or 'no country that is known'}"
    opening = facts(
        [
            ("provider", name),
            ("calls", f"{stats.direction.value}{of}"),
            ("from", f"{to_second(stats.from_)} to {to_second(stats.to)} (UTC)"),
            ("codes", _codes(now) or "-"),
        ]
    )
    parts = [opening, columns(("", "NOW", "A WEEK BEFORE", "CHANGE"), rows)]
    if stats.countries:
        header = ("COUNTRY", "CALLS", "ASR", "NER", "ACD", "PDD P50", "PDD P95", "MOS")
        parts.append(
            columns(header, [(each.country or "unknown", *_cells(each)) for each in stats.countries])
        )
    return "\n\n".join(parts)


def import_summary(counts: Counts, aside: int, places: Sequence[str]) -> str:
    """The closing line of an import; lines were set aside in ``places``."""
    said = (
        f"{counts.lines} lines: {counts.created} calls added, {counts.duplicates} known before, "
        f"{counts.others} of no call, {aside} set aside"
    )
    return f"{said} in {', '.join(places)}" if places else said


def _cells(of: CallTotals) -> tuple[str, ...]:
    return (
        str(of.attempts),
        percent(of.asr_pct),
        percent(of.ner_pct),
        _seconds(of.acd_s),
        ms(of.pdd_p50_ms),
        ms(of.pdd_p95_ms),
        _plain(of.mos_mean),
    )


def _codes(calls: CallDetail) -> str:
    return ", ".join(f"{each.count} x {each.code}" for each in calls.codes[:_MOST_CODES])


def _change(value: float | None, unit: str) -> str:
    return "-" if value is None else f"{value:+g} {unit}".rstrip()


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} s"


def _plain(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
