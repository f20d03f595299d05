"""The question before a rule of alerts or a channel is deleted."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content

from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.text import clean
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines


class ConfirmRecordDelete(Dialog[bool]):
    """Asks whether the ``what`` called ``name`` is to be deleted, and says what that ``means``: True, or
    False to leave it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.DELETE_RECORD)]

    def __init__(self, what: str, name: str, means: str) -> None:
        super().__init__()
        self._what = what
        self._name_shown = clean(name)
        self._means = means

    def compose(self) -> ComposeResult:
        """Lay out what will happen."""
        with Vertical(classes="dialog--box") as box:
            box.border_title = f"Delete a {self._what}"
            yield Lines(Content.assemble((self._name_shown, ".ink--name"), f"\n\n{self._means}"))
        yield KeyBar(list(commands_at(Place.DELETE_RECORD)), self.refused)

    def do_erase(self) -> None:
        """Give True."""
        self.dismiss(True)

    def do_decline(self) -> None:
        """Give False."""
        self.dismiss(False)
