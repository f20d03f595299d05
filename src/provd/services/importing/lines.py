"""From the bytes of a file to records, a line at a time."""

import asyncio
import csv
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

from provd.routing.formats.base import FormatError, Found, Read, Reader
from provd.routing.formats.carried import check_version
from provd.routing.formats.own import unguarded

MAX_LINE = 512 * 1024
MAX_DOCUMENT = 64 * 1024 * 1024
_AT_ONCE = 50  # records; then checks go on
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Line:
    """One record of a file, or what is wrong with it. ``number`` counts from 1. A line with a ``warning``
    is no record either: it says what of the file has no place here."""

    number: int
    record: dict[str, Any] | None
    problem: str = ""
    warning: str = ""


class DocumentError(Exception):
    """The file as a whole can't be read; ``str()`` says what it is, without a subject."""


async def ndjson_lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[Line]:
    """Read one JSON object a line; empty lines are skipped."""
    async for number, text in _text_lines(chunks):
        if isinstance(text, str):
            if text.strip():
                yield _json_line(number, text)
        else:
            yield Line(number, None, text.problem)


async def csv_lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[Line]:
    """Read CSV (RFC 4180) whose first line has the names of the fields.

    A cell that is empty stands for a field that is absent. ``tags`` are separated by commas or a JSON array,
    fields of ``probe`` have names like ``probe.interval_s``, ``tech_headers`` is a JSON object. Raises
    DocumentError when there is no such first line, or it is not CSV.
    """
    names: list[str] | None = None
    held, first = "", 0
    async for number, text in _text_lines(chunks):
        if not isinstance(text, str):
            yield Line(number, None, text.problem)
            continue
        first = first or number
        held += text
        if held.count('"') % 2 and len(held) <= MAX_LINE:
            held += "\n"  # a quoted cell goes on in the next line
            continue
        row, at = held.removesuffix("\r"), first
        held, first = "", 0
        try:
            cells = next(csv.reader([row]), [])
        except csv.Error as error:
            why = str(error).partition(" - ")[0]  # what follows is advice to programmers
            if names is None:
                raise DocumentError(f"has a first line that is not CSV: {why}") from None
            yield Line(at, None, f"is not CSV: {why}")
            continue
        if names is None:
            names = [cell.strip().removeprefix("\ufeff") for cell in cells]
            if "hostname" not in names and "id" not in names:
                raise DocumentError("must name its columns in the first line, name and hostname among them")
        elif cells:
            yield _csv_line(at, names, cells)
    if held:
        yield Line(first, None, "has a quote that is never closed")
    if names is None:
        raise DocumentError("is empty: its first line must name the columns")


async def json_lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[Line]:
    """Read a JSON array of objects, or an object with one under ``result``; records count as lines.

    Raises DocumentError when it is neither, or too large.
    """
    held = bytearray()
    async for chunk in chunks:
        held += chunk
        if len(held) > MAX_DOCUMENT:
            raise DocumentError(f"is over {MAX_DOCUMENT} bytes: send NDJSON, which has no bound")
    for line in _records(held):
        yield line


async def read_lines(chunks: AsyncIterator[bytes], reader: Reader) -> AsyncIterator[Line]:
    """Read a file of another engine, or YAML. Raises DocumentError when it can't be read as a whole."""
    try:
        async for number, text in _text_lines(chunks):
            if not isinstance(text, str):
                yield Line(number, None, text.problem)
                continue
            for found in reader.feed(number, text.removeprefix("\ufeff") if number == 1 else text):
                yield _line(found)
            if not number % _AT_ONCE:
                await asyncio.sleep(0)
        for at, found in enumerate(reader.close()):
            yield _line(found)
            if not at % _AT_ONCE:
                await asyncio.sleep(0)
    except FormatError as error:
        raise DocumentError(str(error)) from None


def _line(found: Found) -> Line:
    if isinstance(found, Read):
        return Line(found.line, found.record)
    if found.left_out:
        return Line(found.line, None, found.message)
    return Line(found.line, None, warning=found.message)


def _records(document: bytearray) -> Iterator[Line]:
    _check_encoding(document)
    try:
        read = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"is not JSON: {error}") from None
    records = _of_lists(read) if isinstance(read, dict) else read
    if not isinstance(records, list):
        raise DocumentError('must be an array of providers, or {"result": [...]}')
    for number, record in enumerate(records, 1):
        if isinstance(record, dict):
            yield Line(number, record)
        else:
            yield Line(number, None, "is not an object")


def _of_lists(document: dict[str, Any]) -> list[Any] | None:
    if "provd" in document:
        try:
            check_version(document["provd"])
        except FormatError as error:
            raise DocumentError(str(error)) from None
    lists = [document[name] for name in ("result", "providers", "routes") if name in document]
    if not lists or not all(isinstance(each, list) for each in lists):
        return None
    return [record for each in lists for record in each]


@dataclass(frozen=True, slots=True)
class _Unreadable:
    problem: str


async def _text_lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[tuple[int, str | _Unreadable]]:
    """Cut a stream into lines without holding more than one of bounded length."""
    held, number, too_long = bytearray(), 1, False
    begun = False
    async for chunk in chunks:
        if chunk and not begun:
            begun = True
            _check_encoding(chunk)
        *ended, rest = chunk.split(b"\n")
        for part in ended:
            held += part
            yield number, _text(held, too_long=too_long or len(held) > MAX_LINE)
            held.clear()
            number, too_long = number + 1, False
        held += rest
        if len(held) > MAX_LINE:
            held.clear()
            too_long = True
    if held or too_long:
        yield number, _text(held, too_long=too_long)


def _check_encoding(begin: bytes | bytearray) -> None:
    if begin[:2] in _UTF16:
        raise DocumentError("is UTF-16, from its first two bytes: save it as UTF-8")


def _text(line: bytearray, *, too_long: bool) -> str | _Unreadable:
    if too_long:
        return _Unreadable(f"is over {MAX_LINE} bytes")
    try:
        return line.decode()
    except UnicodeDecodeError:
        return _Unreadable("is not UTF-8")


def _json_line(number: int, text: str) -> Line:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Line(number, None, f"is not JSON: {error}")
    if not isinstance(record, dict):
        return Line(number, None, "is not a JSON object")
    return Line(number, record)


def _csv_line(number: int, names: list[str], cells: list[str]) -> Line:
    if len(cells) > len(names):
        return Line(number, None, f"has {len(cells)} cells, and the first line names {len(names)} columns")
    record: dict[str, Any] = {}
    for name, cell in zip(names, cells, strict=False):
        if cell == "":
            continue
        if name == "tags" and not cell.startswith("["):
            record[name] = [tag.strip() for tag in cell.split(",") if tag.strip()]
        elif name.startswith("probe."):
            record.setdefault("probe", {})[name.removeprefix("probe.")] = _plain(cell)
        elif name in ("tech_headers", "probe", "tags"):
            try:
                record[name] = json.loads(cell)
            except (ValueError, RecursionError):
                return Line(number, None, f"{name} is not JSON")
        elif name in ("enabled", "priority", "weight"):
            record[name] = _plain(cell)
        else:
            record[name] = unguarded(name, cell)
    return Line(number, record)


def _plain(cell: str) -> Any:
    """A cell as JSON has it when it is a number, true, false or an object; else as text."""
    try:
        return json.loads(cell.lower() if cell.lower() in ("true", "false") else cell)
    except (ValueError, RecursionError):
        return cell
