"""One entry of the audit log in full."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll

from provd.schema.audit import AuditEntry
from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.panels.audit import entry_panel
from provtui.session import Session
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines

_MARGIN = 5


class EntryDialog(Dialog[bool]):
    """Shows ``entry`` and gives True when it is to be undone."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.ENTRY)]
    AUTO_FOCUS = "VerticalScroll"

    def __init__(self, session: Session, entry: AuditEntry) -> None:
        super().__init__()
        self.session = session
        self._entry = entry

    def compose(self) -> ComposeResult:
        """Lay the text out over the key bar."""
        with Vertical(classes="dialog--box") as box:
            box.border_title = f"Entry {self._entry.seq} of the audit log"
            with VerticalScroll():
                yield Lines(entry_panel(self._entry, min(76, self.app.size.width) - _MARGIN), id="entry-text")
        yield KeyBar(list(commands_at(Place.ENTRY)), self.refused)

    def do_undo_entry(self) -> None:
        """Give True."""
        self.dismiss(True)

    def do_dismiss(self) -> None:
        """Give False."""
        self.dismiss(False)
