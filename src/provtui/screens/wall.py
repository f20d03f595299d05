"""The wall: the fleet for a big screen."""

from collections.abc import Mapping

from textual.app import ComposeResult

from provd.schema.provider import Provider
from provtui.commands import Place
from provtui.panels.wall import wall_lines
from provtui.screens.base import CommandScreen
from provtui.session import Session
from provtui.widgets.banner import Banner
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.pulse import Pulse
from provtui.widgets.wall_grid import WallGrid

_AGES_S = 10.0
"""How often ages are written anew while nothing happens."""


class WallScreen(CommandScreen):
    """The pulse, problems in large tiles, the others in small cells, and the keys."""

    AUTO_FOCUS = ""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._drawn: tuple[object, ...] = ()
        self._shown: Mapping[str, Provider] | None = None

    @property
    def place(self) -> Place:
        """Before the wall."""
        return Place.WALL

    def compose(self) -> ComposeResult:
        """Lay the parts out from top to bottom."""
        yield Pulse()
        yield Banner()
        yield WallGrid()
        yield KeyBar(self.commands_here(), self.session.refused)

    def flush(self) -> None:
        """Repaint what differs."""
        fleet, now = self.session.fleet, self.session.clock()
        self.query_one(Pulse).show(fleet, readonly=self.session.readonly)
        self.query_one(Banner).show(fleet, now)
        grid = self.query_one(WallGrid)
        drawn = (grid.size, fleet.stale, now // _AGES_S)
        if drawn != self._drawn or fleet.providers is not self._shown:
            self._drawn, self._shown = drawn, fleet.providers
            lines = wall_lines(list(fleet.providers.values()), now, grid.size.width, grid.size.height)
            grid.show(lines, stale=fleet.stale)

    def on_resize(self) -> None:
        """Make the most of the new size."""
        self.flush_soon()

    def do_back(self) -> None:
        """Go back to the fleet."""
        self.dismiss(None)
