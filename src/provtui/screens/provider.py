"""One provider: the verdict, its targets, its history and the SIP of its checks, each on a tab."""

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.events import DescendantBlur, DescendantFocus, Resize

from provd.schema.provider import Provider
from provd.schema.setup import Setup
from provtui import trace_view, trunk_view
from provtui.commands import TABS, Command, Place
from provtui.panels.calls import calls_figures
from provtui.panels.dial import dial_panel
from provtui.panels.history import history_panel
from provtui.panels.targets import targets_panel
from provtui.panels.trunk import trunk_panel
from provtui.screens.provider_reading import ProviderReading
from provtui.session import Session
from provtui.span import CALL_SPANS
from provtui.text import clean
from provtui.trace_view import Follow
from provtui.widgets.banner import Banner
from provtui.widgets.dial_pane import DialPane
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines
from provtui.widgets.log_pane import LogPane
from provtui.widgets.overview_pane import WIDE, OverviewPane
from provtui.widgets.routes_pane import RoutesPane
from provtui.widgets.tab_bar import TabBar
from provtui.widgets.text_pane import TextPane
from provtui.widgets.trace_pane import ExchangeList, TracePane

_PARTS_AROUND = 16  # lines: what is on the history tab beside the chart's bars
_LEAST_ROWS, _MOST_ROWS = 4, 16
_FOCUSED = {
    Place.TRACE: "#trace-list",
    Place.PROVIDER_ROUTES: "#routes-of-one",
    Place.PROVIDER_EVENTS: "#events-of-one",
    Place.REVISIONS: "RevisionTable",
}
"""What takes the keys on a tab, where that is not all of it."""


class ProviderScreen(ProviderReading):
    """Shows the provider ``provider_id``, to begin with on ``tab``."""

    AUTO_FOCUS = ""

    def __init__(self, session: Session, provider_id: str, tab: Place = Place.PROVIDER) -> None:
        super().__init__(session, provider_id, tab)
        self._last: Provider | None = session.provider(provider_id)

    def compose(self) -> ComposeResult:
        """Lay out the name, the tabs, one of them, and the keys."""
        yield Lines(id="title")
        yield TabBar()
        yield Banner()
        yield OverviewPane(id=Place.PROVIDER.value)
        yield TextPane(id=Place.TARGETS.value)
        yield TextPane(id=Place.HISTORY.value)
        yield TracePane(id=Place.TRACE.value)
        yield TextPane(id=Place.CARRIER.value)
        yield DialPane(id=Place.DIAL.value)
        yield RoutesPane(id=Place.PROVIDER_ROUTES.value)
        yield self.event_log
        yield self.revisions
        yield TextPane(id=Place.PROVIDER_CALLS.value)
        yield KeyBar(self.commands_here(), self.session.refused)

    def on_mount(self) -> None:
        """Read what the list does not have."""
        self.read_if_changed()
        self._turn_to(self.tab)

    def on_resize(self, event: Resize) -> None:
        """Write the panels for the new width."""
        self.set_class(event.size.width >= WIDE, "-wide")
        self.flush_soon()

    def flush(self) -> None:
        """Repaint what differs; leave when the provider is gone."""
        provider = self.chosen()
        if provider is None and self.session.fleet.loaded and self.is_current:
            if self.provider_id not in self.session.deleting:
                name = self._last.name if self._last else self.provider_id
                self.say(f"{name} is no longer there: it was deleted")
            self.dismiss(None)
            return
        self._last = provider or self._last
        if self._last is not None and self.is_mounted:
            self._show(self._last)

    def routes_changed(self, changed: frozenset[str] | None) -> None:
        """Show them if they are looked at."""
        if self.tab is Place.PROVIDER_ROUTES:
            self.flush()

    def do_back(self) -> None:
        """Leave the field that is typed into; else go back to where the provider was opened."""
        if self.tab is Place.DIAL and self._dial.typing:
            self._dial.focus()
        else:
            self.dismiss(None)

    def commands_here(self) -> list[Command]:
        """Give the commands that work here now: few while a number is typed."""
        here = super().commands_here()
        if self.tab is Place.DIAL and self.is_mounted and self._dial.typing:
            return [command for command in here if not command.is_typed and command.id != "dial"]
        return here

    @on(DescendantFocus)
    @on(DescendantBlur)
    def _cursor_moved(self) -> None:
        if self.tab is Place.DIAL:
            self.refresh_keys()

    def do_tab(self, name: str) -> None:
        """Go to the tab ``name``."""
        self._turn_to(Place(name))
        if self.tab is Place.DIAL:
            self.do_dial()

    def do_dial(self) -> None:
        """Type a number."""
        self._dial.begin()

    def do_turn(self, way: str) -> None:
        """Go to the ``next`` or ``previous`` tab; they go round."""
        step = 1 if way == "next" else -1
        self._turn_to(TABS[(TABS.index(self.tab) + step) % len(TABS)])

    def do_span(self, way: str) -> None:
        """Look over a ``longer`` or ``shorter`` time."""
        step = 1 if way == "longer" else -1
        if self.tab is Place.PROVIDER_CALLS:
            self.look_at_calls_over(self.calls_over.other(step, CALL_SPANS))
        else:
            self.look_over(self.span.other(step))
        self.flush()

    def do_follow(self) -> None:
        """Follow exchanges live, or stop."""
        self.follow_or_stop()
        self.flush()

    def do_verify(self) -> None:
        """Compare the trunk with its carrier."""
        if self.trunk.by_hand:
            self.say("It was added by hand: there is nothing at a carrier to compare it with")
        self.compare_trunk()
        self.flush()

    def do_key(self) -> None:
        """Open the dialog that replaces the trunk's key."""
        from provtui.dialogs.replace_key import ReplaceKey  # as with the form

        setup = self.trunk.setup.value
        if setup is None or self.trunk.by_hand:
            self.say("It was added by hand: provd has no key for it")
            return

        def answered(after: Setup | None) -> None:
            if after is not None:
                self.trunk = trunk_view.read(self.trunk, after, "")
                self.say(f"{after.name}: the key was replaced")
                self.flush()

        self.app.push_screen(ReplaceKey(self.session, self.provider_id, setup), answered)

    def do_restore(self) -> None:
        """Give the provider the fields of the revision under the cursor, after a question."""
        self.ask_to_restore(self.revisions)

    def do_move(self, where: str) -> None:
        """Move in the list of routes; look at another exchange, or page through its messages."""
        if self.tab is Place.PROVIDER_ROUTES:
            self.query_one(RoutesPane).table.action_move(where)
        elif self.tab is Place.PROVIDER_EVENTS:
            self.event_log.table.action_move(where)
        elif self.tab is Place.REVISIONS:
            self.revisions.list.table.action_move(where)
        elif where in ("page_up", "page_down"):
            self.query_one(TracePane).scroll_messages(where)
        else:
            self.trace = trace_view.move(self.trace, where)
            self.flush()

    def _turn_to(self, tab: Place) -> None:
        self.open_tab(tab)
        for each in TABS:
            self.query_one(f"#{each.value}").display = each is tab
        self.query_one(_FOCUSED.get(tab, f"#{tab.value}")).focus()
        self.refresh_keys()
        self.flush_soon()

    def _show(self, provider: Provider) -> None:
        fleet, now = self.session.fleet, self.session.clock()
        self.set_class(fleet.stale, "-stale")
        self.query_one(Banner).show(fleet, now)
        self.query_one("#title", Lines).show(_title(provider))
        self.query_one(TabBar).show(self.tab, _remarks(provider, following=self.trace.follow is Follow.LIVE))
        match self.tab:
            case Place.TARGETS:
                self._pane(Place.TARGETS).show(targets_panel(self.health, now, self.room))
            case Place.HISTORY:
                self.read_history()
                room = self.app.size.height - _PARTS_AROUND
                rows = max(_LEAST_ROWS, min(_MOST_ROWS, room)) // 2 * 2  # even, so that half is a line
                panel = history_panel(self.history, self.health, self.span, self.room, rows, now)
                self._pane(Place.HISTORY).show(panel)
            case Place.CARRIER:
                self._pane(Place.CARRIER).show(trunk_panel(self.trunk, now, self.room))
            case Place.DIAL:
                self._dial.show(dial_panel(self.dialling, self.room))
            case Place.PROVIDER_ROUTES:
                pane = self.query_one(RoutesPane)
                pane.show(self.session.routes, provider, now, stale=fleet.stale)
            case Place.PROVIDER_EVENTS:
                self.event_log.flush(now, stale=fleet.stale)
            case Place.REVISIONS:
                self.revisions.show(now, self.room, stale=fleet.stale)
            case Place.PROVIDER_CALLS:
                self.read_calls()
                panel = calls_figures(self.calls, self.calls_over, self.room)
                self._pane(Place.PROVIDER_CALLS).show(panel)
            case Place.TRACE:
                self.query_one(TracePane).show(self.trace, self.room)
            case _:
                self.query_one(OverviewPane).show(
                    provider,
                    self.events,
                    self.report,
                    now,
                    cells=self.room,
                    wide=self.has_class("-wide"),
                    checking=provider.id in self.session.checking,
                )

    def _pane(self, tab: Place) -> TextPane:
        return self.query_one(f"#{tab.value}", TextPane)

    @property
    def _dial(self) -> DialPane:
        return self.query_one(DialPane)

    @on(TabBar.Chosen)
    def _tab_chosen(self, message: TabBar.Chosen) -> None:
        self.do_tab(message.tab.value)

    @on(DialPane.Typed)
    def _number_typed(self) -> None:
        self.dial(self._dial.number, self._dial.caller)
        self.flush()

    @on(LogPane.Read)
    def _log_read(self) -> None:
        self.flush()

    @on(ExchangeList.Moved)
    def _exchange_moved(self, message: ExchangeList.Moved) -> None:
        self.do_move(message.where)

    @on(ExchangeList.Chosen)
    def _exchange_chosen(self, message: ExchangeList.Chosen) -> None:
        self.trace = trace_view.choose(self.trace, message.index)
        self.flush()


def _title(provider: Provider) -> Content:
    where = f"  {clean(provider.hostname)}  {provider.transport}"
    return Content.assemble((clean(provider.name), ".ink--title"), (where, ".ink--faint"))


def _remarks(provider: Provider, *, following: bool) -> dict[Place, str]:
    health = provider.health
    up = f"{health.targets_up}/{health.targets_total}" if health.targets_total else ""
    return {Place.TARGETS: up, Place.TRACE: "●" if following else ""}
