"""Where the names of providers lead: looked up as their TTL ends, the last good addresses kept meanwhile."""

import logging
import time
from collections.abc import Callable, Coroutine, Iterable

from provd.probe.address import SocketAddress
from provd.probe.resolver import Candidate, Resolution, Resolver
from provd.probe.result import ProbeResult
from provd.probe.target import NameState, Target, Watch
from provd.schema.health import Cause

log = logging.getLogger(__name__)

NewAddresses = Callable[[Watch, tuple[SocketAddress, ...]], None]


class LookUps:
    """Looks names up in the background. ``on_addresses`` is told where a name leads (nowhere, when that is
    too long ago), ``on_result`` of a check that has nowhere to go. Addresses serve on for ``max_age_s`` when
    look-ups fail; ``failures`` counts those that left a check with nothing."""

    def __init__(
        self,
        resolver: Resolver,
        *,
        max_age_s: float,
        spawn: Callable[[Coroutine[None, None, None]], None],
        on_addresses: NewAddresses,
        on_result: Callable[[ProbeResult], None],
    ) -> None:
        self.failures = 0
        self._resolver = resolver
        self._max_age_s = max_age_s
        self._spawn = spawn
        self._on_addresses = on_addresses
        self._on_result = on_result

    def due(self, target: Target, state: NameState) -> None:
        """A target falls due: look its name up if it is time to."""
        if not state.resolving and time.monotonic() >= state.due:
            state.resolving = True
            self._spawn(self._look_up(target.watch, state))

    async def look_up_now(self, watch: Watch, state: NameState) -> Resolution:
        """Ask DNS for a check that a person wants; what it says is to be taken in by ``take``."""
        settings = watch.settings
        return await self._resolver.resolve(state.host, settings.timeout_s, settings.transport, fresh=True)

    def take(self, watch: Watch, state: NameState, resolution: Resolution) -> ProbeResult | None:
        """Take in what DNS said. Answers the check's result when there is nowhere to send to."""
        now = time.monotonic()
        state.took_ms = resolution.took_ms
        too_old = state.good_at is not None and now - state.good_at > self._max_age_s
        if resolution.candidates:
            self._take_candidates(watch, state, resolution, () if too_old else state.candidates.values())
            return None
        state.problem = resolution.reason
        if too_old:
            state.candidates = {}
            self._on_addresses(watch, ())
        if watch.targets[0].address is not None:
            state.due = now + resolution.ttl_s
            return None
        self.failures += 1
        return ProbeResult(watch.targets[0], now, resolution.cause, reason=resolution.reason)

    def _take_candidates(
        self, watch: Watch, state: NameState, resolution: Resolution, before: Iterable[Candidate]
    ) -> None:
        """Go by what DNS told, and where it would not, by what it told ``before``."""
        now = time.monotonic()
        told = {each.address: each for each in resolution.candidates}
        kept = {each.address: each for each in before if each.asked in resolution.unheard}
        state.candidates = kept | told
        state.due = now + resolution.ttl_s
        if state.candidates.keys() == told.keys():
            state.good_at = now
        state.problem = resolution.reason if resolution.unheard else None
        self._on_addresses(watch, tuple(dict.fromkeys((*told, *kept))))

    async def _look_up(self, watch: Watch, state: NameState) -> None:
        settings = watch.settings
        try:
            resolution = await self._resolver.resolve(state.host, settings.timeout_s, settings.transport)
        except Exception as error:  # a fault of ours: the others are checked on
            log.exception("looking %s up failed", watch.hostname)
            resolution = Resolution(cause=Cause.LOCAL, reason=f"looking the name up failed: {error}")
        finally:
            state.resolving = False
        if watch.targets:  # else it was dropped meanwhile
            failed = self.take(watch, state, resolution)
            if failed is not None:
                self._on_result(failed)
