"""Reads what is known of a target: what the store has, and what memory has beyond it."""

from array import array
from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy.orm import Session

from provd.probe.archive import decompress_minutes, decompress_samples
from provd.probe.rollup import encoded
from provd.probe.series import HOUR_S, MINUTE_S, entries
from provd.probe.timeline import open_minute
from provd.services.history.roster import Roster
from provd.store import history as stored
from provd.store.engine import Store
from provd.store.history import Checkpoint

Entries = Iterator[tuple[int, bytes]]
"""When each begins, in seconds since 1970, and its rollup."""

_TRIES = 5


class Found(NamedTuple):
    """``hours`` are from the store: the hour, and its rollup or its minutes. ``samples`` is the ring,
    ``minutes`` a series. What is in this series or is the open minute is in none of the hours."""

    hours: list[tuple[int, bytes]]
    samples: "array[int]"
    minutes: bytes

    def by_minute(self) -> Entries:
        """The rollups of minutes, when ``hours`` has those."""
        for hour, minutes in self.hours:
            for place, rollup in decompress_minutes(minutes):
                yield hour * HOUR_S + place * MINUTE_S, rollup
        yield from self._newer()

    def by_hour(self) -> Entries:
        """The rollups of hours, when ``hours`` has those; more than one of the same hour add up."""
        for hour, rollup in self.hours:
            yield hour * HOUR_S, rollup
        for at, rollup in self._newer():
            yield at - at % HOUR_S, rollup

    def _newer(self) -> Entries:
        for minute, rollup in entries(self.minutes):
            yield minute * MINUTE_S, rollup
        if self.samples:
            at = self.samples[-1] >> 32
            yield at - at % MINUTE_S, encoded(self.samples[open_minute(self.samples) :])


class HistoryReader:
    """Reads targets by their numbers."""

    def __init__(self, store: Store, roster: Roster) -> None:
        self._store = store
        self._roster = roster

    async def read(self, number: int, first: int, last: int, *, minutes: bool) -> Found:
        """Read a target's hours from ``first`` to ``last`` (3,600 s, counted from 1970), and the rest.

        ``minutes``: the minutes of each hour instead of its rollup. Raises StoreError.
        """
        for _ in range(_TRIES):
            before = self._roster.kept.get(number)
            row, hours = await self._store.read(_read, number, first, last, minutes)
            kept = self._roster.kept.get(number)
            if kept is before and (kept is None or kept.written == (None if row is None else row.upto)):
                break  # else a checkpoint was written meanwhile, and hours moved from memory to the store
        if kept is not None:
            timeline = kept.timeline
            return Found(hours, (timeline.samples or array("Q"))[:], bytes(timeline.minutes or b""))
        if row is None:
            return Found(hours, array("Q"), b"")
        return Found(hours, decompress_samples(row.samples), row.minutes)


def _read(
    session: Session, number: int, first: int, last: int, minutes: bool
) -> tuple[Checkpoint | None, list[tuple[int, bytes]]]:
    row = stored.checkpoint(session, number)
    return row, stored.hours_between(session, number, first, last, minutes=minutes)
