"""Lines of a file that may grow, be rotated away or be cut off while it is read."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from provd.calls.readers.base import Place
from provd.cli.calls.progress import BEGINNING, Progress, digest, is_of

LOOK_EVERY_S = 1.0
_AT_ONCE = 256 * 1024
_LONGEST = 1024 * 1024


class Tail:
    """One open file, read from where the progress in ``known`` says that is of it, else from its beginning.

    ``number`` is that of the file in its places. ``next_place`` is where the next line begins.
    """

    def __init__(self, path: Path, known: Sequence[Progress], number: int) -> None:
        self.path = path
        self.number = number
        self.descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.told = 0
        self.next_place = Place(1, 0, number)
        mine = next((each for each in known if is_of(each, self.descriptor)), None)
        if mine is not None:
            self.next_place, self.told = Place(mine.line, mine.offset, number), mine.told
        self._head = os.pread(self.descriptor, min(BEGINNING, self.next_place.offset), 0)

    def close(self) -> None:
        """Close the file."""
        os.close(self.descriptor)

    def progress(self, needed: Place | None) -> Progress:
        """How far it was read, when from ``needed`` on, in this file or one before, lines have to be read
        again; None: none has."""
        place = self.next_place
        if needed is not None:
            place = needed if needed.file == self.number else Place(1, 0)
        size = self.next_place.offset
        return Progress(
            os.fstat(self.descriptor).st_ino,
            digest(self._head[:size]),
            size,
            place.offset,
            place.line,
            max(self.told, self.next_place.line - 1),
        )

    def lines(self, *, unfinished: bool) -> Iterator[tuple[Place, str]]:
        """Yield what is there; the last line without its end only when ``unfinished``. Raises OSError."""
        held = b""
        while True:
            at = self.next_place.offset + len(held)
            data = os.pread(self.descriptor, _AT_ONCE, at)
            if at <= len(self._head):
                self._head += data[len(self._head) - at :][: BEGINNING - len(self._head)]
            *ended, held = (held + data).split(b"\n")
            for line in ended:
                yield self._take(line, 1)
            if len(held) > _LONGEST or (not data and held and unfinished):
                yield self._take(held, 0)
                held = b""
            if not data:
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
        self.next_place = Place(place.line + 1, place.offset + len(line) + end, self.number)
        return place, line.decode(errors="replace").rstrip("\r")


def rotated(path: Path, progress: Progress) -> Path | None:
    """The file that ``progress`` is of, when it lies beside ``path`` under another name by now."""
    if path.exists() and path.stat().st_ino == progress.inode:
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
