"""Traces: the SIP of checks, as it was sent and received."""

from pydantic import Field

from provd.schema.health import Cause
from provd.schema.model import Model
from provd.schema.provider import Transport
from provd.schema.timestamps import Timestamp


class TracedExchange(Model):
    """One check's exchange. The values of the provider's ``tech_headers`` read ``***``; bytes that are no
    text are written as ``\\xNN``."""

    provider_id: str
    at: Timestamp
    target: str | None = Field(description="address:port that was checked; null when the name led nowhere")
    transport: Transport
    cause: Cause
    code: int | None = None
    rtt_ms: float | None = None
    retransmits: int = 0
    sent: str = Field(description="the request; empty when none could be sent")
    received: str = Field(description="the answer; empty when none came")


class Trace(Model):
    """The latest exchanges that are kept, newest first; one that changed the status is kept always."""

    result: list[TracedExchange]
