"""From what became of a call to what the API, the events and the audit log have of it."""

import time
from collections.abc import Mapping

from provd.agent.calling.placing import Placed, Rung
from provd.probe.address import address_text
from provd.schema.test_calls import CallOutcome, CallTest, CallTestEnded, LadderStep, RtpReport
from provd.schema.timestamps import NEVER, to_timestamp
from provd.services.test_calls.wording import cause_text
from provd.store.tables import ProviderRow

UNKNOWN = "provd ended during the call: its result is not known."
"""The ``cause_text`` of a call whose end a daemon before did not write: it says nothing of the provider."""


def told(call: CallTest) -> Mapping[str, object]:
    """What the audit log has of a call."""
    told = {"test_call": call.id, "destination": call.destination, "mode": call.mode.value}
    return {**told, "schedule": call.schedule} if call.schedule else told


def step_of(rung: Rung) -> LadderStep:
    """A rung as the API has it."""
    return LadderStep.model_validate({"at_ms": rung.at_ms, "way": rung.way, "text": rung.text})


def result_of(begun: CallTest, placed: Placed) -> CallTest:
    """What became of a call that was begun."""
    sound = placed.sound
    return CallTest(
        **begun.model_dump(include={"id", "provider_id", "provider", "by", "schedule"}),
        destination=begun.destination,
        mode=begun.mode,
        outcome=CallOutcome(placed.end.value),
        code=placed.code,
        reason=placed.reason,
        cause_text=cause_text(placed, begun.mode),
        pdd_ms=placed.pdd_ms,
        setup_ms=placed.setup_ms,
        talk_ms=placed.talk_ms,
        codec=placed.codec,
        address=None if placed.address is None else address_text(placed.address),
        rtp=RtpReport.model_validate(
            {
                "sent": sound.sent,
                "received": sound.received,
                "loss_pct": sound.loss_pct if sound.received else None,
                "jitter_ms": sound.jitter_ms if sound.received else None,
                "first_packet_ms": sound.first_packet_ms,
                "audio": sound.audio,
                "dtmf_sent": sound.digits_sent,
                "dtmf_heard": sound.digits_heard,
                "note": sound.note,
            }
        ),
        ladder=[step_of(each) for each in placed.rungs],
        tm_create=begun.tm_create,
        tm_end=to_timestamp(time.time()),
    )


def event_of(row: ProviderRow, ended: CallTest) -> CallTestEnded:
    """The event that tells of its end."""
    return CallTestEnded(
        provider_id=row.id,
        name=row.name,
        at=ended.tm_end if ended.tm_end != NEVER else ended.tm_create,
        call_id=ended.id,
        by=ended.by,
        schedule=ended.schedule,
        destination=ended.destination,
        outcome=ended.outcome,
        code=ended.code,
        pdd_ms=ended.pdd_ms,
        loss_pct=ended.rtp.loss_pct,
        audio=ended.rtp.audio,
        cause_text=ended.cause_text,
    )
