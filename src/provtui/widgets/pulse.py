"""The top line: how many are in which state, checks per second, and the connection to the daemon."""

from textual.content import Content
from textual.widget import Widget

from provtui.condition import Condition
from provtui.figures import count_text
from provtui.state import FleetState, LinkPhase
from provtui.text import width

_ONLY_WHEN_THERE = (Condition.SUSPECT, Condition.IMPAIRED, Condition.MAINTENANCE)
_SPELLED_OUT_LONGER = (Condition.UNHEALTHY, Condition.HEALTHY)
_WORDS_OF_ALL, _WORDS_OF_MOST, _NO_WORDS = 2, 1, 0
_WAYS = (
    (_WORDS_OF_ALL, " checks/s"),
    (_WORDS_OF_ALL, "/s"),
    (_WORDS_OF_MOST, " checks/s"),
    (_WORDS_OF_MOST, ""),
    (_NO_WORDS, ""),
)
"""Which counts have words, and what is written after the checks each second; empty: those are left out."""

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
        for words, rate in _WAYS:
            left = _counts(state, words)
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


def _counts(state: FleetState, words: int) -> Content:
    if not state.loaded:
        return Content(" provtui")
    parts: list[Content | tuple[str, str] | str] = [" "]
    for condition in Condition:
        count = state.counts.get(condition, 0)
        if condition in _ONLY_WHEN_THERE and not count:
            continue
        ink = condition.ink if count and not state.stale else "ink--faint"
        spelled_out = words == _WORDS_OF_ALL or (words and condition in _SPELLED_OUT_LONGER)
        word = f" {condition.word}" if spelled_out else ""
        parts += [(f"{condition.glyph} {count_text(count)}{word}", f".{ink}"), "  "]
    if state.left:
        several = "s" if len(state.left) > 1 else ""
        what = f" setup{several} left" if words else ""
        parts += [(f"! {count_text(len(state.left))}{what} (s)", ".ink--suspect"), "  "]
    open_alerts = state.status.alerts.open if state.status is not None else 0
    if open_alerts:
        several = "s" if open_alerts > 1 else ""
        ink = ".ink--faint" if state.stale else ".ink--unhealthy"
        what = f" alert{several}" if words else ""
        parts += [(f"▲ {count_text(open_alerts)}{what} (3)", ink), "  "]
    return Content.assemble(*parts[:-1])


def _connection(state: FleetState, rate: str, *, readonly: bool) -> Content:
    parts: list[tuple[str, str] | str] = []
    if readonly:
        parts.append(("read-only  ", ".ink--faint"))
    if state.status is not None and not state.stale and rate:
        parts.append((f"{state.status.monitor.checks_per_s:.0f}{rate}  ", ".ink--faint"))
    parts += [_LINKS[state.link.phase], " "]
    return Content.assemble(*parts)
