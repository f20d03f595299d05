"""Whose history is kept: the targets' numbers, and what is in memory of each."""

from array import array
from collections.abc import Collection

from provd.probe.archive import decompress_samples
from provd.probe.timeline import Timeline
from provd.store.history import Checkpoint


class Detached:
    """What is in memory of a target that is not under watch."""

    __slots__ = ("minutes", "number", "samples")

    def __init__(self, number: int, samples: "array[int] | None", minutes: bytearray | None) -> None:
        self.number: int | None = number
        self.samples = samples
        self.minutes = minutes


class Kept:
    """A target whose history is in memory.

    Its checkpoint in the store is of log row ``written``, None without one. Nothing of it in the log above
    ``upto`` is missing from the checkpoint unless it has ``changed`` since. ``attached``: it is under watch.
    """

    __slots__ = ("attached", "changed", "timeline", "upto", "written")

    def __init__(self, timeline: Timeline, upto: int, written: int | None) -> None:
        self.timeline = timeline
        self.upto = upto
        self.written = written
        self.attached = False
        self.changed = True


class Roster:
    """The targets with a number: by provider and address, and those in memory by number.

    ``kept`` is in the order in which their checkpoints are due, ``days`` has the last day of each.
    ``newest`` is the highest number; those in ``new`` are not in the store yet. Those ``away`` were let go
    from memory and may have a checkpoint in the store, as no others out of memory have. The checkpoints of
    those in ``retiring`` are on their way into the rollups. So many are ``attached``.
    """

    def __init__(self) -> None:
        self.kept: dict[int, Kept] = {}
        self.days: dict[int, array[int]] = {}
        self.new: list[tuple[int, str, str]] = []
        self.away: set[int] = set()
        self.retiring: set[int] = set()
        self.newest = 0
        self.attached = 0
        self._numbers: dict[str, dict[str, int]] = {}

    def know(self, number: int, provider_id: str, address: str) -> None:
        """Take in a number that the store has."""
        self._numbers.setdefault(provider_id, {})[address] = number

    def numbers(self, provider_id: str) -> dict[str, int]:
        """The numbers of a provider's addresses."""
        return self._numbers.get(provider_id, {})

    def enrol(self, provider_id: str, address: str) -> int:
        """Give a number to an address that has none."""
        self.newest += 1
        self.know(self.newest, provider_id, address)
        self.new.append((self.newest, provider_id, address))
        return self.newest

    def forget(self, numbers: Collection[int]) -> None:
        """Forget targets that the store has forgotten; one that is under watch again is new to it."""
        self.away.difference_update(numbers)
        for provider_id, by_address in list(self._numbers.items()):
            for address, number in list(by_address.items()):
                if number in numbers:
                    if number in self.kept:
                        self.new.append((number, provider_id, address))
                        continue
                    del by_address[address]
                    self.days.pop(number, None)
            if not by_address:
                del self._numbers[provider_id]

    def restore(self, row: Checkpoint) -> Kept:
        """Take a checkpoint into memory."""
        day = self.days[row.target_id] = array("Q")
        day.frombytes(row.day)
        samples = decompress_samples(row.samples)
        made = Kept(Detached(row.target_id, samples, bytearray(row.minutes)), row.upto, row.upto)
        self.kept[row.target_id] = made
        return made

    def begin(self, number: int, upto: int) -> Kept:
        """Take a target without a checkpoint into memory; nothing up to log row ``upto`` is of it."""
        self.days[number] = array("Q")
        made = self.kept[number] = Kept(Detached(number, array("Q"), bytearray()), upto, None)
        return made
