"""The routes: which provider carries which numbers."""

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from provd.schema.route import Route
from provtui.commands import Place
from provtui.filters import Filter
from provtui.outcomes import RoutesWanted
from provtui.panels.route import route_summary
from provtui.route_lines import RouteLine, RouteLines
from provtui.route_listing import ROUTE_HINT, parse_route_filter
from provtui.screens.provider import ProviderScreen
from provtui.screens.route_commands import RouteCommands
from provtui.session import Session
from provtui.text import clean
from provtui.widgets.banner import Banner
from provtui.widgets.filter_bar import FilterBar
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines
from provtui.widgets.pulse import Pulse
from provtui.widgets.record_table import RecordTable
from provtui.widgets.route_table import RouteTable

_ROOM_FOR_SUMMARY = 12  # lines; on fewer the table needs them all
_ABOUT = (
    "A route says which provider carries which numbers: those that begin with its target, like +44, or all. "
    "The longest target that fits a number comes first, then the lowest priority; routes of equal priority "
    "share the calls by weight. Providers that are unhealthy, disabled or in maintenance are passed over. "
    "There is no route here yet."
)


class RoutesScreen(RouteCommands):
    """The pulse, the table, a summary of the route under the cursor, and the keys."""

    AUTO_FOCUS = "RouteTable"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._filter: Filter[RouteLine] = Filter()
        self._added: str | None = None
        self._names: dict[str, str] = {}
        self._was_empty = self._is_empty

    @property
    def place(self) -> Place:
        """Whether there are routes."""
        return Place.NO_ROUTES if self._is_empty else Place.ROUTES

    @property
    def filters(self) -> str:
        """What can be written into the filter, while there is something to filter."""
        return "" if self._is_empty else ROUTE_HINT

    @property
    def table(self) -> RouteTable:
        """The table."""
        return self.query_one(RouteTable)

    def compose(self) -> ComposeResult:
        """Lay the parts out from top to bottom."""
        yield Pulse()
        yield Banner()
        yield FilterBar(parse_route_filter, ROUTE_HINT)
        yield RouteTable(id="routes")
        yield Lines(id="no-routes")
        yield Lines(id="route-summary")
        yield KeyBar(self.commands_here(), self.session.refused)

    def on_mount(self) -> None:
        """List what is known already, and have the rest read."""
        self._list()
        self.post_message(RoutesWanted())

    def fleet_changed(self, changed: frozenset[str] | None) -> None:
        """Note which providers have other names; after all was read anew, read the routes too."""
        if changed is None:
            self._list()
            self.post_message(RoutesWanted())
            return
        providers = self.session.fleet.providers
        now = {key: providers[key].name if key in providers else "" for key in changed}
        renamed = {key for key, name in now.items() if self._names.get(key, "") != name}
        if renamed:
            self._names |= now
            routes = self.session.routes.routes
            leading = [key for key, route in routes.items() if route.provider_id in renamed]
            self.table.mark(self._lines(), leading)
        else:
            self.table.mark(self._lines(), ())

    def routes_changed(self, changed: frozenset[str] | None) -> None:
        """Note what changed for the next flush; show a whole new list at once."""
        if changed is None:
            self._list()
            self.flush()
        else:
            self.table.mark(self._lines(), changed)

    def flush(self) -> None:
        """Repaint what differs."""
        fleet, now = self.session.fleet, self.session.clock()
        if self._was_empty is not self._is_empty:
            self._was_empty = self._is_empty
            self.refresh_keys()
        self.table.display = not self._is_empty
        about = self.query_one("#no-routes", Lines)
        about.display = self._is_empty
        if self._is_empty:
            about.show(self._about())
        elif self.focused is None:
            self.table.focus()
        self.query_one(Pulse).show(fleet, readonly=self.session.readonly)
        self.query_one(Banner).show(fleet, now)
        self.set_class(fleet.stale, "-stale")
        self.table.set_stale(fleet.stale)
        self.table.set_notice(self._notice())
        self.table.flush(now)
        if self._added is not None and self.table.move_to_record(self._added):
            self._added = None
        self.query_one(FilterBar).show_count(
            len(self.table.ids),
            len(self.session.routes.routes),
            filtered=bool(self._filter),
            marked=len(self.table.marked),
        )
        self._summarise()

    def chosen_line(self) -> RouteLine | None:
        """Give the route under the cursor, with its provider."""
        chosen = self.table.chosen_id
        return None if chosen is None else self._lines().get(chosen)

    def marked_routes(self) -> list[Route]:
        """Give those that are marked, in the order of the list; those that are not listed come last."""
        marked = self.table.marked
        listed = [key for key in self.table.ids if key in marked]
        routes = self.session.routes.routes
        return [routes[key] for key in (*listed, *sorted(marked.difference(listed))) if key in routes]

    def unmark(self, route_ids: frozenset[str]) -> None:
        """Take the marks of these away."""
        self.table.unmark(route_ids)

    def added(self, route: Route) -> None:
        """Put the cursor on it at the next flush."""
        self._added = route.id

    def on_resize(self) -> None:
        """Make the most of the new size."""
        self.flush_soon()

    def do_open(self) -> None:
        """Open the provider of the route under the cursor."""
        line = self.chosen_line()
        if line is None:
            return
        if line.provider is None:
            self.say(f"{line.route.name}: its provider is not known here")
            return
        self.app.push_screen(ProviderScreen(self.session, line.provider.id))

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
            self.table.unmark()
        self._filter = Filter()
        bar.clear()
        self.table.focus()
        self._narrow()

    def do_mark(self) -> None:
        """Mark the route under the cursor, or take its mark away."""
        self.table.toggle_mark()
        self.flush()

    def do_mark_all(self) -> None:
        """Mark all that are listed, or none of them."""
        self.table.toggle_all_marks()
        self.flush()

    def do_move(self, where: str) -> None:
        """Move the cursor."""
        self.table.action_move(where)

    @on(RecordTable.Highlighted)
    def _summarise(self) -> None:
        summary = self.query_one("#route-summary", Lines)
        line = self.chosen_line()
        summary.display = not self._is_empty and self.size.height >= _ROOM_FOR_SUMMARY
        summary.show(Content("") if line is None else route_summary(line, self.session.clock()))

    @on(RecordTable.Opened)
    def _opened(self) -> None:
        self.do_open()

    @on(FilterBar.Set)
    def _filter_set(self, message: FilterBar.Set) -> None:
        self._filter = message.wanted
        self._narrow()

    @on(FilterBar.Done)
    def _filter_typed(self) -> None:
        self.table.focus()
        self.flush()

    @property
    def _is_empty(self) -> bool:
        return self.session.routes.read and not self.session.routes.routes

    def _lines(self) -> RouteLines:
        return RouteLines(self.session.routes.routes, self.session.fleet.providers)

    def _list(self) -> None:
        self._names = {key: provider.name for key, provider in self.session.fleet.providers.items()}
        self.table.show(self._lines(), self.session.clock())

    def _narrow(self) -> None:
        self.table.narrow_to(self._filter)
        self.flush()

    def _notice(self) -> str:
        known = self.session.routes
        if known.error:
            return f"✗ Not read: {clean(known.error)}. r reads it again.".replace("..", ".")
        if not known.read:
            return "" if self.session.fleet.stale else "Reading the routes…"
        return "Nothing fits the filter. esc clears it."

    def _about(self) -> Content:
        parts: list[tuple[str, str] | str] = [("Routes", ".ink--title"), "\n\n", _ABOUT, "\n"]
        for command in self.commands_here():
            if command.id in ("add_route", "resolve", "fleet"):
                refused = self.session.refused(command)
                ink, note = (".ink--key", "") if refused is None else (".ink--disabled", f"  {refused}")
                parts += ["\n", (f"  {command.first_key}  ", ink), command.help, (note, ".ink--disabled")]
        return Content.assemble(*parts)
