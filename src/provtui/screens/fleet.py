"""The fleet: what is broken, since when, why, and what to do."""

from textual import on
from textual.app import ComposeResult

from provd.schema.health import CheckReport, TargetResult
from provd.schema.provider import Provider
from provtui.commands import Place
from provtui.figures import answer_text, rtt_text
from provtui.filters import HINT, Filter, parse_filter
from provtui.ordering import SortBy
from provtui.outcomes import Checked
from provtui.screens.provider_commands import ProviderCommands
from provtui.session import Session
from provtui.state import LinkPhase
from provtui.widgets.banner import Banner
from provtui.widgets.filter_bar import FilterBar
from provtui.widgets.fleet_table import FleetTable
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.pulse import Pulse
from provtui.widgets.summary import Summary
from provtui.widgets.welcome import Welcome


class FleetScreen(ProviderCommands):
    """The pulse, the table, a summary of the provider under the cursor, and the keys."""

    AUTO_FOCUS = "FleetTable"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._filter: Filter[Provider] = Filter()
        self._problems_only = False
        self._added: str | None = None

    @property
    def place(self) -> Place:
        """The welcome while the store is empty."""
        fleet = self.session.fleet
        return Place.WELCOME if fleet.loaded and not fleet.providers else Place.FLEET

    @property
    def filters(self) -> str:
        """What can be written into the filter, while there is something to filter."""
        return HINT if self.place is Place.FLEET else ""

    @property
    def table(self) -> FleetTable:
        """The table."""
        return self.query_one(FleetTable)

    def compose(self) -> ComposeResult:
        """Lay the parts out from top to bottom."""
        yield Pulse()
        yield Banner()
        yield FilterBar(parse_filter, HINT)
        yield FleetTable(id="fleet")
        yield Welcome()
        yield Summary()
        yield KeyBar(self.commands_here(), self.session.refused)

    def on_mount(self) -> None:
        """List what is known already."""
        self.table.show(self.session.fleet.providers, self.session.clock())

    def fleet_changed(self, changed: frozenset[str] | None) -> None:
        """Note what changed for the next flush; show a whole new list at once."""
        if changed is None:
            self.table.show(self.session.fleet.providers, self.session.clock())
            self.refresh_keys()
            self.flush()
        else:
            self.table.mark(self.session.fleet.providers, changed)

    def flush(self) -> None:
        """Repaint what differs."""
        fleet, now = self.session.fleet, self.session.clock()
        empty = self.place is Place.WELCOME
        welcome = self.query_one(Welcome)
        if welcome.display is not empty:
            welcome.display = empty
            self.table.display = not empty
            self.refresh_keys()
            if not empty:
                self.table.focus()
        summary = self.query_one(Summary)
        summary.fit_into(self.size)
        if empty:
            summary.display = False
            welcome.offer(self.commands_here())
        self.query_one(Pulse).show(fleet, readonly=self.session.readonly)
        self.query_one(Banner).show(fleet, now)
        self.set_class(fleet.stale, "-stale")
        self.table.set_stale(fleet.stale)
        self.table.set_notice(self._notice())
        self.table.flush(now)
        if self._added is not None and self.table.move_to_record(self._added):
            self._added = None
        self.query_one(FilterBar).show_count(
            len(self.table.listing.ids),
            len(fleet.providers),
            problems_only=self._problems_only,
            filtered=bool(self._filter),
            marked=len(self.table.marked),
        )
        self._summarise()

    def chosen(self) -> Provider | None:
        """Give the provider under the cursor."""
        return self.session.provider(self.table.chosen_id)

    def marked(self) -> list[Provider]:
        """Give those that are marked, in the order of the list; those that are not listed come last."""
        marked = self.table.marked
        listed = [key for key in self.table.ids if key in marked]
        providers = self.session.fleet.providers
        return [providers[key] for key in (*listed, *sorted(marked.difference(listed))) if key in providers]

    def unmark(self, provider_ids: frozenset[str]) -> None:
        """Take the marks of these away."""
        self.table.unmark(provider_ids)

    def on_resize(self) -> None:
        """Make the most of the new size."""
        self.flush_soon()

    def added(self, provider: Provider) -> None:
        """Put the cursor on it at the next flush."""
        self._added = provider.id

    def open(self, provider: Provider) -> None:
        """Show ``provider``, which the user has just made."""
        from provtui.screens.provider import ProviderScreen  # the first paint needs none of it

        self.app.push_screen(ProviderScreen(self.session, provider.id))

    def do_open(self) -> None:
        """Open the provider under the cursor."""
        self.do_tab(Place.PROVIDER.value)

    def do_tab(self, name: str) -> None:
        """Open the provider under the cursor at the tab ``name``."""
        from provtui.screens.provider import ProviderScreen  # the first paint needs none of it

        provider = self.chosen()
        if provider is not None:
            self.app.push_screen(ProviderScreen(self.session, provider.id, Place(name)))

    def do_wall(self) -> None:
        """Show the fleet as tiles."""
        from provtui.screens.wall import WallScreen  # the first paint needs none of it

        self.app.push_screen(WallScreen(self.session))

    def do_filter(self, words: str = "") -> None:
        """Filter by ``words``; without any, type them."""
        self.query_one(FilterBar).open(words)

    def do_problems(self) -> None:
        """Show the problems only, or all again."""
        self._problems_only = not self._problems_only
        self._narrow()

    def do_clear(self) -> None:
        """Show all again; when all are shown, take the marks away."""
        if not (self._problems_only or self._filter or self.query_one(FilterBar).text):
            self.table.unmark()
        self._problems_only = False
        self._filter = Filter()
        self.query_one(FilterBar).clear()
        self.table.focus()
        self._narrow()

    def do_mark(self) -> None:
        """Mark the provider under the cursor, or take its mark away."""
        self.table.toggle_mark()
        self.flush()

    def do_mark_all(self) -> None:
        """Mark all that are listed, or none of them."""
        self.table.toggle_all_marks()
        self.flush()

    def do_sort(self, by: str) -> None:
        """Sort by a column, or the other way."""
        self.table.sort(SortBy(by))

    def do_move(self, where: str) -> None:
        """Move the cursor."""
        self.table.action_move(where)

    def do_demo(self) -> None:
        """Load the demo fleet."""
        self.say("Loading the demo fleet…")
        self.run_worker(self._load_demo(), group="demo", exclusive=True)

    @on(FleetTable.Highlighted)
    def _summarise(self) -> None:
        provider = self.chosen()
        checking = provider is not None and provider.id in self.session.checking
        self.query_one(Summary).show_provider(provider, self.session.clock(), checking=checking)

    @on(FleetTable.Opened)
    def _opened(self) -> None:
        self.do_open()

    @on(Checked)
    def _checked(self, message: Checked) -> None:
        self.say(f"{message.provider.name}: {_outcome(message.report)}", error=not _answered(message.report))
        self.flush()

    @on(FilterBar.Set)
    def _filter_set(self, message: FilterBar.Set) -> None:
        self._filter = message.wanted
        self._narrow()

    @on(FilterBar.Done)
    def _filter_typed(self) -> None:
        self.table.focus()
        self.flush()

    async def _load_demo(self) -> None:
        await self.run_action("app.start_demo")

    def _narrow(self) -> None:
        self.table.narrow(self._filter, problems_only=self._problems_only)
        self.flush()

    def _notice(self) -> str:
        fleet = self.session.fleet
        if not fleet.loaded:
            return "Waiting for provd…" if fleet.link.phase is LinkPhase.CONNECTING else ""
        if self._problems_only and not self._filter:
            return "No problems. esc shows all."
        return "Nothing fits the filter. esc clears it."


def _answered(report: CheckReport) -> list[TargetResult]:
    return [target for target in report.targets if target.rtt_ms is not None]


def _outcome(report: CheckReport) -> str:
    """Write a check's result on one line."""
    if not report.targets:
        return f"{report.health_status}, no address was found to check"
    best = min(_answered(report) or report.targets, key=lambda target: target.rtt_ms or 0.0)
    outcome = answer_text(best.code, best.cause)
    took = "" if best.rtt_ms is None else f" in {rtt_text(best.rtt_ms)}"
    several = (
        f", {len(_answered(report))} of {len(report.targets)} answered" if len(report.targets) > 1 else ""
    )
    return f"{report.health_status}, {outcome}{took}{several}"
