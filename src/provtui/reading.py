"""What was asked of the daemon for a part of a screen: not here yet, here, or not to be had."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from textual.content import Content

from provtui.text import clean

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """The last ``value`` that was read, and why reading it anew failed, if it did."""

    value: T | None = None
    error: str = ""

    def after(self, value: T | None, error: str) -> "Reading[T]":
        """Give what holds after another attempt: a failure keeps the value of before."""
        return Reading(self.value if value is None else value, error)

    @property
    def notice(self) -> Content:
        """Say that it is being read, or why it could not be; empty when it is here."""
        if self.error:
            older = " What is shown is older." if self.value is not None else ""
            said = f"✗ Not read: {clean(self.error)}.{older} r reads it again."
            return Content.styled(said.replace("..", "."), ".ink--unhealthy")
        return Content.styled("Reading…", ".ink--faint") if self.value is None else Content("")
