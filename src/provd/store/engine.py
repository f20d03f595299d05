"""The store's engines: many readers, and one writer through which every change goes.

Each write is one ``BEGIN IMMEDIATE`` transaction under a lock, so a read-modify-write never loses an
update. Events recorded in a transaction are committed with it and handed to ``on_commit`` afterwards, in
the order of their numbers, still under the lock. So are lines of the audit log, each with its event, and
revisions.
"""

import asyncio
import json
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine, create_engine, event, insert, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool
from sqlmodel import SQLModel

from provd.store import audit, revisions
from provd.store.audit_chain import Link, chained
from provd.store.copies import how_to_restore
from provd.store.errors import StoreError, StoreOpenError
from provd.store.json_text import read_json
from provd.store.tables import EventRow

STORE_NAME = "provd.db"
"""In the state directory."""

_EVENTS = SQLModel.metadata.tables[EventRow.__tablename__]
AUDIT_EVENT = "audit"
_LAST_SEQ = text("SELECT seq FROM sqlite_sequence WHERE name = 'event'")
_BUSY_TIMEOUT_S = 5
_TURN_WITHIN_S = 20.0  # four that each wait for SQLite's lock, and less than clients wait
_READERS = 4
_CHECKED_SIZE = 64 * 1024 * 1024  # bytes, which are read in a fraction of a second
_OPTIONS: dict[str, Any] = {
    "connect_args": {"timeout": _BUSY_TIMEOUT_S, "isolation_level": None},
    "json_deserializer": read_json,
}
_DAMAGED = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB"})
log = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A durable event after its commit. ``data`` is JSON text."""

    seq: int
    type: str
    at: str
    provider_id: str | None
    data: str


@dataclass(slots=True)
class Transaction:
    """One write under way: its session, and what will be committed with it: events, lines of the audit log
    that follow ``audit_end`` (None: not read yet), and revisions."""

    session: AsyncSession
    audit_end: Link | None = None
    _events: list[dict[str, Any]] = field(default_factory=list)
    _audited: list[dict[str, Any]] = field(default_factory=list)
    _revisions: list[dict[str, Any]] = field(default_factory=list)
    _after_commit: list[Callable[[], None]] = field(default_factory=list)

    async def run(self, work: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a repository's function in this transaction."""
        return await self.session.run_sync(work, *args, **kwargs)

    def record(self, kind: str, at: str, provider_id: str | None, data: str) -> None:
        """Add a durable event."""
        self._events.append({"type": kind, "at": at, "provider_id": provider_id, "data": data})

    def audit(self, entry: dict[str, Any]) -> None:
        """Add a line to the audit log: the fields of AuditEntry, except its number and its hashes."""
        self._audited.append(entry)

    def revise(self, *rows: dict[str, Any]) -> None:
        """Keep revisions: the columns of RevisionRow."""
        self._revisions += rows

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Run ``callback`` when the transaction is committed, before any other write begins."""
        self._after_commit.append(callback)

    async def finish(self) -> list[StoredEvent]:
        """Write revisions, the audit log and the events, and commit."""
        if self._revisions:
            await self.run(revisions.add, self._revisions)
        if self._audited:
            await self.run(audit.add, await self._chained())
        stored: list[StoredEvent] = []
        if self._events:
            # numbered here: a RETURNING clause would have each row inserted by itself
            last = (await self.session.execute(_LAST_SEQ)).scalar_one_or_none() or 0
            stored = [StoredEvent(seq, **values) for seq, values in enumerate(self._events, last + 1)]
            rows = [{"seq": seq, **values} for seq, values in enumerate(self._events, last + 1)]
            await self.session.execute(insert(_EVENTS), rows)
        await self.session.commit()
        for callback in self._after_commit:
            callback()
        return stored

    async def _chained(self) -> list[dict[str, Any]]:
        """Tie the lines to the log, and announce each."""
        last = await self.run(audit.newest) if self.audit_end is None else self.audit_end
        entries = []
        for entry in self._audited:
            whole = chained(entry, last)
            last = Link(whole["seq"], whole["hash"])
            entries.append(whole)
            self.record(AUDIT_EVENT, whole["at"], None, json.dumps(whole))
        self.audit_end = last
        return entries


class Store:
    """An open store. ``on_commit`` gets the events of each committed write, ``on_written`` the seconds that
    it took, with the wait for its turn.

    ``write_error`` is why the last write failed, if it did; ``damage`` is there from when SQLite has found
    the file damaged, for good, however many writes go well elsewhere in it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.on_commit: Callable[[list[StoredEvent]], None] = lambda _events: None
        self.on_written: Callable[[float], None] = lambda _seconds: None
        self.write_error: str | None = None
        self.damage: str | None = None
        self._lock = asyncio.Lock()
        self._audit_end: Link | None = None
        self._writer = create_async_engine(_url("sqlite+aiosqlite", path), pool_size=1, **_OPTIONS)
        self._readers = create_async_engine(_url("sqlite+aiosqlite", path), pool_size=_READERS, **_OPTIONS)
        self._inline = create_engine(_url("sqlite", path), poolclass=QueuePool, pool_size=2, **_OPTIONS)
        _configure(self._writer.sync_engine, writer=True)
        _configure(self._readers.sync_engine, writer=False)
        _configure(self._inline, writer=False)

    @property
    def backend(self) -> str:
        """The name of the database, for status."""
        return "sqlite"

    @property
    def error(self) -> str | None:
        """Why what is learnt is not kept, or can't be trusted to be; None when all is well."""
        return self.damage or self.write_error

    async def read(self, work: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a repository's function in a thread, on one consistent state. Raises StoreError."""
        with self._mapped_errors("read"):
            async with AsyncSession(self._readers, expire_on_commit=False) as session:
                return await session.run_sync(work, *args, **kwargs)

    def read_now(self, work: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The same here and now, for work that an index bounds: it is done before a thread would begin.

        ``work`` may read anew: that read has a connection, and a state, of its own.
        """
        with self._mapped_errors("read"), Session(self._inline, expire_on_commit=False) as session:
            return work(session, *args, **kwargs)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """The one write at a time; committed at the end, undone when the body raises.

        Raises StoreError, also when the writes before it take so long that its turn does not come.
        """
        asked = time.monotonic()
        async with self._turn():
            try:
                with self._mapped_errors("write"):
                    async with AsyncSession(self._writer, expire_on_commit=False) as session:
                        # read anew after a write that broke off: it may have been committed all the same
                        audit_end, self._audit_end = self._audit_end, None
                        transaction = Transaction(session, audit_end)
                        yield transaction
                        stored = await transaction.finish()
                        self._audit_end = transaction.audit_end
            except StoreError as error:
                self.write_error = str(error)
                raise
            self.write_error = None
            self.on_written(time.monotonic() - asked)
            self.on_commit(stored)

    async def prove_writer(self) -> None:
        """Go the way of a write without writing: its turn, its thread, SQLite's lock. Raises StoreError."""
        async with self._turn():
            with self._mapped_errors("write"):
                async with self._writer.begin() as connection:
                    await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Fold the write-ahead log into the store and close it."""
        async with self._lock:
            try:
                async with self._writer.connect() as connection:
                    await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
            except SQLAlchemyError:
                pass  # the log is folded in at the next start
            await self._writer.dispose()
            await self._readers.dispose()
            self._inline.dispose()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Hold the lock of writes."""
        try:
            async with asyncio.timeout(_TURN_WITHIN_S):
                await self._lock.acquire()
        except TimeoutError:
            why = self.write_error or "the disk is slow"
            raise StoreError(
                f"the store can't write: others have waited for {_TURN_WITHIN_S:.0f} s: {why}"
            ) from None
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def _mapped_errors(self, doing: str) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            words = in_words(error.orig, self.path)
            if self.damage is None and _primary_code(error.orig) in _DAMAGED:
                self.damage = f"the store {self.path}: {words}"
                log.critical("%s", self.damage)
            raise StoreError(f"the store can't {doing}: {words}") from error
        except SQLAlchemyError as error:
            raise StoreError(f"the store can't {doing}: {error}") from error


def _url(driver: str, path: Path) -> str:
    return f"{driver}:///{path}"


def _configure(engine: Engine, *, writer: bool) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF"):
            cursor.execute(f"PRAGMA {pragma}")
        if not writer:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")


def _primary_code(error: BaseException | None) -> str:
    """The name of SQLite's primary result code: SQLITE_IOERR of SQLITE_IOERR_WRITE."""
    return "_".join(getattr(error, "sqlite_errorname", "").split("_")[:2])


def in_words(error: BaseException | None, path: Path) -> str:
    """What SQLite says of the store at ``path``, and what to do about it."""
    match _primary_code(error):
        case "SQLITE_FULL":
            return "the disk is full: free some space"
        case "SQLITE_READONLY":
            return "it is read-only: check the state directory's permissions and mount"
        case "SQLITE_IOERR":
            return "the disk fails, or its file system was made read-only: look at dmesg and the mount"
        case "SQLITE_BUSY":
            return "another process holds it locked: find it with fuser on provd.db"
        case "SQLITE_CORRUPT":
            return f"it is damaged: {how_to_restore(path)}"
        case "SQLITE_NOTADB":
            return f"the file is not an SQLite database: {how_to_restore(path)}"
    return str(error)


def check_directory(state_dir: Path) -> None:
    """Make the state directory (0700) if need be; StoreOpenError when it can't be made or written."""
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = state_dir / ".writable"
        probe.touch(mode=0o600)
        probe.unlink()
    except OSError as error:
        raise StoreOpenError(
            f"the state directory {state_dir} can't be written: {error.strerror}. "
            "Make it writable for this user, or set [daemon] state_dir"
        ) from error


def sqlite_is_usable(path: Path) -> None:
    """Look at the file before anything opens it for writing; StoreOpenError when it is no database or is
    damaged.

    One of up to _CHECKED_SIZE is read as a whole. A greater one is when it is copied.
    """
    if not path.exists():
        return
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master")
            if path.stat().st_size <= _CHECKED_SIZE:
                (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
                if said != "ok":
                    raise StoreOpenError(
                        f"the store {path} is damaged, and is left as it is: {how_to_restore(path)}"
                    )
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise StoreOpenError(f"the store {path} can't be opened: {in_words(error, path)}") from error
