"""Test calls as text: the ladder, and what became of each."""

from collections.abc import Sequence

from provd.cli.figures import ms, percent, to_second
from provd.cli.output import columns, facts, printable
from provd.schema.test_calls import CallTest, LadderStep

_ARROWS = {"out": "-->", "in": "<--", "note": "   "}


def ladder_line(step: LadderStep) -> str:
    """One step, with when it was: what provd sent goes to the right."""
    return f"{step.at_ms:9.1f} ms  {_ARROWS[step.way]} {printable(step.text)}"


def call_facts(call: CallTest) -> str:
    """What became of a call, one fact a line."""
    code = "" if call.code is None else f", {call.code} {call.reason or ''}".rstrip()
    told = [
        ("outcome", f"{call.outcome.value}{code}"),
        ("", call.cause_text),
        ("post-dial delay", ms(call.pdd_ms)),
        ("until the answer", ms(call.setup_ms)),
        ("talked", ms(call.talk_ms)),
        ("codec", call.codec or "-"),
        ("sound", _sound(call)),
        ("id", call.id),
    ]
    return facts([each for each in told if each[1] != "-"])


def call_table(calls: Sequence[CallTest]) -> str:
    """Calls, one a line."""
    rows = [
        (
            to_second(each.tm_create),
            each.destination,
            each.mode.value,
            each.outcome.value,
            "-" if each.code is None else str(each.code),
            ms(each.pdd_ms),
            each.rtp.audio,
            percent(each.rtp.loss_pct),
            each.schedule or each.by,
            each.id,
        )
        for each in calls
    ]
    header = ("TIME", "NUMBER", "MODE", "OUTCOME", "CODE", "PDD", "SOUND", "LOSS", "BY", "ID")
    return columns(header, rows)


def _sound(call: CallTest) -> str:
    rtp = call.rtp
    if not rtp.sent and not rtp.received and not rtp.note:
        return "-"
    told = [f"{rtp.audio}: {rtp.sent} packets sent, {rtp.received} received"]
    if rtp.received:
        told.append(f"{percent(rtp.loss_pct)} lost, jitter {ms(rtp.jitter_ms)}")
    if rtp.dtmf_sent or rtp.dtmf_heard:
        told.append(f"digits sent {rtp.dtmf_sent or '-'}, heard {rtp.dtmf_heard or '-'}")
    return "; ".join([*told, *([rtp.note] if rtp.note else [])])
