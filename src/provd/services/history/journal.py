"""The journal: samples on their way to the sample log, each with its target's number."""

from array import array
from collections.abc import Iterable, Iterator

MAX_PENDING = 500_000
"""How many samples wait for a store that can't be written; beyond, the oldest half is dropped."""

UNNUMBERED = 0


class Journal:
    """Samples in the order they were taken. ``encode`` and ``replay`` use this machine's byte order."""

    def __init__(self) -> None:
        self._numbers = array("I")
        self._samples = array("Q")

    def __len__(self) -> int:
        return len(self._samples)

    def add(self, numbers: Iterable[int], samples: "array[int]") -> None:
        """Append samples with as many numbers."""
        self._numbers.extend(numbers)
        self._samples.extend(samples)
        surplus = len(self._samples) - MAX_PENDING
        if surplus > 0:
            surplus += MAX_PENDING // 2
            del self._numbers[:surplus], self._samples[:surplus]

    def clear(self) -> None:
        """Forget the samples: they are written."""
        del self._numbers[:], self._samples[:]

    def encode(self) -> bytes:
        """The samples as a row of the log: the numbers, then the samples."""
        return self._numbers.tobytes() + self._samples.tobytes()


def replay(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield (number, sample) of a row of the log."""
    numbers, samples = array("I"), array("Q")
    length = len(data) // (numbers.itemsize + samples.itemsize)
    numbers.frombytes(data[: length * numbers.itemsize])
    samples.frombytes(data[length * numbers.itemsize :])
    return zip(numbers, samples, strict=True)
