"""Rollups of calls: the figures of many in a few bytes, that can be added up without loss.

Counts and sums are exact, percentiles of the post-dial delay within 1 %.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from math import ceil

from provd.calls.outcome import is_answered, is_effective
from provd.probe.buckets import bucket_of, middle_of
from provd.probe.varints import decode_varints, encode_varints

_LONGEST_MS = (1 << 30) - 1
_SUMS = 9
_MOS_UNITS, _LOSS_UNITS = 100, 1000


class CallRollup:
    """The figures of some calls: ``codes`` counts them by their final SIP code."""

    __slots__ = ("_pdd", "_sums", "codes")

    def __init__(self) -> None:
        self.codes: dict[int, int] = {}
        self._sums = [
            0
        ] * _SUMS  # pairs of number and sum: durations, set-ups, MOS, loss; then the PDD's number
        self._pdd: dict[int, int] = {}  # how many calls are in each bucket

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CallRollup) and self.encode() == other.encode()

    __hash__ = None  # type: ignore[assignment]  # it changes

    def add(
        self,
        code: int,
        pdd_ms: float | None = None,
        setup_ms: float | None = None,
        duration_s: float | None = None,
        mos: float | None = None,
        loss_pct: float | None = None,
    ) -> None:
        """Take a call in. A duration counts for calls that were answered alone."""
        self.codes[code] = self.codes.get(code, 0) + 1
        if duration_s is not None and is_answered(code):
            self._count(0, duration_s * 1000)
        if setup_ms is not None:
            self._count(2, setup_ms)
        if mos is not None:
            self._count(4, mos * _MOS_UNITS)
        if loss_pct is not None:
            self._count(6, loss_pct * _LOSS_UNITS)
        if pdd_ms is not None:
            self._sums[8] += 1
            bucket = bucket_of(min(round(pdd_ms), _LONGEST_MS))
            self._pdd[bucket] = self._pdd.get(bucket, 0) + 1

    def add_alike(self, code: int, count: int, sums: Sequence[int]) -> None:
        """Take ``count`` calls in that ended with one code, but for their post-dial delays.

        ``sums`` are pairs of a number and a sum: of durations and set-ups in ms, MOS in hundredths, loss in
        thousandths of a percent.
        """
        self.codes[code] = self.codes.get(code, 0) + count
        of_answered = sums if is_answered(code) else (0, 0, *sums[2:])
        for place, value in enumerate(of_answered):
            self._sums[place] += value

    def add_pdds(self, values_ms: Iterable[int]) -> None:
        """Take the post-dial delays of such calls in."""
        counted = Counter(bucket_of(min(value, _LONGEST_MS)) for value in values_ms)
        self._sums[8] += counted.total()
        self._take((), (), counted.items())

    def merge(self, other: "CallRollup") -> None:
        """Take another rollup in."""
        self._take(other.codes.items(), other._sums, other._pdd.items())

    def merge_encoded(self, data: bytes) -> None:
        """Take in a rollup as ``encode`` wrote it."""
        numbers = decode_varints(data)
        begin = 1 + 2 * numbers[0]
        codes, pdd = numbers[1:begin], numbers[begin + _SUMS :]
        buckets, bucket = [], 0
        for step, number in zip(pdd[::2], pdd[1::2], strict=True):
            bucket += step
            buckets.append((bucket, number))
        self._take(zip(codes[::2], codes[1::2], strict=True), islice(numbers, begin, begin + _SUMS), buckets)

    def encode(self) -> bytes:
        """Write everything in it: codes with their counts, the sums, the buckets with their counts."""
        numbers = [len(self.codes)]
        for code in sorted(self.codes):
            numbers += (code, self.codes[code])
        numbers += self._sums
        before = 0
        for bucket in sorted(self._pdd):
            numbers += (bucket - before, self._pdd[bucket])
            before = bucket
        return encode_varints(numbers)

    @property
    def attempts(self) -> int:
        """How many calls there were."""
        return sum(self.codes.values())

    @property
    def answered(self) -> int:
        """How many were answered."""
        return sum(number for code, number in self.codes.items() if is_answered(code))

    @property
    def effective(self) -> int:
        """How many were carried to the called party."""
        return sum(number for code, number in self.codes.items() if is_effective(code))

    @property
    def asr_pct(self) -> float | None:
        """The answer-seizure ratio; None without calls."""
        return _share(self.answered, self.attempts)

    @property
    def ner_pct(self) -> float | None:
        """The network effectiveness ratio; None without calls."""
        return _share(self.effective, self.attempts)

    @property
    def acd_s(self) -> float | None:
        """The mean duration of answered calls; None where none is known."""
        return _mean(self._sums[1], self._sums[0], 1000)

    @property
    def duration_s(self) -> float:
        """How long answered calls took together."""
        return self._sums[1] / 1000

    @property
    def setup_ms(self) -> float | None:
        """The mean time until calls were set up; None where none is known."""
        return _mean(self._sums[3], self._sums[2], 1)

    @property
    def mos(self) -> float | None:
        """The mean opinion score, averaged; None where none is known."""
        return _mean(self._sums[5], self._sums[4], _MOS_UNITS)

    @property
    def loss_pct(self) -> float | None:
        """The loss of packets, averaged; None where none is known."""
        return _mean(self._sums[7], self._sums[6], _LOSS_UNITS)

    def pdd_ms(self, percent: int) -> float | None:
        """The nearest-rank percentile of the post-dial delay; None where none is known."""
        if not self._sums[8]:
            return None
        rank = max(1, ceil(percent * self._sums[8] / 100))
        for bucket in sorted(self._pdd):
            rank -= self._pdd[bucket]
            if rank <= 0:
                break
        return middle_of(bucket)

    def _count(self, place: int, value: float) -> None:
        self._sums[place] += 1
        self._sums[place + 1] += round(value)

    def _take(
        self, codes: Iterable[tuple[int, int]], sums: Iterable[int], buckets: Iterable[tuple[int, int]]
    ) -> None:
        for code, number in codes:
            self.codes[code] = self.codes.get(code, 0) + number
        for place, value in enumerate(sums):
            self._sums[place] += value
        for bucket, number in buckets:
            self._pdd[bucket] = self._pdd.get(bucket, 0) + number


def _share(part: int, whole: int) -> float | None:
    return 100.0 * part / whole if whole else None


def _mean(total: int, number: int, units: int) -> float | None:
    return total / number / units if number else None
