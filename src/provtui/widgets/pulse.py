"""The top line: how many are in which state, checks per second, and the connection to the daemon."""

from textual.content import Content
from textual.widget import Widget

from provtui.condition import Condition
from provtui.figures import count_text
from provtui.state import FleetState, LinkPhase
from provtui.text import width

_SHOWN = (Condition.UNHEALTHY, Condition.SUSPECT, Condition.UNKNOWN, Condition.HEALTHY, Condition.DISABLED)
_LINKS = {
    LinkPhase.CONNECTING: ("◌ connecting", ".ink--unknown"),
    LinkPhase.LIVE: ("● live", ".ink--healthy"),
    LinkPhase.AWAY: ("✗ provd away", ".ink--unhealthy"),
}


class Pulse(Widget):
    """Shows the pulse of the fleet on one line, and repaints only when its text changes."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._left = Content("")
        self._right = Content("")

    def show(self, state: FleetState, readonly: bool) -> None:
        """Show ``state``."""
        left, right = _counts(state), _connection(state, readonly)
        if not (left.is_same(self._left) and right.is_same(self._right)):
            self._left, self._right = left, right
            self.refresh()

    def render(self) -> Content:
        """Draw the counts at the left and the connection at the right, which goes when room is short."""
        gap = self.size.width - width(self._left.plain) - width(self._right.plain)
        if gap < 1:
            return self._left
        return Content.assemble(self._left, " " * gap, self._right)


def _counts(state: FleetState) -> Content:
    if not state.loaded:
        return Content(" provtui")
    parts: list[Content | tuple[str, str] | str] = [" "]
    for condition in _SHOWN:
        count = state.counts.get(condition, 0)
        if condition is Condition.SUSPECT and not count:
            continue
        ink = condition.ink if count and not state.stale else "ink--faint"
        parts += [(f"{condition.glyph} {count_text(count)} {condition.word}", f".{ink}"), "  "]
    return Content.assemble(*parts)


def _connection(state: FleetState, readonly: bool) -> Content:
    parts: list[tuple[str, str] | str] = []
    if readonly:
        parts.append(("read-only  ", ".ink--faint"))
    if state.status is not None and not state.stale:
        parts.append((f"{state.status.monitor.checks_per_s:.0f} checks/s  ", ".ink--faint"))
    parts += [_LINKS[state.link.phase], " "]
    return Content.assemble(*parts)
