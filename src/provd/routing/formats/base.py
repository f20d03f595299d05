"""What every format has: how it is written piece by piece, and how it is read line by line."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Record = Mapping[str, Any]
"""A provider or a route with its writable fields and its ``id``, as JSON has them. A route has a
``provider_id``, a provider has not."""

VERSION = 1
"""Of the files that are written. A file that says it has a higher one is refused."""


@dataclass(frozen=True, slots=True)
class Read:
    """A record that was read; ``line`` is where it begins, from 1."""

    line: int
    record: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a line. ``left_out``: nothing of it was read; else the message says what was not."""

    line: int
    message: str
    left_out: bool = True


Found = Read | Problem


class FormatError(Exception):
    """A file as a whole can't be read; ``str()`` says why, without a subject."""


class Writer(Protocol):
    """Writes one file. The pieces come in the order of the methods."""

    def opening(self, note: str = "") -> str:
        """Give what comes before everything. ``note`` is for people; not every format has a place for it."""

    def provider(self, provider: Record, routes: Sequence[Record]) -> str:
        """Give a provider; ``routes`` are those that lead to it."""

    def between(self) -> str:
        """Give what comes between the providers and the routes."""

    def route(self, route: Record) -> str:
        """Give a route."""

    def closing(self) -> str:
        """Give what comes after everything."""


class Reader(Protocol):
    """Reads one file. Both methods raise FormatError."""

    def feed(self, number: int, text: str) -> Iterable[Found]:
        """Take a line without its end; give what it completes."""

    def close(self) -> Iterable[Found]:
        """Give what the end of the file completes."""


def is_route(record: Record) -> bool:
    """Tell a route from a provider."""
    return "provider_id" in record


def write(writer: Writer, providers: Iterable[Record], routes: Sequence[Record]) -> Iterator[str]:
    """Write one file."""
    yield writer.opening()
    for provider in providers:
        yield writer.provider(provider, [each for each in routes if each["provider_id"] == provider["id"]])
    yield writer.between()
    for route in routes:
        yield writer.route(route)
    yield writer.closing()


def read(reader: Reader, lines: Iterable[str]) -> Iterator[Found]:
    """Read the lines of one file. Raises FormatError."""
    for number, text in enumerate(lines, 1):
        yield from reader.feed(number, text)
    yield from reader.close()
