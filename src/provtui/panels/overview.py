"""The parts of the overview as text: bars of the last checks, facts, what a check now said."""

from statistics import median

from textual.content import Content

from provd.schema.health import RECENT_RESULTS, Cause, CheckReport, TargetResult
from provd.schema.probe import ProbeOverrides
from provd.schema.provider import Provider
from provtui import figures
from provtui.condition import Condition
from provtui.panels.parts import certificate_text, heading, runs, said_of_target, stages_text, step
from provtui.recent import recent_figures
from provtui.sparkline import bars
from provtui.text import clean, crop, fit

_LABEL = 10
_AXIS = 8
_BAR_ROWS = 3


def strip_panel(provider: Provider, cells: int) -> Content:
    """Draw the last checks as bars over an axis from nothing to twice the median, in ``cells`` cells."""
    recent = provider.health.recent
    answered = [rtt for rtt in recent if rtt is not None]
    lost = len(recent) - len(answered)
    said = f"  {len(answered)} answered, {lost} not" if recent else "  none yet"
    head = Content.assemble(
        heading(f"Last {len(recent)} checks" if recent else "Checks"), (said, ".ink--faint")
    )
    if not recent:
        return head
    bar = max(1, min(3, (cells - _AXIS) // RECENT_RESULTS - 1))
    top = figures.rtt_text(2 * median(answered)) if answered else ""
    marks = [f"{top:>{_AXIS - 2}}┤", " " * (_AXIS - 2) + "│", f"{'0':>{_AXIS - 2}}┤"]
    lines = [
        Content.assemble((mark + " ", ".ink--faint"), runs(drawn))
        for mark, drawn in zip(marks, bars(recent, rows=_BAR_ROWS, bar=bar), strict=True)
    ]
    return Content("\n").join([head, *lines])


def facts_panel(provider: Provider, now: float, cells: int, *, columns: int) -> Content:
    """Write the facts in ``columns`` columns that together take ``cells`` cells."""
    facts = _facts(provider, now)
    each = (cells - 2 * (columns - 1)) // columns
    rows = -(-len(facts) // columns)
    lines = [heading("Facts")]
    for row in range(rows):
        parts: list[tuple[str, str] | str] = []
        for label, value in facts[row::rows]:
            parts += [(fit(label, _LABEL), ".ink--faint"), fit(value, each - _LABEL), "  "]
        lines.append(Content.assemble(*parts[:-1]))
    return Content("\n").join(lines)


def _facts(provider: Provider, now: float) -> list[tuple[str, str]]:
    health = provider.health
    over = recent_figures(health)
    since = figures.seconds_since(health.since, now)
    checked = figures.age_text(figures.seconds_since(provider.health_checked_at, now))
    headers = ", ".join(f"{name}: {value}" for name, value in provider.tech_headers.items())
    days = health.tls_days_left
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
        ("probe", _probe(provider.probe)),
        ("since", "" if since is None else f"{health.since}"[:16] + f" UTC ({figures.duration_text(since)})"),
        ("checked", checked if checked in ("now", figures.DASH) else f"{checked} ago"),
        ("RTT last", figures.rtt_text(health.rtt_ms)),
        ("p50, p95", f"{figures.rtt_text(over.rtt_p50_ms)}, {figures.rtt_text(over.rtt_p95_ms)}"),
        ("jitter", figures.rtt_text(over.jitter_ms)),
        ("loss", figures.percent_text(health.loss_pct)),
        ("available", _availability(provider)),
        ("server", health.server or ""),
        ("targets", f"{health.targets_up} of {health.targets_total} up" if health.targets_total else ""),
        ("cert", "" if days is None else figures.days_left_text(days)),
        ("revision", f"{provider.revision}, {provider.tm_update[:16]} UTC"),
        ("created", f"{provider.tm_create[:16]} UTC"),
    ]
    return [(label, clean(value) or figures.DASH) for label, value in facts]


def _availability(provider: Provider) -> str:
    share = provider.health.availability_24h_pct
    return "" if share is None else f"{figures.availability_text(share)} of 24 h"


def _probe(probe: ProbeOverrides) -> str:
    if probe.enabled is False:
        return "off"
    known = ("interval_s", "timeout_s")
    said = [
        f"every {probe.interval_s:g} s" if probe.interval_s is not None else "",
        f"timeout {probe.timeout_s:g} s" if probe.timeout_s is not None else "",
        *(
            f"{name.replace('_', ' ')} {_value(value)}"
            for name, value in probe.model_dump(mode="json").items()
            if name not in known
        ),
    ]
    return ", ".join(part for part in said if part) or "as provd is set"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(value) if isinstance(value, dict) else str(value)


def check_panel(report: CheckReport | None, cells: int, *, checking: bool) -> Content:
    """Write what each target said to 'check now', stage by stage."""
    head = heading("Check now")
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
    condition = Condition.HEALTHY if target.cause is Cause.OK else Condition.UNHEALTHY
    outcome = figures.answer_text(target.code, target.cause)
    if target.reason:
        outcome += f" {clean(target.reason)}"
    took = stages_text(target.stages_ms)
    again = f"  sent again {target.retransmits}x" if target.retransmits else ""
    line = Content.assemble(
        (f"{condition.glyph} ", f".{condition.ink}"),
        fit(clean(target.address or "no address"), 24),
        (f" {crop(outcome, 30)}", f".{condition.ink}"),
        (f"  {took}{again}", ".ink--faint"),
    )
    lines = [line, *said_of_target(target.explanation, cells)]
    if target.certificate is not None:
        lines.append(Content.styled(f"  {certificate_text(target.certificate)}", ".ink--faint"))
    if target.next_step:
        lines += step(target.next_step, cells)
    return lines
