"""The events: what happened, newest first."""

from collections.abc import Sequence

from textual import on
from textual.content import Content

from provd.client import Event
from provtui.commands import Place
from provtui.event_reading import log_of, told
from provtui.event_words import EventLine
from provtui.filters import Filter
from provtui.log_listing import EVENT_HINT, parse_event_filter
from provtui.panels.parts import hung
from provtui.screens.logs import LogScreen
from provtui.screens.provider import ProviderScreen
from provtui.session import Session
from provtui.shortened import AND_MORE, shortened
from provtui.widgets.log_pane import LogPane
from provtui.widgets.log_table import EventTable, event_number
from provtui.widgets.record_table import RecordTable

_NOTHING = "Nothing has happened yet."
_MOST_LINES = 3  # of what happened, and as many of what to do


class EventsScreen(LogScreen[EventLine]):
    """The daemon's event log, as it grows. Entries of the audit log have a screen of their own."""

    def __init__(self, session: Session) -> None:
        pane = LogPane(EventTable(), event_number, log_of(session), nothing=_NOTHING, id="event-log")
        super().__init__(session, pane)

    @property
    def place(self) -> Place:
        """Among the events."""
        return Place.EVENTS

    @property
    def filters(self) -> str:
        """What can be written into the filter."""
        return EVENT_HINT

    def parse(self, text: str) -> Filter[EventLine]:
        """Read a filter of events."""
        return parse_event_filter(text)

    def happened(self, events: Sequence[Event]) -> None:
        """Take those that the log keeps."""
        self.pane.put(told(events, self.session.clock()))

    def summary(self, entry: EventLine, cells: int) -> Content:
        """Write when and what it was, what was said, and what to do."""
        head = Content.assemble(
            (entry.subject, ".ink--name"), (f"  {entry.type}  {entry.at[:19]} UTC", ".ink--faint")
        )
        said = hung((" ", ""), entry.words, cells, f".{entry.ink}" if entry.ink else "")
        lines = [head, *shortened(said, cells, _MOST_LINES, AND_MORE)]
        if entry.next_step:
            step = hung((" → ", ".ink--key"), entry.next_step, cells, ".ink--step")
            lines += shortened(step, cells, _MOST_LINES, AND_MORE)
        return Content("\n").join(lines)

    def do_open(self) -> None:
        """Open the provider that the event under the cursor is about."""
        line = self.pane.entry()
        if line is None:
            return
        provider = self.session.provider(line.provider_id)
        if provider is None:
            about = "is no longer there: it was deleted" if line.provider_id else "is about no provider"
            self.say(f"{line.subject} {about}" if line.provider_id else f"This event {about}")
            return
        self.app.push_screen(ProviderScreen(self.session, provider.id))

    @on(RecordTable.Opened)
    def _opened(self) -> None:
        self.do_open()
