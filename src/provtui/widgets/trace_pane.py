"""The trace of a provider: a list of exchanges, and under it the chosen one's messages."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import Click
from textual.message import Message

from provtui.commands import move_bindings
from provtui.panels.trace import exchange_lines, message_text, trace_head
from provtui.trace_view import TraceView
from provtui.widgets.lines import Lines


class ExchangeList(Lines, can_focus=True):
    """The lines of the list; it only says where the user wants to go."""

    BINDINGS: ClassVar[list[BindingType]] = [*move_bindings()]
    ALLOW_SELECT = False

    class Moved(Message):
        """The user wants to go ``where``, as the commands ``move:…`` call it."""

        def __init__(self, where: str) -> None:
            super().__init__()
            self.where = where

    class Chosen(Message):
        """The exchange at ``index`` was clicked."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    first = 0

    def show_rows(self, first: int, content: Content) -> None:
        """Show rows that begin with the exchange at ``first``."""
        self.first = first
        self.show(content)

    def action_move(self, where: str) -> None:
        """Say where to go."""
        self.post_message(self.Moved(where))

    def on_click(self, event: Click) -> None:
        """Say which row was clicked."""
        event.stop()
        self.post_message(self.Chosen(self.first + event.y))


class TracePane(Vertical):
    """Shows a TraceView."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's word
        super().__init__(id=id)
        self._read_from_top: object = None

    def compose(self) -> ComposeResult:
        """Lay the list out over the messages."""
        yield Lines(id="trace-head")
        yield ExchangeList(id="trace-list")
        with VerticalScroll(id="trace-message", can_focus=False):
            yield Lines(id="trace-text")

    def show(self, view: TraceView, cells: int) -> None:
        """Show ``view`` in ``cells`` cells; another exchange's messages are shown from their beginning."""
        self.query_one("#trace-head", Lines).show(trace_head(view))
        rows = self.query_one(ExchangeList)
        rows.show_rows(*exchange_lines(view, rows.size.height, cells))
        self.query_one("#trace-text", Lines).show(message_text(view.exchange))
        if view.exchange is not self._read_from_top:
            self._read_from_top = view.exchange
            self._messages.scroll_home(animate=False)

    def scroll_messages(self, where: str) -> None:
        """Scroll the messages ``page_up`` or ``page_down``."""
        if where == "page_up":
            self._messages.scroll_page_up(animate=False)
        else:
            self._messages.scroll_page_down(animate=False)

    @property
    def _messages(self) -> VerticalScroll:
        return self.query_one("#trace-message", VerticalScroll)
