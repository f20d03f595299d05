"""Copies of the store: taken while the daemon runs, read back before they count, and put in its place."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from provd.store.engine import STORE_NAME
from provd.store.errors import StoreError
from provd.store.migrate import check_known, current_version, migrate
from provd.store.state_lock import lock_state

_WAL = "-wal"
_BUSY_S = 30.0


class BackupError(StoreError):
    """A copy can't be made, or not be used; ``str()`` says why and what to do. Nothing is changed."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that was read back. ``size`` is in bytes."""

    path: Path
    schema: str
    providers: int
    size: int


def back_up(state_dir: Path, target: Path) -> Copy:
    """Copy the store of ``state_dir`` to ``target`` as it is at this moment, running or not.

    The copy is one file, readable by its owner alone; it appears under its name once it has been read back
    whole and is on the disk. Raises BackupError, also when ``target`` is there already.
    """
    store = state_dir / STORE_NAME
    if not store.exists():
        raise BackupError(f"there is no store at {store}: is [daemon] state_dir right?")
    if target.exists():
        raise BackupError(f"{target} is there already: give another name")
    with _unfinished(target) as copy:
        _copy(store, copy)
        made = _verified(copy)
        _replace(copy, target)
    return Copy(target, *made, target.stat().st_size)


def restore(state_dir: Path, source: Path, kept: Path) -> Copy:
    """Put the copy ``source`` in the store's place; what was there is kept under the name ``kept``.

    ``source`` stays as it is: what is put in place is a copy of it, read back and brought up to date before.
    Whenever this ends, one whole store is in place. Raises BackupError, also while a daemon runs;
    StoreOpenError when the copy is of a newer provd.
    """
    if not source.is_file():
        raise BackupError(f"there is no file {source}")
    lock = lock_state(state_dir)
    try:
        store = state_dir / STORE_NAME
        with _unfinished(store) as copy:
            _copy(source, copy)
            _verified(copy)
            check_known(source, current_version(copy))
            migrate(copy)
            schema, providers = _verified(copy)
            if os.geteuid() == 0:  # whoever runs the daemon is to have it
                owner = state_dir.stat()
                os.chown(copy, owner.st_uid, owner.st_gid)
            if store.exists():
                _keep(store, kept)
            _replace(copy, store)
    finally:
        os.close(lock)
    return Copy(store, schema, providers, store.stat().st_size)


@contextmanager
def _unfinished(target: Path) -> Iterator[Path]:
    """A name beside ``target`` for what is not whole yet; nothing is left there."""
    copy = target.with_name(f".{target.name}.unfinished")
    _remove(copy)
    try:
        os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        yield copy
    except OSError as error:
        raise BackupError(f"{target} can't be written: {error.strerror or error}") from error
    finally:
        _remove(copy)


def _remove(copy: Path) -> None:
    for ending in ("", _WAL, "-shm", "-journal"):
        with suppress(FileNotFoundError):
            Path(f"{copy}{ending}").unlink()


def _copy(source: Path, copy: Path) -> None:
    try:
        with closing(_opened(source)) as reading, closing(sqlite3.connect(copy)) as writing:
            reading.backup(writing)  # at once: one state of the source, however much is written meanwhile
            writing.execute("PRAGMA journal_mode=DELETE")  # so that it is one file
    except sqlite3.Error as error:
        raise BackupError(f"{source} can't be copied: {error}") from error


def _verified(copy: Path) -> tuple[str, int]:
    """Read a copy back from its first page to its last; gives its schema and how many providers it has."""
    try:
        with closing(_opened(copy)) as reading:
            said = reading.execute("PRAGMA integrity_check(1)").fetchone()[0]
            orphans = reading.execute("PRAGMA foreign_key_check").fetchone()
            if said != "ok" or orphans is not None:
                raise BackupError(f"the copy is damaged ({said}): the store itself may be; take another")
            (schema,) = reading.execute("SELECT version_num FROM alembic_version").fetchone()
            (providers,) = reading.execute("SELECT count(*) FROM provider").fetchone()
    except (sqlite3.Error, TypeError) as error:
        raise BackupError(f"it is no store of provd: {error}") from error
    return str(schema), int(providers)


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY_S)


def _keep(store: Path, kept: Path) -> None:
    """Give the store a second name, with what is in its write-ahead log folded in; the log of a store that is
    too damaged for that gets a second name as well."""
    wal, kept_wal = Path(f"{store}{_WAL}"), Path(f"{kept}{_WAL}")
    os.link(store, kept)
    if wal.exists() and wal.stat().st_size:
        os.link(wal, kept_wal)  # before SQLite looks at it, as it may throw it away
    with suppress(sqlite3.Error), closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    if kept_wal.exists() and not kept_wal.stat().st_size:
        kept_wal.unlink()
    for ending in (_WAL, "-shm"):  # the old store's: they must not be folded into the new one
        with suppress(FileNotFoundError):
            Path(f"{store}{ending}").unlink()


def _replace(copy: Path, target: Path) -> None:
    """Put a copy under its name, for good."""
    copy.chmod(stat.S_IRUSR | stat.S_IWUSR)
    for path in (copy, None, target.parent):
        if path is None:
            copy.replace(target)
            continue
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
