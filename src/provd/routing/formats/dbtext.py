"""Tables as OpenSIPS's module db_text has them (dbt_load_file): a first line with the columns, then a row a
line, with colons between the values and backslashes before what would mean something.

A value must be under 4,096 bytes, which is the buffer it is read into.
"""

import re
from collections.abc import Mapping, Sequence

LONGEST_VALUE = 4095
_COLUMN = re.compile(r"([A-Za-z0-9_]+)\(([A-Za-z]+)(?:,(?:null|auto))?\)")
_HEADER = re.compile(r"(?:[A-Za-z0-9_]+\([A-Za-z]+(?:,[A-Za-z]+)?\)\s*)+")
_ESCAPED = {"\\": "\\\\", ":": "\\:", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}
_MEANT = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", ":": ":", "0": "\0"}
_VALUE = re.compile(r"((?:[^\\:]|\\.)*)(:|$)")


def row(*values: str | int | None) -> str:
    """Give a row with its end; None and "" are null. Raises ValueError when a value is too long."""
    texts = ["" if value is None else str(value) for value in values]
    if any(len(text.encode()) > LONGEST_VALUE for text in texts):
        raise ValueError(f"has a value of over {LONGEST_VALUE} bytes")
    return ":".join("".join(_ESCAPED.get(c, c) for c in text) for text in texts) + "\n"


def columns(line: str) -> Sequence[str] | None:
    """Read the names of the columns; None when the line is not a table's first."""
    return [match[1] for match in _COLUMN.finditer(line)] if _HEADER.fullmatch(line) else None


def values(names: Sequence[str], line: str) -> Mapping[str, str]:
    """Read a row. Raises ValueError with a sentence without a subject."""
    found: list[str] = []
    at = 0
    while True:
        match = _VALUE.match(line, at)
        if match is None:
            raise ValueError("has a backslash before nothing")
        found.append(re.sub(r"\\(.)", _meant, match[1]))
        at = match.end()
        if not match[2]:
            break
    if len(found) != len(names):
        raise ValueError(f"has {len(found)} values, and the table has {len(names)} columns")
    return dict(zip(names, found, strict=True))


def _meant(match: re.Match[str]) -> str:
    if match[1] not in _MEANT:
        raise ValueError(f"has a backslash before {match[1]!r}, which db_text does not know")
    return _MEANT[match[1]]
