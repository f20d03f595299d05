"""A provider's history as text: a chart of round-trip times, loss, states, availability, transitions."""

from textual.content import Content

from provd.schema.history import Availability, History, ProviderHealth, Resolution, TransitionEntry
from provd.schema.timestamps import from_timestamp
from provtui import chart, figures
from provtui.condition import OF_STATUS
from provtui.panels.parts import heading, inked, spans_line
from provtui.reading import Reading
from provtui.span import Span
from provtui.sparkline import LOST
from provtui.text import clean, crop, fit

AXIS = 8
"""How many cells the labels take at the left of the chart."""

_MOST_TRANSITIONS = 100
_MADE_OF = {
    Resolution.SAMPLE: "single checks",
    Resolution.MINUTE: "figures of minutes",
    Resolution.HOUR: "figures of hours",
}
_MINUTE, _HOUR = 60, 3600


def history_panel(
    history: Reading[History],
    health: Reading[ProviderHealth],
    span: Span,
    cells: int,
    rows: int,
    now: float,
) -> Content:
    """Write the chart, an even number of ``rows`` high, and under it what happened, in ``cells`` cells."""
    legend = f"   {chart.MEDIAN} p50  {chart.SHADE} to p95  {LOST} no answer"
    lines = [Content.assemble(spans_line("RTT", span, list(Span)), (legend, ".ink--faint"))]
    if notice := history.notice:
        lines.append(notice)
    found = history.value
    if found is not None:
        lines += [*_chart(found, cells - AXIS, rows), Content(""), _total(found)]
    if health.value is not None:
        lines.append(_availability(health.value.availability))
    if found is not None:
        lines += [Content(""), *_transitions(found.transitions, span, now, cells)]
    return Content("\n").join(lines)


def _chart(found: History, cells: int, rows: int) -> list[Content]:
    columns = chart.spread(chart.bridged(found.points), cells)
    top = chart.top_ms(columns)
    start, end = from_timestamp(found.from_), from_timestamp(found.to)
    if not any(point.count for point in columns):
        drawn = [Content.styled(f"{'':>{AXIS}}Nothing was checked in this time.", ".ink--faint")]
    else:
        labels = {rows - 1: "0"}
        if top is not None:
            labels |= {0: figures.rtt_text(top), rows // 2: figures.rtt_text(top / 2)}
        drawn = [
            Content.assemble(
                (_label(labels.get(row, ""), mark="┤" if row in labels else "│"), ".ink--faint"), inked(line)
            )
            for row, line in enumerate(chart.bars(columns, top or 1.0, rows))
        ]
    ticks, times = chart.axis(start, end, cells)
    return [
        *drawn,
        Content.assemble((_label("loss"), ".ink--faint"), inked(chart.losses(columns))),
        Content.assemble(
            (_label("state"), ".ink--faint"), inked(chart.states(found.transitions, start, end, cells))
        ),
        Content.styled(f"{'':>{AXIS - 1}}└{ticks}", ".ink--faint"),
        Content.styled(f"{'UTC':>{AXIS - 2}}  {times}", ".ink--faint"),
    ]


def _label(text: str, mark: str = "│") -> str:
    return f"{text:>{AXIS - 1}}{mark}"


def _width_text(step_s: float) -> str:
    if step_s < _MINUTE:
        return f"{step_s:.0f} s"
    return f"{step_s / _MINUTE:.0f} min" if step_s < 2 * _HOUR else f"{step_s / _HOUR:.1f} h"


def _total(found: History) -> Content:
    checks = sum(point.count for point in found.points)
    lost = sum(point.count * (point.loss_pct or 0.0) / 100 for point in found.points)
    share = figures.percent_text(100 * lost / checks if checks else None)
    made_of = f"   a point is {_width_text(found.step_s)}, from {_MADE_OF[found.resolution]}"
    counted = f"{figures.count_text(checks)}, {share} lost"
    return Content.assemble(("Checks        ", ".ink--faint"), counted, (made_of, ".ink--faint"))


def _availability(availability: Availability) -> Content:
    shares = (
        ("24 h", availability.day_pct),
        ("7 d", availability.week_pct),
        ("30 d", availability.month_pct),
    )
    said = "   ".join(f"{label} {figures.availability_text(share)}" for label, share in shares)
    return Content.assemble(("Availability  ", ".ink--faint"), said)


def _transitions(transitions: list[TransitionEntry], span: Span, now: float, cells: int) -> list[Content]:
    head = heading(f"Changes of state in {span.label}")
    if not transitions:
        return [head, Content.styled("None.", ".ink--faint")]
    newest = sorted(transitions, key=lambda change: change.at, reverse=True)[:_MOST_TRANSITIONS]
    said = "" if len(newest) == len(transitions) else f"  the newest {len(newest)} of {len(transitions)}"
    return [
        Content.assemble(head, (said, ".ink--faint")),
        *(_transition(each, now, cells) for each in newest),
    ]


def _transition(change: TransitionEntry, now: float, cells: int) -> Content:
    condition = OF_STATUS[change.status]
    at = fit(figures.clock_text(change.at, now), 12)
    where = f" at {clean(change.address)}" if change.address else ""
    outcome = figures.answer_text(change.code, change.cause)
    said = crop(f"  {outcome}{where}: {clean(change.explanation)}", cells - 12 - len(condition.label))
    return Content.assemble((at, ".ink--faint"), (condition.label, f".{condition.ink}"), said)
