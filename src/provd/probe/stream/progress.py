"""How far an exchange has come, and how it ended."""

from dataclasses import dataclass
from enum import Enum

from provd.probe.address import SocketAddress
from provd.probe.stream.certificate import Certificate
from provd.probe.stream.exchange import Exchange
from provd.probe.stream.failure import Failure
from provd.schema.health import Cause
from provd.sip.message import Response


class Stage(Enum):
    """What is under way; the value says what is missing when time is up."""

    CONNECT = "no TCP connection"
    TLS = "connected, but the TLS handshake did not end"
    SIP = "connected, but no answer"


@dataclass(frozen=True, slots=True)
class StreamOutcome:
    """The end of one exchange. ``at`` is monotonic, times are in ms.

    With cause ``ok``, ``response`` is the final response, or the 1xx when nothing else came in time;
    ``reason`` is None and ``received`` has the response's bytes. Otherwise ``reason`` says in words what
    went wrong and ``received`` has the first 2048 bytes of what came in its place, perhaps none.
    ``rtt_ms`` runs from the writing of the request to the answer. ``connect_ms`` and ``tls_ms`` are None on
    a connection that was open before, which is ``reused``. ``certificate`` is what the peer showed in
    the connection's handshake, or, when it could not be verified, in another one at once. ``sent`` and
    ``local`` are the request and our address; empty and None when it did not come to that.
    """

    cause: Cause
    reason: str | None
    response: Response | None
    at: float
    rtt_ms: float | None
    connect_ms: float | None
    tls_ms: float | None
    certificate: Certificate | None
    sent: bytes
    received: bytes
    reused: bool
    local: SocketAddress | None


class Progress:
    """What is known of an exchange so far; when another connection is opened for it, that begins anew."""

    __slots__ = (
        "_began",
        "certificate",
        "connect_ms",
        "exchange",
        "local",
        "reused",
        "stage",
        "timeout_s",
        "tls_ms",
    )

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self.exchange: Exchange | None = None
        self.begin_connection(0.0)

    def begin_connection(self, now: float) -> None:
        """A connection is going to be opened, or waited for."""
        self._began = now
        self.stage = Stage.CONNECT
        self.reused = False
        self.connect_ms: float | None = None
        self.tls_ms: float | None = None
        self.certificate: Certificate | None = None
        self.local: SocketAddress | None = None

    def connected(self, now: float, local: SocketAddress, *, is_tls: bool) -> None:
        """TCP is connected."""
        self.connect_ms = (now - self._began) * 1000.0
        self._began, self.local = now, local
        self.stage = Stage.TLS if is_tls else Stage.SIP

    def opened(self, now: float, certificate: Certificate | None) -> None:
        """The connection is ready for SIP."""
        if self.stage is Stage.TLS:
            self.tls_ms = (now - self._began) * 1000.0
        self.stage, self.certificate = Stage.SIP, certificate

    def reuse(self, local: SocketAddress, certificate: Certificate | None) -> None:
        """A connection is there already."""
        self.reused, self.local = True, local
        self.stage, self.certificate = Stage.SIP, certificate

    def out_of_time(self) -> Failure:
        """What to say when nothing came in time."""
        exchange = self.exchange
        if self.stage is Stage.SIP and exchange is not None:
            if exchange.garbled is not None:
                return exchange.garbled
            if exchange.received:
                return Failure(Cause.TIMEOUT, f"the answer was not complete within {self.timeout_s:g} s")
        return Failure(Cause.TIMEOUT, f"{self.stage.value} within {self.timeout_s:g} s")

    def outcome(self, failure: Failure | None, at: float) -> StreamOutcome:
        """The end: an answer if there is one, else ``failure``."""
        exchange = self.exchange
        response = None if exchange is None else exchange.response
        if response is not None:
            failure = None
        return StreamOutcome(
            cause=Cause.OK if failure is None else failure.cause,
            reason=None if failure is None else failure.reason,
            response=response,
            at=at,
            rtt_ms=None if exchange is None else exchange.rtt_ms,
            connect_ms=self.connect_ms,
            tls_ms=self.tls_ms,
            certificate=self.certificate,
            sent=b"" if exchange is None or exchange.sent_at is None else exchange.request,
            received=b"" if exchange is None else exchange.received,
            reused=self.reused,
            local=self.local,
        )
