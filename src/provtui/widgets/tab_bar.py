"""The line of tabs under a provider's name: each with its key, the present one reversed."""

from collections.abc import Mapping

from textual.content import Content, Span
from textual.events import Click
from textual.message import Message
from textual.widget import Widget

from provtui.commands import BY_ID, TABS, Place

_TITLES = {
    Place.PROVIDER: ("Overview", "Over"),
    Place.TARGETS: ("Targets", "Targ"),
    Place.HISTORY: ("History", "Hist"),
    Place.TRACE: ("Trace", "Trace"),
    Place.CARRIER: ("Carrier", "Carr"),
    Place.DIAL: ("Dial", "Dial"),
    Place.PROVIDER_ROUTES: ("Routes", "Route"),
    Place.PROVIDER_EVENTS: ("Events", "Event"),
    Place.REVISIONS: ("Revisions", "Revs"),
    Place.PROVIDER_CALLS: ("Calls", "Call"),
}
"""Each tab's title, and its short one."""

_LONG, _SHORT = 0, 1
_LOOKS = (
    (" ", " ", " ", _LONG, _LONG, True),
    ("", " ", "", _LONG, _LONG, True),
    (" ", " ", " ", _LONG, _SHORT, True),
    ("", " ", "", _LONG, _SHORT, True),
    ("", "", "", _LONG, _SHORT, True),
    ("", "", "", _SHORT, _SHORT, True),
    ("", "", "", _SHORT, _SHORT, False),
)
"""What is before the first tab, in each after its title, and between two; which title the present one has
and which the others, and whether there are remarks: the roomiest that fits is taken."""


class TabBar(Widget):
    """Shows the tabs on one line; a click on one asks for it."""

    ALLOW_SELECT = False

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, tab: Place) -> None:
            super().__init__()
            self.tab = tab

    def __init__(self) -> None:
        super().__init__()
        self._shown = Content("")
        self._places: list[tuple[int, int, Place]] = []

    def show(self, here: Place, remarks: Mapping[Place, str]) -> None:
        """Show that ``here`` is the present tab; ``remarks`` go after the titles of their tabs."""
        for lead, end, gap, title_here, title, remarked in _LOOKS:
            text, spans, self._places = lead, [], []
            for tab in TABS:
                start, key = len(text), BY_ID[f"tab:{tab.value}"].first_key
                remark = f" {remarks[tab]}" if remarked and remarks.get(tab) else ""
                text += f" {key} {_TITLES[tab][title_here if tab is here else title]}{remark}{end}"
                ink = Span(start, len(text), ".ink--here")
                spans.append(ink if tab is here else Span(start + 1, start + 1 + len(key), ".ink--key"))
                self._places.append((start, len(text), tab))
                text += gap
            if len(text.rstrip()) <= self.size.width:
                break
        content = Content(text.rstrip(), spans)
        if not content.is_same(self._shown):
            self._shown = content
            self.refresh()

    def render(self) -> Content:
        """Draw the line."""
        return self._shown

    def on_click(self, event: Click) -> None:
        """Ask for the tab that was clicked."""
        event.stop()
        for start, end, tab in self._places:
            if start <= event.x < end:
                self.post_message(self.Chosen(tab))
