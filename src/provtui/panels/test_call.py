"""A test call: its ladder, what became of it, and those before it."""

from collections.abc import Sequence

from textual.content import Content

from provd.schema.test_calls import CallOutcome, CallTest, LadderStep
from provtui import figures
from provtui.panels.parts import heading, hung
from provtui.text import clean

_ARROWS = {"out": ("──▶", ".ink--key"), "in": ("◀──", ".ink--name"), "note": ("   ", ".ink--faint")}
_GOOD = (CallOutcome.ANSWERED, CallOutcome.RINGING, CallOutcome.BUSY)
_SHOWN = 12


def ladder(steps: Sequence[LadderStep]) -> list[Content]:
    """Draw steps, one a line: what provd sent goes to the right."""
    return [
        Content.assemble((f"{step.at_ms:8.0f} ms ", ".ink--faint"), _ARROWS[step.way], f" {clean(step.text)}")
        for step in steps
    ]


def outcome(call: CallTest, cells: int) -> list[Content]:
    """Write what became of a call."""
    mark, ink = ("✓", ".ink--healthy") if call.outcome in _GOOD else ("✗", ".ink--unhealthy")
    code = "" if call.code is None else f", {call.code} {call.reason or ''}".rstrip()
    said = call.outcome.value.replace("_", " ")
    lines = hung((f"{mark} ", ink), f"{said}{code}. {call.cause_text}", cells)
    told = [
        f"PDD {figures.rtt_text(call.pdd_ms)}" if call.pdd_ms is not None else "",
        f"answered after {figures.rtt_text(call.setup_ms)}" if call.setup_ms is not None else "",
        f"talked {call.talk_ms / 1000:.1f} s" if call.talk_ms is not None else "",
        clean(call.codec or ""),
    ]
    known = "  ".join(filter(None, told))
    if known:
        lines.append(Content.styled(f"  {known}", ".ink--step"))
    sound = _sound(call)
    return [*lines, *hung(("  ", ""), sound, cells, ".ink--step")] if sound else lines


def test_call_panel(steps: Sequence[LadderStep], call: CallTest | None, cells: int) -> Content:
    """Draw a call that goes on, or has ended."""
    lines = ladder(steps)
    if call is not None:
        lines += [Content(""), *outcome(call, cells)]
    return Content("\n").join(lines)


def earlier_panel(calls: Sequence[CallTest], about: str, cells: int) -> Content:
    """Write what a test call is, and the last ones, newest first."""
    lines = hung(("", ""), about, cells)
    if calls:
        lines += [Content(""), heading("Before")]
    for call in calls[:_SHOWN]:
        mark, ink = ("✓", ".ink--healthy") if call.outcome in _GOOD else ("✗", ".ink--unhealthy")
        code = "" if call.code is None else f" {call.code}"
        said = f"{call.tm_create[5:16]}  {call.destination}  {call.outcome.value.replace('_', ' ')}{code}"
        lines.append(
            Content.assemble(
                (f"{mark} ", ink), clean(said), (f"  {clean(call.schedule or call.by)}", ".ink--faint")
            )
        )
    return Content("\n").join(lines)


def _sound(call: CallTest) -> str:
    rtp = call.rtp
    if not (rtp.sent or rtp.received or rtp.note):
        return ""
    heard = f"{'no sound' if rtp.audio == 'none' else rtp.audio} came back"
    told = f"{heard}: {rtp.sent} packets sent, {rtp.received} received"
    if rtp.received and rtp.loss_pct is not None and rtp.jitter_ms is not None:
        told += f", {rtp.loss_pct:.1f} % lost, jitter {rtp.jitter_ms:.1f} ms"
    return f"{told}. {clean(rtp.note)}" if rtp.note else told
