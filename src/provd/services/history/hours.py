"""From a series of minutes to what the store keeps of an hour."""

from provd.probe.archive import Minutes, compress_minutes, decompress_minutes
from provd.probe.rollup import Rollup
from provd.probe.series import by_hour
from provd.store.history import HourRollups, Slot


def roll_up_hours(series: bytes | bytearray) -> dict[int, HourRollups]:
    """Roll up each hour in a series of minutes."""
    return {hour: _rolled_up(minutes) for hour, minutes in by_hour(series).items()}


def add_up(new: dict[Slot, HourRollups], stored: dict[Slot, HourRollups]) -> dict[Slot, HourRollups]:
    """The new hours, each with what the store has of the same hour already, as after a step of the clock."""
    return {slot: _sum(stored[slot], hour) if slot in stored else hour for slot, hour in new.items()}


def _sum(before: HourRollups, more: HourRollups) -> HourRollups:
    total = Rollup()
    total.merge_encoded(before.hour)
    total.merge_encoded(more.hour)
    minutes = decompress_minutes(before.minutes) if before.minutes else []
    return HourRollups(total.encode(), compress_minutes(minutes + decompress_minutes(more.minutes)))


def _rolled_up(minutes: Minutes) -> HourRollups:
    total = Rollup()
    for _, rollup in minutes:
        total.merge_encoded(rollup)
    return HourRollups(total.encode(), compress_minutes(minutes))
