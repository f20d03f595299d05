"""What is to be said in a few lines, cut where it does not fit, and never without a sign."""

from collections.abc import Sequence

from textual.content import Content

from provtui.text import ELLIPSIS

AND_MORE = f" {ELLIPSIS}"
ENTER_SHOWS_ALL = f" {ELLIPSIS} enter shows all"


def shortened(lines: Sequence[Content], cells: int, most: int, more: str = ENTER_SHOWS_ALL) -> list[Content]:
    """Give at most ``most`` of ``lines``, of at most ``cells`` cells, with an ellipsis where one was cut.

    Where lines are left out, the last that is given ends with ``more``.
    """
    given = [line.truncate(cells, ellipsis=True) for line in lines[:most]]
    if len(lines) > most and given:
        given[-1] = _and_more(given[-1], cells, more)
    return given


def _and_more(line: Content, cells: int, more: str) -> Content:
    """Cut ``line`` after a word, so that there is room to say that there is more."""
    kept = line.truncate(cells - len(more))
    if kept.cell_length < line.cell_length and " " in kept.plain.strip():
        kept = kept[: kept.plain.rindex(" ")]
    return Content.assemble(kept.rstrip(), (more, ".ink--faint"))
