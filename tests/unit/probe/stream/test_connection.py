"""A connection with a transport that the test holds in its hand."""

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from provd.probe.stream.connection import Connection
from provd.probe.stream.exchange import Exchange
from provd.schema.health import Cause

REQUEST = b"ANY sip:a SIP/2.0\r\nl: 0\r\n\r\n"
RESPONSE = b"SIP/2.0 200 OK\r\nl: 0\r\n\r\n"


class FakeTransport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.unsent = 0
        self.ended: list[str] = []

    def write(self, data: Any) -> None:
        self.written.append(bytes(data))

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def close(self) -> None:
        self.ended.append("close")

    def abort(self) -> None:
        self.ended.append("abort")


def opened(requests: list[bytes] | None = None) -> tuple[Connection, FakeTransport]:
    asked = [] if requests is None else requests

    def answer(request: bytes) -> bytes:
        asked.append(request)
        return b"answer to " + request[:3]

    connection = Connection(
        ("192.0.2.1", 5060),
        Exchange(b"z9hG4bK1", b"OPTIONS"),
        answer=answer,
        on_stray=lambda: None,
        on_lost=lambda _: None,
        clock=lambda: 0.0,
        has_certificate=False,
    )
    transport = FakeTransport()
    connection.connection_made(transport)
    return connection, transport


async def test_the_first_request_goes_out_as_soon_as_the_connection_is_open() -> None:
    _, transport = opened()
    assert transport.written == [b"OPTIONS"]


async def test_a_peer_that_reads_nothing_gets_no_more_answers() -> None:
    connection, transport = opened()
    connection.data_received(REQUEST)
    transport.unsent = 100_000
    connection.data_received(REQUEST + b"\r\n\r\n")
    assert transport.written == [b"OPTIONS", b"answer to ANY"]


async def test_bytes_after_the_end_are_not_read() -> None:
    requests: list[bytes] = []
    connection, transport = opened(requests)
    connection.close()
    connection.data_received(REQUEST)
    assert requests == []
    assert transport.written == [b"OPTIONS"]
    assert transport.ended == ["close"]


async def test_a_connection_whose_peer_takes_nothing_is_closed_without_waiting() -> None:
    connection, transport = opened()
    transport.unsent = 1
    connection.close()
    assert transport.ended == ["abort"]


async def test_an_exchange_on_a_connection_that_has_ended_is_over_at_once() -> None:
    connection, transport = opened()
    connection.connection_lost(None)
    late = Exchange(b"z9hG4bK2", b"another")
    connection.begin(late)
    for exchange in (connection.first, late):
        assert exchange.over.done()
        assert exchange.is_lost
        assert exchange.failure is not None
        assert exchange.failure.cause is Cause.REFUSED
    assert late.sent_at is None
    assert transport.written == [b"OPTIONS"]


async def test_what_goes_wrong_here_is_not_the_peers_fault() -> None:
    connection, _ = opened()
    connection.connection_lost(RuntimeError("a bug"))
    assert connection.first.failure is not None
    assert connection.first.failure.cause is Cause.LOCAL


@given(st.lists(st.binary(max_size=40) | st.sampled_from([REQUEST, RESPONSE, b"\r\n\r\n", b"SIP/2.0 "])))
@settings(deadline=None, database=None, max_examples=200)
def test_no_bytes_do_more_than_end_the_exchange(pieces: list[bytes]) -> None:
    async def receive() -> None:
        connection, _ = opened()
        for piece in pieces:
            connection.data_received(piece)
        connection.connection_lost(None)
        assert connection.first.over.done()
        assert connection.first.response is None
        assert connection.first.failure is not None
        assert connection.first.failure.cause in (Cause.PROTOCOL, Cause.REFUSED)
        assert len(connection.first.received) <= 2048

    asyncio.run(receive())
