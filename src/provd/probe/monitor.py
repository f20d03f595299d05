"""The monitor: which providers are watched, where their names lead, and what became of each check."""

import asyncio
import logging
import time
from collections.abc import Iterable

from provd.probe.prober import RATE_EVERY_S, Prober
from provd.probe.resolver import Resolution, Resolver, literal_address
from provd.probe.result import Judged, ProbeResult
from provd.probe.settings import ProbeIdentity, ProbeSettings
from provd.probe.target import SocketAddress, Target, Watch
from provd.probe.verdict import Transition, judge
from provd.schema.hostname import HostKind, HostPort

log = logging.getLogger(__name__)

FIRST_CHECK_WITHIN_S = 0.9
STARTUP_CHECKS_PER_S = 2000


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
        self.prober = Prober(
            identity, bind=bind, bind6=bind6, max_rate=max_rate, on_due=self._due, on_results=self._judge_all
        )
        self._resolver = resolver
        self._watches: dict[str, Watch] = {}
        self._transitions: list[Transition] = []
        self._checked: dict[str, Watch] = {}
        self._waiters: dict[Target, list[asyncio.Future[Judged]]] = {}
        self._failed_look_ups = 0
        self._tasks: asyncio.TaskGroup | None = None

    @property
    def checks(self) -> int:
        """How many checks were begun; a look-up that led nowhere is one too."""
        return self.prober.sent + self._failed_look_ups

    def open(self) -> None:
        """Bind the sockets. Raises BindError."""
        self.prober.open()

    async def run(self) -> None:
        """Probe until cancelled, then close the sockets. ``open`` comes first."""
        try:
            async with asyncio.TaskGroup() as self._tasks:
                while True:
                    self.prober.note_rate()
                    await asyncio.sleep(RATE_EVERY_S)
        finally:
            self._tasks = None
            self.prober.close()
            for waiters in self._waiters.values():
                for waiter in waiters:
                    waiter.cancel()

    # what is watched

    def watch(self, key: str, host: HostPort, settings: ProbeSettings) -> Watch:
        """Begin to watch a provider, its first check within a second; or change how it is checked.

        With the same host the verdict so far stands; with another one it begins anew.
        """
        known = self._watches.get(key)
        if known is not None and known.host == host:
            if known.settings != settings:
                known.settings = settings
                self._schedule(known.targets, FIRST_CHECK_WITHIN_S)
            return known
        self.unwatch(key)
        made = self._watches[key] = Watch(key, host, settings)
        made.targets = [Target(made, literal_address(host))]
        self._schedule(made.targets, FIRST_CHECK_WITHIN_S)
        return made

    def load(self, watches: Iterable[Watch]) -> None:
        """Begin to watch many at once, as at start-up: their first checks are spread over some seconds."""
        new = list(watches)
        now = time.monotonic()
        burst_s = max(FIRST_CHECK_WITHIN_S, len(new) / STARTUP_CHECKS_PER_S)
        for made in new:
            self._watches[made.key] = made
            target = Target(made, literal_address(made.host))
            target.status = made.status
            made.targets = [target]
            self.prober.schedule.add(target, now, within_s=min(burst_s, made.settings.interval_s))
        self.prober.arm()

    def unwatch(self, key: str) -> None:
        """Stop watching; a check under way has no result any more."""
        watch = self._watches.pop(key, None)
        if watch is not None:
            self._checked.pop(key, None)
            self._drop(watch.targets)

    def get(self, key: str) -> Watch | None:
        """What is known of a provider, if it is watched."""
        return self._watches.get(key)

    # what was found

    def take_transitions(self) -> list[Transition]:
        """The changes of status since the last call, in order."""
        taken, self._transitions = self._transitions, []
        self.changed.clear()
        return taken

    def take_checked(self) -> list[Watch]:
        """The providers that were checked since the last call."""
        taken, self._checked = self._checked, {}
        return list(taken.values())

    async def check(self, watch: Watch) -> list[Judged]:
        """Check now: look the name up, probe every address, wait for each result.

        An exchange that is under way already is waited for, not repeated. ``watch`` may be one that is not
        under watch: it is then checked this once. Raises CheckSuperseded when the provider is changed or
        deleted meanwhile.
        """
        watched = self._is_watched(watch)
        if not watch.targets:
            watch.targets = [Target(watch, literal_address(watch.host))]
        if watch.host.kind is HostKind.NAME:
            resolution = await self._resolver.resolve(watch.host, watch.settings.timeout_s)
            if watched and not self._is_watched(watch):
                raise CheckSuperseded
            failed = self._take_resolution(watch, resolution)
            if failed is not None:
                return [Judged(failed, watch.checked_at or time.time())]
        waiting = []
        for target in watch.targets:
            waiter: asyncio.Future[Judged] = asyncio.get_running_loop().create_future()
            self._waiters.setdefault(target, []).append(waiter)
            waiting.append(waiter)
            self.prober.probe(target)
        self.prober.arm()
        return await asyncio.gather(*waiting)

    def _judge_all(self, results: list[ProbeResult]) -> None:
        offset = time.time() - time.monotonic()
        for result in results:
            watch, wall = result.target.watch, result.at + offset
            transition = judge(result, wall)
            if self._watches.get(watch.key) is watch:
                self._checked[watch.key] = watch
                if transition is not None:
                    self._transitions.append(transition)
                    self.changed.set()
            if self._waiters:
                for waiter in self._waiters.pop(result.target, ()):
                    if not waiter.done():
                        waiter.set_result(Judged(result, wall))

    # where names lead

    def _due(self, target: Target) -> None:
        watch = target.watch
        if watch.host.kind is not HostKind.NAME or watch.resolving or self._tasks is None:
            return
        if time.monotonic() >= watch.resolution_due:
            watch.resolving = True
            self._tasks.create_task(self._look_up(watch))

    async def _look_up(self, watch: Watch) -> None:
        try:
            resolution = await self._resolver.resolve(watch.host, watch.settings.timeout_s)
        finally:
            watch.resolving = False
        if self._is_watched(watch):
            self._take_resolution(watch, resolution)
            self.prober.arm()

    def _take_resolution(self, watch: Watch, resolution: Resolution) -> ProbeResult | None:
        """Take in what DNS said. Answers the check's result when there is nothing to send to."""
        now = time.monotonic()
        watch.dns_ms = resolution.took_ms
        unresolved = watch.targets[0].address is None
        if resolution.addresses:
            watch.resolution_due = now + resolution.ttl_s
            self._set_addresses(watch, resolution.addresses)
            if unresolved:  # the look-up was part of a check: go on with it
                for target in watch.targets:
                    self.prober.probe(target)
            return None
        if not unresolved:  # the last good addresses serve on
            watch.resolution_due = now + resolution.ttl_s
            return None
        self._failed_look_ups += 1
        failed = ProbeResult(watch.targets[0], now, resolution.cause, reason=resolution.reason)
        self._judge_all([failed])
        return failed

    def _set_addresses(self, watch: Watch, addresses: tuple[SocketAddress, ...]) -> None:
        known = {target.address: target for target in watch.targets}
        placeholder = known.pop(None, None)
        wanted = dict.fromkeys(addresses)
        new = [Target(watch, address) for address in wanted if address not in known]
        gone = [target for address, target in known.items() if address not in wanted]
        watch.targets = [*(target for target in watch.targets if target.address in wanted), *new]
        self._drop([*gone, *([placeholder] if placeholder else [])])
        if placeholder is not None:
            for target in new:
                target.status, target.fails = placeholder.status, placeholder.fails
        elif new or gone:
            log.info("%s now leads to %s", watch.host, ", ".join(address for address, _ in wanted))
        if self._is_watched(watch):
            self._schedule(new, FIRST_CHECK_WITHIN_S)

    def _is_watched(self, watch: Watch) -> bool:
        return self._watches.get(watch.key) is watch

    def _schedule(self, targets: list[Target], within_s: float) -> None:
        now = time.monotonic()
        for target in targets:
            self.prober.schedule.add(target, now, within_s=within_s)
        self.prober.arm()

    def _drop(self, targets: list[Target]) -> None:
        for target in targets:
            self.prober.forget(target)
            for waiter in self._waiters.pop(target, ()):
                if not waiter.done():
                    waiter.set_exception(CheckSuperseded())
