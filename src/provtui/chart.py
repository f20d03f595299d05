"""A chart of round-trip times in cells: bars for the median, shade up to the 95th percentile, gaps."""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median

from provd.schema.history import HistoryPoint, TransitionEntry
from provd.schema.timestamps import from_timestamp, to_timestamp
from provtui.condition import OF_STATUS
from provtui.sparkline import LOST
from provtui.widgets.column_layout import Run

MEDIAN, SHADE, NONE_LOST = "█", "░", "·"
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_BAR, _BAND, _LOSS, _FAINT = "ink--spark", "ink--faint", "ink--lost", "ink--faint"
_NICE = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_TICK_CELLS = 13
_TICKS_S = (300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 432000, 604800)
_DAY_S = 86400
_LATE = 1.5

Line = list[Run]


def bridged(points: Sequence[HistoryPoint]) -> list[HistoryPoint]:
    """Fill what only looks like a gap: where checks are further apart than points, one without a check takes
    the figures of the check before it, up to half as far again as checks usually are apart."""
    filled = list(points)
    measured = [place for place, point in enumerate(points) if point.count]
    if len(measured) < 2 or sum(points[place].count for place in measured) >= 2 * len(measured):
        return filled
    longest = _LATE * median(after - before for before, after in pairwise(measured))
    for before, after in pairwise(measured):
        if after - before <= max(2.0, longest):
            filled[before:after] = [points[before]] * (after - before)
    return filled


def spread(points: Sequence[HistoryPoint], cells: int) -> list[HistoryPoint]:
    """Give the point for each of ``cells`` columns."""
    return [points[column * len(points) // cells] for column in range(cells)] if points else []


def top_ms(points: Sequence[HistoryPoint]) -> float | None:
    """Choose the top of the scale: a round figure that every 95th percentile stays below; None: no figure."""
    highest = max((p.p95_ms or p.p50_ms or 0.0 for p in points if p.p50_ms is not None), default=None)
    if highest is None:
        return None
    unit = 10.0 ** math.floor(math.log10(max(highest, 0.1)))
    return next(unit * nice for nice in _NICE if unit * nice >= highest)


def bars(columns: Sequence[HistoryPoint], top: float, rows: int) -> list[Line]:
    """Draw ``rows`` lines, the top one first; a column without a check stays empty."""
    return [_joined(_bar(point, top, rows, row) for point in columns) for row in reversed(range(rows))]


def losses(columns: Sequence[HistoryPoint]) -> Line:
    """Draw a line with the share of lost checks, as blocks of eight heights; ``·``: none was lost."""
    return _joined(_loss(point) for point in columns)


def states(transitions: Sequence[TransitionEntry], start: float, end: float, cells: int) -> Line:
    """Draw a line with the glyph of the new state where it changed; where twice in one cell, the latest."""
    marks: dict[int, Run] = {}
    for change in sorted(transitions, key=lambda each: each.at):
        column = _column(from_timestamp(change.at), start, end, cells)
        if 0 <= column < cells:
            condition = OF_STATUS[change.status]
            marks[column] = (condition.glyph, condition.ink)
    return _joined(marks.get(column, ("─", _FAINT)) for column in range(cells))


def axis(start: float, end: float, cells: int) -> tuple[str, str]:
    """Draw the axis of time in ``cells`` cells: the line with its ticks, and their times in UTC under it."""
    step = next((s for s in _TICKS_S if (end - start) / s * _TICK_CELLS <= cells), _TICKS_S[-1])
    line, words = ["─"] * cells, [" "] * cells
    at = math.ceil(start / step) * step
    while at <= end:
        column = min(_column(at, start, end, cells), cells - 1)
        text = _tick(at, step)
        first = max(0, min(column - len(text) // 2, cells - len(text)))
        if not "".join(words[max(0, first - 1) : first + len(text)]).strip():
            line[column] = "┬"
            words[first : first + len(text)] = text
        at += step
    return "".join(line), "".join(words).rstrip()


def _bar(point: HistoryPoint, top: float, rows: int, row: int) -> Run:
    if point.p50_ms is None:
        return (LOST, _LOSS) if point.count and row == 0 else (" ", "")
    eighths = max(1, round(point.p50_ms / top * rows * 8)) - row * 8
    if eighths > 0:
        return (_EIGHTHS[min(eighths, 8)], _BAR)
    reach = (point.p95_ms or 0.0) / top * rows
    return (SHADE, _BAND) if reach > row + 0.25 else (" ", "")


def _loss(point: HistoryPoint) -> Run:
    if not point.count or point.loss_pct is None:
        return (" ", "")
    if point.loss_pct <= 0:
        return (NONE_LOST, _FAINT)
    return (_EIGHTHS[max(1, round(min(point.loss_pct, 100.0) / 100 * 8))], _LOSS)


def _column(at: float, start: float, end: float, cells: int) -> int:
    return int((at - start) / (end - start) * cells) if end > start else 0


def _tick(at: float, step: int) -> str:
    written = to_timestamp(at)
    return written[5:10] if step >= _DAY_S else written[11:16]


def _joined(cells: Iterable[Run]) -> Line:
    """Join neighbours of one ink."""
    line: Line = []
    for text, ink in cells:
        if line and line[-1][1] == ink:
            line[-1] = (line[-1][0] + text, ink)
        else:
            line.append((text, ink))
    return line
