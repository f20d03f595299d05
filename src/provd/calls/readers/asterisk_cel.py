"""Asterisk's channel events as cel_custom writes them with the mapping of its sample configuration.

The columns: eventtype, eventtime, five of the caller, exten, context, channame, appname, appdata, amaflags,
accountcode, uniqueid, linkedid, bridgepeer, some more, and last eventextra, which is JSON. A call through a
provider is a channel that another one called (its uniqueid is not the linkedid) from CHAN_START to HANGUP.
``hangupcause`` in the extra stands for the SIP code. The number is what the calling channel gave to Dial.
"""

import csv
import json
import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from provd.calls.readers.base import (
    Bad,
    Call,
    Found,
    Place,
    dialled_number,
    endpoint_of,
    local_time,
    timestamp,
)
from provd.calls.readers.causes import code_of_cause

MOST_OPEN = 100_000
"""Channels that wait for their end; beyond, the oldest is given up, and said to be without one."""

LONGEST_CALL_S = 12 * 3600
"""For the end of a channel that began so long ago no line is read again: it may never come."""

_COLUMNS = 17
_EPOCH = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?", re.ASCII)
_TYPES = frozenset({"CHAN_START", "ANSWER", "HANGUP"})


@dataclass(slots=True)
class _Channel:
    place: Place
    since: Place
    provider: str
    begun: float
    destination: str
    answered: float | None = None


class AsteriskCelReader:
    """Reads channel events; times without a zone are in ``zone``, or this machine's."""

    def __init__(self, zone: tzinfo | None = None) -> None:
        self.others = 0
        self._zone = zone
        self._latest = 0.0
        self._open: OrderedDict[str, _Channel] = OrderedDict()
        self._dialled: OrderedDict[str, tuple[Place, str]] = OrderedDict()  # by linkedid

    def feed(self, place: Place, text: str) -> Iterable[Found]:
        """Take a line."""
        try:
            cells = next(csv.reader([text], strict=True), [])
        except csv.Error as error:
            return [Bad(place, f"is not CSV: {error}")]
        if len(cells) < _COLUMNS:
            return [Bad(place, f"has {len(cells)} columns, and an event has {_COLUMNS} or more")]
        kind, unique, linked = cells[0], cells[14], cells[15]
        if cells[10] == "Dial":
            self._note_dialled(place, linked, cells[11])
        provider = endpoint_of(cells[9])
        if kind not in _TYPES or provider is None or unique == linked:
            self.others += 1
            return ()
        try:
            at = self._latest = self._time(cells[1])
            if kind == "CHAN_START":
                since, number = self._dialled.get(linked, (place, cells[6] or cells[7]))
                return self._begin(unique, _Channel(place, since, provider, at, number))
            channel = self._open.get(unique)
            if channel is None:
                self.others += 1  # it began before the file did
                return ()
            if kind == "ANSWER":
                channel.answered = at
                return ()
            del self._open[unique]
            return [Call(place, _record(unique, channel, at, cells[-1]))]
        except ValueError as error:
            return [Bad(place, str(error))]

    def close(self, now: float) -> Iterable[Found]:
        """Give nothing: a call that goes on is none yet."""
        return ()

    def oldest(self) -> Place | None:
        """The first event that a channel needs which is open, and not for too long."""
        long_ago = self._latest - LONGEST_CALL_S
        needed = (channel.since for channel in self._open.values() if channel.begun > long_ago)
        return min(needed, key=lambda place: (place.file, place.line), default=None)

    def _note_dialled(self, place: Place, linked: str, arguments: str) -> None:
        number = dialled_number(arguments)
        if number is not None:
            self._dialled[linked] = (place, number)
            self._dialled.move_to_end(linked)
            if len(self._dialled) > MOST_OPEN:
                self._dialled.popitem(last=False)

    def _begin(self, unique: str, channel: _Channel) -> Iterable[Found]:
        self._open[unique] = channel
        if len(self._open) <= MOST_OPEN:
            return ()
        _, lost = self._open.popitem(last=False)
        return [Bad(lost.place, "is a channel whose end does not come")]

    def _time(self, text: str) -> float:
        if _EPOCH.fullmatch(text):  # cel.conf has no dateformat
            return float(text)
        return local_time(text, self._zone)


def _record(unique: str, channel: _Channel, ended: float, extra: str) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": unique[:255],
        "provider": channel.provider,
        "at": timestamp(channel.begun),
        "destination": channel.destination[:255],
        "code": 200,
    }
    if channel.answered is None:
        record["code"] = code_of_cause(_cause(extra))
    else:
        record["setup_ms"] = max(0.0, channel.answered - channel.begun) * 1000
        record["duration_s"] = max(0.0, ended - channel.answered)
    return record


def _cause(extra: str) -> int:
    try:
        read = json.loads(extra)
        return int(read["hangupcause"])
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
        raise ValueError("has no hangupcause in its last column, eventextra") from None
