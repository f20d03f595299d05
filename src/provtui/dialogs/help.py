"""The help: every command that works where it was asked for, from the registry of commands."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from provtui.commands import Command, Group, Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.text import fit, width
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines

_FILTERS = (
    "state=unhealthy",
    "carrier=telnyx",
    "tag=emea",
    "host=sip.",
    "name=acme",
    "madrid",
)


class HelpDialog(Dialog[None]):
    """Lists ``commands`` by group; those that ``refused`` gives a reason for are dimmed, with the reason."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.HELP)]

    def __init__(self, commands: Sequence[Command], refused: Callable[[Command], str | None]) -> None:
        super().__init__()
        self.commands = commands
        self._refused = refused

    def compose(self) -> ComposeResult:
        """Lay out the list over the key bar."""
        with VerticalScroll(classes="dialog--box") as box:
            box.border_title = "What works here"
            for group in Group:
                listed = [command for command in self.commands if command.group is group]
                if listed:
                    yield Lines(self._section(group, listed), classes="help--group")
            if any(command.id == "filter" for command in self.commands):
                yield Lines(_filter_help(), classes="help--group")
        yield KeyBar(list(commands_at(Place.HELP)), lambda command: None)

    def do_close(self) -> None:
        """Go back."""
        self.dismiss(None)

    def _section(self, group: Group, commands: Sequence[Command]) -> Content:
        column = max(width(command.key_text) for command in commands) + 2
        lines = [Content.styled(group.value, ".ink--title")]
        for command in commands:
            refused = self._refused(command)
            key, text = fit(command.key_text, max(column, 8)), command.help
            if refused is None:
                lines.append(Content.assemble((key, ".ink--key"), text))
            else:
                lines.append(Content.styled(f"{key}{text} (needs {command.role})", ".ink--disabled"))
        return Content("\n").join(lines)


def _filter_help() -> Content:
    return Content.assemble(
        ("Filters", ".ink--title"),
        "\nWords and keys, all of which must fit; commas give alternatives:\n",
        ("/" + " ".join(_FILTERS), ".ink--key"),
    )
