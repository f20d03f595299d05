"""What happened to a provider, as text: one event a line."""

from collections.abc import Sequence

from textual.content import Content

from provd.schema.events import LoggedEvent
from provtui import figures
from provtui.event_words import event_words
from provtui.panels.parts import heading
from provtui.text import clean, crop, fit


def events_panel(events: Sequence[LoggedEvent] | None, now: float, cells: int) -> Content:
    """Write past events, newest first, one a line of at most ``cells`` cells."""
    head = heading("Events")
    if events is None:
        return head
    if not events:
        return Content.assemble(head, ("\nNothing has happened yet.", ".ink--faint"))
    return Content("\n").join([head, *(_event(event, now, cells) for event in events)])


def _event(event: LoggedEvent, now: float, cells: int) -> Content:
    at = fit(figures.clock_text(event.at, now), 12)
    ink, said = event_words(event, now)
    return Content.assemble((at, ".ink--faint"), (crop(clean(said), cells - 12), f".{ink}" if ink else ""))
