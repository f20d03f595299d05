"""Small files that survive a crash: each write is there whole or not at all."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SystemCalls:
    """What a write asks of the system, in its order; a test may have one of them fail."""

    write: Callable[[int, memoryview], int] = os.write
    fsync: Callable[[int], None] = os.fsync
    rename: Callable[[Path, Path], None] = os.replace
    fsync_directory: Callable[[int], None] = os.fsync


def may_exist(path: Path) -> bool:
    """Whether there is a file, or no telling: one that can't be looked at must not be overlooked."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        pass
    return True


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock among processes and threads; ``path`` is a file for this alone. Blocks."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def replace(path: Path, data: bytes, calls: SystemCalls = SystemCalls()) -> None:
    """Put ``data``, 0600, in the place of what ``path`` has. Callers hold a lock.

    After a crash at any point the file has the old or the new content. When this raises OSError it has the
    old one, unless only the directory's fsync failed.
    """
    temporary = _written_beside(path, data, calls)
    try:
        calls.rename(temporary, path)
    except BaseException:
        temporary.unlink()
        raise
    _sync_directory(path.parent, calls)


def create(path: Path, data: bytes, calls: SystemCalls = SystemCalls()) -> None:
    """The same for a file that must not exist yet: raises FileExistsError."""
    temporary = _written_beside(path, data, calls)
    try:
        os.link(temporary, path)  # renaming would replace what is there
    finally:
        temporary.unlink()
    _sync_directory(path.parent, calls)


def _written_beside(path: Path, data: bytes, calls: SystemCalls) -> Path:
    temporary = path.with_name(f"{path.name}.new")  # one name, so that crashes leave one such file at most
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[calls.write(handle, rest) :]
        calls.fsync(handle)
    except BaseException:
        temporary.unlink()
        raise
    finally:
        os.close(handle)
    return temporary


def _sync_directory(path: Path, calls: SystemCalls) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        calls.fsync_directory(handle)
    finally:
        os.close(handle)
