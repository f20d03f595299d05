"""When targets are due: a hashed wheel of 10 ms slots. Sans-IO; time is an argument."""

from collections.abc import Iterator
from zlib import crc32

from provd.probe.settings import TICKS_PER_S
from provd.probe.target import NOT_SCHEDULED, Target

_SLOTS = 4096
_MASK = _SLOTS - 1
_LOOK_AHEAD = TICKS_PER_S
IN_PHASE = -1
_PHASING = 8  # a target drifts into its phase by at most an eighth of its interval at a time


class Schedule:
    """Gives out targets as they fall due, spread evenly.

    Each target has a phase in its interval, hashed from its provider's id. A new target's first check is
    soon; from there it moves into its phase over the next few, never waiting longer than its interval.
    """

    def __init__(self, now: float) -> None:
        self.rate = 0.0
        """How many targets fall due in a second, on average."""
        self._epoch = now
        self._tick = 0
        self._wheel: list[list[Target]] = [[] for _ in range(_SLOTS)]
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, target: Target, now: float, *, within_s: float, after_s: float = 0.0) -> None:
        """Schedule a target's first check: at its own place in the ``within_s`` seconds that begin in
        ``after_s``."""
        if target.due_tick == NOT_SCHEDULED:
            self._size += 1
            self.rate += 1.0 / target.watch.settings.interval_s
        spot = crc32(f"{target.watch.key}{target.address}".encode())
        interval, within = target.watch.settings.interval_ticks, max(1, round(within_s * TICKS_PER_S))
        target.phase_tick = IN_PHASE if within >= interval else spot % interval
        self._put(target, self._at(now + after_s) + 1 + spot % within)

    def again(self, target: Target, now: float, after_s: float) -> None:
        """Offer a target once more before its turn, if that is sooner."""
        tick = self._at(now + after_s)
        if self._tick <= tick < target.due_tick:
            self._put(target, tick)

    def remove(self, target: Target) -> None:
        """Take a target out; its entry in the wheel is dropped when its slot comes round."""
        if target.due_tick != NOT_SCHEDULED:
            self._size -= 1
            self.rate = max(0.0, self.rate - 1.0 / target.watch.settings.interval_s) if self._size else 0.0
        target.due_tick = NOT_SCHEDULED

    def defer(self, target: Target) -> None:
        """Offer a target that could not be sent again at the next tick."""
        if target.due_tick != NOT_SCHEDULED:
            self._put(target, self._tick + 1)

    def due(self, now: float, limit: int) -> Iterator[Target]:
        """Yield the targets that are due at ``now``, each scheduled for its next turn already.

        After ``limit``, or when the caller stops, the rest waits for the next call, and keeps its order.
        """
        until = self._at(now)
        while self._tick <= until:
            tick = self._tick
            slot = self._wheel[tick & _MASK]
            if slot:
                later: list[Target] = []  # of later turns of the wheel
                shared = 0
                try:
                    while slot:
                        if limit <= 0:
                            return
                        target = slot.pop()
                        when = target.due_tick
                        if when == tick:
                            following = when + target.watch.settings.interval_ticks
                            if following <= until or target.phase_tick != IN_PHASE:
                                following = self._next(target, until)
                            if following == shared:
                                following = shared  # the same number: a million of them take 32 MB
                            shared = target.due_tick = following
                            self._wheel[following & _MASK].append(target)
                            limit -= 1
                            yield target
                        elif when > tick and not (when - tick) & _MASK:
                            later.append(target)
                finally:  # also when the caller wants no more
                    slot += later
            self._tick = tick + 1

    def next_at(self) -> float:
        """When to call ``due`` again: at the next slot with something in it, within a second."""
        ahead = 0
        while ahead < _LOOK_AHEAD and not self._wheel[(self._tick + ahead) & _MASK]:
            ahead += 1
        return self._epoch + (self._tick + ahead) / TICKS_PER_S

    def _next(self, target: Target, now_tick: int) -> int:
        interval = target.watch.settings.interval_ticks
        following = target.due_tick + interval
        if target.phase_tick != IN_PHASE:
            off_phase = (target.due_tick - target.phase_tick) % interval
            spare = interval - round(target.watch.settings.min_interval_s * TICKS_PER_S)
            following -= min(interval // _PHASING, off_phase, max(0, spare))
            if not off_phase:
                target.phase_tick = IN_PHASE
        if following <= now_tick:  # we slept through some turns: skip them
            following += interval * ((now_tick - following) // interval + 1)
        return following

    def _put(self, target: Target, tick: int) -> None:
        target.due_tick = tick
        self._wheel[tick & _MASK].append(target)

    def _at(self, now: float) -> int:
        return int((now - self._epoch) * TICKS_PER_S)
