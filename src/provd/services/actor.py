"""Who asks for a change."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A caller as the kernel names it."""

    uid: int
    user: str
