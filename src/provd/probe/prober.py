"""The adapter between the sans-IO parts and the world: sockets, the clock, and one timer.

It sends what the schedule says is due, hands datagrams to the engine, and passes results on in batches.
"""

import asyncio
import os
import socket
import time
from collections import deque
from collections.abc import Callable

from provd.probe.engine import Engine
from provd.probe.request import request_parts
from provd.probe.result import ProbeResult
from provd.probe.schedule import Schedule
from provd.probe.settings import ProbeIdentity
from provd.probe.target import SocketAddress, Target
from provd.probe.udp import UdpEndpoint
from provd.schema.health import Cause

_ANY = (("0.0.0.0", 0), ("::", 0))
_DRAIN_WHILE_SENDING = 64
_DRAIN_LIMIT = 256
_RATE_SAMPLES = 10
RATE_EVERY_S = 0.5
"""How often ``note_rate`` is to be called."""


class BindError(Exception):
    """The address that checks are to be sent from can't be had; ``str()`` says which, and why."""


class Prober:
    """Probes targets over UDP. ``on_due`` is told of each target as it falls due, before it is sent to;
    ``on_results`` gets what came out, in batches. ``max_rate`` bounds checks per second; 0 does not."""

    def __init__(
        self,
        identity: ProbeIdentity,
        *,
        bind: SocketAddress,
        bind6: SocketAddress,
        max_rate: int,
        on_due: Callable[[Target], None],
        on_results: Callable[[list[ProbeResult]], None],
    ) -> None:
        self.engine = Engine(os.urandom)
        self.schedule = Schedule(time.monotonic())
        self.sent = 0
        self.send_errors = 0
        self.behind_s = 0.0
        self._identity = identity
        self._bind = {socket.AF_INET: bind, socket.AF_INET6: bind6}
        self._max_rate = max_rate
        self._on_due = on_due
        self._on_results = on_results
        self._allowance = 0.0
        self._ticked_at = 0.0
        self._endpoints: dict[bool, UdpEndpoint] = {}  # by whether it is for IPv6
        self._no_endpoint: dict[bool, OSError] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._rates: deque[tuple[float, int]] = deque(maxlen=_RATE_SAMPLES)

    def open(self) -> None:
        """Bind the sockets and begin. Raises BindError when an address that was chosen can't be had, or
        neither family; without a chosen address one family may be missing, as IPv6 often is."""
        self._loop = asyncio.get_running_loop()
        for family in (socket.AF_INET, socket.AF_INET6):
            is_ipv6 = family == socket.AF_INET6
            try:
                endpoint = UdpEndpoint(family, self._bind[family], self._received, self._network_error)
            except OSError as error:
                self._no_endpoint[is_ipv6] = error
                if self._bind[family] not in _ANY:
                    host, port = self._bind[family]
                    self.close()
                    raise BindError(
                        f"checks can't be sent from {host} port {port} ([probe] bind): {error.strerror}"
                    ) from error
            else:
                self._endpoints[is_ipv6] = endpoint
                endpoint.attach(self._loop, self._readable)
        if not self._endpoints:
            errors = {error.strerror for error in self._no_endpoint.values()}
            raise BindError(f"checks can't be sent at all: {', '.join(map(str, errors))}")
        self.arm()

    def close(self) -> None:
        """Stop, and close the sockets. Exchanges under way have no result."""
        if self._timer is not None:
            self._timer.cancel()
        if self._loop is not None:
            for endpoint in self._endpoints.values():
                endpoint.close(self._loop)
        self._endpoints.clear()
        self._loop = None

    def arm(self) -> None:
        """Set the timer to what comes next; to be called when the schedule was changed."""
        if self._loop is None:
            return
        at = self.schedule.next_at()
        timeout = self.engine.next_timeout()
        if timeout is not None and timeout < at:
            at = timeout
        if self._timer is not None:
            if self._timer.when() <= at:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(at, self._tick, at)

    def forget(self, target: Target) -> None:
        """Probe a target no more; an exchange under way has no result."""
        self.schedule.remove(target)
        self.engine.abandon(target)

    def probe(self, target: Target) -> None:
        """Send a request to a target now, unless one awaits its answer already."""
        if target.address is None or target.branch is not None:
            return
        now = time.monotonic()
        try:
            endpoint = self._endpoint(target.address)
            if target.request is None:
                local = endpoint.local_address(target.address)
                target.request = request_parts(target.watch.host, local, self._identity)
            data, address = self.engine.begin(target, now)
            endpoint.send(data, address)
        except BlockingIOError:
            self.engine.abandon(target)
            self.schedule.defer(target)
            return
        except OSError as error:
            self.send_errors += 1
            self.engine.abandon(target)
            self._on_results([ProbeResult(target, now, Cause.LOCAL, reason=error.strerror or str(error))])
        self.sent += 1

    def note_rate(self) -> None:
        """Take a sample for ``sent_per_s``; to be called every RATE_EVERY_S."""
        self._rates.append((time.monotonic(), self.sent))

    @property
    def sent_per_s(self) -> float:
        """The rate of checks over the last seconds."""
        if not self._rates:
            return 0.0
        since, count = self._rates[0]
        return (self.sent - count) / max(1.0, time.monotonic() - since)

    def _tick(self, due_at: float) -> None:
        self._timer = None
        try:
            self._work(due_at)
        finally:  # whatever happens, checking goes on; the loop logs what was raised
            self.arm()

    def _work(self, due_at: float) -> None:
        now = time.monotonic()
        self.behind_s = max(0.0, now - due_at)
        earned = (now - self._ticked_at) * self._max_rate
        self._allowance = min(self._max_rate / 10 + 1, self._allowance + earned)
        self._ticked_at = now
        sent = 0
        for target in self.schedule.due(now):
            if self._max_rate and self._allowance < 1:
                self.schedule.defer(target)
                continue
            self._allowance -= 1
            self._on_due(target)
            self.probe(target)
            sent += 1
            if not sent % _DRAIN_WHILE_SENDING:
                self._drain(_DRAIN_WHILE_SENDING * 2)
        self._drain(_DRAIN_LIMIT)  # an answer that waits in the socket came in time
        now = time.monotonic()
        for data, address in self.engine.expire(now):
            self._send_again(data, address, now)
        self._pass_on()

    def _readable(self) -> None:
        self._drain(_DRAIN_LIMIT)
        self._pass_on()

    def _drain(self, limit: int) -> None:
        for endpoint in self._endpoints.values():
            endpoint.drain(limit)

    def _pass_on(self) -> None:
        results = self.engine.take_results()
        if results:
            self._on_results(results)

    def _received(self, data: bytes, source: SocketAddress) -> None:
        self.engine.receive(data, source, time.monotonic())

    def _network_error(self, ours: bytes, cause: Cause, message: str) -> None:
        target = self.engine.find(ours)
        if target is not None:
            self.engine.fail(target, cause, message, time.monotonic())

    def _send_again(self, data: bytes, address: SocketAddress, now: float) -> None:
        try:
            self._endpoint(address).send(data, address)
        except BlockingIOError:
            pass  # the next retransmission makes up for this one
        except OSError as error:
            self.send_errors += 1
            target = self.engine.find(data)
            if target is not None:
                self.engine.fail(target, Cause.LOCAL, error.strerror or str(error), now)

    def _endpoint(self, address: SocketAddress) -> UdpEndpoint:
        is_ipv6 = ":" in address[0]
        endpoint = self._endpoints.get(is_ipv6)
        if endpoint is None:
            raise self._no_endpoint.get(is_ipv6) or OSError("checks have not begun, or have ended")
        return endpoint
