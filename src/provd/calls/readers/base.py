"""What a reader takes and gives."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, NamedTuple, Protocol

from provd.schema.timestamps import to_timestamp


class Place(NamedTuple):
    """Where a line stands: its number from 1, the byte at which it begins, and the number of its file, when
    a reader goes through several: later ones have larger numbers."""

    line: int
    offset: int
    file: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """A call: the fields of a CallRecord. ``provider`` is missing where the file does not tell it."""

    place: Place
    record: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bad:
    """A line that can't be read, and why."""

    place: Place
    message: str


Found = Call | Bad


class Reader(Protocol):
    """Takes lines in their order, also of one file after another. ``others`` counts those that are of no call
    through a provider."""

    others: int

    def feed(self, place: Place, text: str) -> Iterable[Found]:
        """Take a line without its end."""
        ...

    def close(self, now: float) -> Iterable[Found]:
        """The file ends here: give what waits for lines that can't come any more at ``now``, in seconds since
        1970. What goes on waits: its lines may be in this file later, or in the next."""
        ...

    def oldest(self) -> Place | None:
        """The first line that is still needed for what waits; None when nothing does."""
        ...


class EachLine:
    """What readers have in common that need nothing but one line."""

    def __init__(self) -> None:
        self.others = 0

    def close(self, now: float) -> Iterable[Found]:
        """Give nothing: no line waits for another."""
        return ()

    def oldest(self) -> Place | None:
        """Give None: no line waits for another."""
        return None


_DIALLED = re.compile(r"(?:PJSIP|SIP)/(?:[^/@,&]*/(?:sips?:)?)?(\+?[0-9*#]+)@?")


def dialled_number(arguments: str) -> str | None:
    """The number in the arguments of Asterisk's Dial, like ``PJSIP/+442071838750@provd-ID,30``."""
    match = _DIALLED.match(arguments)
    return None if match is None else match[1]


def local_time(text: str, zone: tzinfo | None) -> float:
    """Seconds since 1970 of a time like ``2026-04-20 03:15:00``; ValueError when it is none.

    Without a ``zone`` it is this machine's time, with its summer time.
    """
    read = datetime.fromisoformat(text)
    try:
        return (read if read.tzinfo else read.replace(tzinfo=zone)).timestamp()
    except OverflowError:
        raise ValueError(f"{text[:64]!r} is outside the years 1970 to 9999") from None


def timestamp(unix_s: float) -> str:
    """An API timestamp; ValueError for what is outside the years 1970 to 9999."""
    if not 0 <= unix_s < datetime(9999, 1, 1, tzinfo=UTC).timestamp():
        raise ValueError("has a time outside the years 1970 to 9999")
    return to_timestamp(unix_s)


def endpoint_of(channel: str) -> str | None:
    """The endpoint in the name of an Asterisk channel, like ``provd-ID`` of ``PJSIP/provd-ID-0000001a``; None
    for channels of other kinds."""
    technology, slash, rest = channel.partition("/")
    if not slash or technology.upper() not in ("PJSIP", "SIP"):
        return None
    return rest.rpartition("-")[0] or None
