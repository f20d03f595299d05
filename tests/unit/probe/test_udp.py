"""The UDP sockets: when a datagram came, and who is told of it. Over loopback."""

import asyncio
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from provd.probe.address import SocketAddress
from provd.probe.endpoints import Endpoints
from provd.probe.udp import UdpEndpoint

WAITED_S = 0.2


class Heard:
    """Takes what comes: the data, and how long ago it came when it was taken in."""

    def __init__(self) -> None:
        self.data: list[bytes] = []
        self.ages_s: list[float] = []

    def take(self, data: bytes, _source: SocketAddress, at: float, _endpoint: UdpEndpoint) -> None:
        self.data.append(data)
        self.ages_s.append(time.monotonic() - at)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def peer() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        yield made


@pytest.fixture
def endpoint(heard: Heard, kernel_stamps: None) -> UdpEndpoint:
    return UdpEndpoint(socket.AF_INET, ("127.0.0.1", 0), heard.take, lambda *_: None)


async def test_a_datagram_that_waits_came_when_the_kernel_had_it(
    endpoint: UdpEndpoint, heard: Heard, peer: socket.socket
) -> None:
    peer.sendto(b"one", ("127.0.0.1", endpoint.port))
    time.sleep(WAITED_S)  # noqa: ASYNC251 - the whole process is busy
    endpoint.drain(8)
    endpoint.close(asyncio.get_running_loop())
    assert heard.ages_s[0] > 0.9 * WAITED_S


@pytest.mark.parametrize("step_s", [-3600.0, 3600.0, -0.5])
async def test_a_clock_that_was_set_meanwhile_is_not_believed(
    endpoint: UdpEndpoint,
    heard: Heard,
    peer: socket.socket,
    monkeypatch: pytest.MonkeyPatch,
    step_s: float,
) -> None:
    peer.sendto(b"one", ("127.0.0.1", endpoint.port))
    wall = time.time
    monkeypatch.setattr(time, "time", lambda: wall() + step_s)
    endpoint.drain(8)
    endpoint.close(asyncio.get_running_loop())
    assert 0.0 <= heard.ages_s[0] < 1.0


async def test_draining_tells_until_when_everything_was_taken_in(
    endpoint: UdpEndpoint, heard: Heard, peer: socket.socket
) -> None:
    for number in range(3):
        peer.sendto(b"%d" % number, ("127.0.0.1", endpoint.port))
    sent_at = time.monotonic()
    time.sleep(WAITED_S)  # noqa: ASYNC251 - the whole process is busy
    assert endpoint.drain(2) < sent_at + WAITED_S / 2
    assert endpoint.drain(2) >= sent_at + WAITED_S
    endpoint.close(asyncio.get_running_loop())
    assert heard.data == [b"0", b"1", b"2"]


async def test_an_icmp_error_does_not_hold_up_an_answer(
    endpoint: UdpEndpoint, heard: Heard, peer: socket.socket
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
        gone.bind(("127.0.0.1", 0))
        nobody = gone.getsockname()
    endpoint.send(b"to nobody", nobody)
    peer.sendto(b"one", ("127.0.0.1", endpoint.port))
    began = time.monotonic()
    assert endpoint.drain(8) >= began
    endpoint.close(asyncio.get_running_loop())
    assert heard.data == [b"one"]


async def test_who_drains_by_itself_is_not_called(heard: Heard, peer: socket.socket) -> None:
    called: list[UdpEndpoint] = []
    loud = asyncio.Event()

    def readable(endpoint: UdpEndpoint) -> None:
        called.append(endpoint)
        loud.set()
        endpoint.drain(8)

    endpoints = Endpoints(("127.0.0.1", 0))
    endpoints.open(
        asyncio.get_running_loop(), lambda waiting: next(waiting, None), heard.take, lambda *_: None, readable
    )
    there = ("127.0.0.1", endpoints.of(("127.0.0.1", 1), None).port)
    endpoints.tell(at_once=False)
    peer.sendto(b"silent", there)
    await asyncio.sleep(0.05)
    assert called == []
    endpoints.drain(8)
    assert heard.data == [b"silent"]
    endpoints.tell(at_once=True)
    peer.sendto(b"loud", there)
    async with asyncio.timeout(5):
        await loud.wait()
    assert (len(called), heard.data) == (1, [b"silent", b"loud"])
    endpoints.close()


class Itself(asyncio.SelectorEventLoop):
    """Keeps the socket that is attached to it."""

    def add_reader(self, fd: Any, callback: Callable[..., Any], *args: Any) -> None:  # type: ignore[override]
        self.attached = fd


async def test_a_send_is_not_blamed_for_errors_about_others_however_many_come(
    endpoint: UdpEndpoint, peer: socket.socket
) -> None:
    peer.bind(("127.0.0.1", 0))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
        gone.bind(("127.0.0.1", 0))
        closed = gone.getsockname()
    network, over = Itself(), threading.Event()
    endpoint.attach(network, lambda: None)

    def have_errors_come() -> None:  # as they do from the network: at any moment
        while not over.is_set():
            with suppress(OSError):
                network.attached.sendto(b"refused", closed)
            time.sleep(0)

    refusing = threading.Thread(target=have_errors_come)
    before, failed = sys.getswitchinterval(), 0
    sys.setswitchinterval(1e-5)
    refusing.start()
    try:
        for _ in range(20_000):
            try:
                endpoint.send(b"taken", peer.getsockname())
            except OSError:
                failed += 1
    finally:
        over.set()
        refusing.join()
        sys.setswitchinterval(before)
        endpoint.close(asyncio.get_running_loop())
        network.close()
    assert failed == 0
