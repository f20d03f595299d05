"""An open connection: messages out of its bytes, each to the exchange that it belongs to; keep-alives."""

import asyncio
import socket
from collections.abc import Callable

from provd.probe.address import SocketAddress
from provd.probe.stream.certificate import Certificate, peer_certificate
from provd.probe.stream.exchange import Exchange
from provd.probe.stream.failure import Failure, closing_failure
from provd.schema.health import Cause
from provd.sip.errors import SipParseError
from provd.sip.framing import PONG, FramingError, MessageFramer
from provd.sip.message import Response
from provd.sip.parser import parse_message

_MOST_UNSENT = 65_536


class Connection(asyncio.Protocol):
    """One connection to a peer, and the exchanges under way on it; ``first`` begins as soon as it is open.

    ``local`` is our address. ``answer`` gives what to send back to a request of the peer, or None; a peer
    that does not read what we send gets no more answers. ``on_stray`` is told of each response that is none
    of ours, ``on_lost`` of the connection's end. ``has_certificate`` tells whether we had one to show in the
    TLS handshake.
    """

    def __init__(
        self,
        local: SocketAddress,
        first: Exchange,
        *,
        answer: Callable[[bytes], bytes | None],
        on_stray: Callable[[], None],
        on_lost: Callable[["Connection"], None],
        clock: Callable[[], float],
        has_certificate: bool,
    ) -> None:
        self.certificate: Certificate | None = None
        self.local = local
        self.opened_at = 0.0
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.first = first
        self._answer = answer
        self._on_stray = on_stray
        self._on_lost = on_lost
        self._clock = clock
        self._has_certificate = has_certificate
        self._transport: asyncio.Transport | None = None
        self._framer = MessageFramer()
        self._exchanges: dict[str, Exchange] = {}
        self._retired = False
        self._failure: Failure | None = None

    @property
    def is_open(self) -> bool:
        """Whether neither side has closed it."""
        return self._failure is None

    @property
    def is_usable(self) -> bool:
        """Whether another exchange may begin on it."""
        return self._failure is None and not self._retired

    def begin(self, exchange: Exchange, *, lost_after_s: float | None = None) -> None:
        """Send its request. If the connection has ended, so has the exchange.

        After ``lost_after_s`` without an acknowledgement by the peer's TCP the connection counts as lost.
        """
        if self._transport is None or self._failure is not None:
            exchange.fail(self._failure or _closed_here(), is_lost=True)
            return
        if lost_after_s is not None:
            connected = self._transport.get_extra_info("socket")
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(lost_after_s * 1000))
        self._exchanges[exchange.branch] = exchange
        exchange.sent_at = self._clock()
        self._transport.write(exchange.request)

    def end(self, exchange: Exchange) -> None:
        """Await no answer to it any more."""
        self._exchanges.pop(exchange.branch, None)
        exchange.note_unread(self._framer.unread)
        if self._retired and not self._exchanges:
            self.close()

    def retire(self) -> None:
        """Begin no exchange any more, and close when those under way have ended."""
        self._retired = True
        if not self._exchanges:
            self.close()

    def close(self) -> None:
        """Close; exchanges under way end without an answer. ``lost`` is done when that is done."""
        if self._failure is None:
            self._fail(_closed_here(), is_lost=False)
            self._hang_up()

    # what asyncio calls

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The connection is open.

        The request goes out with the last of our TLS handshake. Later, a peer that refuses this handshake
        may have reset the connection, and the alert that says why would be lost with the failing write.
        """
        self._transport = transport
        self.opened_at = self._clock()
        self.certificate = peer_certificate(transport)
        self.begin(self.first)

    def data_received(self, data: bytes) -> None:
        """Bytes came: any bytes, in any pieces."""
        if self._failure is not None:
            return
        self._framer.feed(data)
        try:
            for message in self._framer:
                self._receive(message)
        except FramingError as error:
            self._fail(Failure(Cause.PROTOCOL, error.reason), is_lost=False)
            self._hang_up()
        else:
            pings = self._framer.take_pings()
            if pings:
                self._send(PONG * pings)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended, from whichever side."""
        self._transport = None
        if self._failure is None:
            unread = bool(self._framer.unread)
            failure = closing_failure(exc, mid_message=unread, has_certificate=self._has_certificate)
            self._fail(failure, is_lost=True)
        if not self.lost.done():
            self.lost.set_result(None)
        self._on_lost(self)

    def _receive(self, message: bytes) -> None:
        if message[:4].upper() == b"SIP/":
            self._receive_response(message)
        else:
            answer = self._answer(message)
            if answer is not None:
                self._send(answer)

    def _receive_response(self, raw: bytes) -> None:
        now = self._clock()
        try:
            response = parse_message(raw)
        except SipParseError as error:
            self._on_stray()
            for exchange in self._exchanges.values():
                exchange.note_garbled(Failure(Cause.PROTOCOL, error.reason), raw)
            return
        begun = self._exchanges.get(response.top_via.branch or "")
        if begun is not None and isinstance(response, Response) and begun.is_answered_by(response):
            begun.take(response, raw, now)
        else:
            self._on_stray()

    def _send(self, data: bytes) -> None:
        if self._transport is None or self._failure is not None:
            return
        if self._transport.get_write_buffer_size() <= _MOST_UNSENT:
            self._transport.write(data)

    def _hang_up(self) -> None:
        if self._transport is None:
            return
        if self._transport.get_write_buffer_size():
            self._transport.abort()  # the peer takes nothing: what is unsent would keep the socket open
        else:
            self._transport.close()

    def _fail(self, failure: Failure, *, is_lost: bool) -> None:
        self._failure = failure
        for exchange in self._exchanges.values():
            exchange.fail(failure, is_lost=is_lost)
        self._exchanges.clear()


def _closed_here() -> Failure:
    return Failure(Cause.LOCAL, "the connection was closed from here")
