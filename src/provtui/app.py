"""The application: it joins the feed, the state and the screens."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import SystemCommand
from textual.events import DescendantFocus
from textual.screen import Screen
from textual.types import CSSPathType
from textual.widgets import Input, TextArea

from provd.client import ClientError
from provd.schema.alerts import AlertEvent
from provtui import route_state, state
from provtui.dialogs.base import Dialog
from provtui.feed import Arrived, Feed, Lost, Reported
from provtui.keys_in_order import KeysInOrder
from provtui.outcomes import (
    Changed,
    Done,
    Failed,
    Removed,
    RouteChanged,
    RouteRemoved,
    RoutesRead,
    RoutesWanted,
)
from provtui.route_state import RouteStep
from provtui.screens.base import CommandScreen
from provtui.screens.fleet import FleetScreen
from provtui.session import Session, StartDemo
from provtui.state import FleetState, Link, LinkPhase
from provtui.text import clean, sentence
from provtui.themes import THEMES, fitting_theme

if TYPE_CHECKING:
    from provtui.daemon import Connect

REFRESH_S = 0.5
LOW_BANDWIDTH_REFRESH_S = 2.0
_STYLES = Path(__file__).parent / "styles"


class ProvTui(KeysInOrder):
    """The terminal interface of the daemon that ``connect`` makes clients of.

    ``readonly`` treats the user as a viewer. ``start_demo`` loads a demo fleet, where one can be had; the
    app connects anew after it. ``theme`` is the name of a theme, by default one that fits the terminal.
    ``low_bandwidth`` repaints every 2 s (``refresh_s`` sets another interval) and without animation.
    ``clock`` gives UTC seconds since 1970, ``sleep`` waits until the daemon is asked again.
    """

    TITLE = "provtui"
    CSS_PATH: ClassVar[CSSPathType | None] = [
        _STYLES / "base.tcss",
        _STYLES / "table.tcss",
        _STYLES / "fleet.tcss",
        _STYLES / "provider.tcss",
        _STYLES / "routes.tcss",
        _STYLES / "logs.tcss",
        _STYLES / "alerts.tcss",
        _STYLES / "dialogs.tcss",
    ]

    def __init__(
        self,
        connect: "Connect",
        *,
        readonly: bool = False,
        start_demo: StartDemo | None = None,
        theme: str | None = None,
        low_bandwidth: bool = False,
        refresh_s: float | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__()
        for known in THEMES:
            self.register_theme(known)
        self.theme = theme or fitting_theme(self.console.color_system)
        self.set_class(self.no_color, "-no-color")
        if low_bandwidth:
            self.animation_level = "none"
        slow = LOW_BANDWIDTH_REFRESH_S if low_bandwidth else REFRESH_S
        self.session = Session(
            feed=Feed(connect, self.post_message, sleep=sleep),
            clock=clock,
            refresh_s=slow if refresh_s is None else refresh_s,
            readonly=readonly,
            start_demo=start_demo,
        )

    def get_default_screen(self) -> Screen[None]:
        """Begin with the fleet."""
        return FleetScreen(self.session)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer in the palette what the keys do here."""
        if isinstance(screen, CommandScreen):
            for command in screen.commands_here():
                if command.id not in ("palette", "clear", "out") and not command.id.startswith("move:"):
                    yield screen.palette_entry(command)

    def on_mount(self) -> None:
        """Connect, once there is something to look at."""
        self.call_after_refresh(self.action_reload)

    async def on_unmount(self) -> None:
        """Close the connections."""
        await self.session.feed.close()

    def action_reload(self) -> None:
        """Follow the daemon from the beginning, at once."""
        self.run_worker(self.session.feed.run(), group="feed", exclusive=True)

    async def action_quit(self) -> None:
        """Quit from a screen; a dialog is left first, so that no slip of the keys costs what was typed."""
        if isinstance(self.screen, Dialog):
            self.action_help_quit()
        else:
            self.exit()

    def action_help_quit(self) -> None:
        """Say how to quit."""
        self.notify("esc leaves this; q quits then." if isinstance(self.screen, Dialog) else "q quits.")

    def action_show_fleet(self) -> None:
        """Leave everything that lies over the fleet."""
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def action_show_routes(self) -> None:
        """Show the routes; where they are under other screens, leave those."""
        from provtui.screens.routes import RoutesScreen  # the first paint needs none of it

        self._go_to(RoutesScreen)

    def action_show_provider(self, provider_id: str) -> None:
        """Show a provider, over what there is."""
        from provtui.screens.provider import ProviderScreen  # as with the routes

        self.push_screen(ProviderScreen(self.session, provider_id))

    def action_show_alerts(self) -> None:
        """Show the alerts; where they are under other screens, leave those."""
        from provtui.screens.alerts import AlertsScreen  # as with the routes

        self._go_to(AlertsScreen)

    def action_show_events(self) -> None:
        """Show the events; where they are under other screens, leave those."""
        from provtui.screens.events import EventsScreen  # as with the routes

        self._go_to(EventsScreen)

    def action_show_audit(self) -> None:
        """Show the audit log; where it is under other screens, leave those."""
        from provtui.screens.audit import AuditScreen  # as with the routes

        self._go_to(AuditScreen)

    def action_next_theme(self) -> None:
        """Go to the next theme."""
        names = [theme.name for theme in THEMES]
        place = names.index(self.theme) if self.theme in names else -1
        self.theme = names[(place + 1) % len(names)]

    async def action_start_demo(self) -> None:
        """Load the demo fleet, and connect anew."""
        if self.session.start_demo is None:
            return
        try:
            await self.session.start_demo()
        except Exception as error:  # noqa: BLE001  # whatever it is, the screen must stay
            self.notify(clean(f"The demo fleet did not load: {error}"), severity="error", markup=False)
            return
        self.workers.cancel_group(self, "feed")
        await self.session.feed.renew()
        self.action_reload()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Keep cursors from blinking, which would send something twice a second for nothing."""
        if isinstance(event.widget, (Input, TextArea)):
            event.widget.cursor_blink = False

    @on(Arrived)
    def _news(self) -> None:
        now, news = self.session.clock(), self.session.feed.take()
        fleet = self.session.fleet
        if news.providers is not None:
            live = state.link_to(fleet, Link(LinkPhase.LIVE))
            self.session.routes = route_state.outdated(self.session.routes)
            self._show(state.load(live, news.providers, now, news.setups), None)
        if news.events:
            step = state.apply(self.session.fleet, news.events, now)
            self._show(step.state, step.changed)
            self._show_routes(route_state.apply(self.session.routes, news.events))
            for screen in self._screens:
                screen.happened(news.events)
            alerts = [event.data.alert_id for event in news.events if isinstance(event.data, AlertEvent)]
            if alerts:
                self.run_worker(self._read_impaired(dict.fromkeys(alerts)), group="impaired")

    @on(Reported)
    def _reported(self, message: Reported) -> None:
        role = self.session.role
        self.session.fleet = state.report(self.session.fleet, message.status, self.session.clock())
        if self.session.role is not role:
            self._refresh_keys()

    @on(Lost)
    def _lost(self, message: Lost) -> None:
        away = Link(LinkPhase.AWAY, message.error)
        self.session.fleet = state.link_to(self.session.fleet, away)
        self._repaint()

    @on(Changed)
    def _changed(self, message: Changed) -> None:
        step = state.put(self.session.fleet, message.provider)
        self._show(step.state, step.changed)
        self._repaint()
        if message.said:
            self.notify(clean(message.said), markup=False)

    @on(Removed)
    def _removed(self, message: Removed) -> None:
        from provtui.dialogs.removal_report import RemovalReport  # the first paint needs none of it

        self.session.deleting.add(message.provider.id)  # until no screen shows it any more
        step = state.drop(self.session.fleet, message.provider.id)
        self._show(step.state, step.changed)
        self._repaint()
        self.session.deleting.discard(message.provider.id)
        if message.quietly:
            return
        if message.deprovisioned is None:
            self.notify(clean(f"{message.provider.name}: deleted"), markup=False)
        else:
            self.push_screen(RemovalReport(message.provider, message.deprovisioned))

    @on(RoutesWanted)
    def _routes_wanted(self) -> None:
        if not (self.session.routes.fresh or self.session.fleet.stale):
            self.session.routes = route_state.begin(self.session.routes)
            reading = self._read_routes(self.session.routes.asked)
            self.run_worker(reading, group="routes", exclusive=True)

    @on(RoutesRead)
    def _routes_read(self, message: RoutesRead) -> None:
        known = self.session.routes
        if message.asked != known.asked:
            return
        if message.routes is None:
            self._show_routes(route_state.failed(known, message.error))
        else:
            self._show_routes(route_state.took(known, message.routes))
        self._repaint()

    @on(RouteChanged)
    def _route_changed(self, message: RouteChanged) -> None:
        self._show_routes(route_state.put(self.session.routes, message.route))
        self._repaint()
        if message.said:
            self.notify(clean(message.said), markup=False)

    @on(RouteRemoved)
    def _route_removed(self, message: RouteRemoved) -> None:
        self._show_routes(route_state.drop(self.session.routes, message.route.id))
        self._repaint()
        if not message.quietly:
            self.notify(clean(f"{message.route.name}: deleted"), markup=False)

    @on(Done)
    def _done(self, message: Done) -> None:
        self.notify(clean(sentence(message.said)), markup=False)

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        self.notify(clean(message.said), severity="error", markup=False)

    @property
    def _screens(self) -> list[CommandScreen]:
        """The full screens that are there, the fleet's first; none while the program ends."""
        if not self.is_running:
            return []  # their parts are being taken away
        stack = self.screen_stack
        return [screen for screen in stack if isinstance(screen, CommandScreen) and screen.is_mounted]

    def _show(self, fleet: FleetState, changed: frozenset[str] | None) -> None:
        self.session.fleet = fleet
        for screen in self._screens:
            screen.fleet_changed(changed)

    def _show_routes(self, step: RouteStep) -> None:
        self.session.routes = step.state
        if step.changed is None or step.changed:
            for screen in self._screens:
                screen.routes_changed(step.changed)

    def _go_to(self, kind: Callable[[Session], CommandScreen]) -> None:
        """Show the screen of ``kind``: the one that there is under others, or a new one over the fleet."""
        found = any(type(screen) is kind for screen in self.screen_stack)
        while len(self.screen_stack) > 1 and not (found and type(self.screen) is kind):
            self.pop_screen()
        if not found:
            self.push_screen(kind(self.session))

    async def _read_impaired(self, alert_ids: Iterable[str]) -> None:
        from provtui.impaired import providers_told_of  # as with the routes

        try:
            for alert_id in alert_ids:
                for provider in await providers_told_of(self.session.client, alert_id):
                    self.post_message(Changed(provider))
        except ClientError:
            return  # the whole list is read anew when the daemon is there again

    async def _read_routes(self, asked: int) -> None:
        try:
            self.post_message(RoutesRead(asked, await self.session.client.all_routes()))
        except ClientError as error:
            self.post_message(RoutesRead(asked, None, str(error)))

    def _repaint(self) -> None:
        """Repaint the screen at once, also where a dialog lies over it."""
        for screen in self._screens[-1:]:
            screen.flush()

    def _refresh_keys(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, CommandScreen | Dialog) and screen.is_mounted:
                screen.refresh_keys()
