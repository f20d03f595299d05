"""Whole records in the comments of another engine's file, so that nothing is lost on the way back.

A record is JSON, cut into lines that no engine's buffer is too short for: ``provd: {...`` and, where it goes
on, ``provd+ ...}``. It has ASCII letters, digits and few signs; in its strings everything that could end a
comment or mean something in one is written ``\\uXXXX``.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from provd.routing.formats.base import VERSION, FormatError, Found, Problem, Read, Record

LONGEST = 900
"""Characters of a line. Kamailio cuts lines at 1,023 bytes (dispatcher, ds_load_list)."""

MAX_RECORD = 2 * 1024 * 1024
_MARK = re.compile(r"provd(-export:|:|\+) ?(.*)")
_MEANS_SOMETHING = re.compile(r"[^A-Za-z0-9_ .:,{}\[\]\"\\/@+*()=?-]|-(?=-)|(?<=[Xx])-")
"""All but what is plain everywhere; and dashes in ``--`` and, for FreeSWITCH, in ``X-PRE-PROCESS``."""

_NAMESPACE = uuid5(NAMESPACE_URL, "provd")


def version_line() -> str:
    """Give the comment that tells which version the file is of."""
    return f"provd-export: {VERSION}"


def comments(record: Record) -> Iterator[str]:
    """Give a record as the lines of a comment, without the engine's own sign for one."""
    text = json.dumps(record, separators=(",", ":"))
    text = _MEANS_SOMETHING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    for start in range(0, len(text), LONGEST):
        piece = text[start : start + LONGEST]
        if piece.endswith(" "):  # it is within a string, and the end of a line is no place for it
            piece = f"{piece[:-1]}\\u0020"
        yield f"{'provd+' if start else 'provd:'} {piece}"


def words(text: str, longest: int = LONGEST) -> str:
    """Give text of others as one line of plain words, for a comment that people read."""
    return re.sub(r"[^A-Za-z0-9_ .:,@+*()=?/'-]|--", "?", text)[:longest]


def made_id(*parts: str) -> str:
    """Give the id for an entry that has none of ours: always the same, so that it is not added twice."""
    return str(uuid5(_NAMESPACE, "\n".join(parts)))


class Joining:
    """Puts records from comments together with the entries of the engine that belong to them.

    An entry that follows its record says what holds of the fields that it has: so what was edited there is
    taken over.
    """

    def __init__(self) -> None:
        self._line = 0
        self._parts: list[str] = []
        self._size = 0
        self._held: Read | None = None

    def comment(self, line: int, text: str) -> Iterator[Found]:
        """Take a comment, without the engine's signs for one."""
        match = _MARK.fullmatch(text.strip())
        if match is None:
            yield from self._finish_record()
        elif match[1] == "-export:":
            check_version(match[2])
        elif match[1] == ":":
            yield from self.flush()
            self._line, self._parts, self._size = line, [match[2]], len(match[2])
        elif self._parts and self._size <= MAX_RECORD:
            self._parts.append(match[2])
            self._size += len(match[2])

    def entry(self, line: int, key: str, fields: dict[str, Any], name: str) -> Iterator[Found]:
        """Take an entry. ``name`` is what to call it when it has no record with a name."""
        yield from self._finish_record()
        if self._held is None or self._held.record.get("id") != key:
            yield from self.flush()
            self._held = Read(line, {"id": key, "name": name, **fields})
        else:
            self._held.record.update(fields)

    def refine(self, field: str, made: Callable[[Any], Any]) -> None:
        """Set a field of the entry that was just taken, from what its record has."""
        if self._held is not None:
            self._held.record[field] = made(self._held.record.get(field))

    def flush(self) -> Iterator[Found]:
        """Give what is complete, as something else begins."""
        yield from self._finish_record()
        if self._held is not None:
            yield self._held
            self._held = None

    def _finish_record(self) -> Iterator[Found]:
        if not self._parts:
            return
        text, self._parts = "".join(self._parts), []
        record = _record(text)
        if isinstance(record, str):
            yield Problem(self._line, record)
        elif "provider_id" in record:
            yield Read(self._line, record)
        else:
            self._held = Read(self._line, record)


def _record(text: str) -> dict[str, Any] | str:
    if len(text) > MAX_RECORD:
        return f"has a record of over {MAX_RECORD} characters"
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return "has a record after 'provd:' that is not whole: export the file again"
    return record if isinstance(record, dict) else "has something after 'provd:' that is not a record"


def check_version(text: Any) -> None:
    """Raise FormatError when a file is of a version that is not known here."""
    said = str(text).strip()
    if said != str(VERSION):
        raise FormatError(
            f"says that it is a provd file of version {words(said, 20)!r}, and this provd reads {VERSION}: "
            "update this one, or export anew"
        )
