"""The question before a change is taken back."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content

from provd.schema.audit import AuditEntry
from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.panels.audit import entry_words
from provtui.panels.difference import difference_lines
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines

_MARGIN = 5


class ConfirmUndo(Dialog[bool]):
    """Asks whether what ``entries`` tell of is to be taken back: True, or False to leave it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.UNDO)]
    AUTO_FOCUS = "VerticalScroll"

    def __init__(self, entries: Sequence[AuditEntry]) -> None:
        super().__init__()
        self._entries = entries

    def compose(self) -> ComposeResult:
        """Lay out what would be undone, and what would become of it."""
        with Vertical(classes="dialog--box") as box:
            box.border_title = "Undo a change"
            with VerticalScroll():
                yield Lines(self._text(min(76, self.app.size.width) - _MARGIN), id="undo-text")
        yield KeyBar(list(commands_at(Place.UNDO)), self.refused)

    def do_take_back(self) -> None:
        """Give True."""
        self.dismiss(True)

    def do_decline(self) -> None:
        """Give False."""
        self.dismiss(False)

    def _text(self, cells: int) -> Content:
        lines: list[Content] = []
        for entry in self._entries:
            lines.append(entry_words(entry))
            lines += difference_lines(entry.after, entry.before, cells)
            lines.append(Content(""))
        return Content("\n").join([*lines, Content("Undoing is a change too: undo it to have this back.")])
