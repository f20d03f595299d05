"""Sparklines: figures over time as one line of block characters."""

from collections.abc import Sequence

NONE = "·"
_BLOCKS = "▁▂▃▄▅▆▇█"


def spark(values: Sequence[float | None], top: float) -> str:
    """Draw a character for each value from 0 to ``top``; ``·`` where there is none."""
    highest = len(_BLOCKS) - 1
    return "".join(
        NONE if value is None else _BLOCKS[min(highest, round(value / top * highest)) if top > 0 else 0]
        for value in values
    )
