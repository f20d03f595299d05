"""Events as lines of text."""

import json

import yaml

from provd.cli.output import Output, printable
from provd.client import Event
from provd.schema.events import (
    DaemonEvent,
    EventType,
    HealthChanged,
    HealthSample,
    Hello,
    LoggedEvent,
    ProviderEvent,
    Resync,
)

_MODELS: dict[EventType, type[HealthChanged | ProviderEvent | DaemonEvent]] = {
    EventType.HEALTH_CHANGED: HealthChanged,
    EventType.PROVIDER_CREATED: ProviderEvent,
    EventType.PROVIDER_UPDATED: ProviderEvent,
    EventType.PROVIDER_DELETED: ProviderEvent,
    EventType.DAEMON_STARTED: DaemonEvent,
    EventType.DAEMON_STOPPING: DaemonEvent,
}


def logged_line(event: LoggedEvent) -> tuple[str, str, str, str]:
    """A past event as cells: number, time, name, what happened."""
    model = _MODELS.get(event.type)
    said = _words(model.model_validate(event.data)) if model else ""
    return str(event.seq), event.at, event.type.value, said


def event_line(event: Event, form: Output) -> str:
    """A new event as text; empty for what people need not see."""
    if form is not Output.TABLE:
        plain = {"seq": event.seq, "type": event.type.value, "data": event.data.model_dump(mode="json")}
        if form is Output.JSON:
            return json.dumps(plain, ensure_ascii=False)
        return "---\n" + yaml.safe_dump(plain, sort_keys=False, allow_unicode=True).rstrip()
    if isinstance(event.data, Hello):
        return ""
    if isinstance(event.data, HealthSample):
        return "\n".join(
            f"{each.at}  sample  {each.provider_id}  {each.cause.value}  {_ms(each.rtt_ms)}"
            for each in event.data.samples
        )
    if isinstance(event.data, Resync):
        return f"{'':26}  {event.type.value}  {event.data.message}"
    return f"{event.data.at}  {event.type.value}  {printable(_words(event.data))}"


def _words(data: HealthChanged | ProviderEvent | DaemonEvent) -> str:
    if isinstance(data, HealthChanged):
        return f"{data.name}: {data.previous.value} -> {data.status.value}. {data.explanation}"
    if isinstance(data, ProviderEvent):
        return f"{data.provider.name} ({data.provider.hostname}) by {data.by}"
    return f"provd {data.version}"


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} ms"
