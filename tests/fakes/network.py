"""A network under a fake clock: what is sent to an address is answered as its carrier's behaviour says."""

import heapq
from collections.abc import Callable
from itertools import count
from random import Random

from provd.demo.behaviour import Behaviour
from provd.probe.address import SocketAddress
from provd.probe.clock import Clock
from provd.probe.udp import Take

_ECHOED = (b"Via:", b"From:", b"To:", b"Call-ID:", b"CSeq:")
_HERE = ("192.0.2.254", 5060)


class FakeTime:
    """A clock that is set. Its monotonic time is far ahead of the event loop's, whose timers for it never
    ring: who sets it does what is due."""

    def __init__(self, loop_time: float, wall: float) -> None:
        self._began = self.now = loop_time + 1e9
        self._wall = wall
        self.clock = Clock(lambda: self.now, self.wall)

    def wall(self) -> float:
        return self._wall + self.elapsed_s

    @property
    def elapsed_s(self) -> float:
        return self.now - self._began


class FakeNetwork:
    """In the place of the prober's endpoints. ``behaviours`` are those of carriers, by their addresses."""

    def __init__(self, time: FakeTime, behaviours: dict[SocketAddress, Behaviour], random: Random) -> None:
        self._time = time
        self._behaviours = behaviours
        self._random = random
        self._under_way: list[tuple[float, int, bytes, SocketAddress]] = []
        self._number = count()
        self._take: Take
        self._on_datagram: Callable[[bytes, SocketAddress, float, FakeNetwork], None]

    def deliver(self, until: float) -> None:
        """Let the time pass until ``until``: what arrives in it is taken in when it arrives."""
        while self._under_way and self._under_way[0][0] <= until:
            self._time.now, _, data, source = heapq.heappop(self._under_way)
            if self._take(iter([(0, data, self._time.now)])) is not None:
                self._on_datagram(data, source, self._time.now, self)
        self._time.now = until

    # what the prober asks of its endpoints, and of each of them

    def open(
        self, _loop: object, take: Take, on_datagram: object, _on_error: object, _on_readable: object
    ) -> None:
        self._take = take
        self._on_datagram = on_datagram  # type: ignore[assignment]

    def close(self) -> None:
        self._under_way.clear()

    def of(self, _peer: SocketAddress, _chosen: SocketAddress | None) -> "FakeNetwork":
        return self

    def local_address(self, _peer: SocketAddress) -> SocketAddress:
        return _HERE

    def drain(self, _limit: int) -> float:
        """Everything that has arrived was taken in."""
        return self._time.now

    def send(self, data: bytes, address: SocketAddress) -> None:
        behaviour = self._behaviours[address]
        answer = behaviour.answer(uptime_s=self._time.elapsed_s, chance=self._random.random())
        if answer is not None:
            echoed = [line for line in data.split(b"\r\n") if line.startswith(_ECHOED)]
            head = [b"SIP/2.0 %d Answered" % answer.code, *echoed, b"Content-Length: 0", b"", b""]
            arrives = self._time.now + answer.delay_s
            heapq.heappush(
                self._under_way, (arrives, next(self._number), _tagged(b"\r\n".join(head)), address)
            )


def _tagged(response: bytes) -> bytes:
    """With a tag at its To, as the one that answers sets it."""
    start = response.index(b"\r\nTo:")
    end = response.index(b"\r\n", start + 2)
    return response[:end] + b";tag=there" + response[end:]
