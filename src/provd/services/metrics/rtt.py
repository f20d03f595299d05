"""Round-trip times as histograms, from the batches in which samples go to the history.

A check costs nothing here: samples are sorted and counted by the thousand, after they were handed over.
"""

import asyncio
from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence

from prometheus_client.core import HistogramMetricFamily
from prometheus_client.metrics_core import Metric

from provd.probe.samples import UNANSWERED
from provd.probe.target import Target

MOST_CARRIERS = 50
OTHER_CARRIERS = "other"
EVERY_S = 1.0

_BOUNDS_MS = (1, 2.5, 5, 10, 20, 30, 50, 75, 100, 150, 250, 500, 1000, 2500, 5000)
_UNITS_PER_MS = 100
_BOUNDS = [round(bound * _UNITS_PER_MS) for bound in _BOUNDS_MS]
_NAMES = [*(str(bound / 1000) for bound in _BOUNDS_MS), "+Inf"]
_AT_ONCE = 1000
_MOST_WAITING = 500_000

TakeSamples = Callable[[], "tuple[Sequence[Target], array[int]]"]


class RttHistograms:
    """One of all checks that were answered, and one for each of the first MOST_CARRIERS carriers; those of
    further ones are counted together. ``carriers`` has the carriers by the ids of providers.

    They begin when they are first asked for, which most of those who run this never do.
    """

    def __init__(self, carriers: Mapping[str, str]) -> None:
        self._carriers = carriers
        self._begun = False
        self._waiting: deque[tuple[Sequence[Target], array[int]]] = deque()
        self._all = _Counts()
        self._by_carrier: dict[str, _Counts] = {}

    def tap(self, take: TakeSamples) -> TakeSamples:
        """What takes samples as ``take`` does, and has them counted here too."""

        def tapped() -> "tuple[Sequence[Target], array[int]]":
            taken = take()
            if self._begun and taken[1] and sum(len(samples) for _, samples in self._waiting) < _MOST_WAITING:
                self._waiting.append(taken)
            return taken

        return tapped

    async def run(self) -> None:
        """Count, until cancelled."""
        while True:
            await self.count()
            await asyncio.sleep(EVERY_S)

    async def count(self) -> None:
        """Count what was handed over."""
        while self._waiting:
            targets, samples = self._waiting.popleft()
            for start in range(0, len(samples), _AT_ONCE):
                self._take(targets[start : start + _AT_ONCE], samples[start : start + _AT_ONCE])
                await asyncio.sleep(0)

    def collect(self) -> Iterator[Metric]:
        """Give the histograms (prometheus_client's collector protocol)."""
        self._begun = True
        every = HistogramMetricFamily(
            "provd_rtt_seconds", "Round-trip time of checks that were answered.", labels=()
        )
        every.add_metric((), *self._all.shown())
        yield every
        by_carrier = HistogramMetricFamily(
            "provd_carrier_rtt_seconds", "The same by the carrier of providers.", labels=("carrier",)
        )
        for carrier, counts in self._by_carrier.items():
            by_carrier.add_metric((carrier,), *counts.shown())
        yield by_carrier

    def _take(self, targets: Sequence[Target], samples: "array[int]") -> None:
        values = [packed & UNANSWERED for packed in samples]
        self._all.add(values)
        if not self._carriers:
            return
        of: dict[str, list[int]] = {}
        carrier_of = self._carriers.get
        for target, value in zip(targets, values, strict=True):
            carrier = carrier_of(target.watch.key)
            if carrier is not None:
                of.setdefault(carrier, []).append(value)
        for carrier, some in of.items():
            counts = self._by_carrier.get(carrier)
            if counts is None:
                name = carrier if len(self._by_carrier) < MOST_CARRIERS else OTHER_CARRIERS
                counts = self._by_carrier.setdefault(name, _Counts())
            counts.add(some)


class _Counts:
    __slots__ = ("buckets", "total")

    def __init__(self) -> None:
        self.buckets = [0] * len(_NAMES)
        self.total = 0

    def add(self, values: list[int]) -> None:
        """Count values in units of 10 us; those without an answer are sorted to the end, and left out."""
        ordered = sorted(values)
        end = len(ordered)
        while end and ordered[end - 1] == UNANSWERED:
            end -= 1
        before = 0
        for place, bound in enumerate(_BOUNDS):
            upto = bisect_right(ordered, bound, before, end)
            self.buckets[place] += upto - before
            before = upto
        self.buckets[-1] += end - before
        self.total += sum(ordered[:end])

    def shown(self) -> tuple[list[tuple[str, float]], float]:
        """The buckets, each with those below it, and the sum in seconds."""
        shown, count = [], 0
        for name, number in zip(_NAMES, self.buckets, strict=True):
            count += number
            shown.append((name, float(count)))
        return shown, self.total / _UNITS_PER_MS / 1000
