"""How a simulated carrier answers. Pure: chance and time are arguments."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """A response to send ``delay_s`` after the request came."""

    delay_s: float
    code: int
    headers: Sequence[tuple[str, str]] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a carrier does with a request.

    It answers ``code`` after ``delay_s`` to ``delay_s + jitter_s``, loses the share ``loss`` of requests,
    and with ``flap_s`` is silent in every second stretch of that many seconds.
    """

    code: int = 200
    delay_s: float = 0.012
    jitter_s: float = 0.010
    loss: float = 0.0
    flap_s: float = 0.0
    silent: bool = False
    headers: Sequence[tuple[str, str]] = ()
    reason: str | None = None

    def answer(self, *, uptime_s: float, chance: float) -> Answer | None:
        """Decide on one request; ``chance`` is uniform in [0, 1). None: no answer."""
        if self.silent or chance < self.loss:
            return None
        if self.flap_s and int(uptime_s / self.flap_s) % 2:
            return None
        share = (chance - self.loss) / (1.0 - self.loss)
        return Answer(self.delay_s + self.jitter_s * share, self.code, self.headers, self.reason)
