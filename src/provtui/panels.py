"""The parts of the provider screen as text: bars of the last checks, facts, a check's result, events."""

from collections.abc import Sequence
from statistics import median

from pydantic import ValidationError
from textual.content import Content

from provd.schema.events import EventType, HealthChanged, LoggedEvent
from provd.schema.health import RECENT_RESULTS, CheckReport, HealthStatus, TargetResult
from provd.schema.provider import Provider
from provtui import figures
from provtui.condition import Condition
from provtui.sparkline import bars
from provtui.text import clean, crop, fit
from provtui.widgets.columns import spark_runs

_LABEL = 10
_AXIS = 8
_BAR_ROWS = 3


def _heading(text: str) -> Content:
    return Content.styled(text, ".ink--title")


def _runs(drawn: str) -> Content:
    return Content.assemble(*((text, f".{ink}") for text, ink in spark_runs(drawn)))


def strip_panel(provider: Provider, cells: int) -> Content:
    """Draw the last checks as bars over an axis from nothing to twice the median, in ``cells`` cells."""
    recent = provider.health.recent
    answered = [rtt for rtt in recent if rtt is not None]
    lost = len(recent) - len(answered)
    said = f"  {len(answered)} answered, {lost} not" if recent else "  none yet"
    head = Content.assemble(
        _heading(f"Last {len(recent)} checks" if recent else "Checks"), (said, ".ink--faint")
    )
    if not recent:
        return head
    bar = max(1, min(3, (cells - _AXIS) // RECENT_RESULTS - 1))
    top = figures.rtt_text(2 * median(answered)) if answered else ""
    marks = [f"{top:>{_AXIS - 2}}┤", " " * (_AXIS - 2) + "│", f"{'0':>{_AXIS - 2}}┤"]
    lines = [
        Content.assemble((mark + " ", ".ink--faint"), _runs(drawn))
        for mark, drawn in zip(marks, bars(recent, rows=_BAR_ROWS, bar=bar), strict=True)
    ]
    return Content("\n").join([head, *lines])


def facts_panel(provider: Provider, now: float, cells: int, *, columns: int) -> Content:
    """Write the facts in ``columns`` columns that together take ``cells`` cells."""
    facts = _facts(provider, now)
    each = (cells - 2 * (columns - 1)) // columns
    rows = -(-len(facts) // columns)
    lines = [_heading("Facts")]
    for row in range(rows):
        parts: list[tuple[str, str] | str] = []
        for label, value in facts[row::rows]:
            parts += [(fit(label, _LABEL), ".ink--faint"), fit(value, each - _LABEL), "  "]
        lines.append(Content.assemble(*parts[:-1]))
    return Content("\n").join(lines)


def _facts(provider: Provider, now: float) -> list[tuple[str, str]]:
    health = provider.health
    since = figures.seconds_since(health.since, now)
    checked = figures.age_text(figures.seconds_since(provider.health_checked_at, now))
    headers = ", ".join(f"{name}: {value}" for name, value in provider.tech_headers.items())
    facts = [
        ("hostname", provider.hostname),
        ("transport", provider.transport.value),
        ("carrier", provider.carrier),
        ("tags", ", ".join(provider.tags)),
        ("codecs", provider.codecs),
        ("detail", provider.detail),
        ("prefix", provider.tech_prefix),
        ("postfix", provider.tech_postfix),
        ("headers", headers),
        ("probe", _probe(provider)),
        ("since", "" if since is None else f"{health.since}"[:16] + f" UTC ({figures.duration_text(since)})"),
        ("checked", checked if checked in ("now", figures.DASH) else f"{checked} ago"),
        ("RTT last", figures.rtt_text(health.rtt_ms)),
        ("p50, p95", f"{figures.rtt_text(health.rtt_p50_ms)}, {figures.rtt_text(health.rtt_p95_ms)}"),
        ("jitter", figures.rtt_text(health.jitter_ms)),
        ("loss", figures.percent_text(health.loss_pct)),
        ("server", health.server or ""),
        ("targets", f"{health.targets_up} of {health.targets_total} up" if health.targets_total else ""),
        ("revision", f"{provider.revision}, {provider.tm_update[:16]} UTC"),
        ("created", f"{provider.tm_create[:16]} UTC"),
    ]
    return [(label, clean(value) or figures.DASH) for label, value in facts]


def _probe(provider: Provider) -> str:
    probe = provider.probe
    said = [
        f"every {probe.interval_s:g} s" if probe.interval_s is not None else "",
        f"timeout {probe.timeout_s:g} s" if probe.timeout_s is not None else "",
        f"fall {probe.fall}" if probe.fall is not None else "",
        f"rise {probe.rise}" if probe.rise is not None else "",
    ]
    if probe.enabled is False:
        return "off"
    return ", ".join(part for part in said if part) or "as provd is set"


def check_panel(report: CheckReport | None, cells: int, *, checking: bool) -> Content:
    """Write what each target said to 'check now', stage by stage."""
    head = _heading("Check now")
    if checking:
        return Content.assemble(head, ("  under way…", ".ink--key"))
    if report is None:
        return head
    lines = [Content.assemble(head, (f"  {report.health_status}", ".ink--faint"))]
    for target in report.targets:
        lines += _target(target, cells)
    if not report.targets:
        lines.append(Content("No address was found to check."))
    return Content("\n").join(lines)


def _target(target: TargetResult, cells: int) -> list[Content]:
    answered = target.rtt_ms is not None
    condition = Condition.HEALTHY if answered else Condition.UNHEALTHY
    outcome = figures.answer_text(target.code, target.cause)
    if target.reason:
        outcome += f" {clean(target.reason)}"
    stages = target.stages_ms
    timed = (("dns", stages.dns), ("connect", stages.connect), ("tls", stages.tls), ("sip", stages.sip))
    took = "  ".join(f"{name} {figures.rtt_text(ms)}" for name, ms in timed if ms is not None)
    again = f"  sent again {target.retransmits}x" if target.retransmits else ""
    line = Content.assemble(
        (f"{condition.glyph} ", f".{condition.ink}"),
        fit(clean(target.address or "no address"), 24),
        (f" {crop(outcome, 30)}", f".{condition.ink}"),
        (f"  {took}{again}", ".ink--faint"),
    )
    lines = [line, Content(f"  {clean(target.explanation)}")]
    if target.next_step:
        lines.append(Content.assemble(("  → ", ".ink--key"), (clean(target.next_step), ".ink--step")))
    return lines


def events_panel(events: Sequence[LoggedEvent] | None, now: float, cells: int) -> Content:
    """Write past events, newest first, one a line of at most ``cells`` cells."""
    head = _heading("Events")
    if events is None:
        return head
    if not events:
        return Content.assemble(head, ("\nNothing has happened yet.", ".ink--faint"))
    return Content("\n").join([head, *(_event(event, now, cells) for event in events)])


def _event(event: LoggedEvent, now: float, cells: int) -> Content:
    at = fit(figures.clock_text(event.at, now), 12)
    ink, said = _said(event)
    return Content.assemble((at, ".ink--faint"), (crop(clean(said), cells - 12), ink))


_ENDINGS = {
    HealthStatus.HEALTHY: Condition.HEALTHY,
    HealthStatus.UNHEALTHY: Condition.UNHEALTHY,
    HealthStatus.UNKNOWN: Condition.UNKNOWN,
}
_VERBS = {
    EventType.PROVIDER_CREATED: "created",
    EventType.PROVIDER_UPDATED: "changed",
    EventType.PROVIDER_DELETED: "deleted",
}


def _said(event: LoggedEvent) -> tuple[str, str]:
    if event.type is EventType.HEALTH_CHANGED:
        try:
            change = HealthChanged.model_validate(event.data)
        except ValidationError:
            return "", event.type
        condition = _ENDINGS[change.status]
        return f".{condition.ink}", f"{condition.label}: {change.explanation}"
    verb = _VERBS.get(event.type)
    return "", f"{verb} by {event.data.get('by', 'someone')}" if verb else event.type
