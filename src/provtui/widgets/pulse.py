"""The top line: how many are in which state, checks per second, and the connection to the daemon."""

from textual.content import Content
from textual.widget import Widget

from provtui.condition import Condition
from provtui.figures import count_text
from provtui.state import FleetState, LinkPhase
from provtui.text import width

_ONLY_WHEN_THERE = (Condition.SUSPECT, Condition.IMPAIRED, Condition.MAINTENANCE)
_ALWAYS_SPELLED_OUT = (Condition.UNHEALTHY, Condition.HEALTHY)
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
        self._shown = Content("")

    def show(self, state: FleetState, *, readonly: bool) -> None:
        """Show ``state``: of the ways to write it, the longest that fits."""
        for spelled_out, rate in ((True, " checks/s"), (True, "/s"), (False, " checks/s"), (False, "")):
            left = _counts(state, spelled_out=spelled_out)
            right = _connection(state, rate, readonly=readonly)
            gap = self.size.width - width(left.plain) - width(right.plain)
            if gap >= 2:
                break
        content = Content.assemble(left, " " * gap, right)
        if not content.is_same(self._shown):
            self._shown = content
            self.refresh()

    def render(self) -> Content:
        """Draw the line."""
        return self._shown


def _counts(state: FleetState, *, spelled_out: bool) -> Content:
    if not state.loaded:
        return Content(" provtui")
    parts: list[Content | tuple[str, str] | str] = [" "]
    for condition in Condition:
        count = state.counts.get(condition, 0)
        if condition in _ONLY_WHEN_THERE and not count:
            continue
        ink = condition.ink if count and not state.stale else "ink--faint"
        word = f" {condition.word}" if spelled_out or condition in _ALWAYS_SPELLED_OUT else ""
        parts += [(f"{condition.glyph} {count_text(count)}{word}", f".{ink}"), "  "]
    if state.left:
        several = "s" if len(state.left) > 1 else ""
        parts += [(f"! {count_text(len(state.left))} setup{several} left (s)", ".ink--suspect"), "  "]
    open_alerts = state.status.alerts.open if state.status is not None else 0
    if open_alerts:
        several = "s" if open_alerts > 1 else ""
        ink = ".ink--faint" if state.stale else ".ink--unhealthy"
        parts += [(f"▲ {count_text(open_alerts)} alert{several} (3)", ink), "  "]
    return Content.assemble(*parts[:-1])


def _connection(state: FleetState, rate: str, *, readonly: bool) -> Content:
    parts: list[tuple[str, str] | str] = []
    if readonly:
        parts.append(("read-only  ", ".ink--faint"))
    if state.status is not None and not state.stale and rate:
        parts.append((f"{state.status.monitor.checks_per_s:.0f}{rate}  ", ".ink--faint"))
    parts += [_LINKS[state.link.phase], " "]
    return Content.assemble(*parts)
