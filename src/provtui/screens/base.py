"""What all full screens have: commands from the registry, the key bar, and one timer that repaints."""

from abc import abstractmethod
from collections.abc import Sequence
from functools import partial
from inspect import isawaitable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import SystemCommand
from textual.binding import BindingType
from textual.screen import Screen
from textual.timer import Timer

from provd.client import Event
from provtui.commands import BY_ID, SCREENS, Command, Group, Place, bindings_at, commands_at
from provtui.inks import INKS
from provtui.session import Session
from provtui.text import clean
from provtui.themes import theme_called
from provtui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from provtui.command_line import Line


class CommandScreen(Screen[None]):
    """A screen whose keys run commands: the command ``sort:NAME`` calls ``do_sort("NAME")``.

    Subclasses say their ``place`` and do their painting in ``flush``, which runs every ``refresh_s`` while
    the screen is on top and once when it comes back there.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = set(INKS)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(*SCREENS)]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._timer: Timer | None = None

    @property
    @abstractmethod
    def place(self) -> Place:
        """Where the user is, as the registry calls it."""

    def commands_here(self) -> list[Command]:
        """Give the commands that work here now."""
        return list(commands_at(self.place, demo=self.session.start_demo is not None))

    @property
    def filters(self) -> str:
        """What can be written into a filter here; empty where there is none."""
        return ""

    def routes_changed(self, changed: frozenset[str] | None) -> None:
        """Take note that the session's routes differ: the ``changed`` ones, or (None) any of them."""

    def fleet_changed(self, changed: frozenset[str] | None) -> None:
        """Take note that the session's fleet differs: in the ``changed`` providers, or (None) all of it."""

    def happened(self, events: Sequence[Event]) -> None:
        """Take note of what the stream has just told; the fleet and the routes are as it says already."""

    def flush(self) -> None:
        """Repaint what differs from what is shown."""

    def flush_soon(self) -> None:
        """Repaint what differs once it is laid out, unless the screen has been left by then."""

        def flush() -> None:
            if self in self.app.screen_stack:
                self.flush()

        self.call_after_refresh(flush)

    def say(self, message: str, *, error: bool = False) -> None:
        """Tell the user ``message``, which may have remote text in it."""
        self.notify(clean(message), severity="error" if error else "information", markup=False)

    async def action_run(self, command_id: str) -> None:
        """Run a command, or say why not."""
        await self.run_command(BY_ID[command_id])

    async def run_command(self, command: Command, given: str = "") -> None:
        """Run ``command`` with what was ``given`` on the ``:`` line, or say why not."""
        if command not in self.commands_here():
            return
        refused = self.session.refused(command)
        if refused is not None:
            self.notify(refused, severity="warning", markup=False)
            return
        if command.argument is not None and command.argument.needed and not given:
            self._open_line(f"{command.names[0]} ")
            return
        name, _, argument = command.id.partition(":")
        result = getattr(self, f"do_{name}")(*filter(None, (argument, given)))
        if isawaitable(result):
            await result

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let keys through only to the commands that work here."""
        if action == "run":
            return BY_ID[str(parameters[0])] in self.commands_here()
        return super().check_action(action, parameters)

    def on_mount(self) -> None:
        """Begin to repaint."""
        self._timer = self.set_interval(self.session.refresh_s, self.flush)
        self.flush()

    def on_screen_suspend(self) -> None:
        """Stop repainting while covered."""
        if self._timer is not None:
            self._timer.pause()

    def on_screen_resume(self) -> None:
        """Catch up, and go on repainting."""
        if self._timer is not None:
            self._timer.resume()
            self.flush()

    def palette_entry(self, command: Command) -> SystemCommand:
        """Give the palette's entry for ``command``."""
        sorting = "Sort: " if command.group is Group.SORT else ""
        about = self.session.refused(command) or f"{'key ' if command.keys else ''}{command.key_text}"
        return SystemCommand(f"{sorting}{command.help}", about, partial(self.action_run, command.id))

    def refresh_keys(self) -> None:
        """Show the commands that work here now in the key bar."""
        self.query_one(KeyBar).show(self.commands_here())

    def do_help(self) -> None:
        """Show what works here."""
        from provtui.dialogs.help import HelpDialog  # the first paint needs none of it

        self.app.push_screen(HelpDialog(self.commands_here(), self.session.refused, self.filters))

    async def do_fleet(self) -> None:
        """Go to the fleet."""
        await self.run_action("app.show_fleet")

    async def do_routes(self) -> None:
        """Go to the routes."""
        await self.run_action("app.show_routes")

    async def do_alerts(self) -> None:
        """Go to the alerts."""
        await self.run_action("app.show_alerts")

    def do_go(self, what: str, given: str = "") -> None:
        """Do what has a key elsewhere, and here its name alone: show the ``rules`` of alerts, ``import``."""
        getattr(self, f"do_{what}")(*filter(None, (given,)))

    def do_rules(self) -> None:
        """Show what raises alerts."""
        from provtui.dialogs.rules import RulesDialog  # few look at them

        self.app.push_screen(RulesDialog(self.session))

    def do_channels(self) -> None:
        """Show where alerts are told."""
        from provtui.dialogs.channels import ChannelsDialog  # as with the rules

        self.app.push_screen(ChannelsDialog(self.session))

    def do_deliveries(self) -> None:
        """Show the messages about alerts."""
        from provtui.dialogs.reports import deliveries_report  # as with the status

        self.app.push_screen(deliveries_report(self.session))

    async def do_events(self) -> None:
        """Go to the events."""
        await self.run_action("app.show_events")

    async def do_audit(self) -> None:
        """Go to the audit log."""
        await self.run_action("app.show_audit")

    def do_palette(self) -> None:
        """Open the command palette."""
        self.app.action_command_palette()

    async def do_reload(self) -> None:
        """Read everything anew."""
        await self.run_action("app.reload")

    async def do_theme(self, name: str = "") -> None:
        """Go to the theme that is called ``name``; without one, to the next."""
        if not name:
            await self.run_action("app.next_theme")
        elif (theme := theme_called(name)) is not None:
            self.app.theme = theme
        else:
            self.say(f"There is no theme {name!r}: dark, light or ansi", error=True)

    def do_line(self) -> None:
        """Type a command."""
        self._open_line("")

    async def do_provider(self, name: str) -> None:
        """Open the provider that is called ``name``, or the only one with it in its name."""
        from provtui.provider_names import ProviderNames  # as with the help

        try:
            provider_id = ProviderNames(self.session.fleet.providers.values()).id_of_part(name)
        except ValueError as error:
            self.say(f"{name!r} {error}", error=True)
        else:
            await self.run_action(f"app.show_provider({provider_id!r})")

    def do_status(self) -> None:
        """Show how the daemon does."""
        from provtui.dialogs.reports import status_report  # few ask for it

        self.app.push_screen(status_report(self.session))

    def do_redirects(self) -> None:
        """Show the calls that were redirected."""
        from provtui.dialogs.reports import redirects_report  # as with the status

        self.app.push_screen(redirects_report(self.session))

    def do_keyring(self) -> None:
        """Show where keys are kept, and whether that works."""
        from provtui.dialogs.reports import keyring_report  # as with the status

        self.app.push_screen(keyring_report(self.session))

    def do_metrics(self) -> None:
        """Show the figures that Prometheus gets."""
        from provtui.dialogs.reports import metrics_report  # as with the status

        self.app.push_screen(metrics_report(self.session))

    def do_calls(self, given: str) -> None:
        """Report the calls that a file has."""
        from provtui.dialogs.calls import CallsDialog  # as with the status

        self.app.push_screen(CallsDialog(self.session, Path(given).expanduser()))

    def do_import(self, given: str) -> None:
        """Import a file, after a dry run."""
        from provtui.dialogs.importing import ImportDialog, NoFormat, file_and_format  # as with the status

        try:
            file, form = file_and_format(given)
        except NoFormat as error:
            self.say(str(error), error=True)
        else:
            self.app.push_screen(ImportDialog(self.session, file, form))

    def do_export(self, given: str) -> None:
        """Write every provider and route to a file."""
        from provtui.exporting import Export, NoExport  # as with the status

        try:
            export = Export(self.session, given)
        except NoExport as error:
            self.say(str(error), error=True)
        else:
            # the app's, since this screen may be left before it is done
            self.app.run_worker(export.run(self.app.post_message), group="export")

    def _open_line(self, text: str) -> None:
        from provtui.dialogs.line import LineDialog  # the first paint needs none of it

        async def answered(line: "Line | None") -> None:
            if line is not None:
                await self.run_command(line.command, line.argument)

        self.app.push_screen(LineDialog(self.session, self.commands_here(), text), answered)

    def do_quit(self) -> None:
        """End the program."""
        self.app.exit()
