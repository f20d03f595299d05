"""What is sent, and what a sender is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class NotSent(Exception):
    """A message did not arrive; ``str()`` says why, and has no secret in it."""


@dataclass(frozen=True, slots=True)
class Note:
    """A message. ``id`` is the same each time it is tried. ``data`` is what a program wants to know of it."""

    id: str
    severity: str
    what: str
    title: str
    body: str
    data: Mapping[str, Any] = field(default_factory=dict)


class Sender(Protocol):
    """Takes messages to one place."""

    async def send(self, note: Note) -> None:
        """Raises NotSent."""
        ...
