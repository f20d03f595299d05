"""A provider's targets as text: each address that its name leads to, and how it does."""

from textual.content import Content

from provd.schema.health import Cause
from provd.schema.history import ProviderHealth, TargetHealth
from provtui import figures
from provtui.condition import OF_STATUS
from provtui.panels.parts import certificate_text, heading, runs, said_of_target, stages_text, step
from provtui.reading import Reading
from provtui.sparkline import spark
from provtui.text import clean, crop

_CHECK_CELLS = 60
_INDENT = "  "


def targets_panel(reading: Reading[ProviderHealth], now: float, cells: int) -> Content:
    """Write each target in a few lines of at most ``cells`` cells, in the order of the daemon."""
    report, notice = reading.value, reading.notice
    if report is None:
        return notice
    up = sum(target.status == "healthy" for target in report.targets)
    said = f"  {up} of {len(report.targets)} up" if report.targets else ""
    lines = [Content.assemble(heading("Targets"), (said, ".ink--faint"))]
    if notice:
        lines.append(notice)
    if report.health.dns_problem is not None:
        failing = f"! Looking its name up fails: {clean(report.health.dns_problem)}."
        lines.append(Content.styled(failing, ".ink--suspect"))
    if not report.targets:
        lines.append(
            Content.styled("Its name leads to no address yet, so nothing is checked.", ".ink--faint")
        )
    for target in report.targets:
        lines += [Content(""), *_target(target, now, cells)]
    return Content("\n").join(lines)


def _target(target: TargetHealth, now: float, cells: int) -> list[Content]:
    condition = OF_STATUS[target.status]
    outcome = figures.answer_text(target.code, target.cause)
    if target.reason:
        outcome += f" {clean(target.reason)}"
    if target.code is not None and target.cause not in (None, Cause.OK):
        outcome += f", {figures.CAUSE_WORDS[target.cause]}"
    age = figures.age_text(figures.seconds_since(target.checked_at, now))
    checked = {figures.DASH: "not checked yet", "now": "checked just now"}.get(age, f"checked {age} ago")
    lines = [
        Content.assemble(
            (condition.label, f".{condition.ink}"),
            "  ",
            (clean(target.address), ".ink--name"),
            (f"  {target.transport}  ", ".ink--faint"),
            crop(outcome, 32),
            (f"  {checked}", ".ink--faint"),
        )
    ]
    if target.priority is not None:
        named = f"SRV {clean(target.name or '')}, priority {target.priority}, weight {target.weight}"
        lines.append(_faint(crop(named, cells - len(_INDENT))))
    if target.explanation and target.cause is not Cause.OK:
        lines += said_of_target(target.explanation, cells)
    if target.next_step:
        lines += step(target.next_step, cells)
    lines.append(_figures(target))
    if stages := stages_text(target.stages_ms):
        lines.append(_faint(f"took  {stages}"))
    if target.certificate is not None:
        lines.append(_faint(certificate_text(target.certificate)))
    if target.server:
        lines.append(_faint(crop(f"server {clean(target.server)}", cells - len(_INDENT))))
    if target.samples:
        recent = [sample.rtt_ms for sample in target.samples]
        drawn = spark(recent, min(len(recent), _CHECK_CELLS, cells - 24))
        said = f"  last {len(recent)} checks"
        lines.append(Content.assemble(_INDENT, runs(drawn), (said, ".ink--faint")))
    return lines


def _figures(target: TargetHealth) -> Content:
    rtt = f"RTT {figures.rtt_text(target.rtt_ms)}"
    over = f"p50 {figures.rtt_text(target.rtt_p50_ms)}  p95 {figures.rtt_text(target.rtt_p95_ms)}"
    loss = f"jitter {figures.rtt_text(target.jitter_ms)}  loss {figures.percent_text(target.loss_pct)}"
    return Content(f"{_INDENT}{rtt}  {over}  {loss}")


def _faint(text: str) -> Content:
    return Content.styled(_INDENT + text, ".ink--faint")
