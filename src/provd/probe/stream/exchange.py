"""One request over a connection, and what came back: a client transaction without retransmission."""

import asyncio

from provd.probe.stream.failure import Failure
from provd.sip.message import Response

GARBAGE_KEPT = 2048
"""How much is kept of bytes that are no answer."""


class Exchange:
    """A request, with ``branch`` in its top Via, and its answer; ``over`` is done when no more can come.

    A response belongs to it by the top Via's branch and the CSeq (RFC 3261 section 17.1.3). Over a reliable
    transport nothing is sent again (section 17.1.2.2).
    """

    __slots__ = (
        "branch",
        "failure",
        "garbled",
        "is_lost",
        "over",
        "received",
        "request",
        "response",
        "rtt_ms",
        "sent_at",
    )

    def __init__(self, branch: bytes, request: bytes) -> None:
        self.branch = branch.decode()
        self.request = request
        self.sent_at: float | None = None
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.response: Response | None = None
        self.received = b""
        self.rtt_ms: float | None = None
        self.garbled: Failure | None = None
        self.failure: Failure | None = None
        self.is_lost = False

    def is_answered_by(self, response: Response) -> bool:
        """Whether it awaits this response, which is not to another request or a proxy's (section 8.1.3.3)."""
        return (
            not self.over.done()
            and len(response.vias) == 1
            and response.top_via.branch == self.branch
            and response.cseq.number == 1
            and response.cseq.method == "OPTIONS"
        )

    def take(self, response: Response, raw: bytes, now: float) -> None:
        """Take a response of ours; of several provisional ones the first counts."""
        is_final = response.code >= 200
        if self.response is not None and not is_final:
            return
        self.response, self.received = response, raw
        if self.sent_at is not None:
            self.rtt_ms = (now - self.sent_at) * 1000.0
        if is_final:
            self.over.set_result(None)

    def note_garbled(self, failure: Failure, raw: bytes) -> None:
        """Keep what may be our answer but can't be read; a better one may follow."""
        if self.response is None and self.garbled is None:
            self.garbled, self.received = failure, raw[:GARBAGE_KEPT]

    def note_unread(self, unread: bytes) -> None:
        """Keep what came of a message that is not complete, when nothing better did."""
        if self.response is None and self.garbled is None:
            self.received = unread[:GARBAGE_KEPT]

    def fail(self, failure: Failure, *, is_lost: bool) -> None:
        """Nothing more will come. ``is_lost`` tells that the connection ended, and nothing else."""
        if self.over.done():
            return
        self.failure = self.garbled or failure
        self.is_lost = is_lost and self.response is None and self.garbled is None
        self.over.set_result(None)
