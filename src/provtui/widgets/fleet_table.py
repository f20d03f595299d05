"""The fleet as a table that draws its own lines: one widget, whatever the number of providers."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from provd.schema.provider import Provider
from provtui.commands import move_bindings
from provtui.filters import Filter
from provtui.listing import Listing
from provtui.ordering import Order, SortBy
from provtui.widgets.columns import COLUMNS, GROWTH, Cell, Placed, lay_out
from provtui.widgets.line_painter import GUTTER, LinePainter

_HEADER_LINES = 1
_RESTLESS = frozenset({SortBy.RTT, SortBy.LOSS, SortBy.AGE})
_REST_S = 5.0


class FleetTable(ScrollView, can_focus=True):
    """Lists providers, one a line, with a header, a cursor, an order and a filter.

    ``show`` gives it all providers; after that ``mark`` notes which have changed and ``flush`` repaints
    what differs on the screen from what was last drawn there, and nothing else.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*move_bindings()]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "fleet-table--header",
        "fleet-table--sorted",
        "fleet-table--cursor",
        "fleet-table--mark",
    }
    ALLOW_SELECT = False

    class Highlighted(Message):
        """The cursor is on another provider, or on none."""

        def __init__(self, provider_id: str | None) -> None:
            super().__init__()
            self.provider_id = provider_id

        def can_replace(self, message: Message) -> bool:
            """A newer place of the cursor makes the older one pointless."""
            return isinstance(message, FleetTable.Highlighted)

    class Opened(Message):
        """A provider was double-clicked."""

        def __init__(self, provider_id: str) -> None:
            super().__init__()
            self.provider_id = provider_id

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's word
        self._painter = LinePainter(self)  # before Textual first asks for styles
        super().__init__(id=id)
        self.listing = Listing()
        self.cursor = 0
        self.notice = ""
        self._providers: Mapping[str, Provider] = {}
        self._dirty: set[str] = set()
        self._now = 0.0
        self._ordered_at = 0.0
        self._columns: tuple[Placed, ...] = ()
        self._drawn: dict[int, tuple[str, tuple[Cell, ...]]] = {}  # by screen line, as last painted

    @property
    def chosen_id(self) -> str | None:
        """The id of the provider under the cursor."""
        ids = self.listing.ids
        return ids[self.cursor] if self.cursor < len(ids) else None

    @property
    def stale(self) -> bool:
        """Whether everything is greyed."""
        return self._painter.stale

    @property
    def order(self) -> Order:
        """The order shown."""
        return self.listing.order

    def show(self, providers: Mapping[str, Provider], now: float) -> None:
        """List ``providers`` anew; the cursor stays on its provider."""
        self._providers = providers
        self._now = self._ordered_at = now
        self._dirty.clear()
        self._relist()

    def mark(self, providers: Mapping[str, Provider], changed: Iterable[str]) -> None:
        """Note that the ``changed`` ids differ in ``providers``; the next flush shows it."""
        self._providers = providers
        self._dirty.update(changed)

    def flush(self, now: float) -> None:
        """Show what changed since the last flush, and ages that have become another text at ``now``."""
        self._now = now
        if self._dirty and self._may_move(now):
            chosen = self.chosen_id
            changed, self._dirty = self._dirty, set()
            self._ordered_at = now
            if self.listing.update(self._providers, changed):
                self._follow(chosen)
                self.virtual_size = Size(self.size.width, len(self.listing.ids) + _HEADER_LINES)
        for line in range(_HEADER_LINES, self.size.height):
            self._refresh_line_if_other(line)

    def sort(self, by: SortBy) -> None:
        """Sort by a column; by the same again: the other way."""
        self.listing.order = self.listing.order.then(by)
        self._relist()

    def narrow(self, wanted: Filter, *, problems_only: bool) -> None:
        """List only what passes ``wanted``, and only problems when asked."""
        self.listing.filter = wanted
        self.listing.problems_only = problems_only
        self._relist()

    def set_stale(self, stale: bool) -> None:
        """Grey everything, or bring the colours back."""
        if stale is not self._painter.stale:
            self._painter.stale = stale
            self.refresh()

    def set_notice(self, notice: str) -> None:
        """Set the words that stand where an empty list would be."""
        if notice != self.notice:
            self.notice = notice
            if not self.listing.ids:
                self.refresh()

    def move_to(self, index: int) -> None:
        """Put the cursor on the line ``index`` of the list, as far as there is one, and show it."""
        before = self.cursor
        self.cursor = max(0, min(index, len(self.listing.ids) - 1))
        if self.cursor != before:
            self._refresh_row(before)
            self._refresh_row(self.cursor)
            self.post_message(self.Highlighted(self.chosen_id))
        self._show_cursor()

    def action_move(self, where: str) -> None:
        """Move the cursor ``up``, ``down``, ``page_up``, ``page_down``, ``top`` or ``bottom``."""
        page = max(1, self._rows_shown - 1)
        last = len(self.listing.ids) - 1
        steps = {"up": -1, "down": 1, "page_up": -page, "page_down": page, "top": -last, "bottom": last}
        self.move_to(self.cursor + steps[where])

    def on_click(self, event: events.Click) -> None:
        """Sort by the heading that was clicked, or move the cursor to the row; twice opens it."""
        event.stop()
        if event.y < _HEADER_LINES:
            hit = next((p for p in self._columns if p.x <= event.x <= p.x + p.width), None)
            if hit is not None and hit.column.sort is not None:
                self.sort(hit.column.sort)
            return
        index = self._row_at(event.y)
        if index < len(self.listing.ids):
            self.move_to(index)
            if event.chain == 2:
                self.post_message(self.Opened(self.listing.ids[index]))

    def on_resize(self, event: events.Resize) -> None:
        """Share the new width among the columns."""
        self._columns = lay_out(COLUMNS, GROWTH, self.size.width, first=GUTTER)
        self.virtual_size = Size(self.size.width, len(self.listing.ids) + _HEADER_LINES)
        self._drawn.clear()
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
        """Draw the screen line ``y``: the header, a provider, the notice of an empty list, or nothing."""
        width = self.size.width
        if y < _HEADER_LINES:
            return self._painter.header(self._columns, self.order, width)
        if not self.listing.ids:
            return self._painter.words(f"  {self.notice}" if y == _HEADER_LINES + 1 else "", width)
        if y not in self._drawn:
            line = self._line(y)
            if line is None:
                return self._painter.words("", width)
            self._drawn[y] = line
        _, cells = self._drawn[y]
        return self._painter.row(cells, width, under_cursor=self._row_at(y) == self.cursor)

    def _may_move(self, now: float) -> bool:
        """Whether rows may change their places: when sorted by a restless figure, only now and then."""
        if self.order.by not in _RESTLESS or now - self._ordered_at >= _REST_S:
            return True
        return any(key in self.listing and key not in self._providers for key in self._dirty)

    @property
    def _rows_shown(self) -> int:
        return max(0, self.size.height - _HEADER_LINES)

    def _row_at(self, line: int) -> int:
        return self.scroll_offset.y + line - _HEADER_LINES

    def _line(self, line: int) -> tuple[str, tuple[Cell, ...]] | None:
        row = self._row_at(line)
        if row >= len(self.listing.ids):
            return None
        provider = self._providers.get(self.listing.ids[row])
        if provider is None:
            return None
        cells = tuple(placed.column.draw(provider, self._now, placed.width) for placed in self._columns)
        return provider.id, cells

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

    def _relist(self) -> None:
        chosen = self.chosen_id
        self.listing.rebuild(self._providers)
        self.virtual_size = Size(self.size.width, len(self.listing.ids) + _HEADER_LINES)
        self._drawn.clear()
        self._follow(chosen)
        self.refresh()

    def _follow(self, chosen: str | None) -> None:
        """Keep the cursor on ``chosen``; where that is gone, on the same line."""
        was_visible = 0 <= self.cursor - self.scroll_offset.y < max(1, self._rows_shown)
        before = self.cursor
        ids = self.listing.ids
        if chosen is not None and chosen in self.listing:
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
