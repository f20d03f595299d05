"""Series: the rollups of minutes, one after another in bytes.

An entry is the minute's place in its hour (0 to 59), the length of its encoded rollup, and the rollup. A
mark before the first entry, and wherever the hour changes, says which hour (3,600 s, counted from 1970)
follows. A minute may be there more than once, as after a step of the clock: its entries add up.
"""

from collections.abc import Iterator

MINUTE_S, HOUR_S = 60, 3600
_MINUTES = 60
_HOUR_MARK = 0xFF
_MARK_LENGTH = 5
_LONG = 0x80  # lengths from here on take two bytes


def mark_hour(series: bytearray, hour: int) -> None:
    """Say that the entries which follow are of ``hour``."""
    series.append(_HOUR_MARK)
    series += hour.to_bytes(_MARK_LENGTH - 1, "big")


def add_entry(series: bytearray, index: int, rollup: bytes) -> None:
    """Append the encoded rollup of the minute at ``index`` of the hour that was marked last."""
    series.append(index)
    length = len(rollup)
    if length < _LONG:
        series.append(length)
    else:
        series.append(length & 0x7F | _LONG)
        series.append(length >> 7)
    series += rollup


def entries(series: bytes | bytearray) -> Iterator[tuple[int, bytes]]:
    """Yield each entry's minute (60 s, counted from 1970) and encoded rollup."""
    place, first = 0, 0
    end = len(series)
    while place < end:
        index = series[place]
        if index == _HOUR_MARK:
            first = int.from_bytes(series[place + 1 : place + _MARK_LENGTH], "big") * _MINUTES
            place += _MARK_LENGTH
            continue
        length = series[place + 1]
        place += 2
        if length >= _LONG:
            length = length & 0x7F | series[place] << 7
            place += 1
        yield first + index, bytes(series[place : place + length])
        place += length


def by_hour(series: bytes | bytearray) -> dict[int, list[tuple[int, bytes]]]:
    """The entries of each hour in a series: the minute's place in it, and the encoded rollup."""
    hours: dict[int, list[tuple[int, bytes]]] = {}
    for minute, rollup in entries(series):
        hour, index = divmod(minute, _MINUTES)
        hours.setdefault(hour, []).append((index, rollup))
    return hours


def finished(series: bytearray, hour: int) -> int:
    """How many bytes, from the start, are of hours that are over while ``hour`` goes on."""
    if not series or _marked(series, 0) == hour:
        return 0
    *_, last = _marks(series)
    return last if _marked(series, last) == hour else len(series)


def drop_oldest(series: bytearray, bound: int) -> None:
    """Drop hours from the start until there are ``bound`` bytes or one hour left."""
    if len(series) > bound:
        marks = list(_marks(series))
        del series[: next((mark for mark in marks if len(series) - mark <= bound), marks[-1])]


def _marks(series: bytearray) -> Iterator[int]:
    place, end = 0, len(series)
    while place < end:
        if series[place] == _HOUR_MARK:
            yield place
            place += _MARK_LENGTH
        else:
            length = series[place + 1]
            place += 2 + length if length < _LONG else 3 + (length & 0x7F | series[place + 2] << 7)


def _marked(series: bytearray, place: int) -> int:
    return int.from_bytes(series[place + 1 : place + _MARK_LENGTH], "big")
