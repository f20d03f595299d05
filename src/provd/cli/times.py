"""Times as people type them: ``24h`` from now, or a date. All are UTC unless they say otherwise."""

import re
from datetime import UTC, datetime

from provd.schema.timestamps import to_timestamp

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_SPAN = re.compile(r"(?:\d{1,9}[smhdw])+", re.ASCII)
_PART = re.compile(r"(\d+)([smhdw])")
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?", re.IGNORECASE | re.ASCII
)
_HOW = "write a span like 90m, 24h or 7d, or a time like 2026-12-01 06:00 (UTC)"


def span_s(text: str) -> float:
    """Read ``90m``, ``24h``, ``1d12h``: seconds. Raises ValueError with a sentence for people."""
    if not _SPAN.fullmatch(text):
        raise ValueError(f"{text!r} is not a span of time: write 90m, 24h, 7d or 1d12h")
    return float(sum(int(number) * _UNITS_S[unit] for number, unit in _PART.findall(text)))


def moment(text: str, now: float, *, past: bool = False) -> str:
    """Read a time, or a span from ``now`` on (``past``: before it), as an API timestamp.

    ``now`` is in seconds since 1970. Raises ValueError with a sentence for people.
    """
    if _SPAN.fullmatch(text):
        return _timestamp(text, now + (-1 if past else 1) * span_s(text))
    if not _MOMENT.fullmatch(text):
        raise ValueError(f"{text!r} is not a time: {_HOW}")
    try:
        read = datetime.fromisoformat(text.upper())
    except ValueError:
        raise ValueError(f"{text!r} is not a time: {_HOW}") from None
    return _timestamp(text, (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp())


def _timestamp(text: str, unix_s: float) -> str:
    try:
        return to_timestamp(unix_s)
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"{text!r} is outside the years 1 to 9999") from None
