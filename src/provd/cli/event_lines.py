"""Events as lines of text."""

import yaml

from provd.cli.api_words import in_commands
from provd.cli.audit_text import audit_words
from provd.cli.figures import ms
from provd.cli.output import Output, as_json, printable
from provd.cli.redirect_text import redirect_words
from provd.client import ANNOUNCED, Announced, Event
from provd.schema.alerts import AlertEvent
from provd.schema.audit import AuditEntry
from provd.schema.events import (
    DaemonEvent,
    HealthAddresses,
    HealthCertificate,
    HealthChanged,
    HealthFlapping,
    HealthSample,
    Hello,
    ImportEvent,
    LoggedEvent,
    MaintenanceEvent,
    ProviderEvent,
    Resync,
    RouteEvent,
)
from provd.schema.maintenance import Maintenance
from provd.schema.redirect import CallRedirected
from provd.schema.setup import DriftEvent, SetupChangedEvent, SetupStepEvent
from provd.schema.test_calls import CallTestEnded, CallTestStep
from provd.schema.timestamps import NEVER
from provd.schema.trace import TracedExchange


def logged_line(event: LoggedEvent) -> tuple[str, str, str, str]:
    """A past event as cells: number, time, name, what happened."""
    model = ANNOUNCED.get(event.type)
    said = _words(model.model_validate(event.data)) if model else ""
    return str(event.seq), event.at, event.type.value, said


def event_line(event: Event, form: Output) -> str:
    """A new event as text; empty for what people need not see."""
    if form is not Output.TABLE:
        plain = {"seq": event.seq, "type": event.type.value, "data": event.data.model_dump(mode="json")}
        if form is Output.JSON:
            return as_json(plain)
        return "---\n" + yaml.safe_dump(plain, sort_keys=False, allow_unicode=True).rstrip()
    data = event.data
    if isinstance(data, Hello):
        return ""
    if isinstance(data, HealthSample):
        return "\n".join(
            f"{each.at}  sample  {each.provider_id}  {each.cause.value}  {ms(each.rtt_ms)}"
            for each in data.samples
        )
    if isinstance(data, CallRedirected):
        return "\n".join(_call_lines(event.type.value, data))
    if isinstance(data, TracedExchange):
        return f"{data.at}  trace  {data.provider_id}  {data.cause.value}  {ms(data.rtt_ms)}"
    if isinstance(data, CallTestStep):
        return f"{data.at}  {event.type.value}  {data.step.way}  {printable(data.step.text)}"
    if isinstance(data, Resync):
        return f"{'':26}  {event.type.value}  {data.message}"
    return f"{data.at}  {event.type.value}  {printable(_words(data))}"


def maintenance_words(maintenance: Maintenance) -> str:
    """Until when a maintenance lasts, who set it, and why."""
    until = "until it is ended" if maintenance.until == NEVER else f"until {maintenance.until}"
    return f"{until}, by {maintenance.by}" + (f": {maintenance.reason}" if maintenance.reason else "")


def _words(data: Announced) -> str:
    match data:
        case HealthChanged():
            return f"{data.name}: {data.previous.value} -> {data.status.value}. {data.explanation}"
        case HealthFlapping():
            return f"{data.name}: {data.explanation}"
        case HealthAddresses():
            return _address_words(data)
        case HealthCertificate():
            return f"{data.name}, {data.address}: {data.explanation}"
        case MaintenanceEvent():
            return _maintenance_event_words(data)
        case ImportEvent():
            return f"{data.created} created, {data.updated} updated by {data.by}"
        case ProviderEvent():
            return f"{data.provider.name} ({data.provider.hostname}) by {data.by}"
        case SetupStepEvent():
            note = f" ({in_commands(data.note)})" if data.note else ""
            return f"{data.name}: {data.number}/{data.steps} {data.title}: {data.state.value}{note}"
        case SetupChangedEvent():
            return f"{data.name} at {data.carrier}: {data.state.value}" + (
                f". {in_commands(data.error)}" if data.error else ""
            )
        case DriftEvent():
            told = "; ".join(each.message for each in data.findings)
            return f"{data.name}: {told or 'the carrier has again what was set up'}"
        case RouteEvent():
            route = data.route
            said = f"{route.target}, priority {route.priority}, weight {route.weight}"
            return f"{route.name}: {said}, by {data.by}"
        case AuditEntry():
            return audit_words(data)
        case AlertEvent():
            return _alert_words(data)
        case CallTestEnded():
            return f"{data.name}: {data.destination}: {data.outcome.value}. {data.cause_text}"
        case DaemonEvent():
            return f"provd {data.version}"
        case _:
            return data.explanation


def _call_lines(name: str, data: CallRedirected) -> list[str]:
    lines = []
    for each in data.redirects:
        said = f"{each.number or each.destination}: {each.code} {redirect_words(each)}"
        lines.append(f"{each.at}  {name}  {printable(said)}")
    return [*lines, f"{'':26}  {name}  {data.left_out} more"] if data.left_out else lines


def _alert_words(data: AlertEvent) -> str:
    by = f" by {data.by}" if data.by else ""
    left = f", {data.providers_failing} of {data.providers_total} still" if data.providers_total > 1 else ""
    return f"[{data.severity.value}] {data.title}: {data.state.value}{by}{left}"


def _address_words(data: HealthAddresses) -> str:
    changes = [
        f"{what} {', '.join(which)}" for what, which in (("new", data.added), ("gone", data.removed)) if which
    ]
    return f"{data.name} leads to {', '.join(data.addresses) or 'no address'} ({'; '.join(changes)})"


def _maintenance_event_words(data: MaintenanceEvent) -> str:
    if data.maintenance is not None:
        return f"{data.name}: in maintenance {maintenance_words(data.maintenance)}"
    return f"{data.name}: maintenance " + (f"ended by {data.by}" if data.by else "is over")
