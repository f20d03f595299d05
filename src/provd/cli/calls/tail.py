"""Lines of a file that may grow, be rotated away or be cut off while it is read."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

from provd.calls.readers.base import Place
from provd.cli.calls.progress import BEGINNING, Progress, digest, is_of

LOOK_EVERY_S = 1.0
_AT_ONCE = 256 * 1024
_LONGEST = 1024 * 1024


class Tail:
    """One open file, read from where ``progress`` says if that is of it, else from its beginning.

    ``next_place`` is where the next line begins.
    """

    def __init__(self, path: Path, progress: Progress | None) -> None:
        self.path = path
        self.descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.told = 0
        self.next_place = Place(1, 0)
        if progress is not None and is_of(progress, self.descriptor):
            self.next_place, self.told = Place(progress.line, progress.offset), progress.told
        self._head = os.pread(self.descriptor, min(BEGINNING, self.next_place.offset), 0)

    def close(self) -> None:
        """Close the file."""
        os.close(self.descriptor)

    def progress(self, needed: Place | None) -> Progress:
        """How far it was read, when from ``needed`` on it has to be read again; None: nothing has."""
        place = needed or self.next_place
        return Progress(
            os.fstat(self.descriptor).st_ino,
            digest(self._head[: place.offset]),
            place.offset,
            place.line,
            max(self.told, self.next_place.line - 1),
        )

    def lines(self, *, unfinished: bool) -> Iterator[tuple[Place, str]]:
        """Yield what is there; the last line without its end only when ``unfinished``. Raises OSError."""
        held = b""
        while True:
            data = os.pread(self.descriptor, _AT_ONCE, self.next_place.offset + len(held))
            *ended, held = (held + data).split(b"\n")
            for line in ended:
                yield self._take(line, 1)
            if len(held) > _LONGEST or (not data and held and unfinished):
                yield self._take(held, 0)
                held = b""
            if not data:
                self._head += os.pread(
                    self.descriptor, min(BEGINNING, self.next_place.offset) - len(self._head), len(self._head)
                )
                return

    def text_at(self, place: Place) -> str:
        """A line that was read before."""
        line = os.pread(self.descriptor, _LONGEST, place.offset).partition(b"\n")[0]
        return line.decode(errors="replace").rstrip("\r")

    def was_replaced(self) -> bool:
        """Whether another file is at the path now."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return False  # between two files
        mine = os.fstat(self.descriptor)
        return (status.st_ino, status.st_dev) != (mine.st_ino, mine.st_dev)

    def was_cut(self) -> bool:
        """Whether the file was emptied since it was read, and perhaps written anew."""
        return (
            os.fstat(self.descriptor).st_size < self.next_place.offset
            or os.pread(self.descriptor, len(self._head), 0) != self._head
        )

    def _take(self, line: bytes, end: int) -> tuple[Place, str]:
        place = self.next_place
        self.next_place = Place(place.line + 1, place.offset + len(line) + end)
        return place, line.decode(errors="replace").rstrip("\r")


def rotated(path: Path, progress: Progress | None) -> Path | None:
    """The file that ``progress`` is of, when it lies beside ``path`` under another name by now."""
    if progress is None or (path.exists() and path.stat().st_ino == progress.inode):
        return None
    for each in sorted(path.parent.glob(f"{path.name}[.-]*")):
        try:
            if each.stat().st_ino != progress.inode:
                continue
            descriptor = os.open(each, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            if is_of(progress, descriptor):
                return each
        finally:
            os.close(descriptor)
    return None


async def until_it_grows() -> None:
    """Wait before looking again."""
    await asyncio.sleep(LOOK_EVERY_S)
