"""What all full screens have: commands from the registry, the key bar, and one timer that repaints."""

from abc import abstractmethod
from collections.abc import Sequence
from functools import partial
from inspect import isawaitable
from typing import ClassVar

from textual.app import SystemCommand
from textual.binding import BindingType
from textual.screen import Screen
from textual.timer import Timer

from provd.client import Event
from provtui.commands import BY_ID, SCREENS, Command, Group, Place, bindings_at, commands_at
from provtui.dialogs.help import HelpDialog
from provtui.inks import INKS
from provtui.session import Session
from provtui.text import clean
from provtui.widgets.key_bar import KeyBar


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

    def say(self, message: str, *, error: bool = False) -> None:
        """Tell the user ``message``, which may have remote text in it."""
        self.notify(clean(message), severity="error" if error else "information", markup=False)

    async def action_run(self, command_id: str) -> None:
        """Run a command, or say why not."""
        command = BY_ID[command_id]
        if command not in self.commands_here():
            return
        refused = self.session.refused(command)
        if refused is not None:
            self.notify(refused, severity="warning", markup=False)
            return
        name, _, argument = command_id.partition(":")
        result = getattr(self, f"do_{name}")(*([argument] if argument else []))
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
        about = self.session.refused(command) or f"key {command.key_text}"
        return SystemCommand(f"{sorting}{command.help}", about, partial(self.action_run, command.id))

    def refresh_keys(self) -> None:
        """Show the commands that work here now in the key bar."""
        self.query_one(KeyBar).show(self.commands_here())

    def do_help(self) -> None:
        """Show what works here."""
        self.app.push_screen(HelpDialog(self.commands_here(), self.session.refused, self.filters))

    async def do_fleet(self) -> None:
        """Go to the fleet."""
        await self.run_action("app.show_fleet")

    async def do_routes(self) -> None:
        """Go to the routes."""
        await self.run_action("app.show_routes")

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

    async def do_theme(self) -> None:
        """Go to the next theme."""
        await self.run_action("app.next_theme")

    def do_quit(self) -> None:
        """End the program."""
        self.app.exit()
