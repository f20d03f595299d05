"""What happened, in words: of events as the log keeps them."""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from provd.client import ANNOUNCED
from provd.schema.alerts import AlertEvent, AlertState, Severity
from provd.schema.audit import AuditEntry, Outcome
from provd.schema.events import (
    DaemonEvent,
    EventType,
    HealthAddresses,
    HealthChanged,
    ImportEvent,
    LoggedEvent,
    MaintenanceEvent,
    ProviderEvent,
    RouteEvent,
)
from provd.schema.setup import DriftEvent, SetupChangedEvent, SetupState, SetupStepEvent
from provd.schema.test_calls import CallOutcome, CallTestEnded
from provtui import figures
from provtui.condition import OF_STATUS, Condition
from provtui.text import clean

_SUSPECT, _UNHEALTHY, _HEALTHY = "ink--suspect", "ink--unhealthy", "ink--healthy"
_VERBS = {"created": "added", "updated": "changed", "deleted": "deleted"}


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event, fit to draw: what it is about, what happened, and what to do about it (may be empty)."""

    seq: int
    at: str
    type: EventType
    provider_id: str | None
    subject: str
    words: str
    ink: str
    next_step: str = ""


def event_line(event: LoggedEvent, now: float) -> EventLine:
    """Write ``event``; of one whose data is not as known, its name."""
    ink, words = event_words(event, now)
    step = event.data.get("next_step")
    return EventLine(
        event.seq,
        event.at,
        event.type,
        event.provider_id,
        clean(_subject(event.data)),
        clean(words),
        ink,
        clean(step) if isinstance(step, str) else "",
    )


def event_words(event: LoggedEvent, now: float) -> tuple[str, str]:
    """Give the ink and the words of an event, without what it is about; the words may have remote text."""
    model = ANNOUNCED.get(event.type)
    try:
        data = None if model is None else model.model_validate(event.data)
    except ValidationError:
        data = None
    match data:
        case None:
            return "", event.type.value
        case HealthChanged():
            condition = OF_STATUS[data.status]
            return condition.ink, f"{condition.label}: {data.explanation}"
        case HealthAddresses():
            named = [f"+{each}" for each in data.added] + [f"-{each}" for each in data.removed]
            return "", f"addresses: {' '.join(named)}"
        case MaintenanceEvent():
            return Condition.MAINTENANCE.ink, _maintenance(data, now)
        case ProviderEvent():
            return "", f"{_verb(event.type)} by {data.by or 'someone'}"
        case RouteEvent(route=route):
            return "", f"route {route.target} {_verb(event.type)} by {data.by or 'someone'}"
        case ImportEvent():
            return "", f"{data.created} added, {data.updated} changed by an import of {data.by}"
        case SetupStepEvent():
            note = f" ({data.note})" if data.note else ""
            return "", f"{data.number}/{data.steps} {data.title}: {data.state.value}{note}"
        case SetupChangedEvent():
            ink = _SUSPECT if data.error or data.state is SetupState.LEFT else ""
            return ink, f"setup {data.state.value}" + (f": {data.error}" if data.error else "")
        case DriftEvent():
            told = "; ".join(each.message for each in data.findings)
            return (_SUSPECT if told else ""), told or "the carrier has again what was set up"
        case AuditEntry():
            refused = data.outcome is Outcome.REFUSED
            return (_SUSPECT if refused else ""), f"{data.action} by {data.user}, {data.outcome.value}"
        case AlertEvent():
            by = f" by {data.by}" if data.by else ""
            ink = _HEALTHY if data.state is AlertState.RESOLVED else _ALERT_INKS[data.severity]
            return ink, f"alert {data.state.value}{by}: {data.title}"
        case CallTestEnded():
            good = data.outcome in (CallOutcome.ANSWERED, CallOutcome.RINGING)
            said = f"test call to {data.destination} by {data.by}: {data.cause_text}"
            return (_HEALTHY if good else _SUSPECT), said
        case DaemonEvent():
            stops = event.type is EventType.DAEMON_STOPPING
            return (_SUSPECT if stops else ""), f"provd {data.version} {'stops' if stops else 'started'}"
        case _:
            return _INKS.get(event.type, ""), data.explanation


_ALERT_INKS = {Severity.INFO: "", Severity.WARNING: _SUSPECT, Severity.CRITICAL: _UNHEALTHY}
_INKS = {
    EventType.HEALTH_FLAPPING: _SUSPECT,
    EventType.HEALTH_CERTIFICATE: _SUSPECT,
    EventType.DAEMON_UPLINK_SUSPECT: _UNHEALTHY,
    EventType.DAEMON_UPLINK_RESTORED: _HEALTHY,
}


def _verb(kind: EventType) -> str:
    return _VERBS[kind.value.rpartition(".")[2]]


def _subject(data: dict[str, Any]) -> str:
    """Give the name that is in the data of an event."""
    for found in (data, data.get("provider"), data.get("route")):
        if isinstance(found, dict) and isinstance(found.get("name"), str):
            return str(found["name"])
    return "provd"


def _maintenance(event: MaintenanceEvent, now: float) -> str:
    glyph = Condition.MAINTENANCE.glyph
    if event.maintenance is None:
        return f"{glyph} maintenance ended" + (f" by {event.by}" if event.by else "")
    why = f": {event.maintenance.reason}" if event.maintenance.reason else ""
    until = figures.end_text(event.maintenance.until, now)
    return f"{glyph} maintenance by {event.by}, until {until}{why}".replace("until no end", "no end")
