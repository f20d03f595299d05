"""The line that says that the daemon is away, can't keep what it learns, or suspects our own connection."""

from textual.content import Content
from textual.widget import Widget

from provtui.figures import age_text
from provtui.state import FleetState, LinkPhase
from provtui.text import clean

_SUSPECT = "!"


class Banner(Widget):
    """Is there only while something is wrong with the daemon itself; says what, and how old the rest is."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self.display = False
        self._shown = Content("")

    def show(self, state: FleetState, now: float) -> None:
        """Appear or disappear as ``state`` is, with ages at ``now``."""
        said = _text(state, now)
        self.display = bool(said)
        self.set_class(said.startswith(_SUSPECT), "-uplink")
        text = Content(said) if said else self._shown
        if not text.is_same(self._shown):
            self._shown = text
            self.refresh(layout=True)

    def render(self) -> Content:
        """Draw the line."""
        return self._shown


def _text(state: FleetState, now: float) -> str:
    if state.link.phase is LinkPhase.AWAY:
        return (
            f"✗ provd is away. {_heard(state, now)} Retrying; r tries at once. Why: {clean(state.link.error)}"
        )
    if state.status is not None and not state.status.store.writable:
        why = clean(state.status.store.error or "it does not say why")
        return f"✗ provd checks on, but keeps nothing: {why}"
    if state.uplink:
        return f"{_SUSPECT} {clean(state.uplink)}"
    return ""


def _heard(state: FleetState, now: float) -> str:
    if state.last_heard is None:
        return "Nothing is known yet."
    age = age_text(max(0.0, now - state.last_heard))
    return f"What is shown was heard {'just now' if age == 'now' else f'{age} ago'}."
