"""What one check found."""

from typing import NamedTuple

from provd.probe.stream.progress import StreamOutcome
from provd.probe.target import Answer, Target
from provd.schema.health import Cause


class ProbeResult(NamedTuple):
    """The end of one check of one target. ``rtt_ms`` runs from the first send of the request to the answer;
    ``at`` is monotonic. ``reason`` says in words why there is no answer. ``branch`` and ``received`` are
    what is needed to show the exchange, ``stream`` is there when it went over TCP or TLS."""

    target: Target
    at: float
    cause: Cause
    answer: Answer | None = None
    reason: str | None = None
    rtt_ms: float | None = None
    retransmits: int = 0
    retry_after_s: int | None = None
    branch: bytes | None = None
    received: bytes = b""
    stream: StreamOutcome | None = None

    @property
    def code(self) -> int | None:
        """The SIP status code of the answer."""
        return None if self.answer is None else self.answer.code

    @property
    def reason_phrase(self) -> str | None:
        """The SIP reason phrase of the answer."""
        return None if self.answer is None else self.answer.reason


Repeat = tuple[Target, float, float, bytes, bytes]
"""The end of a check with the answer that the target gave before, ``target.answer``: the target, ``at``,
``rtt_ms``, ``branch`` and ``received``."""


def result_of(repeat: Repeat) -> ProbeResult:
    """The same as a result."""
    target, at, rtt_ms, branch, received = repeat
    return ProbeResult(
        target,
        at,
        Cause.OK,
        target.answer,
        rtt_ms=rtt_ms,
        retransmits=target.retransmits,
        branch=branch,
        received=received,
    )


class Judged(NamedTuple):
    """A result that was taken in; ``wall`` is when, in seconds since 1970."""

    result: ProbeResult
    wall: float
