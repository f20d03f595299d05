"""Resolutions that are still good."""

from collections.abc import Hashable
from dataclasses import replace

from provd.probe.naming.resolution import Resolution


class ResolutionCache:
    """Keeps at most ``size`` resolutions until their TTL has passed; beyond that the oldest goes.

    ``now`` is in seconds, of a clock that does not go back.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: dict[Hashable, tuple[Resolution, float]] = {}

    def get(self, key: Hashable, now: float) -> Resolution | None:
        """What is kept, its ``ttl_s`` being what remains of it; None when there is nothing."""
        resolution, expires = self._kept.get(key, (None, 0.0))
        if resolution is None:
            return None
        if now >= expires:
            del self._kept[key]
            return None
        return replace(resolution, ttl_s=expires - now, took_ms=0.0)

    def put(self, key: Hashable, resolution: Resolution, now: float) -> None:
        """Keep a resolution in place of the one before it; without candidates, keep none."""
        self._kept.pop(key, None)
        if not resolution.candidates:
            return
        self._kept[key] = (resolution, now + resolution.ttl_s)
        if len(self._kept) > self._size:
            del self._kept[next(iter(self._kept))]
