"""Reading a file or a pipe for sending, and saying how far that is."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Callable

CHUNK = 64 * 1024
QUIET_UP_TO = 1024 * 1024
"""Bytes; nothing is said before."""

_MB = 1_000_000


async def chunks(descriptor: int) -> AsyncIterator[bytes]:
    """Read a descriptor to its end, without holding the loop up while a pipe is empty. Raises OSError."""
    while True:
        await _readable(descriptor)
        data = os.read(descriptor, CHUNK)
        if not data:
            return
        yield data


async def counted(parts: AsyncIterator[bytes], sent: Callable[[int], None]) -> AsyncIterator[bytes]:
    """Pass parts on and tell ``sent`` how many bytes each had, once it was taken."""
    async for part in parts:
        yield part
        sent(len(part))


class Progress:
    """Says with ``tell`` how much was sent: each tenth of ``total`` bytes, or each 10 MB when it is None."""

    def __init__(self, total: int | None, tell: Callable[[str], None]) -> None:
        self._total = total
        self._tell = tell
        self._step = 10 * _MB if total is None else max(1, -(-total // 10))
        self._sent = 0

    def sent(self, size: int) -> None:
        """Take in that so many bytes more were sent."""
        before, self._sent = self._sent, self._sent + size
        if self._sent // self._step > before // self._step and self._sent > QUIET_UP_TO:
            whole = "" if self._total is None else f" of {self._total / _MB:.1f}"
            self._tell(f"{self._sent / _MB:.1f}{whole} MB sent")


def size_of(descriptor: int) -> int | None:
    """How many bytes a file has; None for a pipe or a terminal."""
    status = os.fstat(descriptor)
    return status.st_size if stat.S_ISREG(status.st_mode) else None


async def _readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        loop.add_reader(descriptor, ready.set)
    except PermissionError:  # epoll(7) has no word on regular files: they can always be read
        return
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)
