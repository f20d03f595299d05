"""Turns cells into lines in the theme's colours."""

from collections.abc import Sequence
from typing import Any

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.strip import Strip
from textual.widget import Widget

from provtui.text import fit
from provtui.widgets.column_layout import Cell, Placed, Run

_CURSOR, _MARKED = "▌", "*"


def gutter(*, marks: bool) -> int:
    """Tell how many cells are before each row: one for the cursor's sign, with ``marks`` one for those."""
    return 2 if marks else 1


class LinePainter:
    """Paints the lines of ``table``: its component classes give the parts, its screen's the inks.

    ``stale`` paints all inks faint. ``forget`` must be called when the theme changes.
    """

    def __init__(self, table: Widget) -> None:
        self.stale = False
        self._table = table
        self._styles: dict[tuple[str, bool], RichStyle] = {}

    def forget(self) -> None:
        """Forget the styles worked out so far."""
        self._styles.clear()

    def header(
        self, columns: Sequence[Placed[Any]], cells: int, *, sorted_by: str = "", reverse: bool = False
    ) -> Strip:
        """Paint the headings; the one ``sorted_by``, if any, is marked with the direction."""
        plain = self._style("table--header")
        segments = [Segment(" " * (columns[0].x if columns else 0), plain)]
        for placed in columns:
            title, style = placed.column.title, plain
            if title == sorted_by:
                title += "▴" if reverse else "▾"
                style = self._style("table--sorted")
            segments.append(Segment(fit(title, placed.width, right=placed.column.right), style))
            segments.append(Segment(" ", plain))
        return Strip(segments).adjust_cell_length(cells, plain)

    def row(self, drawn: Sequence[Cell], cells: int, *, under_cursor: bool, marked: bool | None) -> Strip:
        """Paint a row of drawn cells beside the cursor's sign, which also has its own ground, and its mark.

        ``marked`` is None where no row is marked, and marks have no cell.
        """
        signs = _CURSOR if under_cursor else " "
        if marked is not None:
            signs += _MARKED if marked else " "
        segments = [Segment(signs, self._style("table--mark", under_cursor))]
        for cell in drawn:
            runs = [Segment(text, self._style(ink, under_cursor)) for text, ink in cell]
            # the gap takes the style before it: each change of style is some forty bytes
            segments += [*runs[:-1], Segment(runs[-1].text + " ", runs[-1].style)]
        return Strip(Segment.simplify(segments)).adjust_cell_length(cells, self._style("", under_cursor))

    def line(self, runs: Sequence[Run], cells: int) -> Strip:
        """Paint runs from the left edge on."""
        segments = [Segment(text, self._style(ink)) for text, ink in runs]
        return Strip(Segment.simplify(segments)).adjust_cell_length(cells, self._style(""))

    def words(self, text: str, cells: int) -> Strip:
        """Paint a line of faint words, or of nothing."""
        return Strip([Segment(fit(text, cells), self._style("ink--faint"))], cells)

    def _style(self, name: str, under_cursor: bool = False) -> RichStyle:
        """Give the style of an ink or of a part of the table, on its row's background."""
        ansi = self._table.app.native_ansi_color
        if self.stale and (not name or name.startswith("ink--")):
            name = "ink--faint"
        if under_cursor and ansi:
            name = ""  # a bar in the terminal's own two colours, reversed
        style = self._styles.get((name, under_cursor))
        if style is None:
            base = self._table.visual_style
            if under_cursor:
                base += self._table.get_visual_style("table--cursor", partial=True)
            if name:
                owner = self._table.screen if name.startswith("ink--") else self._table
                base += owner.get_visual_style(name, partial=True)
            style = base.rich_style + RichStyle(reverse=under_cursor and ansi)
            self._styles[name, under_cursor] = style
        return style
