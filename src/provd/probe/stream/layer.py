"""TLS between a socket's transport and a protocol, as a client.

``asyncio`` has such a layer too; it keeps a buffer of 256 KiB for each connection, does not tell the peer
why a handshake failed, and waits for the peer when a connection is closed.
"""

import asyncio
import ssl
from contextlib import suppress
from typing import Any

_LARGEST_RECORD = 16_384  # RFC 8446 section 5.1


class TlsLayer(asyncio.Protocol, asyncio.Transport):
    """A protocol to the transport below it, and a transport to the protocol above.

    ``shaken`` is done when the handshake has ended: with None, or with what went wrong. Only when it went
    well is the protocol above told of a connection; what it writes at once goes out with the last of the
    handshake. Making one raises ValueError for a server name that TLS can't ask for, and OSError when the
    system has no room for it.
    """

    def __init__(self, context: ssl.SSLContext, server_name: str) -> None:
        super().__init__()
        self.shaken: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._session = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
        self._above = asyncio.Protocol()
        self._below: asyncio.Transport | None = None
        self._is_open = False
        self._error: Exception | None = None

    def carry(self, above: asyncio.Protocol) -> None:
        """Set the protocol above, before there is a connection."""
        self._above = above

    # the protocol that the transport below sees

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """TCP is connected: begin the handshake."""
        self._below = transport
        self._advance()

    def data_received(self, data: bytes) -> None:
        """Take what the peer sent."""
        self._incoming.write(data)
        self._advance()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended; an error that TLS had told comes before the socket's."""
        self._below = None
        error = self._error or exc
        if self._is_open:
            self._is_open = False
            self._above.connection_lost(error)
        self._end_handshake(error or ConnectionResetError())

    # the transport that the protocol above sees

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send; without a connection the data is dropped."""
        if self._below is None or not self._is_open:
            return
        unsent = memoryview(data)
        try:
            while unsent:
                unsent = unsent[self._session.write(unsent) :]
        except ssl.SSLError as error:
            self._fail(error)
        self._flush()

    def get_write_buffer_size(self) -> int:
        """How many bytes, as TLS wraps them, wait for the peer to take them."""
        return 0 if self._below is None else self._below.get_write_buffer_size()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """As any transport, and the ``ssl_object``."""
        if name == "ssl_object":
            return self._session
        return default if self._below is None else self._below.get_extra_info(name, default)

    def close(self) -> None:
        """Tell the peer and close, once all is sent; it need not answer (RFC 8446 section 6.1)."""
        if self._below is None:
            return
        if self._is_open and self._error is None:
            with suppress(ssl.SSLError):  # it would wait for the peer's own farewell
                self._session.unwrap()
        self._flush()
        self._below.close()

    def abort(self) -> None:
        """Close at once."""
        if self._below is not None:
            self._below.abort()

    def is_closing(self) -> bool:
        """Whether there is no connection, or it is being closed."""
        return self._below is None or self._below.is_closing()

    # TLS itself

    def _advance(self) -> None:
        try:
            if not self._is_open:
                self._session.do_handshake()
                self._is_open = True
                self._above.connection_made(self)
                self._end_handshake(None)
            while data := self._session.read(_LARGEST_RECORD):
                self._above.data_received(data)
            self.close()  # the peer said that it sends no more
        except ssl.SSLWantReadError:
            self._flush()
        except ssl.SSLError as error:
            self._fail(error)

    def _fail(self, error: ssl.SSLError) -> None:
        self._error = error
        self._end_handshake(error)
        self.close()

    def _flush(self) -> None:
        data = self._outgoing.read()
        if data and self._below is not None:
            self._below.write(data)

    def _end_handshake(self, error: Exception | None) -> None:
        if not self.shaken.done():
            self.shaken.set_result(error)
