"""A provider's history as text for people."""

from collections.abc import Sequence

from provd.cli.figures import ms, percent, span, to_second
from provd.cli.health_text import transition_table
from provd.cli.output import columns, printable
from provd.cli.sparkline import spark
from provd.schema.history import History, HistoryPoint, Resolution

_MADE_OF = {
    Resolution.SAMPLE: "each check",
    Resolution.MINUTE: "figures of each minute",
    Resolution.HOUR: "figures of each hour",
}


def history_text(name: str, history: History) -> str:
    """Two sparklines, a line for each point that has checks, and the transitions, oldest first."""
    points = history.points
    head = (
        f"{printable(name)}: {to_second(history.from_)} to {to_second(history.to)}, "
        f"{span(history.step_s)} a point, from {_MADE_OF[history.resolution]}"
    )
    measured = [point for point in points if point.count]
    if not measured:
        parts = [f"{head}\nno check is known of this time"]
    else:
        p95, loss = [point.p95_ms for point in points], [point.loss_pct for point in points]
        lines = [
            head,
            f"p95   {spark(p95, max(filter(None, p95), default=0.0))}  {_range(p95)}",
            f"loss  {spark(loss, 100.0)}  {percent(_loss(measured))} of all",
        ]
        parts = ["\n".join(lines), _table(measured)]
    if history.transitions:
        parts.append(transition_table(history.transitions[::-1]))
    return "\n\n".join(parts)


def _table(points: Sequence[HistoryPoint]) -> str:
    return columns(
        ("FROM", "CHECKS", "LOSS", "MIN", "MEAN", "P50", "P95", "MAX", "HEALTHY"),
        [
            (
                to_second(point.at),
                str(point.count),
                percent(point.loss_pct),
                *map(ms, (point.min_ms, point.mean_ms, point.p50_ms, point.p95_ms, point.max_ms)),
                percent(point.availability_pct),
            )
            for point in points
        ],
    )


def _range(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{ms(min(known))} to {ms(max(known))}" if known else "no answer"


def _loss(points: Sequence[HistoryPoint]) -> float:
    lost = sum(point.count * (point.loss_pct or 0.0) for point in points)
    return round(lost / sum(point.count for point in points), 3)
