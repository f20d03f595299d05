"""The time by which things are forgotten. A clock that is set years ahead for a while must not cost us what
we know: one that goes forward all at once is believed after a day."""

import time
from collections.abc import Callable

BELIEVED_AFTER_S = 86400.0
_TOLERANCE_S = 60.0


class BelievedTime:
    """Gives the seconds since 1970, when it is called; behind the clock for BELIEVED_AFTER_S after that was
    set forward, never ahead of it by more than a minute.

    ``known`` is the latest time that something is known to have happened at: a clock that is ahead of it at
    the beginning is one that was set forward.
    """

    def __init__(
        self,
        known: float | None = None,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        now = wall()
        self._offset = min(now, now if known is None else known) - monotonic()
        self._ahead_since: float | None = None

    def __call__(self) -> float:
        """What time it is. To be asked now and then, so that a step is noticed."""
        now = self._monotonic()
        offset = self._wall() - now
        if offset <= self._offset + _TOLERANCE_S:
            self._offset, self._ahead_since = offset, None
        elif self._ahead_since is None:
            self._ahead_since = now
        elif now - self._ahead_since >= BELIEVED_AFTER_S:
            self._offset, self._ahead_since = offset, None
        return now + self._offset
