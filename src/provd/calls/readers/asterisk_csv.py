"""Asterisk's CDRs as cdr_csv writes them (``/var/log/asterisk/cdr-csv/Master.csv``).

The columns: accountcode, src, dst, dcontext, clid, channel, dstchannel, lastapp, lastdata, start, answer,
end, duration, billsec, disposition, amaflags, and more. A call through a provider has the provider's
endpoint in ``dstchannel``. There is no SIP code in it: the disposition stands for one.
"""

import csv
from collections.abc import Iterable
from datetime import tzinfo
from typing import Any

from provd.calls.readers.base import (
    Bad,
    Call,
    EachLine,
    Found,
    Place,
    dialled_number,
    endpoint_of,
    local_time,
    timestamp,
)

_COLUMNS = 16
_CODES = {"ANSWERED": 200, "NO ANSWER": 480, "BUSY": 486, "FAILED": 503, "CONGESTION": 503}


class AsteriskCsvReader(EachLine):
    """Reads Master.csv; times are in ``zone``, or this machine's."""

    def __init__(self, zone: tzinfo | None = None) -> None:
        super().__init__()
        self._zone = zone

    def feed(self, place: Place, text: str) -> Iterable[Found]:
        """Take a line."""
        try:
            cells = next(csv.reader([text], strict=True), [])
        except csv.Error as error:
            return [Bad(place, f"is not CSV: {error}")]
        if len(cells) < _COLUMNS:
            return [Bad(place, f"has {len(cells)} columns, and a CDR has {_COLUMNS} or more")]
        provider = endpoint_of(cells[6])
        if provider is None:
            self.others += 1
            return ()
        try:
            return [Call(place, self._record(cells, provider))]
        except ValueError as error:
            return [Bad(place, str(error))]

    def _record(self, cells: list[str], provider: str) -> dict[str, Any]:
        _, _, dst, _, _, channel, dstchannel, _, lastdata, start, answer, _, _, billsec, disposition = cells[
            :15
        ]
        code = _CODES.get(disposition.strip().upper())
        if code is None:
            raise ValueError(f"has the disposition {disposition[:64]!r}: known are {', '.join(_CODES)}")
        begun = local_time(start, self._zone)
        record: dict[str, Any] = {
            "id": f"{start}/{channel}/{dstchannel}"[-255:],
            "provider": provider,
            "at": timestamp(begun),
            "destination": (dialled_number(lastdata) or dst)[:255],
            "code": code,
        }
        if code == 200:
            record["duration_s"] = float(_seconds(billsec))
            if answer:
                record["setup_ms"] = max(0.0, local_time(answer, self._zone) - begun) * 1000
        return record


def _seconds(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise ValueError(f"has {text[:64]!r} as billsec, which is no number of seconds")
    return int(text)
