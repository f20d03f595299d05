"""Sparklines: the round-trip times of the last checks as one or more rows of block characters."""

from collections.abc import Sequence
from statistics import median

LOST = "×"
NOT_YET = "·"
_BLOCKS = "▁▂▃▄▅▆▇█"


def levels(recent: Sequence[float | None], steps: int) -> list[int | None]:
    """Scale each round-trip time to 1..``steps``; None stays None: no answer.

    Twice the median is the top, so a steady trunk is a flat line at half height whatever its RTT, and
    a spike stands out.
    """
    answered = [rtt for rtt in recent if rtt is not None]
    if not answered:
        return [None] * len(recent)
    top = 2 * median(answered) or 1.0
    return [None if rtt is None else max(1, min(steps, round(rtt / top * steps))) for rtt in recent]


def spark(recent: Sequence[float | None], cells: int) -> str:
    """Draw the newest ``cells`` checks on one line, the newest at the right; ``·``: not checked yet."""
    shown = levels(recent, len(_BLOCKS))[-cells:]
    drawn = "".join(LOST if level is None else _BLOCKS[level - 1] for level in shown)
    return drawn.rjust(cells, NOT_YET)


def bars(recent: Sequence[float | None], *, rows: int, bar: int) -> list[str]:
    """Draw bars ``rows`` lines high, each ``bar`` cells wide with a gap after it; the top line first."""
    scaled = levels(recent, len(_BLOCKS) * rows)
    lines = []
    for row in reversed(range(rows)):
        cells = (_bar_cell(level, row) for level in scaled)
        lines.append("".join(cell * bar + " " for cell in cells))
    return lines


def _bar_cell(level: int | None, row: int) -> str:
    if level is None:
        return LOST if row == 0 else " "
    above = level - row * len(_BLOCKS)
    return " " if above <= 0 else _BLOCKS[min(above, len(_BLOCKS)) - 1]
