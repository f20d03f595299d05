"""How far files were imported, kept beside the last: an import that is begun again goes on there."""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

SUFFIX = ".provd-import"
BEGINNING = 256
"""Bytes of a file by which it is known again."""


@dataclass(slots=True)
class Progress:
    """``offset`` is the first byte, and ``line`` the number of the line, that is still needed; ``told`` is
    the last line of which what is wrong with it was set aside. ``inode``, and the ``beginning`` of the
    ``size`` bytes that were read, tell the file from one that came in its place."""

    inode: int = 0
    beginning: str = ""
    size: int = 0
    offset: int = 0
    line: int = 1
    told: int = 0


def read_progress(path: Path) -> list[Progress]:
    """Read that of each file of which something is still needed, older ones first; empty when there is none
    that can be read."""
    fields = asdict(Progress()).items()
    try:
        read = json.loads(path.read_text())
        return [Progress(**{name: type(value)(each[name]) for name, value in fields}) for each in read]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def write_progress(path: Path, progress: Sequence[Progress]) -> None:
    """Keep it, in place of the one before. Raises OSError."""
    made = path.with_name(path.name + ".new")
    made.write_text(json.dumps([asdict(each) for each in progress]) + "\n")
    made.replace(path)


def digest(beginning: bytes) -> str:
    """What stands for the first bytes of a file."""
    return hashlib.sha256(beginning).hexdigest()[:32]


def is_of(progress: Progress, descriptor: int) -> bool:
    """Whether it is of this open file: the same one, not shorter than it was, with the same beginning."""
    status = os.fstat(descriptor)
    return (
        status.st_ino == progress.inode
        and status.st_size >= progress.size
        and digest(os.pread(descriptor, min(progress.size, BEGINNING), 0)) == progress.beginning
    )
