"""Where the monitor's time comes from."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """``monotonic`` says what is due, and is that of the event loop; ``wall`` is what is told, in seconds
    since 1970."""

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time


SYSTEM = Clock()
"""The machine's."""
