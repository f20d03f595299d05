"""One provider: the verdict, the last checks, the facts, and what happened to it."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.message import Message

from provd.client import ClientError
from provd.schema.events import LoggedEvent
from provd.schema.health import CheckReport
from provd.schema.provider import Provider
from provtui import verdict
from provtui.commands import Place
from provtui.outcomes import Changed, Checked, Removed
from provtui.panels import check_panel, events_panel, facts_panel, strip_panel
from provtui.screens.provider_commands import ProviderCommands
from provtui.session import Session
from provtui.text import clean
from provtui.widgets.banner import Banner
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines

_EVENTS = 30
WIDE = 110


class EventsRead(Message):
    """The provider's past events, newest first."""

    def __init__(self, events: list[LoggedEvent]) -> None:
        super().__init__()
        self.events = events


class ProviderScreen(ProviderCommands):
    """Shows the provider ``provider_id``; reads it anew whenever the stream says that it changed."""

    AUTO_FOCUS = "#body"

    def __init__(self, session: Session, provider_id: str) -> None:
        super().__init__(session)
        self.provider_id = provider_id
        self._last: Provider | None = session.provider(provider_id)
        self._events: list[LoggedEvent] | None = None
        self._report: CheckReport | None = None
        self._asked: tuple[object, ...] = ()

    @property
    def place(self) -> Place:
        """Always the provider."""
        return Place.PROVIDER

    def compose(self) -> ComposeResult:
        """Lay the parts out: one column, or on a wide terminal two under the verdict."""
        yield Lines(id="title")
        yield Banner()
        with VerticalScroll(id="body"):
            yield Lines(id="verdict")
            yield Lines(id="report")
            yield Lines(id="strip")
            with Container(id="panels"):
                yield Lines(id="facts")
                yield Lines(id="events")
        yield KeyBar(self.commands_here(), self.session.refused)

    def on_mount(self) -> None:
        """Read what the list does not have."""
        self._read_if_changed()

    def on_resize(self, event: Resize) -> None:
        """Write the panels for the new width."""
        self.set_class(event.size.width >= WIDE, "-wide")
        self.call_after_refresh(self.flush)

    def chosen(self) -> Provider | None:
        """Give the provider that this screen is about."""
        return self.session.provider(self.provider_id)

    def fleet_changed(self, changed: frozenset[str] | None) -> None:
        """Read the provider anew when it changed."""
        if changed is None or self.provider_id in changed:
            self._read_if_changed()

    def flush(self) -> None:
        """Repaint what differs; leave when the provider is gone."""
        provider = self.chosen()
        if provider is None and self.session.fleet.loaded and self.is_current:
            name = self._last.name if self._last else self.provider_id
            self.say(f"{name} is no longer there: it was deleted")
            self.dismiss(None)
            return
        self._last = provider or self._last
        if self._last is not None:
            self._show(self._last)

    def do_back(self) -> None:
        """Go back to the fleet."""
        self.dismiss(None)

    def _show(self, provider: Provider) -> None:
        fleet, now = self.session.fleet, self.session.clock()
        wide = self.size.width >= WIDE
        room = max(20, self.size.width - 6)
        column = room // 2 - 2 if wide else room
        checking = provider.id in self.session.checking
        self.set_class(fleet.stale, "-stale")
        self.query_one(Banner).show(fleet, now)
        self._lines("title").show(_title(provider))
        self._lines("verdict").show(_verdict(provider, now))
        self._lines("report").show(check_panel(self._report, room, checking=checking))
        self._lines("report").display = checking or self._report is not None
        self._lines("strip").show(strip_panel(provider, room))
        self._lines("facts").show(facts_panel(provider, now, column, columns=1 if wide else 2))
        self._lines("events").show(events_panel(self._events, now, column))

    def _lines(self, name: str) -> Lines:
        return self.query_one(f"#{name}", Lines)

    def _read_if_changed(self) -> None:
        provider = self.chosen()
        if provider is not None:
            stamp = (provider.health_checked_at, provider.health.since, provider.revision)
            if stamp != self._asked:
                self._asked = stamp
                self.run_worker(self._read(), group="read", exclusive=True)

    async def _read(self) -> None:
        try:
            self.post_message(Changed(await self.session.client.provider(self.provider_id)))
            page = await self.session.client.event_log(provider_id=self.provider_id, page_size=_EVENTS)
        except ClientError:
            return  # what is shown stays; the banner or the next event tells more
        self.post_message(EventsRead(page.result))

    @on(EventsRead)
    def _events_read(self, message: EventsRead) -> None:
        self._events = message.events
        self.flush()

    @on(Removed)
    def _removed(self) -> None:
        self.dismiss(None)

    @on(Checked)
    def _report_came(self, message: Checked) -> None:
        self._report = message.report
        self.flush()


def _title(provider: Provider) -> Content:
    where = f"  {clean(provider.hostname)}  {provider.transport}"
    return Content.assemble((clean(provider.name), ".ink--title"), (where, ".ink--faint"))


def _verdict(provider: Provider, now: float) -> Content:
    lines = [verdict.headline(provider, now), Content(verdict.explanation(provider))]
    if step := verdict.next_step(provider):
        lines.append(step)
    return Content("\n").join(lines)
