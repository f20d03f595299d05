"""A table that draws its own lines: one widget, whatever the number of records."""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from provtui.commands import move_bindings
from provtui.filters import Filter
from provtui.listing import Listing
from provtui.widgets.column_layout import Cell, Column, Growth, Placed, lay_out
from provtui.widgets.line_painter import LinePainter, gutter

R = TypeVar("R")
_HEADER_LINES = 1


class RecordTable(ScrollView, Generic[R], can_focus=True):
    """Lists records by their ids, one a line, with a header, a cursor, an order and a filter.

    ``show`` gives it all records; after that ``mark`` notes which have changed and ``flush`` repaints
    what differs on the screen from what was last drawn there, and nothing else. Of ``listing`` it is told
    which records there are, and in which order. ``marked`` are the ids that a user has marked; they stay so
    whatever is listed, in whichever order, until their records are gone.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*move_bindings()]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--header",
        "table--sorted",
        "table--cursor",
        "table--mark",
    }
    ALLOW_SELECT = False

    class Highlighted(Message):
        """The cursor is on another record, or on none."""

        def __init__(self, record_id: str | None) -> None:
            super().__init__()
            self.record_id = record_id

        def can_replace(self, message: Message) -> bool:
            """A newer place of the cursor makes the older one pointless."""
            return isinstance(message, RecordTable.Highlighted)

    class Opened(Message):
        """A record was double-clicked."""

        def __init__(self, record_id: str) -> None:
            super().__init__()
            self.record_id = record_id

    def __init__(
        self,
        listing: Listing[R],
        columns: Sequence[Column[R]],
        growth: Sequence[Growth],
        *,
        id: str | None = None,  # noqa: A002  # Textual's word
    ) -> None:
        self._painter = LinePainter(self)  # before Textual first asks for styles
        super().__init__(id=id)
        self._listing = listing
        self.cursor = 0
        self.marked: set[str] = set()
        self.notice = ""
        self._records: Mapping[str, R] = {}
        self._dirty: set[str] = set()
        self._now = 0.0
        self._ordered_at = 0.0
        self._all_columns, self._growth = columns, growth
        self._columns: tuple[Placed[R], ...] = ()
        self._drawn: dict[int, tuple[str, tuple[Cell, ...]]] = {}  # by screen line, as last painted

    @property
    def ids(self) -> Sequence[str]:
        """The ids of the records listed, from top to bottom."""
        return self._listing.ids

    @property
    def chosen_id(self) -> str | None:
        """The id of the record under the cursor."""
        ids = self._listing.ids
        return ids[self.cursor] if self.cursor < len(ids) else None

    @property
    def near_end(self) -> bool:
        """Whether less than a page is listed below what is shown, or below the cursor."""
        lowest = max(self.cursor, self.scroll_offset.y + self._rows_shown)
        return lowest + self._rows_shown >= len(self._listing.ids)

    @property
    def stale(self) -> bool:
        """Whether everything is greyed."""
        return self._painter.stale

    @property
    def sorted_by(self) -> tuple[str, bool]:
        """The heading that is marked as sorted by, and whether the other way round; "": none is.

        Its column is shown at any width: else nothing would tell why the records are in this order.
        """
        return "", False

    def show(self, records: Mapping[str, R], now: float) -> None:
        """List ``records`` anew; the cursor stays on its record."""
        self._records = records
        self.marked &= records.keys()
        self._now = self._ordered_at = now
        self._dirty.clear()
        self.relist()

    def replace(self, records: Mapping[str, R]) -> None:
        """List ``records`` anew, with ages as they were last drawn."""
        self.show(records, self._now)

    def mark(self, records: Mapping[str, R], changed: Iterable[str]) -> None:
        """Note that the ``changed`` ids differ in ``records``; the next flush shows it."""
        self._records = records
        self._dirty.update(changed)
        self._set_marks(self.marked - {each for each in self._dirty if each not in records})

    def flush(self, now: float) -> None:
        """Show what changed since the last flush, and ages that have become another text at ``now``."""
        self._now = now
        if self._dirty and self.may_move(now - self._ordered_at):
            chosen = self.chosen_id
            changed, self._dirty = self._dirty, set()
            self._ordered_at = now
            if self._listing.update(self._records, changed):
                self._follow(chosen)
                self.virtual_size = Size(self.size.width, len(self._listing.ids) + _HEADER_LINES)
        for line in range(_HEADER_LINES, self.size.height):
            self._refresh_line_if_other(line)

    def may_move(self, since_s: float) -> bool:
        """Whether rows may change their places, which they did ``since_s`` seconds ago."""
        return True

    def heading_clicked(self, title: str) -> None:
        """Take note that the heading ``title`` was clicked."""

    @property
    def lost_some(self) -> bool:
        """Whether a record that is listed is gone, as the next flush will show."""
        return any(key in self._listing and key not in self._records for key in self._dirty)

    def narrow_to(self, wanted: Filter[R]) -> None:
        """List only what passes ``wanted``."""
        self._listing.filter = wanted
        self.relist()

    def set_stale(self, stale: bool) -> None:
        """Grey everything, or bring the colours back."""
        if stale is not self._painter.stale:
            self._painter.stale = stale
            self.refresh()

    def set_notice(self, notice: str) -> None:
        """Set the words that stand where an empty list would be."""
        if notice != self.notice:
            self.notice = notice
            if not self._listing.ids:
                self.refresh()

    def move_to(self, index: int) -> None:
        """Put the cursor on the line ``index`` of the list, as far as there is one, and show it."""
        before = self.cursor
        self.cursor = max(0, min(index, len(self._listing.ids) - 1))
        if self.cursor != before:
            self._refresh_row(before)
            self._refresh_row(self.cursor)
            self.post_message(self.Highlighted(self.chosen_id))
        self._show_cursor()

    def move_to_record(self, record_id: str) -> bool:
        """Put the cursor on a record; tell whether it is listed."""
        if record_id not in self._listing:
            return False
        self.move_to(self._listing.ids.index(record_id))
        return True

    def toggle_mark(self) -> None:
        """Mark the record under the cursor, or take its mark away; then go on to the next."""
        chosen = self.chosen_id
        if chosen is not None:
            self._set_marks(self.marked ^ {chosen})
            self._refresh_row(self.cursor)
            self.move_to(self.cursor + 1)

    def toggle_all_marks(self) -> None:
        """Mark all records that are listed; when they are, take their marks away."""
        listed = set(self._listing.ids)
        self._set_marks(self.marked - listed if listed <= self.marked else self.marked | listed)
        self.refresh()

    def unmark(self, record_ids: Iterable[str] | None = None) -> None:
        """Take the marks of these records away, or all marks."""
        self._set_marks(set() if record_ids is None else self.marked - set(record_ids))
        self.refresh()

    def action_move(self, where: str) -> None:
        """Move the cursor ``up``, ``down``, ``page_up``, ``page_down``, ``top`` or ``bottom``."""
        page = max(1, self._rows_shown - 1)
        last = len(self._listing.ids) - 1
        steps = {"up": -1, "down": 1, "page_up": -page, "page_down": page, "top": -last, "bottom": last}
        self.move_to(self.cursor + steps[where])

    def on_click(self, event: events.Click) -> None:
        """Tell which heading was clicked, or move the cursor to the row; twice opens it."""
        event.stop()
        if event.y < _HEADER_LINES:
            hit = next((p for p in self._columns if p.x <= event.x <= p.x + p.width), None)
            if hit is not None:
                self.heading_clicked(hit.column.title)
            return
        index = self._row_at(event.y)
        if index < len(self._listing.ids):
            self.move_to(index)
            if event.chain == 2:
                self.post_message(self.Opened(self._listing.ids[index]))

    def on_resize(self, event: events.Resize) -> None:
        """Share the new width among the columns."""
        self._lay_out()
        self.virtual_size = Size(self.size.width, len(self._listing.ids) + _HEADER_LINES)
        self._show_cursor()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Draw all lines anew when others come into view."""
        self._drawn.clear()
        super().watch_scroll_y(old_value, new_value)

    def notify_style_update(self) -> None:
        """Forget the colours of the theme before."""
        self._painter.forget()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """Draw the screen line ``y``: the header, a record, the notice of an empty list, or nothing."""
        width = self.size.width
        if y < _HEADER_LINES:
            title, reverse = self.sorted_by
            return self._painter.header(self._columns, width, sorted_by=title, reverse=reverse)
        if not self._listing.ids:
            return self._painter.words(f"  {self.notice}" if y == _HEADER_LINES + 1 else "", width)
        if y not in self._drawn:
            line = self._line(y)
            if line is None:
                return self._painter.words("", width)
            self._drawn[y] = line
        record_id, cells = self._drawn[y]
        under_cursor = self._row_at(y) == self.cursor
        marked = record_id in self.marked if self.marked else None
        return self._painter.row(cells, width, under_cursor=under_cursor, marked=marked)

    def relist(self) -> None:
        """Filter and sort everything anew."""
        chosen = self.chosen_id
        self._listing.rebuild(self._records)
        self.virtual_size = Size(self.size.width, len(self._listing.ids) + _HEADER_LINES)
        self._lay_out()
        self._follow(chosen)
        self.refresh()

    @property
    def _rows_shown(self) -> int:
        return max(0, self.size.height - _HEADER_LINES)

    def _lay_out(self) -> None:
        first = gutter(marks=bool(self.marked))
        self._columns = lay_out(
            self._all_columns, self._growth, self.size.width, first=first, kept=self.sorted_by[0]
        )
        self._drawn.clear()

    def _set_marks(self, marked: set[str]) -> None:
        """Mark these; the first mark takes a cell of each row, and the last one that goes gives it back."""
        others = bool(marked) is not bool(self.marked)
        self.marked = marked
        if others:
            self._lay_out()
            self.refresh()

    def _row_at(self, line: int) -> int:
        return self.scroll_offset.y + line - _HEADER_LINES

    def _line(self, line: int) -> tuple[str, tuple[Cell, ...]] | None:
        row = self._row_at(line)
        if row >= len(self._listing.ids):
            return None
        record_id = self._listing.ids[row]
        record = self._records.get(record_id)
        if record is None:
            return None
        cells = tuple(placed.column.draw(record, self._now, placed.width) for placed in self._columns)
        return record_id, cells

    def _refresh_line_if_other(self, line: int) -> None:
        painted, current = self._drawn.get(line), self._line(line)
        if current == painted:
            return
        if current is None or painted is None or current[0] != painted[0]:
            self._drawn.pop(line, None)
            self.refresh(Region(0, line, self.size.width, 1))
            return
        self._drawn[line] = current
        cells = zip(self._columns, painted[1], current[1], strict=True)
        differing = [placed for placed, old, new in cells if old != new]
        start, end = differing[0].x, differing[-1].x + differing[-1].width
        # one region a line: Textual writes a line from its left edge for each
        self.refresh(Region(start, line, end - start, 1))

    def _follow(self, chosen: str | None) -> None:
        """Keep the cursor on ``chosen``; where that is gone, on the same line."""
        was_visible = 0 <= self.cursor - self.scroll_offset.y < max(1, self._rows_shown)
        before = self.cursor
        ids = self._listing.ids
        if chosen is not None and chosen in self._listing:
            self.cursor = ids.index(chosen)
        self.cursor = max(0, min(self.cursor, len(ids) - 1))
        if self.cursor != before:
            self._refresh_row(before)
            self._refresh_row(self.cursor)
        if was_visible:
            self._show_cursor()
        if self.chosen_id != chosen:
            self.post_message(self.Highlighted(self.chosen_id))

    def _refresh_row(self, row: int) -> None:
        line = row - self.scroll_offset.y + _HEADER_LINES
        if _HEADER_LINES <= line < self.size.height:
            self.refresh(Region(0, line, self.size.width, 1))

    def _show_cursor(self) -> None:
        top, rows = self.scroll_offset.y, self._rows_shown
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif rows and self.cursor >= top + rows:
            self.scroll_to(y=self.cursor - rows + 1, animate=False)
