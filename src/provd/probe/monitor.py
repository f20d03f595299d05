"""The monitor: joins schedule, engine, verdict, sockets and DNS; the one place of probe/ with a clock."""

import asyncio
import logging
import os
import socket
import time
from collections import deque
from collections.abc import Coroutine, Iterable

from provd.probe.engine import Engine
from provd.probe.request import request_parts
from provd.probe.resolver import Resolution, Resolver, literal_address
from provd.probe.result import ProbeResult
from provd.probe.schedule import Schedule
from provd.probe.settings import ProbeIdentity, ProbeSettings
from provd.probe.target import SocketAddress, Target, Watch
from provd.probe.udp import UdpEndpoint
from provd.probe.verdict import Transition, judge
from provd.schema.health import Cause
from provd.schema.hostname import HostKind, HostPort

log = logging.getLogger(__name__)

FIRST_CHECK_WITHIN_S = 0.9
STARTUP_CHECKS_PER_S = 2000
_DRAIN_WHILE_SENDING = 64
_DRAIN_LIMIT = 256
_RATE_WINDOW_S = 5.0


class CheckSuperseded(Exception):
    """The provider was changed or deleted while it was being checked."""


class Monitor:
    """Watches providers for ever while ``run`` runs.

    What it finds is fetched by ``take_transitions`` and ``take_checked``; ``changed`` is set when there is
    a transition. Nothing is kept here beyond the latest of each provider.
    """

    def __init__(
        self,
        resolver: Resolver,
        identity: ProbeIdentity,
        *,
        bind: SocketAddress = ("0.0.0.0", 0),
        bind6: SocketAddress = ("::", 0),
        max_rate: int = 0,
    ) -> None:
        self.changed = asyncio.Event()
        self.checks = 0
        self.send_errors = 0
        self.behind_s = 0.0
        self._resolver = resolver
        self._identity = identity
        self._bind = {socket.AF_INET: bind, socket.AF_INET6: bind6}
        self._max_rate = max_rate
        self._allowance = 0.0
        self._watches: dict[str, Watch] = {}
        self._engine = Engine(os.urandom)
        self._schedule = Schedule(time.monotonic())
        self._endpoints: dict[bool, UdpEndpoint] = {}  # by whether it is for IPv6
        self._no_endpoint: dict[bool, OSError] = {}
        self._transitions: list[Transition] = []
        self._checked: dict[str, Watch] = {}
        self._waiters: dict[Target, list[asyncio.Future[ProbeResult]]] = {}
        self._rates: deque[tuple[float, int]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ticked_at = 0.0

    # --- what is watched

    def watch(self, key: str, host: HostPort, settings: ProbeSettings) -> Watch:
        """Begin to watch a provider, its first check within a second; or change how it is checked.

        With the same host the verdict so far stands; with another one it begins anew.
        """
        known = self._watches.get(key)
        if known is not None and known.host == host:
            if known.settings != settings:
                known.settings = settings
                self._reschedule(known.targets, FIRST_CHECK_WITHIN_S)
            return known
        self.unwatch(key)
        made = self._watches[key] = Watch(key, host, settings)
        made.targets = [Target(made, literal_address(host))]
        self._reschedule(made.targets, FIRST_CHECK_WITHIN_S)
        return made

    def load(self, watches: Iterable[Watch]) -> None:
        """Begin to watch many at once, as at start-up: their first checks are spread over some seconds."""
        new = list(watches)
        for made in new:
            self._watches[made.key] = made
            made.targets = [Target(made, literal_address(made.host))]
        burst_s = max(FIRST_CHECK_WITHIN_S, len(new) / STARTUP_CHECKS_PER_S)
        now = time.monotonic()
        for made in new:
            for target in made.targets:
                target.status = made.status
                self._schedule.add(target, now, within_s=min(burst_s, made.settings.interval_s))
        self._arm()

    def unwatch(self, key: str) -> None:
        """Stop watching; a check under way has no result any more."""
        watch = self._watches.pop(key, None)
        if watch is not None:
            self._checked.pop(key, None)
            self._drop(watch.targets)

    def get(self, key: str) -> Watch | None:
        """What is known of a provider, if it is watched."""
        return self._watches.get(key)

    # --- what was found

    def take_transitions(self) -> list[Transition]:
        """The changes of status since the last call, in order."""
        taken, self._transitions = self._transitions, []
        self.changed.clear()
        return taken

    def take_checked(self) -> list[Watch]:
        """The providers that were checked since the last call."""
        taken, self._checked = self._checked, {}
        return list(taken.values())

    async def check(self, watch: Watch) -> list[ProbeResult]:
        """Check now: look the name up, probe every address, wait for each result.

        An exchange that is under way already is waited for, not repeated. ``watch`` may be one that is not
        under watch: it is then checked this once. Raises CheckSuperseded when the provider is changed or
        deleted meanwhile.
        """
        watched = self._watches.get(watch.key) is watch
        if not watch.targets:
            watch.targets = [Target(watch, literal_address(watch.host))]
        if watch.host.kind is HostKind.NAME:
            resolution = await self._resolver.resolve(watch.host, watch.settings.timeout_s)
            if watched and self._watches.get(watch.key) is not watch:
                raise CheckSuperseded
            failed = self._take_resolution(watch, resolution)
            if failed is not None:
                return [failed]
        waiting = []
        for target in watch.targets:
            waiter: asyncio.Future[ProbeResult] = asyncio.get_running_loop().create_future()
            self._waiters.setdefault(target, []).append(waiter)
            waiting.append(waiter)
            if target.branch is None:
                self._send_check(target, time.monotonic())
        self._settle()
        self._arm()
        return await asyncio.gather(*waiting)

    # --- how it does

    @property
    def targets(self) -> int:
        """How many addresses (and names without one) are scheduled."""
        return len(self._schedule)

    @property
    def in_flight(self) -> int:
        """How many exchanges are under way."""
        return len(self._engine)

    @property
    def engine(self) -> Engine:
        """The exchanges, for their counters."""
        return self._engine

    def checks_per_s(self) -> float:
        """The rate of checks over the last seconds."""
        now = time.monotonic()
        while self._rates and now - self._rates[0][0] > _RATE_WINDOW_S:
            self._rates.popleft()
        if not self._rates:
            return 0.0
        since, count = self._rates[0]
        return (self.checks - count) / max(1.0, now - since)

    # --- the adapter

    async def run(self) -> None:
        """Probe until cancelled. Raises OSError when not even one socket can be bound."""
        self._loop = asyncio.get_running_loop()
        for family in (socket.AF_INET, socket.AF_INET6):
            try:
                endpoint = UdpEndpoint(family, self._bind[family], self._received, self._network_error)
            except OSError as error:
                self._no_endpoint[family == socket.AF_INET6] = error
            else:
                self._endpoints[family == socket.AF_INET6] = endpoint
                endpoint.attach(self._loop, self._readable)
        if not self._endpoints:
            raise next(iter(self._no_endpoint.values()))
        try:
            async with asyncio.TaskGroup() as self._tasks:
                self._arm()
                while True:
                    await asyncio.sleep(_RATE_WINDOW_S / 10)
                    self._rates.append((time.monotonic(), self.checks))
                    self.checks_per_s()
        finally:
            self._tasks = None
            for waiters in self._waiters.values():
                for waiter in waiters:
                    waiter.cancel()
            if self._timer is not None:
                self._timer.cancel()
            for endpoint in self._endpoints.values():
                endpoint.close(self._loop)
            self._endpoints.clear()
            self._loop = None

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        if self._tasks is None:
            raise RuntimeError("the monitor is not running")
        self._tasks.create_task(work)

    def _arm(self) -> None:
        if self._loop is None or self._tasks is None:
            return
        at = self._schedule.next_at()
        timeout = self._engine.next_timeout()
        if timeout is not None and timeout < at:
            at = timeout
        if self._timer is not None:
            if not self._timer.cancelled() and self._timer.when() <= at:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(at, self._tick, at)

    def _tick(self, due_at: float) -> None:
        try:
            self._send_what_is_due(due_at)
        finally:  # whatever happens, checking goes on; the loop logs what was raised
            self._arm()

    def _send_what_is_due(self, due_at: float) -> None:
        self._timer = None
        now = time.monotonic()
        self.behind_s = max(0.0, now - due_at)
        self._allowance = min(
            self._max_rate / 10 + 1, self._allowance + (now - self._ticked_at) * self._max_rate
        )
        self._ticked_at = now
        sent = 0
        for target in self._schedule.due(now):
            if self._max_rate and self._allowance < 1:
                self._schedule.defer(target)
                continue
            self._allowance -= 1
            self._due(target, time.monotonic())
            sent += 1
            if not sent % _DRAIN_WHILE_SENDING:
                self._drain(_DRAIN_WHILE_SENDING * 2)
        self._drain(_DRAIN_LIMIT)  # an answer that waits in the socket came in time
        now = time.monotonic()
        for data, address in self._engine.expire(now):
            self._send_again(data, address, now)
        self._settle()

    def _readable(self) -> None:
        self._drain(_DRAIN_LIMIT)
        self._settle()

    def _drain(self, limit: int) -> None:
        for endpoint in self._endpoints.values():
            endpoint.drain(limit)

    def _received(self, data: bytes, source: SocketAddress) -> None:
        self._engine.receive(data, source, time.monotonic())

    def _network_error(self, ours: bytes, cause: Cause, message: str) -> None:
        target = self._engine.find(ours)
        if target is not None:
            self._engine.fail(target, cause, message, time.monotonic())

    # --- a check

    def _due(self, target: Target, now: float) -> None:
        watch = target.watch
        if watch.host.kind is HostKind.NAME and now >= watch.resolution_due and not watch.resolving:
            watch.resolving = True
            self._spawn(self._look_up(watch))
        if target.address is not None and target.branch is None:
            self._send_check(target, now)

    def _send_check(self, target: Target, now: float) -> None:
        address = target.address
        if address is None:
            raise ValueError("a target without an address can't be sent to")
        try:
            endpoint = self._endpoint(address)
            if target.request is None:
                local = endpoint.local_address(address)
                target.request = request_parts(target.watch.host, local, self._identity)
            data, _ = self._engine.begin(target, now)
            endpoint.send(data, address)
        except BlockingIOError:
            self._engine.abandon(target)
            self._schedule.defer(target)
            return
        except OSError as error:
            self.send_errors += 1
            self._engine.abandon(target)
            self._conclude(ProbeResult(target, now, Cause.LOCAL, reason=error.strerror or str(error)))
        self.checks += 1

    def _send_again(self, data: bytes, address: SocketAddress, now: float) -> None:
        try:
            self._endpoint(address).send(data, address)
        except BlockingIOError:
            pass  # the next retransmission makes up for this one
        except OSError as error:
            self.send_errors += 1
            target = self._engine.find(data)
            if target is not None:
                self._engine.fail(target, Cause.LOCAL, error.strerror or str(error), now)

    def _endpoint(self, address: SocketAddress) -> UdpEndpoint:
        is_ipv6 = ":" in address[0]
        endpoint = self._endpoints.get(is_ipv6)
        if endpoint is None:
            raise self._no_endpoint.get(is_ipv6) or OSError("the monitor is not running")
        return endpoint

    def _settle(self) -> None:
        results = self._engine.take_results()
        if results:
            offset = time.time() - time.monotonic()
            for result in results:
                self._judge(result, result.at + offset)

    def _conclude(self, result: ProbeResult) -> None:
        self._judge(result, time.time())

    def _judge(self, result: ProbeResult, wall: float) -> None:
        watch = result.target.watch
        transition = judge(result, wall)
        if self._watches.get(watch.key) is watch:
            self._checked[watch.key] = watch
            if transition is not None:
                self._transitions.append(transition)
                self.changed.set()
        if self._waiters:
            for waiter in self._waiters.pop(result.target, ()):
                if not waiter.done():
                    waiter.set_result(result)

    # --- names

    async def _look_up(self, watch: Watch) -> None:
        try:
            resolution = await self._resolver.resolve(watch.host, watch.settings.timeout_s)
        finally:
            watch.resolving = False
        if self._watches.get(watch.key) is watch:
            self._take_resolution(watch, resolution)
            self._settle()
            self._arm()

    def _take_resolution(self, watch: Watch, resolution: Resolution) -> ProbeResult | None:
        """Take in what DNS said. Answers the check's result when there is nothing to send to."""
        now = time.monotonic()
        watch.dns_ms = resolution.took_ms
        unresolved = watch.targets[0].address is None
        if resolution.addresses:
            watch.resolution_due = now + resolution.ttl_s
            self._set_addresses(watch, resolution.addresses, now)
            if unresolved:  # the look-up was part of a check: go on with it
                for target in watch.targets:
                    self._send_check(target, now)
            return None
        if not unresolved:  # the last good addresses serve on
            watch.resolution_due = now + resolution.ttl_s
            return None
        self.checks += 1
        failed = ProbeResult(watch.targets[0], now, resolution.cause, reason=resolution.reason)
        self._conclude(failed)
        return failed

    def _set_addresses(self, watch: Watch, addresses: tuple[SocketAddress, ...], now: float) -> None:
        known = {target.address: target for target in watch.targets}
        placeholder = known.pop(None, None)
        wanted = dict.fromkeys(addresses)
        new = [Target(watch, address) for address in wanted if address not in known]
        gone = [target for address, target in known.items() if address not in wanted]
        watch.targets = [*(target for target in watch.targets if target.address in wanted), *new]
        self._drop([*gone, *([placeholder] if placeholder else [])])
        if self._watches.get(watch.key) is not watch:
            return
        for target in new:
            if placeholder is not None:
                target.status, target.fails = placeholder.status, placeholder.fails
            self._schedule.add(target, now, within_s=FIRST_CHECK_WITHIN_S)
        if placeholder is None and (new or gone):
            log.info("%s now leads to %s", watch.host, ", ".join(address for address, _ in wanted))

    def _reschedule(self, targets: list[Target], within_s: float) -> None:
        now = time.monotonic()
        for target in targets:
            self._schedule.add(target, now, within_s=within_s)
        self._arm()

    def _drop(self, targets: list[Target]) -> None:
        for target in targets:
            self._schedule.remove(target)
            self._engine.abandon(target)
            for waiter in self._waiters.pop(target, ()):
                if not waiter.done():
                    waiter.set_exception(CheckSuperseded())
