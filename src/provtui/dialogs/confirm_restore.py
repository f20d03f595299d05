"""The question before a record is given the fields of an earlier revision."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content

from provd.schema.revision import Revision
from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.panels.difference import difference_lines
from provtui.text import clean
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines

_MARGIN = 5


class ConfirmRestore(Dialog[bool]):
    """Asks whether a record that is as ``newest`` is to be as ``wanted`` again: True, or False."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.RESTORE)]
    AUTO_FOCUS = "VerticalScroll"

    def __init__(self, wanted: Revision, newest: Revision) -> None:
        super().__init__()
        self._wanted = wanted
        self._newest = newest

    def compose(self) -> ComposeResult:
        """Lay out what would change."""
        with Vertical(classes="dialog--box") as box:
            box.border_title = f"Restore revision {self._wanted.revision}"
            with VerticalScroll():
                yield Lines(self._text(min(76, self.app.size.width) - _MARGIN), id="restore-text")
        yield KeyBar(list(commands_at(Place.RESTORE)), self.refused)

    def do_bring_back(self) -> None:
        """Give True."""
        self.dismiss(True)

    def do_decline(self) -> None:
        """Give False."""
        self.dismiss(False)

    def _text(self, cells: int) -> Content:
        name = clean(str(self._newest.fields.get("name", "")))
        changed = difference_lines(self._newest.fields, self._wanted.fields, cells)
        lines = [Content.styled(name, ".ink--name"), Content(""), *(changed or [Content("Nothing differs.")])]
        end = f"It becomes revision {self._newest.revision + 1}; what it is now stays among its revisions."
        return Content("\n").join([*lines, Content(""), Content(end)])
