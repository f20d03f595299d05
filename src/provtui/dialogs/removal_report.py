"""What became of a trunk at its carrier when its provider was deleted."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content

from provd.schema.provider import Provider
from provd.schema.setup import Deprovisioned
from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.panels.parts import heading, hung
from provtui.panels.setup import step_lines
from provtui.text import clean
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines

_MARGIN = 6
_TRIED_AGAIN = "It is tried again by itself; s in the list shows it, and tries at once."


class RemovalReport(Dialog[None]):
    """Shows what was removed at the carrier of ``provider``, and what was left and why."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.REMOVED)]

    def __init__(self, provider: Provider, report: Deprovisioned) -> None:
        super().__init__()
        self._provider = provider
        self._report = report

    def compose(self) -> ComposeResult:
        """Lay out what was removed, and what was left."""
        with Vertical(classes="dialog--box") as box:
            box.border_title = Content(f"{clean(self._provider.name)} is deleted")
            with VerticalScroll():
                yield Lines(self._text(min(76, self.app.size.width) - _MARGIN))
        yield KeyBar(list(commands_at(Place.REMOVED)), self.refused)

    def do_seen(self) -> None:
        """Go back."""
        self.dismiss(None)

    def _text(self, cells: int) -> Content:
        removed, left = self._report.removed, self._report.left
        carrier = clean(self._provider.carrier) or "the carrier"
        lines: list[Content] = []
        if left:
            lines += [
                heading(f"Left at {carrier}"),
                *(line for step in left for line in step_lines(step, cells)),
                *hung(("→ ", ".ink--key"), _TRIED_AGAIN, cells, ".ink--step"),
                Content(""),
            ]
        if removed:
            lines += [
                heading(f"Removed at {carrier}"),
                *(line for step in removed for line in step_lines(step, cells)),
            ]
        if not (removed or left):
            lines.append(Content(f"There was nothing of it at {carrier} any more."))
        return Content("\n").join(lines)
