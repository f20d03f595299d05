"""How a provider's calls went, as text: figures beside the week before, codes, countries."""

from textual.content import Content

from provd.schema.calls import CallDetail, CallStats, CallTotals, CallTrend
from provtui import figures
from provtui.panels.parts import heading, spans_line
from provtui.reading import Reading
from provtui.span import CALL_SPANS, Span
from provtui.text import clean, fit

_LABEL, _FIGURE = 10, 11
_BAR = "█"
_MOST_COUNTRIES = 60
_CLASSES = {
    "2xx": ("answered", "ink--healthy"),
    "3xx": ("redirected", "ink--suspect"),
    "4xx": ("refused there", "ink--suspect"),
    "5xx": ("their server failed", "ink--lost"),
    "6xx": ("refused everywhere", "ink--suspect"),
}
_NONE = (
    "No calls were reported in this time. Your PBX, SBC or a job reports them: POST /v1.0/calls, "
    "or provctl calls import FILE --format asterisk-csv --follow, or :calls FILE here, with a call a line "
    "as JSON. docs/calls.md says how."
)


def calls_figures(calls: Reading[CallStats], span: Span, cells: int) -> Content:
    """Write the figures of the calls over ``span`` in ``cells`` cells."""
    lines = [spans_line("Calls", span, CALL_SPANS)]
    if notice := calls.notice:
        lines.append(notice)
    stats = calls.value
    if stats is None:
        return Content("\n").join(lines)
    when = f"{stats.direction.value}, begun from {stats.from_[:16]} to {stats.to[:16]} UTC"
    lines += [Content.styled(when, ".ink--faint"), Content("")]
    if not stats.calls.attempts:
        return Content("\n").join([*lines, Content(_NONE)])
    lines += _figures(stats)
    lines += [Content(""), *_classes(stats.calls, cells)]
    lines += [Content(""), *_countries(stats)]
    return Content("\n").join(lines)


def _figures(stats: CallStats) -> list[Content]:
    now, before, trend = stats.calls, stats.week_before, stats.trend
    head = f"{'':<{_LABEL}}{'now':>{_FIGURE}}{'week before':>{_FIGURE + 2}}{'trend':>{_FIGURE}}"
    lines = [Content.styled(head, ".ink--faint")]
    for label, what, better in _ROWS:
        unit = _UNITS[what]
        change = getattr(trend, what, None) if what in CallTrend.model_fields else None
        if what == "attempts" and not before.attempts:
            change = None
        ink = "" if not change or better == 0 else ".ink--healthy" if change * better > 0 else ".ink--suspect"
        lines.append(
            Content.assemble(
                (f"{label:<{_LABEL}}", ".ink--faint"),
                (f"{_text(getattr(now, what), unit):>{_FIGURE}}", ".ink--name"),
                (
                    f"{_text(getattr(before, what) if before.attempts else None, unit):>{_FIGURE + 2}}",
                    ".ink--faint",
                ),
                (f"{_signed(change, unit):>{_FIGURE}}", ink),
            )
        )
    return lines


_ROWS = (
    ("attempts", "attempts", 0),
    ("ASR", "asr_pct", 1),
    ("NER", "ner_pct", 1),
    ("ACD", "acd_s", 0),
    ("PDD p50", "pdd_p50_ms", -1),
    ("PDD p95", "pdd_p95_ms", -1),
    ("MOS", "mos_mean", 1),
    ("loss", "loss_mean_pct", -1),
    ("minutes", "minutes", 0),
)
"""The figures: label, field, and whether more of it is better (1), worse (-1), or neither."""

_UNITS = {
    "attempts": "",
    "asr_pct": "%",
    "ner_pct": "%",
    "acd_s": "s",
    "pdd_p50_ms": "ms",
    "pdd_p95_ms": "ms",
    "mos_mean": "mos",
    "loss_mean_pct": "%",
    "minutes": "",
}


def _text(value: float | None, unit: str) -> str:
    if value is None:
        return figures.DASH
    match unit:
        case "%":
            return f"{value:.1f} %"
        case "mos":
            return f"{value:.2f}"
        case "":
            return f"{value:,.0f}"
        case _:
            return f"{value:,.0f} {unit}"


def _signed(change: float | None, unit: str) -> str:
    if change is None:
        return figures.DASH
    return f"{'+' if change >= 0 else '-'}{_text(abs(change), unit)}"


def _classes(calls: CallDetail, cells: int) -> list[Content]:
    lines = [heading("What they ended with")]
    room = max(10, min(60, cells - 34))
    for name, (words, ink) in _CLASSES.items():
        count = calls.classes.get(name, 0)
        if not count:
            continue
        bar = _BAR * max(1, round(room * count / calls.attempts))
        share = figures.percent_text(100 * count / calls.attempts)
        lines.append(
            Content.assemble(
                f"{name}  ",
                (fit(bar, room), f".{ink}"),
                f"{figures.count_text(count):>8} {share:>4} ",
                (words if cells >= room + 42 else "", ".ink--faint"),
            )
        )
    codes = "  ".join(f"{each.code}: {figures.count_text(each.count)}" for each in calls.codes[:8])
    return [*lines, Content.assemble(("codes  ", ".ink--faint"), codes)]


def _countries(stats: CallStats) -> list[Content]:
    head = f"{'':<8}{'attempts':>9}{'ASR':>9}{'NER':>9}{'ACD':>9}{'PDD p95':>10}{'MOS':>7}"
    lines = [heading("By country"), Content.styled(head, ".ink--faint")]
    lines += [
        Content.assemble((fit(clean(each.country) or "unknown", 8), ".ink--name"), _country(each))
        for each in stats.countries[:_MOST_COUNTRIES]
    ]
    left = len(stats.countries) - _MOST_COUNTRIES
    return [*lines, Content.styled(f"and {left} more", ".ink--faint")] if left > 0 else lines


def _country(calls: CallTotals) -> str:
    return (
        f"{_text(calls.attempts, ''):>9}{_text(calls.asr_pct, '%'):>9}{_text(calls.ner_pct, '%'):>9}"
        f"{_text(calls.acd_s, 's'):>9}{_text(calls.pdd_p95_ms, 'ms'):>10}{_text(calls.mos_mean, 'mos'):>7}"
    )
