"""Rollups: the figures of many samples in a few bytes, that can be added up without loss.

Counts, sum, lowest and highest are exact. Percentiles are exact for up to four answers and within 1 %
beyond. Adding rollups up in any order, encoded in between or not, gives what their samples would have given.
"""

from bisect import insort
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import accumulate
from math import ceil
from operator import and_

from provd.probe.buckets import bucket_of, middle_of
from provd.probe.samples import OK, UNANSWERED, UP
from provd.probe.varints import decode_varints, encode_varints

_FEW = 4  # so many values take less room than their buckets
_UNITS_PER_MS = 100.0
_NOT_ALL_OK, _NOT_ALL_ANSWERED, _NOT_ALL_UP = 1, 2, 4
_FLAG_BITS = 3


class Rollup:
    """The figures of some samples.

    ``count`` is of checks; ``ok`` of them were a success, ``answered`` had an answer, and after ``up`` of
    them the provider was healthy. ``total``, ``low`` and ``high`` are of the answers' times, in 10 us.
    """

    __slots__ = ("_buckets", "_few", "answered", "count", "high", "low", "ok", "total", "up")

    def __init__(self) -> None:
        self.count = self.ok = self.answered = self.up = 0
        self.total = self.low = self.high = 0
        self._few: list[int] = []  # the values themselves, in order, while there are few
        self._buckets: dict[int, int] = {}  # how many values are in each, once there are more

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rollup) and self._numbers() == other._numbers()

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"Rollup{self._numbers()}"

    def add(self, packed: int) -> None:
        """Take a sample in."""
        self.count += 1
        self.ok += packed & OK != 0
        self.up += packed & UP != 0
        value = packed & UNANSWERED
        if value != UNANSWERED:
            self._add_answers(1, value, value, value)
            self._add_value(value)

    def merge(self, other: "Rollup") -> None:
        """Take another rollup in."""
        self.count += other.count
        self.ok += other.ok
        self.up += other.up
        if not other.answered:
            return
        self._add_answers(other.answered, other.total, other.low, other.high)
        if other.answered <= _FEW:
            for value in other._few:
                self._add_value(value)
        else:
            self._add_buckets(other._buckets.items())

    def merge_encoded(self, data: bytes) -> None:
        """Take in a rollup as ``encode`` wrote it."""
        numbers = decode_varints(data)
        count = numbers[0] >> _FLAG_BITS
        ok, answered, up, start = _counts(numbers)
        self.count += count
        self.ok += ok
        self.up += up
        if not answered:
            return
        if answered <= _FEW:
            values = list(accumulate(numbers[start:]))
            self._add_answers(answered, sum(values), values[0], values[-1])
            for value in values:
                self._add_value(value)
            return
        low, width, above = numbers[start : start + 3]
        self._add_answers(answered, above + low * answered, low, low + width)
        bucket = 0
        pairs = []
        for step, number in zip(numbers[start + 3 :: 2], numbers[start + 4 :: 2], strict=True):
            bucket += step
            pairs.append((bucket, number))
        self._add_buckets(pairs)

    def encode(self) -> bytes:
        """Write everything in it, as short as it can be."""
        return encode_varints(self._numbers())

    @property
    def loss_pct(self) -> float | None:
        """The share of checks without an answer; None without checks."""
        return 100.0 * (self.count - self.answered) / self.count if self.count else None

    @property
    def availability_pct(self) -> float | None:
        """The share of checks after which the provider was healthy; None without checks."""
        return 100.0 * self.up / self.count if self.count else None

    @property
    def min_ms(self) -> float | None:
        """The shortest round-trip time; None without answers."""
        return self.low / _UNITS_PER_MS if self.answered else None

    @property
    def mean_ms(self) -> float | None:
        """The mean round-trip time; None without answers."""
        return self.total / self.answered / _UNITS_PER_MS if self.answered else None

    @property
    def max_ms(self) -> float | None:
        """The longest round-trip time; None without answers."""
        return self.high / _UNITS_PER_MS if self.answered else None

    def percentile_ms(self, percent: int) -> float | None:
        """The nearest-rank percentile of the round-trip times; None without answers."""
        if not self.answered:
            return None
        rank = max(1, ceil(percent * self.answered / 100))
        if self.answered <= _FEW:
            return self._few[rank - 1] / _UNITS_PER_MS
        for bucket in sorted(self._buckets):
            rank -= self._buckets[bucket]
            if rank <= 0:
                break
        return min(max(middle_of(bucket), self.low), self.high) / _UNITS_PER_MS

    def _add_answers(self, answered: int, total: int, low: int, high: int) -> None:
        if not self.answered or low < self.low:
            self.low = low
        if high > self.high:
            self.high = high
        if self.answered <= _FEW < self.answered + answered:
            few, self._few = self._few, []
            self._add_buckets((bucket_of(value), 1) for value in few)
        self.answered += answered
        self.total += total

    def _add_value(self, value: int) -> None:
        if self.answered <= _FEW:
            insort(self._few, value)
        else:
            bucket = bucket_of(value)
            self._buckets[bucket] = self._buckets.get(bucket, 0) + 1

    def _add_buckets(self, pairs: Iterable[tuple[int, int]]) -> None:
        buckets = self._buckets
        for bucket, number in pairs:
            buckets[bucket] = buckets.get(bucket, 0) + number

    def _numbers(self) -> list[int]:
        numbers = [self.count << _FLAG_BITS]
        for flag, part in (
            (_NOT_ALL_OK, self.ok),
            (_NOT_ALL_ANSWERED, self.answered),
            (_NOT_ALL_UP, self.up),
        ):
            if part != self.count:
                numbers[0] |= flag
                numbers.append(self.count - part)
        if self.answered <= _FEW:
            before = 0
            for value in self._few:
                numbers.append(value - before)
                before = value
            return numbers
        numbers += (self.low, self.high - self.low, self.total - self.low * self.answered)
        before = 0
        for bucket in sorted(self._buckets):
            numbers += (bucket - before, self._buckets[bucket])
            before = bucket
        return numbers


def decode(data: bytes) -> Rollup:
    """Read a rollup as ``encode`` wrote it."""
    made = Rollup()
    made.merge_encoded(data)
    return made


def roll_up(samples: Sequence[int]) -> Rollup:
    """The rollup of one or more samples, in a fraction of the time that adding each would take."""
    made = Rollup()
    count = made.count = len(samples)
    common = reduce(and_, samples)
    made.ok = count if common & OK else sum(1 for packed in samples if packed & OK)
    made.up = count if common & UP else sum(1 for packed in samples if packed & UP)
    values = [value for packed in samples if (value := packed & UNANSWERED) != UNANSWERED]
    if values:
        made._add_answers(len(values), sum(values), min(values), max(values))
        if len(values) <= _FEW:
            made._few = sorted(values)
        else:
            made._buckets = Counter(map(bucket_of, values))
    return made


def encoded(samples: Sequence[int]) -> bytes:
    """``roll_up(samples).encode()``, in half the time when they are few and all of them good."""
    common = reduce(and_, samples)
    if len(samples) > _FEW or common < common | OK | UP:
        return roll_up(samples).encode()
    values = sorted([packed & UNANSWERED for packed in samples])
    if values[-1] == UNANSWERED:
        return roll_up(samples).encode()
    numbers = [len(samples) << _FLAG_BITS]
    before = 0
    for value in values:
        numbers.append(value - before)
        before = value
    return encode_varints(numbers)


def counts(data: bytes) -> tuple[int, int]:
    """Read ``count`` and ``up`` alone from an encoded rollup."""
    numbers = decode_varints(data[:20])
    _, _, up, _ = _counts(numbers)
    return numbers[0] >> _FLAG_BITS, up


def _counts(numbers: list[int]) -> tuple[int, int, int, int]:
    """What is ok, answered and up in an encoded rollup, and where its values begin."""
    flags, count = numbers[0], numbers[0] >> _FLAG_BITS
    place = 1
    parts = []
    for flag in (_NOT_ALL_OK, _NOT_ALL_ANSWERED, _NOT_ALL_UP):
        if flags & flag:
            parts.append(count - numbers[place])
            place += 1
        else:
            parts.append(count)
    return parts[0], parts[1], parts[2], place
