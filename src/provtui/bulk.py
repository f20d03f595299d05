"""One thing done to many records: what is to be done, and what came of it. Plain data."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


class Named(Protocol):
    """A record that is known by its id and called by its name."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def name(self) -> str:
        """What it is called."""


N = TypeVar("N", bound=Named)


@dataclass(frozen=True, slots=True)
class Bulk(Generic[N]):
    """``act`` on each of ``records``; it raises ClientError where it fails, and else may give words to tell.

    ``title`` and ``doing`` are for the dialog ("Delete 3 providers", "Deleting"), ``done`` for its end
    ("deleted"), ``warning`` says what it means. Of what can't be taken back lightly the number must be
    typed: ``typed``.
    """

    title: str
    doing: str
    done: str
    records: Sequence[N]
    act: Callable[[N], Awaitable[str]]
    warning: str = ""
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """How it ended for one record: ``error`` is empty when it was done, ``words`` may tell more."""

    record_id: str
    name: str
    error: str = ""
    words: str = ""


def first_names(names: Sequence[str], most: int = 5) -> str:
    """Write the first names, and how many others there are."""
    others = len(names) - most
    return ", ".join(names[:most]) + (f" and {others} more" if others > 0 else "")
