"""Times as the API writes them: UTC text ``YYYY-MM-DD HH:MM:SS.ffffff``."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

_LENGTH = len("YYYY-MM-DD HH:MM:SS.ffffff")

NEVER = "9999-01-01 00:00:00.000000"
"""The value of a ``tm_*`` that has not happened."""

Timestamp = Annotated[
    str,
    Field(
        pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$",
        examples=["2026-04-20 03:15:00.000000"],
        description="UTC, YYYY-MM-DD HH:MM:SS.ffffff",
    ),
]


def to_timestamp(unix_s: float) -> str:
    """Write seconds since 1970 (UTC) as an API timestamp."""
    return datetime.fromtimestamp(unix_s, UTC).isoformat(" ", "microseconds")[:-6]  # without +00:00


def from_timestamp(text: str) -> float:
    """Read an API timestamp as seconds since 1970; ValueError when it is not one."""
    if len(text) != _LENGTH or text[10] != " " or text[19] != ".":
        raise ValueError(f"{text[:64]!r} is not written as YYYY-MM-DD HH:MM:SS.ffffff")
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
