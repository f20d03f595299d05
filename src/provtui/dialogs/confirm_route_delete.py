"""The question before a route is deleted."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content

from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.route_lines import RouteLine
from provtui.text import clean
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines


class ConfirmRouteDelete(Dialog[bool]):
    """Asks whether the route of ``line`` is to be deleted: True, or False to leave it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.DELETE_ROUTE)]

    def __init__(self, line: RouteLine) -> None:
        super().__init__()
        self._line = line

    def compose(self) -> ComposeResult:
        """Lay out what will happen."""
        route = self._line.route
        which = "Any number" if route.target == "all" else f"Numbers that begin with {route.target}"
        with Vertical(classes="dialog--box") as box:
            box.border_title = "Delete a route"
            yield Lines(
                Content.assemble(
                    (clean(route.name), ".ink--name"),
                    (f"  {route.target} → {self._line.provider_name}", ".ink--faint"),
                    f"\n\n{which} will no longer go to this provider by it. The provider stays.",
                )
            )
        yield KeyBar(list(commands_at(Place.DELETE_ROUTE)), self.refused)

    def do_erase(self) -> None:
        """Give True."""
        self.dismiss(True)

    def do_decline(self) -> None:
        """Give False."""
        self.dismiss(False)
