"""From files to the daemon: calls in batches, and how far that is."""

import json
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provd.calls.readers.base import Bad, Found, Place
from provd.calls.readers.registry import CALL_READERS, CallFormat
from provd.cli.calls.aside import SetAside
from provd.cli.calls.files import Files
from provd.cli.calls.tail import Tail, until_it_grows
from provd.cli.failures import complain
from provd.client import Client, DaemonUnavailable
from provd.schema.calls import CallReport

BATCH = 5000
"""So many calls, or thrice as many lines, are sent at once; then the progress is kept."""

_LARGEST_ARRAY = 900_000  # bytes; what is larger goes as NDJSON, which has no bound
_NO_PROVIDER = "does not tell the provider: name it with --provider, or have the file tell it (docs/calls.md)"


@dataclass(slots=True)
class Counts:
    """What became of the lines of an import."""

    lines: int = 0
    created: int = 0
    duplicates: int = 0
    others: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to import. ``provider`` is of every call; empty: as the file says. ``e164``: numbers without a +
    begin with a country calling code."""

    form: CallFormat
    provider: str = ""
    e164: bool = False


class Importer:
    """Imports what is, and what comes, at one path. The ``progress`` and the lines that are set ``aside`` are
    kept in files of their own; ``wait`` passes the time until it is worth looking again. A call that is under
    way when a file ends is counted when it ends, by what is written there later, or into the next file.

    With ``bits`` this is one of many small files, and no import of its own in the audit log.

    Raises OSError, and what the client raises.
    """

    def __init__(
        self,
        client: Client,
        path: Path,
        wanted: Wanted,
        counts: Counts,
        progress: Path,
        aside: SetAside,
        wait: Callable[[], Awaitable[None]] = until_it_grows,
        *,
        bits: bool = False,
    ) -> None:
        self._client = client
        self._path = path
        self._wanted = wanted
        self._counts = counts
        self._files = Files(path, progress)
        self._reader = CALL_READERS[wanted.form]()
        self._aside = aside
        self._wait = wait
        self._bits = bits
        self._batch: list[tuple[Place, dict[str, Any]]] = []
        self._live = False

    async def once(self) -> None:
        """Import what is there, from where the last import ended."""
        try:
            await self._rest_of_rotated()
            await self._read(self._files.current(), last=True)
        finally:
            self._files.close()

    async def follow(self) -> None:
        """The same, and go on with what is written from now on, also after a rotation. Does not return."""
        try:
            await self._rest_of_rotated()
            while True:
                try:
                    tail = self._files.current()
                except FileNotFoundError:
                    if not self._live:
                        raise
                    await self._wait()
                else:
                    await self._read(tail, last=False)
        finally:
            self._files.close()

    async def _rest_of_rotated(self) -> None:
        """Import the end of the files that were at the path in imports before."""
        for tail in self._files.older():
            await self._read(tail, last=True)

    async def _read(self, tail: Tail, *, last: bool) -> None:
        """Read a file to its end; unless it is the ``last``, on until another one is in its place."""
        reader = self._reader
        while True:
            cut = tail.was_cut()
            over = last or cut or tail.was_replaced()  # asked first: what was written before is still read
            fed = 0
            for place, text in () if cut else tail.lines(unfinished=over):
                others = reader.others
                self._take(reader.feed(place, text))
                if place.line > tail.told:
                    self._counts.lines += 1
                    self._counts.others += reader.others - others
                fed += 1
                if len(self._batch) >= BATCH or fed >= 3 * BATCH:
                    await self._send(tail)
                    fed = 0
            if cut:
                self._files.forget(tail)
            if over:
                self._take(reader.close(time.time()))
            if fed or over:
                await self._send(tail)
            if over:
                return
            self._live = True
            await self._wait()

    def _take(self, found: Iterable[Found]) -> None:
        for each in found:
            if isinstance(each, Bad):
                self._set_aside(each.place, each.message)
                continue
            record = each.record
            if self._wanted.provider:
                record["provider"] = self._wanted.provider
            if self._wanted.e164 and record["destination"].isdigit():
                record["destination"] = f"+{record['destination']}"
            if "provider" in record:
                self._batch.append((each.place, record))
            else:
                self._set_aside(each.place, _NO_PROVIDER)

    async def _send(self, tail: Tail) -> None:
        """Send the batch, and keep how far that is, and from where on lines are to be read again."""
        if self._batch:
            report = await self._reported([record for _, record in self._batch])
            self._counts.created += report.created
            self._counts.duplicates += report.duplicates
            for each in report.failed:
                number = each.index if each.line is None else each.line - 1
                self._set_aside(self._batch[number or 0][0], each.message)
            self._batch.clear()
        self._files.keep(tail, self._reader.oldest())

    async def _reported(self, records: list[dict[str, Any]]) -> CallReport:
        lines = [json.dumps(each) for each in records]
        array = f"[{','.join(lines)}]".encode() if self._live or self._bits else b""
        told = False
        while True:
            try:
                if 0 < len(array) < _LARGEST_ARRAY:
                    return await self._client.report_calls(array, media_type="application/json")
                return await self._client.report_calls("".join(f"{each}\n" for each in lines).encode())
            except DaemonUnavailable as error:
                if not self._live:
                    raise
                if not told:
                    complain(f"{error}; waiting for it")
                told = True
                await self._wait()

    def _set_aside(self, place: Place, message: str) -> None:
        tail = self._files.of(place)
        if tail is None:  # the line is gone
            self._aside.keep(self._path, place.line, message, "")
        elif place.line > tail.told:
            self._aside.keep(tail.path, place.line, message, tail.text_at(place))
