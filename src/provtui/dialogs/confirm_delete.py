"""The question before a provider is deleted: its name must be typed."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from provd.schema.provider import Provider
from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.text import clean
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines


class ConfirmDelete(Dialog[bool]):
    """Gives True once the name of ``provider`` was typed as it is shown, False when the user backed out."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.DELETE)]

    def __init__(self, provider: Provider) -> None:
        super().__init__()
        self._wanted = clean(provider.name).strip()
        self._hostname = clean(provider.hostname)

    def compose(self) -> ComposeResult:
        """Lay out what will happen, and the input."""
        with Vertical(classes="dialog--box") as box:
            box.border_title = "Delete a provider"
            yield Lines(
                Content.assemble(
                    (self._wanted, ".ink--name"),
                    (f"  {self._hostname}", ".ink--faint"),
                    "\n\nIt will no longer be checked, and its settings are lost."
                    "\nType its name to delete it:",
                )
            )
            yield Input(compact=True, placeholder=self._wanted, id="typed-name")
            yield Lines(id="delete-said")
        yield KeyBar(list(commands_at(Place.DELETE)), lambda command: None)

    def do_confirm(self) -> None:
        """Give True if the name is right."""
        if self.query_one(Input).value.strip() == self._wanted:
            self.dismiss(True)
        else:
            said = Content.styled("✗ That is not its name.", ".ink--unhealthy")
            self.query_one("#delete-said", Lines).show(said)

    def do_decline(self) -> None:
        """Give False."""
        self.dismiss(False)

    @on(Input.Changed)
    def _typed(self) -> None:
        right = self.query_one(Input).value.strip() == self._wanted
        said = Content.styled("↵ deletes it now.", ".ink--suspect") if right else Content("")
        self.query_one("#delete-said", Lines).show(said)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.do_confirm()
