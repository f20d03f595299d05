"""A log, newest first, of which pages are read as someone scrolls: plain data, and pure functions on it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

E = TypeVar("E")
Number = Callable[[E], int]
"""Gives the number of an entry; newer ones have higher numbers."""

MOST_KEPT = 20_000
"""Entries; after so many no older page is read."""


@dataclass(frozen=True, slots=True)
class LogState(Generic[E]):
    """The entries by their numbers as text.

    ``read`` tells whether the newest page was read; ``token`` asks for the next older one, and is empty when
    there is none. ``reading``: a page was asked for and is under way; ``asked`` counts the askings, and only
    the answer to the latest counts. ``error`` says why the last reading failed.
    """

    entries: Mapping[str, E] = field(default_factory=dict)
    read: bool = False
    token: str = ""
    reading: bool = False
    asked: int = 0
    error: str = ""

    @property
    def more(self) -> bool:
        """Whether there is an older page to read, and room for it."""
        return bool(self.token) and not self.reading and not self.error and not self.full

    @property
    def full(self) -> bool:
        """Whether older pages are left unread for want of room."""
        return bool(self.token) and len(self.entries) >= MOST_KEPT


def begin(state: LogState[E]) -> LogState[E]:
    """Note that a page was asked for."""
    return replace(state, reading=True, asked=state.asked + 1)


def took_first(state: LogState[E], page: Iterable[E], token: str, number: Number[E]) -> LogState[E]:
    """Take the newest page. Of what was held, only what is newer stays: something may have been missed."""
    found = {str(number(entry)): entry for entry in page}
    newest = max(map(int, found), default=0)
    newer = {key: entry for key, entry in state.entries.items() if int(key) > newest}
    return LogState(newer | found, read=True, token=token, asked=state.asked)


def took_older(state: LogState[E], page: Iterable[E], token: str, number: Number[E]) -> LogState[E]:
    """Take the page that ``token`` asked for."""
    found = {str(number(entry)): entry for entry in page}
    return replace(state, entries={**state.entries, **found}, token=token, reading=False, error="")


def failed(state: LogState[E], error: str) -> LogState[E]:
    """Note why a page could not be read; what is held stays."""
    return replace(state, reading=False, error=error)


def put(state: LogState[E], entries: Iterable[E], number: Number[E]) -> LogState[E]:
    """Take entries that were just written; nobody has looked at the log yet: they will be read."""
    told = {str(number(entry)): entry for entry in entries}
    if not told or not (state.read or state.reading):
        return state
    return replace(state, entries={**state.entries, **told})
