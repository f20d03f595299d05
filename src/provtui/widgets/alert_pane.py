"""The alerts: unresolved ones alone, or resolved ones too, which are read as one scrolls."""

from collections.abc import Iterable
from dataclasses import replace

from textual import on
from textual.message import Message

from provd.client import ApiError, ClientError
from provd.schema.alerts import Alert, AlertState
from provtui import log_state
from provtui.alert_listing import alert_number
from provtui.alert_words import is_over
from provtui.log_state import LogState
from provtui.session import Session
from provtui.widgets.alert_table import AlertTable
from provtui.widgets.log_pane import PAGE, LogPane

_UNRESOLVED = (AlertState.OPEN, AlertState.ACKNOWLEDGED)
_NOTHING = "No alerts: nothing has been wrong for as long as a rule says."


class AlertPane(LogPane[Alert]):
    """Shows the alerts that the daemon of ``session`` has, with what the stream tells of them."""

    class Known(Message):
        """An alert as it is now."""

        def __init__(self, alert: Alert) -> None:
            super().__init__()
            self.alert = alert

    def __init__(self, session: Session) -> None:
        self.alerts = AlertTable()
        super().__init__(self.alerts, alert_number, self._read_alerts, nothing=_NOTHING)
        self._session = session
        self._changed: list[str] = []
        self._told: dict[str, Alert] = {}
        self._reading = False

    @property
    def resolved_too(self) -> bool:
        """Whether resolved ones are listed too."""
        return self.alerts.listing.resolved_too

    @property
    def total(self) -> int:
        """How many there are to be listed, whatever the filter."""
        entries = self.state.entries
        return len(entries) if self.resolved_too else sum(not is_over(each) for each in entries.values())

    @property
    def nothing_fits(self) -> str:
        """What is said when the filter leaves nothing."""
        if self.resolved_too:
            return super().nothing_fits
        return "Nothing that is not over fits the filter. A lists what is over too, esc clears the filter."

    def begin(self) -> None:
        """Read the newest page; what is held and not in it is over by then."""
        self._told.clear()
        super().begin()

    def put(self, entries: Iterable[Alert]) -> None:
        """Take alerts as they have just become."""
        told = list(entries)
        self._told |= {str(alert_number(alert)): alert for alert in told}
        super().put(told)

    def took_first(self, page: list[Alert], token: str) -> LogState[Alert]:
        """Keep only what was told while the page was read, and read that once more: it may be older."""
        told = dict(self._told)
        self.changed([alert.id for alert in told.values()])
        return log_state.took_first(replace(self.state, entries=told), page, token, alert_number)

    def show_resolved(self, wanted: bool) -> None:
        """List resolved ones too, or only those that are not over; they are read anew."""
        self.alerts.show_resolved(wanted)
        self.begin()

    def changed(self, alert_ids: list[str]) -> None:
        """Read these alerts anew, each once, however often it is named meanwhile."""
        self._changed += [each for each in alert_ids if each not in self._changed]
        if self._changed and not self._reading:
            self._reading = True
            self.run_worker(self._read_changed(), group="changed")

    @on(Known)
    def _known(self, message: Known) -> None:
        self.put([message.alert])

    async def _read_changed(self) -> None:
        try:
            while self._changed:
                await self._read_one(self._changed.pop(0))
        except ClientError:
            self._changed.clear()  # everything is read anew when the daemon is there again
        finally:
            self._reading = False

    async def _read_one(self, alert_id: str) -> None:
        try:
            self.post_message(self.Known(await self._session.client.alerts.get(alert_id)))
        except ApiError:
            return  # it was over long ago, and is forgotten

    async def _read_alerts(self, token: str) -> tuple[list[Alert], str]:
        states = () if self.resolved_too else _UNRESOLVED
        page = await self._session.client.alerts.page(states=states, page_size=PAGE, page_token=token)
        return page.result, page.next_page_token
