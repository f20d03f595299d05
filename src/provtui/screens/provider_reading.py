"""What the provider screen knows, and when it is read anew."""

from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any

from textual import on

from provd.client import Event
from provd.schema.calls import CallStats
from provd.schema.events import LoggedEvent
from provd.schema.health import CheckReport
from provd.schema.history import History, ProviderHealth
from provd.schema.provider import Provider
from provtui import dial_view, trace_view, trunk_view
from provtui.commands import Place
from provtui.dial_view import DialView
from provtui.event_reading import log_of, told
from provtui.outcomes import Checked, RoutesWanted
from provtui.panels.history import AXIS
from provtui.reader import (
    CallsRead,
    Compared,
    Dialled,
    EventsRead,
    HealthRead,
    HistoryRead,
    Reader,
    Traced,
    TraceFailed,
    TraceRead,
    TrunkRead,
)
from provtui.reading import Reading
from provtui.screens.provider_commands import ProviderCommands
from provtui.session import Session
from provtui.span import Asked, Span
from provtui.trace_view import Follow, TraceView
from provtui.trunk_view import TrunkView
from provtui.widgets.log_pane import LogPane
from provtui.widgets.log_table import EventTable, event_number
from provtui.widgets.revisions_pane import RevisionsPane, revisions_of

_LEAST_CELLS = 20
_MARGIN = 6
_CALLS_EVERY_S = 30.0


class ProviderReading(ProviderCommands):
    """Keeps what was read of ``provider_id``; of its tabs only the present one is read.

    The provider and its past events are read whenever the stream says that it changed, and everything when
    the whole list was read anew: then the daemon has come back, or the user asked for it.
    """

    def __init__(self, session: Session, provider_id: str, tab: Place) -> None:
        super().__init__(session)
        self.provider_id = provider_id
        self.tab = tab
        self.span = self.calls_over = Span.DAY
        self.events: list[LoggedEvent] | None = None
        self.report: CheckReport | None = None
        self.health: Reading[ProviderHealth] = Reading()
        self.history: Reading[History] = Reading()
        self.calls: Reading[CallStats] = Reading()
        self.trace = TraceView()
        self.trunk = TrunkView()
        self.dialling = DialView()
        self.event_log = LogPane(
            EventTable(of_one=True, id="events-of-one"),
            event_number,
            log_of(session, provider_id),
            nothing="Nothing has happened to it yet.",
            id=Place.PROVIDER_EVENTS.value,
        )
        self.revisions = RevisionsPane(
            revisions_of(lambda token: session.client.revisions(provider_id, page_token=token)),
            id=Place.REVISIONS.value,
        )
        self._reader = Reader(session, provider_id, self.post_message)
        self._stamp: tuple[object, ...] = ()
        self._asked: Asked | None = None
        self._calls_asked: tuple[Span, float] | None = None

    @property
    def place(self) -> Place:
        """The tab."""
        return self.tab

    @property
    def room(self) -> int:
        """How many cells a tab's text may take."""
        return max(_LEAST_CELLS, self.app.size.width - _MARGIN)

    def chosen(self) -> Provider | None:
        """Give the provider that this screen is about."""
        return self.session.provider(self.provider_id)

    def fleet_changed(self, changed: frozenset[str] | None) -> None:
        """Read anew what may differ."""
        if changed is None:
            self._stamp = ()
            self._asked = self._calls_asked = None
            self.read_calls()
            self.read_if_changed()
            self._read_trace()
            self._read_routes()
            self._read_events()
            self._read_revisions()
        elif self.provider_id in changed:
            self.read_if_changed()

    def happened(self, events: Sequence[Event]) -> None:
        """Take what its log keeps of them."""
        if self.event_log.begun:
            self.event_log.put(told(events, self.session.clock(), self.provider_id))

    def read_if_changed(self) -> None:
        """Read the provider, its events and what its tab shows, if the stream told of a change."""
        provider = self.chosen()
        if provider is None:
            return
        health = provider.health
        stamp = (
            provider.health_checked_at,
            health.since,
            health.flapping,
            health.targets_total,
            health.tls_days_left,
            provider.maintenance,
            provider.revision,
        )
        if stamp != self._stamp:
            if self.revisions.newest_number not in (0, provider.revision):
                self._read_revisions()
            self._stamp = stamp
            self._run("provider", self._reader.provider())
            if self.tab in (Place.TARGETS, Place.HISTORY):
                self._run("health", self._reader.health())
            self.read_history()
            self._read_trunk()
            self.dial(*self.dialling.asked)

    def dial(self, number: str, caller: str) -> None:
        """Ask how ``number`` would be dialled; an empty one is not asked about."""
        self.dialling = dial_view.ask(self.dialling, number, caller)
        if number:
            self._run("dial", self._reader.dial(number, caller))
        else:
            self.workers.cancel_group(self, "dial")

    def read_history(self) -> None:
        """Read the history, when that would show another one than was read last."""
        provider = self.chosen()
        if self.tab is not Place.HISTORY or provider is None:
            return
        points = self.span.points(self.room - AXIS, provider.probe.interval_s)
        wanted = Asked(self.span, points, provider.health.since, self.session.clock())
        if self._asked is None or not self._asked.serves(wanted):
            self._asked = wanted
            self._run("history", self._reader.history(wanted))

    def read_calls(self) -> None:
        """Read how its calls went, unless that was done for this time a short while ago."""
        if self.tab is not Place.PROVIDER_CALLS or self.session.fleet.stale:
            return
        now = self.session.clock()
        asked = self._calls_asked
        if asked is None or asked[0] is not self.calls_over or now - asked[1] >= _CALLS_EVERY_S:
            self._calls_asked = (self.calls_over, now)
            self._run("calls", self._reader.calls(self.calls_over, now))

    def open_tab(self, tab: Place) -> None:
        """Go to ``tab`` and read what it shows; exchanges are followed only while they are looked at."""
        self.workers.cancel_group(self, "trace")
        self.tab = tab
        if tab in (Place.TARGETS, Place.HISTORY):
            self._run("health", self._reader.health())
        self.read_history()
        self.read_calls()
        self._read_trace()
        self._read_trunk()
        self._read_routes()
        self._read_events()
        self._read_revisions()

    def look_over(self, span: Span) -> None:
        """Look at the history over another range."""
        if span is not self.span:
            self.span = span
            self.history = Reading()
            self.read_history()

    def look_at_calls_over(self, span: Span) -> None:
        """Look at the calls of another range."""
        if span is not self.calls_over:
            self.calls_over = span
            self.calls = Reading()
            self.read_calls()

    def follow_or_stop(self) -> None:
        """Follow exchanges live, or stop doing so."""
        if self.trace.follow in (Follow.LIVE, Follow.OPENING):
            self.workers.cancel_group(self, "trace")
            self.trace = replace(self.trace, follow=Follow.OFF)
        else:
            self.trace = replace(self.trace, follow=Follow.OPENING)
            self._read_trace()

    def compare_trunk(self) -> None:
        """Have the trunk compared with its carrier, unless that is under way."""
        if not self.trunk.verifying and not self.trunk.by_hand:
            self.trunk = replace(self.trunk, verifying=True)
            self._run("compare", self._reader.compare())

    def _read_trunk(self) -> None:
        if self.tab is Place.CARRIER:
            self._run("trunk", self._reader.trunk())

    def _read_routes(self) -> None:
        if self.tab is Place.PROVIDER_ROUTES:
            self.post_message(RoutesWanted())

    def _read_events(self) -> None:
        if self.tab is Place.PROVIDER_EVENTS:
            self.event_log.begin()

    def _read_revisions(self) -> None:
        if self.tab is Place.REVISIONS:
            self.revisions.list.begin()

    def _read_trace(self) -> None:
        if self.tab is not Place.TRACE:
            return
        if self.trace.follow is Follow.OFF:
            self._run("trace", self._reader.trace())
        else:
            self.trace = replace(self.trace, follow=Follow.OPENING, error="")
            self._run("trace", self._reader.follow())

    def _run(self, what: str, reading: Coroutine[Any, Any, None]) -> None:
        self.run_worker(reading, group=what, exclusive=True)

    @on(EventsRead)
    def _events_read(self, message: EventsRead) -> None:
        self.events = message.events
        self.flush()

    @on(HealthRead)
    def _health_read(self, message: HealthRead) -> None:
        self.health = self.health.after(message.value, message.error)
        self.flush()

    @on(HistoryRead)
    def _history_read(self, message: HistoryRead) -> None:
        if message.asked == self._asked:
            self.history = self.history.after(message.value, message.error)
            self.flush()

    @on(CallsRead)
    def _calls_read(self, message: CallsRead) -> None:
        if message.span is self.calls_over:
            self.calls = self.calls.after(message.value, message.error)
            self.flush()

    @on(TraceRead)
    def _trace_read(self, message: TraceRead) -> None:
        self.trace = trace_view.took(self.trace, message.trace.result)
        self.flush()

    @on(Traced)
    def _traced(self, message: Traced) -> None:
        self.trace = trace_view.added(self.trace, message.exchange)
        self.flush()

    @on(TraceFailed)
    def _trace_failed(self, message: TraceFailed) -> None:
        self.trace = trace_view.failed(self.trace, message.error)
        self.flush()

    @on(TrunkRead)
    def _trunk_read(self, message: TrunkRead) -> None:
        self.trunk = trunk_view.read(self.trunk, message.value, message.error)
        self.flush()

    @on(Compared)
    def _compared(self, message: Compared) -> None:
        self.trunk = trunk_view.compared(self.trunk, message.value, message.error)
        self.flush()

    @on(Dialled)
    def _dialled(self, message: Dialled) -> None:
        self.dialling = dial_view.answered(self.dialling, message.asked, message.value, message.error)
        self.flush()

    @on(Checked)
    def _checked(self, message: Checked) -> None:
        self.report = message.report
        self.flush()
