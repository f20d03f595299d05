"""The monitor: which providers are watched, and what became of each check."""

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile

from provd.probe.address import SocketAddress, address_text
from provd.probe.assessor import Assessor, KeepSample
from provd.probe.clock import SYSTEM, Clock
from provd.probe.endpoints import Endpoints
from provd.probe.findings import AddressChange
from provd.probe.lookups import LookUps
from provd.probe.prober import RATE_EVERY_S, OnRequest, Prober, ProberHooks
from provd.probe.resolver import Resolver, literal_address
from provd.probe.result import Judged, ProbeResult, Repeat, result_of
from provd.probe.samples import unpack
from provd.probe.settings import ProbeSettings
from provd.probe.stream.client import StreamClient
from provd.probe.target import NOT_SCHEDULED, StreamTarget, Target, Watch
from provd.probe.verdict import judge
from provd.schema.health import HealthStatus
from provd.schema.hostname import HostPort
from provd.schema.provider import Transport

log = logging.getLogger(__name__)

FIRST_CHECK_WITHIN_S = 0.9
STARTUP_CHECKS_PER_S = 2000

TargetHook = Callable[[Target], None]


class CheckSuperseded(Exception):
    """The provider was changed or deleted while it was being checked."""


def _nothing(*_: object) -> None:
    """Stand in for a hook that nobody wants."""


@dataclass(frozen=True, slots=True)
class MonitorHooks:
    """Whom the monitor tells at once: ``on_request`` of a request that a peer sends us; ``attach`` and
    ``detach`` of targets that come and go, ``keep_sample`` of each result, packed as in samples.py."""

    on_request: OnRequest = _nothing
    attach: TargetHook = _nothing
    detach: TargetHook = _nothing
    keep_sample: KeepSample = _nothing


class Monitor:
    """Watches providers for ever while ``run`` runs.

    What it finds is its ``assessor``'s.
    """

    def __init__(
        self,
        resolver: Resolver,
        endpoints: Endpoints,
        streams: StreamClient,
        hooks: MonitorHooks | None = None,
        *,
        max_rate: int = 0,
        dns_max_age_s: float = 86400.0,
        clock: Clock = SYSTEM,
    ) -> None:
        self._clock = clock
        self._hooks = hooks or MonitorHooks()
        self.assessor = Assessor(self._hooks.keep_sample, self._confirm)
        self.prober = Prober(
            endpoints,
            streams,
            ProberHooks(
                self._due, self._take_repeats, self._take_results, self._hooks.on_request, self._spawn
            ),
            max_rate=max_rate,
            clock=clock,
        )
        self._lookups = LookUps(
            resolver,
            max_age_s=dns_max_age_s,
            spawn=self._spawn,
            on_addresses=self._set_addresses,
            on_result=self._fail_to_resolve,
        )
        self._watches: dict[str, Watch] = {}
        self._resting: dict[str, float] = {}  # until when who was watched before is to rest, monotonic
        self._waiters: dict[Target, list[asyncio.Future[Judged]]] = {}
        self._tasks: asyncio.TaskGroup | None = None

    @property
    def checks(self) -> int:
        """How many checks were begun; a look-up that led nowhere is one too."""
        return self.prober.sent + self._lookups.failures

    def open(self) -> None:
        """Bind the sockets. Raises BindError."""
        self.prober.open()

    async def run(self) -> None:
        """Probe until cancelled, then close the sockets. ``open`` comes first."""
        try:
            async with asyncio.TaskGroup() as self._tasks:
                while True:
                    self.prober.note_rate()
                    self.assessor.end_flapping(self._clock.monotonic(), self._clock.wall())
                    await asyncio.sleep(RATE_EVERY_S)
        finally:
            self._tasks = None
            for waiters in self._waiters.values():
                for waiter in waiters:
                    waiter.cancel()
            await self.prober.close()

    # what is watched

    def watch(self, key: str, host: HostPort, settings: ProbeSettings) -> Watch:
        """Begin to watch a provider, its first check within a second; or change how it is checked.

        With the same host and transport the verdict so far stands; with others it begins anew.
        """
        known = self._watches.get(key)
        if known is not None and _same_place(known, host, settings):
            if known.settings != settings:
                self._resettle(known, settings)
            return known
        self.unwatch(key)
        made = self._watches[key] = Watch(key, host, settings)
        self.assessor.counts[made.status] += 1
        made.targets = (self._make_target(made, literal_address(host, settings.transport)),)
        self._schedule(made.targets)
        return made

    def load(self, watches: Iterable[Watch]) -> None:
        """Begin to watch many at once, as at start-up: their first checks are spread over some seconds."""
        loaded = []
        for made in watches:
            self._watches[made.key] = made
            self.assessor.counts[made.status] += 1
            for target in made.targets:
                self._hooks.attach(target)
                _recall(target)
            loaded.append(made)
        now = self._clock.monotonic()
        burst_s = max(FIRST_CHECK_WITHIN_S, len(loaded) / STARTUP_CHECKS_PER_S)
        for made in loaded:
            within_s = min(burst_s, made.settings.interval_s)
            for target in made.targets:
                self.prober.schedule.add(target, now, within_s=within_s, after_s=self._rest_s(target))
        self.prober.arm()

    def unwatch(self, key: str) -> None:
        """Stop watching; a check under way has no result any more."""
        watch = self._watches.get(key)
        if watch is not None:
            self._let_rest(watch)
            self.assessor.forget(watch)
            self._drop(watch.targets)
            watch.targets = ()
            del self._watches[key]

    def get(self, key: str) -> Watch | None:
        """What is known of a provider, if it is watched."""
        return self._watches.get(key)

    def watches(self) -> Iterator[Watch]:
        """Every provider under watch."""
        return iter(self._watches.values())

    def restore(self, watch: Watch, status: HealthStatus) -> None:
        """Take over a status from before the monitor watched this provider."""
        if self._is_watched(watch):
            self.assessor.counts[watch.status] -= 1
            self.assessor.counts[status] += 1
        watch.status = status
        for target in watch.targets:
            target.status = status

    async def check(self, watch: Watch) -> list[Judged]:
        """Check now: look the name up, probe every address, wait for each result.

        An exchange that is under way already is waited for, not repeated. ``watch`` may be one that is not
        under watch: it is then checked this once. Raises CheckSuperseded when the provider is changed or
        deleted meanwhile.
        """
        watched = self._is_watched(watch)
        if not watch.targets:
            watch.targets = (self._make_target(watch, literal_address(watch.host, watch.settings.transport)),)
        if watch.naming is not None:
            resolution = await self._lookups.look_up_now(watch, watch.naming)
            if watched and not self._is_watched(watch):
                raise CheckSuperseded
            failed = self._lookups.take(watch, watch.naming, resolution)
            if failed is not None:
                self._take_results([failed])
                return [Judged(failed, watch.checked_at or self._clock.wall())]
        waiting = []
        for target in watch.targets:
            waiter: asyncio.Future[Judged] = asyncio.get_running_loop().create_future()
            self._waiters.setdefault(target, []).append(waiter)
            waiting.append(waiter)
            self.prober.probe(target)
        if watched and watch.settings.min_interval_s:
            asked = [target for target in watch.targets if target.branch is not None]
            self._schedule(asked, just_asked=asked)
        self.prober.arm()
        return await asyncio.gather(*waiting)

    def rest_s(self, watch: Watch) -> float:
        """How long a provider is not to be checked again, by its carrier's own limit (seconds)."""
        return max(map(self._rest_s, watch.targets), default=self._rests_on_s(watch))

    def _take_repeats(self, repeats: list[Repeat]) -> None:
        offset = self._clock.wall() - self._clock.monotonic()
        waiters, take = self._waiters, self.assessor.repeat
        for repeat in repeats:
            target, at, rtt_ms, _, _ = repeat
            unwatched = target.due_tick == NOT_SCHEDULED
            if unwatched or target in waiters or not take(target, at + offset, rtt_ms):
                self._take_results([result_of(repeat)])

    def _take_results(self, results: list[ProbeResult]) -> None:
        offset = self._clock.wall() - self._clock.monotonic()
        assess = self.assessor.assess
        for result in results:
            target = result.target
            wall, waiters = result.at + offset, self._waiters.pop(target, ()) if self._waiters else ()
            if target.due_tick != NOT_SCHEDULED:  # its provider is under watch
                assess(result, wall, traced=bool(waiters))
            else:
                judge(result, wall)
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(Judged(result._replace(cause=target.cause or result.cause), wall))

    def _confirm(self, target: Target) -> None:
        self.prober.schedule.again(target, self._clock.monotonic(), target.watch.settings.confirm_after_s)
        self.prober.arm()

    # where names lead

    def _due(self, target: Target) -> None:
        naming = target.watch.naming
        if naming is not None:
            self._lookups.due(target, naming)

    def _fail_to_resolve(self, result: ProbeResult) -> None:
        self._take_results([result])

    def _set_addresses(self, watch: Watch, addresses: tuple[SocketAddress, ...]) -> None:
        known = {target.address: target for target in watch.targets}
        placeholder = known.pop(None, None)
        wanted = dict.fromkeys(addresses)
        new = [self._make_target(watch, address) for address in wanted if address not in known]
        gone = [target for address, target in known.items() if address not in wanted]
        kept = [target for target in watch.targets if target.address in wanted]
        if not addresses and placeholder is None:
            new = [self._make_target(watch, None)]
        if not new and not gone:
            return
        before = watch.targets
        if watch.naming is not None:
            watch.naming.checked_at = watch.checked_at
        watch.targets = (*kept, *new)
        self.assessor.renew(watch)
        self._drop([*gone, *([placeholder] if placeholder else [])])
        if not kept:  # the verdict so far is of them
            for target in new:
                target.status = watch.status
                target.fails = 0 if placeholder is None else placeholder.fails
        if not self._is_watched(watch):
            return
        if placeholder is not None:  # the look-up was part of a check: go on with it
            now, interval_s = self._clock.monotonic(), watch.settings.interval_s
            for target in new:
                self.prober.schedule.add(target, now, within_s=0.0, after_s=interval_s)
                self.prober.probe(target)
            self.prober.arm()
        else:
            self._schedule(new)
            self.assessor.find(
                AddressChange(
                    watch,
                    self._clock.wall(),
                    addresses,
                    added=tuple(target.address for target in new if target.address is not None),
                    removed=tuple(
                        each.address for each in before if each in gone and each.address is not None
                    ),
                )
            )
            log.info(
                "%s now leads to %s", watch.hostname, ", ".join(map(address_text, addresses)) or "nothing"
            )

    # targets

    def _make_target(self, watch: Watch, address: SocketAddress | None) -> Target:
        made = make_target(watch, address)
        if self._is_watched(watch):
            self._hooks.attach(made)
        return made

    def _is_watched(self, watch: Watch) -> bool:
        return self._watches.get(watch.key) is watch

    def _resettle(self, watch: Watch, settings: ProbeSettings) -> None:
        """Check otherwise from now on. An exchange under way was by the old settings: it is given up."""
        asked = [target for target in watch.targets if target.branch is not None]
        for target in watch.targets:
            self.prober.forget(target)
            self.prober.close_stream(target)
            target.source = None
        watch.settings = settings
        self._schedule(watch.targets, just_asked=asked)
        for target in watch.targets:
            if target in self._waiters:
                if settings.min_interval_s:
                    self._supersede(target)
                else:
                    self.prober.probe(target)

    def _schedule(self, targets: Iterable[Target], just_asked: Collection[Target] = ()) -> None:
        now = self._clock.monotonic()
        for target in targets:
            rest_s = target.watch.settings.min_interval_s if target in just_asked else self._rest_s(target)
            self.prober.schedule.add(target, now, within_s=FIRST_CHECK_WITHIN_S, after_s=rest_s)
        self.prober.arm()

    def _rest_s(self, target: Target) -> float:
        least_s, rests_on_s = target.watch.settings.min_interval_s, self._rests_on_s(target.watch)
        if not least_s or target.checked_at is None:
            return rests_on_s
        return max(rests_on_s, min(least_s, target.checked_at + least_s - self._clock.wall()))

    def _rests_on_s(self, watch: Watch) -> float:
        """How long a provider rests for what was asked of it before it was watched as it is now."""
        if not watch.settings.min_interval_s:
            return 0.0
        return max(0.0, self._resting.get(watch.key, 0.0) - self._clock.monotonic())

    def _let_rest(self, watch: Watch) -> None:
        now, least_s = self._clock.monotonic(), watch.settings.min_interval_s
        for key in list(takewhile(lambda each: self._resting[each] <= now, self._resting)):
            del self._resting[key]
        asked = any(target.branch is not None for target in watch.targets)
        rest_s = least_s if asked else self.rest_s(watch)
        if rest_s:
            self._resting[watch.key] = now + rest_s

    def _drop(self, targets: Iterable[Target]) -> None:
        for target in targets:
            self.prober.forget(target)
            self.prober.close_stream(target)
            if self._is_watched(target.watch):
                self._hooks.detach(target)
            self._supersede(target)

    def _supersede(self, target: Target) -> None:
        for waiter in self._waiters.pop(target, ()):
            if not waiter.done():
                waiter.set_exception(CheckSuperseded())

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        if self._tasks is None:
            work.close()
        else:
            self._tasks.create_task(work)


def _recall(target: Target) -> None:
    """Show the last sample of a target that was given its history back, if it is newer than what is known."""
    if target.samples:
        last = unpack(target.samples[-1])
        if target.checked_at is None or last.at > target.checked_at:
            target.checked_at, target.rtt_ms = float(last.at), last.rtt_ms


def make_target(watch: Watch, address: SocketAddress | None) -> Target:
    """A target of a provider, of the kind that its transport needs."""
    return (Target if watch.settings.transport is Transport.UDP else StreamTarget)(watch, address)


def _same_place(watch: Watch, host: HostPort, settings: ProbeSettings) -> bool:
    return watch.hostname == str(host) and watch.settings.transport is settings.transport
