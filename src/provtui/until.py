"""When a maintenance is to end, as people write it: everything in UTC, as all times of the interface."""

import math
import re
from datetime import UTC, datetime, timedelta

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_LENGTH = re.compile(r"(\d{1,4})\s*([mhd])")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_WRITE = "write 2026-12-01 06:00, 06:00, 90m, 4h or 2d, or leave it empty for no end"
_MORNING_HOUR = 6


def presets(now: float) -> list[tuple[str, str]]:
    """Give what is usually wanted at ``now`` (UTC seconds since 1970): its words, and how it is written."""
    moment = _moment(now)
    morning = (moment + timedelta(days=1)).replace(hour=_MORNING_HOUR, minute=0)
    return [
        ("1 hour", _written(moment + timedelta(hours=1))),
        ("4 hours", _written(moment + timedelta(hours=4))),
        ("until tomorrow 06:00", _written(morning)),
        ("no end", ""),
    ]


def end_of(text: str, now: float) -> str | None:
    """Read the end of a maintenance as ``YYYY-MM-DD HH:MM:SS``; None: it has none.

    A length counts from ``now``; a time of day is the next such time. Raises ValueError with a sentence.
    """
    text = text.strip()
    if not text:
        return None
    moment = _moment(now)
    if length := _LENGTH.fullmatch(text):
        end = moment + timedelta(**{_UNITS[length[2]]: int(length[1])})
    elif clock := _CLOCK.fullmatch(text):
        end = moment.replace(hour=int(clock[1]), minute=int(clock[2]))
        end += timedelta(days=1) if end <= moment else timedelta()
    else:
        try:
            end = datetime.fromisoformat(text)
            end = end.astimezone(UTC) if end.tzinfo else end.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            raise ValueError(f"{text[:40]!r} is not a time: {_WRITE}") from None
    if end.timestamp() <= now:
        raise ValueError(f"{_written(end)} UTC is not in the future: {_WRITE}")
    return f"{end:%Y-%m-%d %H:%M:%S}"


def _moment(now: float) -> datetime:
    """Give ``now``, rounded up to a whole minute."""
    return datetime.fromtimestamp(math.ceil(now / 60) * 60, UTC)


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
