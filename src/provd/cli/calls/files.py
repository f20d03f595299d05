"""The files of an import: the one at its path, and older ones from which something is still needed."""

from pathlib import Path

from provd.calls.readers.base import Place
from provd.cli.calls.progress import read_progress, write_progress
from provd.cli.calls.tail import Tail, rotated


class Files:
    """The open files, by their numbers; how far they were read is kept at ``progress``. Raises OSError."""

    def __init__(self, path: Path, progress: Path) -> None:
        self._path = path
        self._progress = progress
        self._known = read_progress(progress)
        self._open: dict[int, Tail] = {}
        self._count = 0

    def older(self) -> list[Tail]:
        """Open those that were at the path in imports before, and lie beside it under other names by now."""
        found, known = [], self._known
        self._known = []
        for each in known:
            old = rotated(self._path, each)
            if old is None:
                self._known.append(each)
            else:
                found.append(self._opened(Tail(old, [each], self._count)))
        return found

    def current(self) -> Tail:
        """Open the one at the path."""
        opened = self._opened(Tail(self._path, self._known, self._count))
        self._known = []
        return opened

    def of(self, place: Place) -> Tail | None:
        """The one that a place is in, while it is open."""
        return self._open.get(place.file)

    def forget(self, tail: Tail) -> None:
        """Close one whose lines are gone."""
        self._open.pop(tail.number).close()

    def keep(self, reading: Tail, needed: Place | None) -> None:
        """Keep how far they were read, while ``reading`` is being read; from ``needed`` on lines are to
        be read again. Older ones than both are closed."""
        first = reading.number if needed is None else needed.file
        for each in [each for each in self._open.values() if each.number < first]:
            self.forget(each)
        opened = [each.progress(needed) for each in self._open.values()]
        write_progress(self._progress, [*opened, *self._known])

    def close(self) -> None:
        """Close them all."""
        for each in list(self._open.values()):
            self.forget(each)

    def _opened(self, tail: Tail) -> Tail:
        self._open[tail.number] = tail
        self._count += 1
        return tail
