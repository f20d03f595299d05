"""The client transaction of an INVITE (RFC 3261 section 17.1.1, RFC 6026 section 7.2)."""

from enum import Enum

from provd.sip.headers import Headers
from provd.sip.message import Request, Response
from provd.sip.transactions.timers import LONGEST, T1

_NEVER = float("inf")


class InviteState(Enum):
    """How far it is."""

    CALLING = "calling"
    PROCEEDING = "proceeding"
    ACCEPTED = "accepted"
    COMPLETED = "completed"
    TERMINATED = "terminated"


class InviteClient:
    """``reliable``: over TCP or TLS, where nothing is sent again. Times are seconds that only go forward."""

    def __init__(self, request: Request, now: float, *, reliable: bool) -> None:
        self.request = request
        self.state = InviteState.CALLING
        self.timed_out = False
        self._reliable = reliable
        self._data = request.to_bytes()
        self._interval = T1
        self._again_at = _NEVER if reliable else now + T1
        self._over_at = now + LONGEST
        self._ack = b""

    @property
    def data(self) -> bytes:
        """What is to be sent at the beginning."""
        return self._data

    @property
    def next_at(self) -> float:
        """When ``tick`` has something to do; infinity for never."""
        return min(self._again_at, self._over_at)

    def takes(self, response: Response) -> bool:
        """Whether a response is of this transaction (section 17.1.3)."""
        return (
            response.cseq.method == "INVITE"
            and len(response.vias) == 1
            and response.top_via.branch == self.request.top_via.branch
        )

    def receive(self, response: Response, now: float) -> tuple[bytes | None, bool]:
        """Take a response in: what is to be sent, and whether its user is to see it."""
        if self.state is InviteState.TERMINATED:
            return None, False
        if self.state is InviteState.COMPLETED:
            return (self._ack if response.code >= 300 else None), False
        if self.state is InviteState.ACCEPTED:
            return None, 200 <= response.code < 300
        self._again_at = _NEVER
        if response.code < 200:
            self.state, self._over_at = InviteState.PROCEEDING, _NEVER
            return None, True
        if response.code < 300:
            self.state, self._over_at = InviteState.ACCEPTED, now + LONGEST
            return None, True
        self.state, self._over_at = InviteState.COMPLETED, now + (0.0 if self._reliable else LONGEST)
        self._ack = self._acknowledgement(response).to_bytes()
        return self._ack, True

    def tick(self, now: float) -> bytes | None:
        """Let time have its effect: what is to be sent again. ``timed_out`` tells that nobody answered."""
        if now >= self._over_at:
            self.timed_out = self.state is InviteState.CALLING
            self.state, self._again_at, self._over_at = InviteState.TERMINATED, _NEVER, _NEVER
            return None
        if now < self._again_at:
            return None
        self._interval *= 2
        self._again_at = now + self._interval
        return self._data

    def _acknowledgement(self, response: Response) -> Request:
        """The ACK of a refusal (section 17.1.1.3)."""
        sent = self.request
        return Request(
            "ACK",
            sent.uri,
            Headers(
                [
                    ("Via", sent.required("Via")),
                    ("Max-Forwards", "70"),
                    *(("Route", each) for each in sent.headers.get_all("Route")),
                    ("From", sent.required("From")),
                    ("To", response.required("To")),
                    ("Call-ID", sent.call_id),
                    ("CSeq", f"{sent.cseq.number} ACK"),
                    ("Content-Length", "0"),
                ]
            ),
        )
