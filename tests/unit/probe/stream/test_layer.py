"""TLS without sockets: each end's bytes are carried to the other by the test."""

import asyncio
import ssl
from contextlib import suppress
from typing import Any

import pytest

from provd.probe.stream.layer import TlsLayer
from provd.probe.stream.tls import TlsFiles
from tests.fakes.certificates import Authority
from tests.unit.probe.stream.peers import server_context

NAME = "carrier.example"


class Below(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        self.written.append(bytes(data))

    def get_write_buffer_size(self) -> int:
        return 0

    def close(self) -> None:
        self.closed = True

    def take(self) -> bytes:
        taken, self.written = b"".join(self.written), []
        return taken


class Above(asyncio.Protocol):
    def __init__(self) -> None:
        self.transport: asyncio.BaseTransport | None = None
        self.received = b""
        self.ends: list[Exception | None] = []

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport
        transport.write(b"the first request")

    def data_received(self, data: bytes) -> None:
        self.received += data

    def connection_lost(self, exc: Exception | None) -> None:
        self.ends.append(exc)


class Ends:
    """Our end of TLS, and the peer's."""

    def __init__(self, ours: TlsFiles, theirs: ssl.SSLContext) -> None:
        self.above, self.below = Above(), Below()
        self.layer = TlsLayer(ours.context(verify=True), NAME)
        self.layer.carry(self.above)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.peer = theirs.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self.layer.connection_made(self.below)

    def carry(self, piece: int = 65_536) -> None:
        """Carry what we sent to the peer and what it sends to us, in pieces."""
        self._incoming.write(self.below.take())
        with suppress(ssl.SSLWantReadError):
            self.peer.do_handshake()
        data = self._outgoing.read()
        for start in range(0, len(data), piece):
            self.layer.data_received(data[start : start + piece])

    def peer_writes(self, data: bytes) -> None:
        self.peer.write(data)
        self.layer.data_received(self._outgoing.read())

    def peer_reads(self) -> bytes:
        self._incoming.write(self.below.take())
        return self.peer.read(65_536)


@pytest.fixture
async def ends(authority: Authority) -> Ends:
    return Ends(TlsFiles(authority.cert_file), server_context(authority.issue(NAME)))


@pytest.mark.parametrize("piece", [1, 100, 65_536])
async def test_hands_are_shaken_however_the_bytes_come(ends: Ends, piece: int) -> None:
    ends.carry(piece)
    assert ends.layer.shaken.result() is None
    assert ends.above.transport is ends.layer


async def test_the_first_request_goes_out_with_the_last_of_the_handshake(ends: Ends) -> None:
    ends.carry()
    assert len(ends.below.written) == 1
    ends.carry()
    assert ends.peer_reads() == b"the first request"


async def test_what_comes_with_the_end_of_the_handshake_is_read(authority: Authority) -> None:
    context = server_context(authority.issue(NAME))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    ends = Ends(TlsFiles(authority.cert_file), context)
    ends.carry()
    ends._incoming.write(ends.below.take())
    ends.peer.do_handshake()
    ends.peer_writes(b"hello")
    assert ends.above.received == b"hello"


async def test_more_than_a_record_is_read_and_written(ends: Ends) -> None:
    ends.carry()
    ends.carry()
    assert ends.peer_reads() == b"the first request"
    ends.peer_writes(b"x" * 50_000)
    assert ends.above.received == b"x" * 50_000
    ends.layer.write(b"y" * 50_000)
    sent = b""
    while len(sent) < 50_000:
        sent += ends.peer_reads()
    assert sent == b"y" * 50_000


async def test_a_peer_whose_certificate_we_refuse_is_told_why(authority: Authority) -> None:
    ends = Ends(TlsFiles(authority.cert_file), server_context(authority.issue("other.example")))
    ends.carry()
    assert isinstance(ends.layer.shaken.result(), ssl.SSLCertVerificationError)
    assert ends.below.closed
    with pytest.raises(ssl.SSLError, match=r"(?i)alert"):
        ends.carry()
    ends.layer.connection_lost(None)
    assert (ends.above.transport, ends.above.ends) == (None, [])


async def test_closing_tells_the_peer_and_waits_for_nothing(ends: Ends) -> None:
    ends.carry()
    ends.carry()
    ends.layer.close()
    assert ends.below.closed
    assert ends.peer_reads() == b"the first request"
    assert ends.peer_reads() == b""  # which is TLS's own end, not the socket's


async def test_the_peers_end_of_tls_closes_the_connection(ends: Ends) -> None:
    ends.carry()
    ends.carry()
    ends.peer_reads()
    with pytest.raises(ssl.SSLWantReadError):
        ends.peer.unwrap()
    ends.layer.data_received(ends._outgoing.read())
    assert ends.below.closed
    ends.layer.connection_lost(None)
    assert ends.above.ends == [None]


async def test_an_error_of_tls_is_told_rather_than_the_sockets(ends: Ends) -> None:
    ends.carry()
    ends.layer.data_received(b"not a TLS record at all")
    assert ends.below.closed
    ends.layer.connection_lost(ConnectionResetError())
    (error,) = ends.above.ends
    assert isinstance(error, ssl.SSLError)


async def test_a_connection_that_ends_during_the_handshake_has_failed_it(ends: Ends) -> None:
    ends.layer.connection_lost(None)
    assert isinstance(ends.layer.shaken.result(), ConnectionResetError)
    assert ends.above.ends == []


async def test_after_closing_nothing_is_written(ends: Ends) -> None:
    ends.carry()
    ends.layer.close()
    ends.below.take()
    ends.layer.write(b"too late")
    assert ends.below.written == []


async def test_after_the_end_nothing_is_written(ends: Ends) -> None:
    ends.carry()
    ends.layer.connection_lost(None)
    ends.below.take()
    ends.layer.write(b"too late")
    ends.layer.close()
    ends.layer.abort()
    assert ends.below.written == []
    assert ends.layer.is_closing()
