"""The line that says that the daemon is away."""

from textual.content import Content
from textual.widget import Widget

from provtui.figures import age_text
from provtui.state import FleetState, LinkPhase
from provtui.text import clean


class Banner(Widget):
    """Is there only while the daemon is away; says why, and how old what is shown is."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self.display = False
        self._shown = Content("")

    def show(self, state: FleetState, now: float) -> None:
        """Appear or disappear as ``state`` is, with ages at ``now``."""
        away = state.link.phase is LinkPhase.AWAY
        self.display = away
        text = Content(_text(state, now)) if away else self._shown
        if not text.is_same(self._shown):
            self._shown = text
            self.refresh(layout=True)

    def render(self) -> Content:
        """Draw the line."""
        return self._shown


def _text(state: FleetState, now: float) -> str:
    shown = "Nothing is known yet."
    if state.last_heard is not None:
        age = age_text(max(0.0, now - state.last_heard))
        ago = "just now" if age == "now" else f"{age} ago"
        shown = f"What is shown was heard {ago}."
    return f"✗ provd is away. {shown} Retrying; r tries at once. Why: {clean(state.link.error)}"
