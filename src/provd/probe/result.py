"""What one check found."""

from typing import NamedTuple

from provd.probe.target import Target
from provd.schema.health import Cause


class ProbeResult(NamedTuple):
    """The end of one check of one target. ``rtt_ms`` runs from the first send of the request to the answer;
    ``at`` is monotonic."""

    target: Target
    at: float
    cause: Cause
    code: int | None = None
    reason: str | None = None
    server: str | None = None
    rtt_ms: float | None = None
    retransmits: int = 0
    retry_after_s: int | None = None


class Judged(NamedTuple):
    """A result that was taken in; ``wall`` is when, in seconds since 1970."""

    result: ProbeResult
    wall: float
