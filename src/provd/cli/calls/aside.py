"""Lines that were not taken: kept in a file of their own, with their numbers and what is wrong with each."""

from pathlib import Path

from provd.cli.output import printable

SUFFIX = ".rejected"


class SetAside:
    """Appends to ``path``, which is made with the first line. ``count`` is of lines since the start."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0

    def keep(self, source: Path, line: int, message: str, text: str) -> None:
        """Keep one line of ``source``: what is wrong as a comment, then the line as it is. Raises OSError."""
        with self.path.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"# {source} line {line}: {printable(message)}\n{text}\n")
        self.count += 1
