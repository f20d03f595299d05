"""HTTP/1.1 on the Unix socket: uvicorn's protocol with the peer's credentials and bounds on slow requests.

This rests on parts of uvicorn that are not public, so uvicorn is pinned exactly.
"""

import asyncio
import fcntl
import struct
import termios
import uuid
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from provd.api.access import peer_of
from provd.api.edge import FOLLOWED, STREAMED
from provd.schema.errors import ErrorBody, ErrorEnvelope, ErrorStatus


class BoundedProtocol(HttpToolsProtocol):
    """A connection. A request must come within ``request_timeout_s``, and of an answer something must be
    taken within ``answer_timeout_s``: what is not read is in our memory."""

    request_timeout_s: ClassVar[float] = 30.0
    answer_timeout_s: ClassVar[float] = 120.0
    last_request_within_s: ClassVar[float] = 0.1
    _stopping: bool = False
    _body_came: bool = False
    _give_up: asyncio.TimerHandle | None = None
    _cut_off: asyncio.TimerHandle | None = None
    _untaken: int = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait_for_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        self._stop_watching_reader()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A request begins: all of it must come within the time."""
        super().on_message_begin()
        if self._give_up is None:
            self._wait_for_request()

    def on_message_complete(self) -> None:
        """The whole request is here."""
        self._stop_waiting()
        super().on_message_complete()

    def on_headers_complete(self) -> None:
        """A request is served from here on."""
        super().on_headers_complete()
        if self._stopping:
            self.cycle.keep_alive = False

    def shutdown(self) -> None:
        """Finish, as the daemon stops: requests that were begun, or lie unread, are answered.

        So is the first of a new connection, if it comes within ``last_request_within_s``.
        """
        self._stopping = True
        if not self._serves() and (self._give_up is not None or self._unread()):
            self.loop.call_later(self.last_request_within_s, self._close_unless_it_serves)
        else:
            super().shutdown()

    def pause_writing(self) -> None:
        """The peer takes its answer more slowly than it is made."""
        super().pause_writing()
        if self.cycle is None or self.cycle.scope["path"] not in FOLLOWED:
            self._watch_reader()

    def resume_writing(self) -> None:
        """The peer has taken what was there."""
        self._stop_watching_reader()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP with the error envelope, and close."""
        request_id = uuid.uuid4().hex
        body = ErrorEnvelope(
            error=ErrorBody(
                status=ErrorStatus.INVALID_ARGUMENT,
                reason="NOT_HTTP",
                message="what came is not an HTTP/1.1 request: use curl --unix-socket, or provctl",
                request_id=request_id,
            )
        )
        content = body.model_dump_json().encode()
        self.transport.write(
            b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nconnection: close\r\n"
            + f"x-request-id: {request_id}\r\ncontent-length: {len(content)}\r\n\r\n".encode()
            + content
        )
        self.transport.close()

    def on_body(self, body: bytes) -> None:
        """A part of the request's body is here."""
        self._body_came = True
        super().on_body(body)

    def _serves(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _close_unless_it_serves(self) -> None:
        if not self._serves():
            self.transport.close()

    def _unread(self) -> bool:
        """Whether the peer has sent what we have not read yet."""
        if self.transport.is_closing():
            return False
        waiting = fcntl.ioctl(self.transport.get_extra_info("socket").fileno(), termios.FIONREAD, bytes(4))
        return bool(struct.unpack("i", waiting)[0])

    def _wait_for_request(self) -> None:
        self._body_came = False
        self._give_up = self.loop.call_later(self.request_timeout_s, self._out_of_time)

    def _out_of_time(self) -> None:
        # a long body that is taken in as it comes may take as long as it goes on
        if self.flow.read_paused or (self._body_came and self.scope["path"] in STREAMED):
            self._wait_for_request()
        else:
            self.transport.close()

    def _stop_waiting(self) -> None:
        if self._give_up is not None:
            self._give_up.cancel()
            self._give_up = None

    def _watch_reader(self) -> None:
        self._untaken = self.transport.get_write_buffer_size()
        self._cut_off = self.loop.call_later(self.answer_timeout_s, self._cut_off_unless_it_reads)

    def _cut_off_unless_it_reads(self) -> None:
        if self.transport.get_write_buffer_size() < self._untaken:
            self._watch_reader()
        else:
            self.transport.abort()

    def _stop_watching_reader(self) -> None:
        if self._cut_off is not None:
            self._cut_off.cancel()
            self._cut_off = None


class PeerProtocol(BoundedProtocol):
    """A connection on a Unix socket. ``scope["state"]["peer"]`` is who the kernel says is calling."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Ask the kernel who it is, and begin to wait for a request."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "peer": peer_of(transport.get_extra_info("socket"))}
