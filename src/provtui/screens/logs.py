"""What the screens of logs have in common: a filter, a table that reads on, a summary of the chosen entry."""

from abc import abstractmethod
from typing import Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from provtui.filters import Filter
from provtui.screens.base import CommandScreen
from provtui.session import Session
from provtui.widgets.banner import Banner
from provtui.widgets.filter_bar import FilterBar
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines
from provtui.widgets.log_pane import LogPane
from provtui.widgets.pulse import Pulse
from provtui.widgets.record_table import RecordTable

E = TypeVar("E")
_SUMMARY_LINES = 3
_ROOM_FOR_SUMMARY = 12  # lines; on fewer the table needs them all


class LogScreen(CommandScreen, Generic[E]):
    """The pulse, the log, a summary of the entry under the cursor, and the keys."""

    AUTO_FOCUS = "RecordTable"

    def __init__(self, session: Session, pane: LogPane[E]) -> None:
        super().__init__(session)
        self.pane = pane
        self._filter: Filter[E] = Filter()

    @abstractmethod
    def parse(self, text: str) -> Filter[E]:
        """Read what is typed into the filter; raises FilterError."""

    @abstractmethod
    def summary(self, entry: E, cells: int) -> Content:
        """Write some three lines about ``entry``, of ``cells`` cells."""

    def compose(self) -> ComposeResult:
        """Lay the parts out from top to bottom."""
        yield Pulse()
        yield Banner()
        yield FilterBar(self.parse, self.filters)
        yield self.pane
        yield Lines(id="log-summary")
        yield KeyBar(self.commands_here(), self.session.refused)

    def on_mount(self) -> None:
        """Read the newest page."""
        self.pane.begin()

    def fleet_changed(self, changed: frozenset[str] | None) -> None:
        """Read the log anew when everything was: something may have been missed."""
        if changed is None:
            self.pane.begin()

    def flush(self) -> None:
        """Repaint what differs."""
        fleet, now = self.session.fleet, self.session.clock()
        self.query_one(Pulse).show(fleet, readonly=self.session.readonly)
        self.query_one(Banner).show(fleet, now)
        self.set_class(fleet.stale, "-stale")
        self.pane.flush(now, stale=fleet.stale)
        more = "+" if self.pane.state.token else ""
        self.query_one(FilterBar).show_count(
            len(self.pane.table.ids),
            self.pane.total,
            filtered=bool(self._filter),
            more=more,
            marked=len(self.pane.table.marked),
        )
        self._summarise()

    def on_resize(self) -> None:
        """Make the most of the new size."""
        self.flush_soon()

    def do_filter(self, words: str = "") -> None:
        """Filter by ``words``; without any, type them."""
        self.query_one(FilterBar).open(words)

    def do_out(self) -> None:
        """Show all again; when nothing is left out, take the marks away; without any, go back."""
        bar = self.query_one(FilterBar)
        if not bar.display:
            self.dismiss(None)
            return
        if not (self._filter or bar.text):
            self.pane.table.unmark()
        self._filter = Filter()
        bar.clear()
        self.pane.table.focus()
        self._narrow()

    def do_move(self, where: str) -> None:
        """Move the cursor."""
        self.pane.table.action_move(where)

    @on(RecordTable.Highlighted)
    def _summarise(self) -> None:
        entry = self.pane.entry()
        shown = self.query_one("#log-summary", Lines)
        shown.display = self.size.height >= _ROOM_FOR_SUMMARY
        said = Content("") if entry is None else self.summary(entry, self.size.width - 2)
        shown.styles.height = max(_SUMMARY_LINES, len(said.plain.splitlines()))
        shown.show(said)

    @on(LogPane.Read)
    def _read(self) -> None:
        self.flush()

    @on(FilterBar.Set)
    def _filter_set(self, message: FilterBar.Set) -> None:
        self._filter = message.wanted
        self._narrow()

    @on(FilterBar.Done)
    def _filter_typed(self) -> None:
        self.pane.table.focus()
        self.flush()

    def _narrow(self) -> None:
        self.pane.table.narrow_to(self._filter)
        self.flush()
