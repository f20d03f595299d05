"""Numbers and times as short text for narrow columns."""

import math
from collections.abc import Sized

from provd.schema.health import Cause
from provd.schema.timestamps import NEVER, from_timestamp

DASH = "—"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_NOW = 30

CAUSE_WORDS = {
    Cause.OK: "ok",
    Cause.REPLY_EXCLUDED: "excluded",
    Cause.TIMEOUT: "timeout",
    Cause.REFUSED: "refused",
    Cause.UNREACHABLE: "unreach",
    Cause.DNS_NXDOMAIN: "nxdomain",
    Cause.DNS_TIMEOUT: "dns slow",
    Cause.DNS_ERROR: "dns err",
    Cause.TLS_VERIFY: "tls cert",
    Cause.TLS_ERROR: "tls err",
    Cause.PROTOCOL: "not SIP",
    Cause.LOCAL: "local",
}
"""Each cause in at most eight cells."""


def seconds_since(timestamp: str | None, now: float) -> float | None:
    """Give the seconds from an API ``timestamp`` to ``now`` (UTC seconds since 1970), never negative."""
    return None if timestamp is None else max(0.0, now - from_timestamp(timestamp))


def age_text(seconds: float | None) -> str:
    """Write an age in at most four cells; under a minute there are two steps, so that it stays quiet."""
    if seconds is None:
        return DASH
    if seconds < _NOW:
        return "now"
    if seconds < _MINUTE:
        return f"{_NOW}s"
    if seconds < _HOUR:
        return f"{int(seconds) // _MINUTE}m"
    if seconds < 2 * _DAY:
        return f"{int(seconds) // _HOUR}h"
    return f"{min(int(seconds) // _DAY, 999)}d"


def duration_text(seconds: float | None) -> str:
    """Write how long something has lasted in at most six cells, with its second unit: ``2h05m``."""
    if seconds is None:
        return DASH
    whole = int(seconds)
    if whole < _HOUR:
        return age_text(seconds)
    if whole < _DAY:
        return f"{whole // _HOUR}h{whole % _HOUR // _MINUTE:02d}m"
    if whole < 100 * _DAY:
        return f"{whole // _DAY}d{whole % _DAY // _HOUR:02d}h"
    return f"{whole // _DAY}d"


def clock_text(timestamp: str | None, now: float) -> str:
    """Write when something was, in UTC: the time of day, or the day too when that is not within 20 hours."""
    seconds = seconds_since(timestamp, now)
    if timestamp is None or seconds is None:
        return DASH
    return timestamp[11:16] if seconds < 20 * _HOUR else timestamp[5:16]


def end_text(timestamp: str, now: float) -> str:
    """Write when something is going to end, in UTC: ``06:00``, ``04-21 06:00`` when that is not within
    20 hours, or ``no end``."""
    if timestamp == NEVER:
        return "no end"
    soon = from_timestamp(timestamp) - now < 20 * _HOUR
    return timestamp[11:16] if soon else timestamp[5:16]


def rtt_text(rtt_ms: float | None) -> str:
    """Write a round-trip time in at most six cells, with its unit."""
    if rtt_ms is None:
        return DASH
    if rtt_ms < 9.95:
        return f"{rtt_ms:.1f}ms"
    if rtt_ms < 9999.5:
        return f"{rtt_ms:.0f}ms"
    return f"{rtt_ms / 1000:.0f}s"


def percent_text(percent: float | None) -> str:
    """Write a share in at most four cells; anything above zero is never shown as zero."""
    if percent is None:
        return DASH
    if 0 < percent < 1:
        return "<1%"
    return f"{percent:.0f}%"


def availability_text(percent: float | None) -> str:
    """Write a share of time in at most six cells, rounded down: anything below 100 is never shown as 100."""
    if percent is None:
        return DASH
    return "100%" if percent >= 100 else f"{math.floor(percent * 100) / 100:.2f}%"


def days_left_text(days: int) -> str:
    """Write when a certificate ends, by the full days that are left: ``ends in 9 days``."""
    if days < 0:
        return "has ended"
    return "ends within a day" if days == 0 else f"ends in {days} day{'s' if days > 1 else ''}"


def answer_text(code: int | None, cause: Cause | None) -> str:
    """Write what the last check ended with: the SIP status code, else why there was none."""
    if code is not None:
        return str(code)
    return DASH if cause is None else CAUSE_WORDS[cause]


def count_text(count: int) -> str:
    """Write a count with thousands apart."""
    return f"{count:,}"


def counted(things: Sized, noun: str) -> str:
    """How many there are of them, as ``1 provider`` and ``1,000 providers``."""
    return f"{count_text(len(things))} {noun}{'' if len(things) == 1 else 's'}"
