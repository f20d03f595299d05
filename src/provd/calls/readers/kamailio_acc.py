"""Kamailio's accounting in the system log, as its module acc writes it.

A line has ``ACC:``, what happened, and ``timestamp=...;method=INVITE;from_tag=...;to_tag=...;call_id=...;
code=200;reason=OK`` with what ``log_extra`` adds: ``provider`` tells the provider, by its id, its name, or as
the attributes of a dispatcher's destination (``duid=ID;...``); ``dst_user`` the number. The time is that of
the final answer. Where BYE is accounted too, as the first one tells, a call waits for its own, and so has
a duration.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from provd.calls.readers.base import Bad, Call, Found, Place, timestamp

LONGEST_CALL_S = 12 * 3600
"""A call whose BYE has not come after so long is given without a duration."""

_LINE = re.compile(r"\bACC: (?:transaction answered|call missed): (.*)")


@dataclass(slots=True)
class _Answered:
    place: Place
    since: Place
    at: float
    record: dict[str, Any]


class KamailioAccReader:
    """Reads a system log, or a file with the lines of acc alone."""

    def __init__(self) -> None:
        self.others = 0
        self._bye: Place | None = None
        self._open: OrderedDict[str, _Answered] = OrderedDict()

    def feed(self, place: Place, text: str) -> Iterable[Found]:
        """Take a line."""
        match = _LINE.search(text)
        if match is None:
            self.others += 1
            return ()
        fields = _fields(match[1])
        try:
            return self._take(place, fields)
        except KeyError as error:
            return [Bad(place, f"has no {error.args[0]}")]
        except ValueError as error:
            return [Bad(place, str(error))]

    def close(self, now: float) -> Iterable[Found]:
        """Give the calls that have waited for too long."""
        return self._over(now)

    def oldest(self) -> Place | None:
        """The BYE before the call that waits for the longest: without it, the call would not wait."""
        return next((each.since for each in self._open.values()), None)

    def _take(self, place: Place, fields: Mapping[str, str]) -> Iterable[Found]:
        method, call_id, at = fields["method"], fields["call_id"], _number("timestamp", fields)
        found = self._over(at)
        if method == "BYE":
            self._bye = place
            answered = self._open.pop(call_id, None)
            if answered is not None:
                answered.record["duration_s"] = max(0.0, at - answered.at)
                found.append(Call(answered.place, answered.record))
            return found
        code = int(_number("code", fields))
        if method != "INVITE" or call_id in self._open or code < 200:  # the second is a re-INVITE
            self.others += 1
            return found
        record: dict[str, Any] = {
            "id": f"{call_id};{fields['from_tag']}"[-255:],
            "at": timestamp(at),
            "destination": (fields.get("dst_user") or fields.get("dst_ouser") or "")[:255],
            "code": code,
        }
        provider = fields.get("duid") or fields.get("provider")
        if provider:
            record["provider"] = provider[:255]
        if self._bye is not None and 200 <= code < 300:
            self._open[call_id] = _Answered(place, self._bye, at, record)
            return found
        return [*found, Call(place, record)]

    def _over(self, now: float) -> list[Found]:
        """Give the calls that have waited for too long."""
        found: list[Found] = []
        while self._open:
            first = next(iter(self._open))
            if self._open[first].at > now - LONGEST_CALL_S:
                break
            waited = self._open.pop(first)
            found.append(Call(waited.place, waited.record))
        return found


def _fields(text: str) -> dict[str, str]:
    """The fields of a line; a later one of the same name does not replace the first."""
    fields: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if equals:
            nested, again, inner = value.partition("=")  # provider=duid=ID
            if again and nested == "duid":
                fields.setdefault("duid", inner.strip())
            fields.setdefault(name.strip(), value.strip())
    return fields


def _number(name: str, fields: Mapping[str, str]) -> float:
    text = fields[name]
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", text, re.ASCII):
        raise ValueError(f"has {text[:64]!r} as {name}, which is no number")
    return float(text)
