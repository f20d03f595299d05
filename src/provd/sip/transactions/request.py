"""The client transaction of any other request: BYE, CANCEL, PRACK (RFC 3261 section 17.1.2)."""

from provd.sip.message import Request, Response
from provd.sip.transactions.timers import LONGEST, T1, T2, T4

_NEVER = float("inf")


class RequestClient:
    """``answer`` is the final response once it is there; ``timed_out`` that there was none within 64*T1."""

    def __init__(self, request: Request, now: float, *, reliable: bool) -> None:
        self.request = request
        self.answer: Response | None = None
        self.timed_out = False
        self._reliable = reliable
        self._data = request.to_bytes()
        self._interval = T1
        self._again_at = _NEVER if reliable else now + T1
        self._over_at = now + LONGEST
        self._proceeding = False

    @property
    def data(self) -> bytes:
        """What is to be sent at the beginning."""
        return self._data

    @property
    def is_over(self) -> bool:
        """Whether it was answered, or waited long enough."""
        return self.answer is not None or self.timed_out

    @property
    def next_at(self) -> float:
        """When ``tick`` has something to do; infinity for never."""
        return min(self._again_at, self._over_at)

    def takes(self, response: Response) -> bool:
        """Whether a response is of this transaction (section 17.1.3)."""
        return (
            response.cseq.method == self.request.method
            and len(response.vias) == 1
            and response.top_via.branch == self.request.top_via.branch
        )

    def receive(self, response: Response, now: float) -> bool:
        """Take a response in: whether it is the first final one. Later ones are absorbed (timer K)."""
        if self.is_over:
            return False
        if response.code < 200:
            self._proceeding = True
            return False
        self.answer = response
        self._again_at, self._over_at = _NEVER, now + (0.0 if self._reliable else T4)
        return True

    def tick(self, now: float) -> bytes | None:
        """Let time have its effect: what is to be sent again."""
        if now >= self._over_at:
            self.timed_out = self.answer is None
            self._again_at = self._over_at = _NEVER
            return None
        if now < self._again_at:
            return None
        self._interval = T2 if self._proceeding else min(self._interval * 2, T2)
        self._again_at = now + self._interval
        return self._data
