"""What happened to a provider, as text: one event a line."""

from collections.abc import Sequence

from pydantic import ValidationError
from textual.content import Content

from provd.schema.events import (
    EventType,
    HealthAddresses,
    HealthCertificate,
    HealthChanged,
    HealthFlapping,
    LoggedEvent,
    MaintenanceEvent,
)
from provtui import figures
from provtui.condition import OF_STATUS, Condition
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
    ink, said = _said(event, now)
    return Content.assemble((at, ".ink--faint"), (crop(clean(said), cells - 12), ink))


_VERBS = {
    EventType.PROVIDER_CREATED: "created",
    EventType.PROVIDER_UPDATED: "changed",
    EventType.PROVIDER_DELETED: "deleted",
}


def _said(event: LoggedEvent, now: float) -> tuple[str, str]:
    """Give the ink and the words of an event; of one whose data is not as known, its name."""
    try:
        match event.type:
            case EventType.HEALTH_CHANGED:
                change = HealthChanged.model_validate(event.data)
                condition = OF_STATUS[change.status]
                return f".{condition.ink}", f"{condition.label}: {change.explanation}"
            case EventType.HEALTH_FLAPPING:
                return "", HealthFlapping.model_validate(event.data).explanation
            case EventType.HEALTH_CERTIFICATE:
                return "", HealthCertificate.model_validate(event.data).explanation
            case EventType.HEALTH_ADDRESSES:
                return "", _addresses(HealthAddresses.model_validate(event.data))
            case EventType.PROVIDER_MAINTENANCE:
                return f".{Condition.MAINTENANCE.ink}", _maintenance(
                    MaintenanceEvent.model_validate(event.data), now
                )
            case _:
                pass
    except ValidationError:
        return "", event.type
    verb = _VERBS.get(event.type)
    return "", f"{verb} by {event.data.get('by', 'someone')}" if verb else event.type


def _addresses(change: HealthAddresses) -> str:
    named = [f"+{address}" for address in change.added] + [f"-{address}" for address in change.removed]
    return f"addresses: {' '.join(named)}"


def _maintenance(event: MaintenanceEvent, now: float) -> str:
    glyph = Condition.MAINTENANCE.glyph
    if event.maintenance is None:
        return f"{glyph} maintenance ended" + (f" by {event.by}" if event.by else "")
    why = f": {event.maintenance.reason}" if event.maintenance.reason else ""
    until = figures.end_text(event.maintenance.until, now)
    return f"{glyph} maintenance by {event.by}, until {until}{why}".replace("until no end", "no end")
