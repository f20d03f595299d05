"""What of a stream arrived, and how regularly (RFC 3550 sections 6.4.1, A.3 and A.8)."""

from dataclasses import dataclass, field

_CYCLE = 1 << 16
_RATE = 8000
_MAX_SOURCES = 16
_MAX_MISORDER = 3000  # a jump by more than that either way is a stream that began anew


@dataclass(slots=True)
class _Source:
    """One SSRC. ``highest`` is its highest sequence number with the cycles before it; ``done`` are the
    packets that were expected before a jump."""

    first: int
    highest: int
    seen: set[int] = field(default_factory=set)
    received: int = 0
    expected_before: int = 0
    transit: float | None = None
    jitter: float = 0.0

    @property
    def expected(self) -> int:
        return self.expected_before + self.highest - self.first + 1


class Reception:
    """Told of each packet; says what was lost, and the jitter. At most a minute's worth is expected."""

    def __init__(self) -> None:
        self.first_at: float | None = None
        self._sources: dict[int, _Source] = {}

    def take(self, ssrc: int, sequence: int, timestamp: int | None, at: float) -> bool:
        """Count a packet that arrived ``at`` seconds; False for one that was there already.

        Without a ``timestamp`` it says nothing of the jitter: those of an event have that of its beginning.
        """
        if self.first_at is None:
            self.first_at = at
        source = self._sources.get(ssrc)
        if source is None:
            if len(self._sources) >= _MAX_SOURCES:
                return False
            source = self._sources[ssrc] = _Source(sequence, sequence)
        extended = self._extended(source, sequence)
        if extended in source.seen:
            return False
        source.seen.add(extended)
        source.received += 1
        source.first = min(source.first, extended)
        source.highest = max(source.highest, extended)
        if timestamp is None:
            return True
        transit = at * _RATE - timestamp
        if source.transit is not None:
            moved = abs(transit - source.transit)
            moved = min(moved, abs(moved - 2**32))  # timestamps begin anew after 2**32
            source.jitter += (moved - source.jitter) / 16
        source.transit = transit
        return True

    @property
    def received(self) -> int:
        """How many packets arrived, each counted once."""
        return sum(each.received for each in self._sources.values())

    @property
    def loss_pct(self) -> float:
        """What part of the packets between the first and the last did not arrive."""
        expected = sum(each.expected for each in self._sources.values())
        return 100.0 * (expected - self.received) / expected if expected else 0.0

    @property
    def jitter_ms(self) -> float:
        """The interarrival jitter of the source that most came from."""
        most = max(self._sources.values(), key=lambda each: each.received, default=None)
        return 0.0 if most is None else 1000.0 * most.jitter / _RATE

    @staticmethod
    def _extended(source: _Source, sequence: int) -> int:
        """The sequence number with its cycles: the one that is nearest to the highest so far."""
        base = source.highest - source.highest % _CYCLE
        extended = min(
            (base + cycle + sequence for cycle in (-_CYCLE, 0, _CYCLE)),
            key=lambda each: abs(each - source.highest),
        )
        if abs(extended - source.highest) > _MAX_MISORDER:
            source.expected_before = source.expected
            source.first = source.highest = extended
            source.seen.clear()
        return extended
