"""How many requests a second are looked at, of each source and in all."""

MAX_SOURCES = 1024


class RateBound:
    """Token buckets that hold one second's worth. Time is in seconds on any clock that only goes forward."""

    def __init__(self, per_s: int, per_s_of_source: int) -> None:
        self._per_s_of_source = per_s_of_source
        self._total = _Bucket(per_s)
        self._sources: dict[str, _Bucket] = {}

    def admits(self, source: str, now: float) -> bool:
        """Count a request; whether it is within both bounds."""
        bucket = self._sources.get(source)
        if bucket is None:
            if len(self._sources) >= MAX_SOURCES:
                del self._sources[next(iter(self._sources))]
            bucket = self._sources[source] = _Bucket(self._per_s_of_source)
        return bucket.take(now) and self._total.take(now)


class _Bucket:
    __slots__ = ("_left", "_per_s", "_since")

    def __init__(self, per_s: int) -> None:
        self._per_s = float(per_s)
        self._left = self._per_s
        self._since: float | None = None

    def take(self, now: float) -> bool:
        if self._since is not None:
            self._left = min(self._per_s, self._left + (now - self._since) * self._per_s)
        self._since = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True
