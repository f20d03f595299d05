"""The alerts: what is wrong, who has it, and since when."""

from collections.abc import Sequence

from textual import on
from textual.content import Content

from provd.client import Event
from provd.schema.alerts import Alert, AlertEvent
from provtui.alert_calls import Acknowledged, AlertCalls
from provtui.alert_listing import ALERT_HINT, parse_alert_filter
from provtui.commands import Place
from provtui.dialogs.acknowledge import AcknowledgeDialog
from provtui.dialogs.alert import AlertDialog
from provtui.dialogs.bulk import BulkDialog
from provtui.filters import Filter
from provtui.panels.alert import alert_summary
from provtui.screens.logs import LogScreen
from provtui.screens.provider import ProviderScreen
from provtui.session import Session
from provtui.widgets.alert_pane import AlertPane
from provtui.widgets.record_table import RecordTable

_ROOM_FOR_MORE = 24  # lines


class AlertsScreen(LogScreen[Alert]):
    """The alerts as they come and go: unresolved ones, or resolved ones too."""

    def __init__(self, session: Session) -> None:
        self.alerts = AlertPane(session)
        super().__init__(session, self.alerts)
        self._open: AlertDialog | None = None

    @property
    def place(self) -> Place:
        """Among the alerts."""
        return Place.ALERTS

    @property
    def filters(self) -> str:
        """What can be written into the filter."""
        return ALERT_HINT

    def parse(self, text: str) -> Filter[Alert]:
        """Read a filter of alerts."""
        return parse_alert_filter(text)

    def happened(self, events: Sequence[Event]) -> None:
        """Have the alerts that are told of read."""
        told = [event.data.alert_id for event in events if isinstance(event.data, AlertEvent)]
        self.alerts.changed(told)
        if self._open is not None and self._open.is_mounted and self._open.alert.id in told:
            self._open.do_reread()

    def summary(self, entry: Alert, cells: int) -> Content:
        """Write what it is, who has it, why, and what to do, for which there may be a line more."""
        most = 4 if self.size.height >= _ROOM_FOR_MORE else 3
        return alert_summary(entry, self.session.clock(), cells, most)

    def do_alert(self) -> None:
        """Show the alert under the cursor in full."""
        alert = self.alerts.entry()
        if alert is None:
            return

        def answered(provider_id: str | None) -> None:
            self._open = None
            if provider_id is not None:
                self.app.push_screen(ProviderScreen(self.session, provider_id))

        self._open = AlertDialog(self.session, alert)
        self.app.push_screen(self._open, answered)

    def do_acknowledge(self) -> None:
        """Acknowledge all that are marked, or the alert under the cursor, after a note."""
        marked = self._marked()
        chosen = self.alerts.entry()
        wanted = marked or ([] if chosen is None else [chosen])
        if not wanted:
            return

        def answered(note: str | None) -> None:
            if note is None:
                return
            if marked:
                self._acknowledge_all(marked, note)
            else:
                self.run_worker(self._calls.acknowledge(wanted[0], note), group="acknowledge")

        self.app.push_screen(AcknowledgeDialog([each.title for each in wanted]), answered)

    def do_resolved(self) -> None:
        """List resolved ones too, or leave them out again."""
        self.alerts.show_resolved(not self.alerts.resolved_too)
        self.say("Resolved alerts too" if self.alerts.resolved_too else "Unresolved alerts alone")
        self.flush()

    def do_mark(self) -> None:
        """Mark the alert under the cursor, or take its mark away."""
        self.pane.table.toggle_mark()
        self.flush()

    def do_mark_all(self) -> None:
        """Mark all that are listed, or none of them."""
        self.pane.table.toggle_all_marks()
        self.flush()

    @on(RecordTable.Opened)
    def _opened(self) -> None:
        self.do_alert()

    @on(AlertPane.Known)
    def _known(self) -> None:
        self.flush()

    @on(Acknowledged)
    def _acknowledged(self, message: Acknowledged) -> None:
        self.alerts.put([message.alert])
        if not message.quietly:
            self.say(f"{message.alert.title}: acknowledged")
        self.flush()

    @property
    def _calls(self) -> AlertCalls:
        return AlertCalls(self.session, self.post_message)

    def _marked(self) -> list[Alert]:
        """Give those that are marked, in the order of the list."""
        entries, marked = self.alerts.state.entries, self.alerts.table.marked
        return [entries[key] for key in sorted(marked, key=int, reverse=True) if key in entries]

    def _acknowledge_all(self, alerts: Sequence[Alert], note: str) -> None:
        keys = {alert.id: key for key, alert in self.alerts.state.entries.items()}

        def answered(done: frozenset[str] | None) -> None:
            self.alerts.table.unmark({keys[each] for each in done or ()})
            self.flush()

        self.app.push_screen(BulkDialog(self._calls.acknowledge_all(alerts, note)), answered)
