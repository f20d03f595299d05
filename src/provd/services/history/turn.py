"""A target's turn: what is written of it when its checkpoint is due."""

from array import array

from provd.probe.archive import compress_samples
from provd.probe.samples import RING
from provd.probe.series import finished
from provd.probe.timeline import open_hour, open_minute
from provd.services.history.hours import roll_up_hours
from provd.services.history.roster import Kept
from provd.store.history import Checkpoint, HourRollups, Slot


class Turn:
    """One turn, in this order: begin, ``copy``, ``row``, and once that is in the store ``done``."""

    __slots__ = ("_copied", "_leaving", "_over", "_rolled_up", "_series", "kept", "number")

    def __init__(self, number: int, kept: Kept) -> None:
        samples, minutes = kept.timeline.samples, kept.timeline.minutes
        self.number = number
        self.kept = kept
        self._series = bytearray() if minutes is None else minutes
        hour = open_hour(samples) if samples else None
        self._over = 0 if hour is None else finished(self._series, hour)
        self._rolled_up: dict[int, HourRollups] = {}
        if self._over:
            self._rolled_up = roll_up_hours(self._series[: self._over])
        self._copied: tuple[int, array[int], bytes] = (0, array("Q"), b"")
        self._leaving = False

    @property
    def hours(self) -> dict[Slot, HourRollups]:
        """The hours that are over."""
        return {(hour, self.number): rollups for hour, rollups in self._rolled_up.items()}

    @property
    def leaves(self) -> bool:
        """Whether memory has nothing more of the target, and no reason to keep it."""
        return self._leaving and not self.kept.attached

    def copy(self) -> None:
        """Copy what belongs into the checkpoint."""
        samples = self.kept.timeline.samples
        at, enough = 0, array("Q")
        if samples:
            at = samples[-1] >> 32
            enough = samples[max(0, min(len(samples) - RING, open_minute(samples))) :]
        self._copied = at, enough, bytes(self._series[self._over :])
        self._leaving = not self.kept.attached

    def row(self, upto: int, day: bytes) -> Checkpoint:
        """The checkpoint; what was copied includes the log up to row ``upto``."""
        at, samples, minutes = self._copied
        return Checkpoint(self.number, upto, at, compress_samples(samples), minutes, day)

    def done(self) -> None:
        """Drop from memory what the store has now."""
        del self._series[: self._over]
