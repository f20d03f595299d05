"""The help: every command that works where it was asked for, from the registry of commands."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content

from provtui.commands import Command, Group, Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.text import fit
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines

_LEFT = (Group.PROVIDER, Group.ROUTE, Group.ALERT, Group.LIST, Group.GENERAL)
_KEYS, _NAMES = 8, 12
_RIGHT = (Group.TABS, Group.SORT, Group.SCREENS, Group.MOVE)


class HelpDialog(Dialog[None]):
    """Lists ``commands`` by group; those that ``refused`` gives a reason for are dimmed, with their role.

    ``filters`` is what can be written into a filter here; empty: there is none.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.HELP)]

    def __init__(
        self, commands: Sequence[Command], refused: Callable[[Command], str | None], filters: str = ""
    ) -> None:
        super().__init__()
        self.commands = commands
        self._filters = filters
        self._refused = refused

    def compose(self) -> ComposeResult:
        """Lay out the list over the key bar."""
        with VerticalScroll(classes="dialog--box") as box:
            box.border_title = "What works here"
            with Horizontal(classes="help--columns"):
                for text in self._columns():
                    yield Lines(text, classes="help--column")
            if self._filters:
                yield Lines(_filter_help(self._filters), classes="help--filters")
        yield KeyBar(list(commands_at(Place.HELP)), self.refused)

    def do_close(self) -> None:
        """Go back."""
        self.dismiss(None)

    def _columns(self) -> list[Content]:
        """Write the groups in two columns; what is typed after a colon goes to the shorter one."""
        columns = [
            [section for group in groups if (section := self._section(group))] for groups in (_LEFT, _RIGHT)
        ]
        shorter = min(columns, key=lambda column: sum(len(part.plain.splitlines()) + 1 for part in column))
        if line := self._section(Group.LINE):
            shorter.append(line)
        return [Content("\n\n").join(column) for column in columns if column]

    def _section(self, group: Group) -> Content:
        listed = [command for command in self.commands if command.group is group]
        if not listed:
            return Content("")
        lines = [Content.styled(group.value, ".ink--title")]
        for command in listed:
            key = fit(command.key_text, _KEYS if command.keys else _NAMES)
            if self._refused(command) is None:
                lines.append(Content.assemble((key, ".ink--key"), command.help))
            else:
                needs = f"{key}{command.help} · {command.role}"
                lines.append(Content.styled(needs, ".ink--disabled"))
        return Content("\n").join(lines)


def _filter_help(filters: str) -> Content:
    return Content.assemble(
        ("Filters", ".ink--title"),
        f"  {filters}",
        ("  all must fit; a,b: either", ".ink--faint"),
    )
