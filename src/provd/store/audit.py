"""The audit log in the store."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, or_, select, text
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col

from provd.store.audit_chain import Broken, Link, follow
from provd.store.tables import AuditAnchorRow, AuditRow

_TABLE = SQLModel.metadata.tables[AuditRow.__tablename__]
_HIGHEST = text("SELECT seq FROM sqlite_sequence WHERE name = 'audit'")


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which lines a list is of; None or empty means any. ``since`` and ``until`` are timestamps."""

    q: str = ""
    object_id: str = ""
    user: str = ""
    action: str = ""
    outcome: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Walked:
    """How far a walk along the log came: where it is, the lines it saw, and what is broken."""

    last: Link
    seen: int
    broken: Broken | None


def add(session: Session, entries: Sequence[dict[str, Any]]) -> None:
    """Write new lines, each with every field of AuditEntry."""
    rows = [
        {**entry, "before": json.dumps(entry["before"]), "after": json.dumps(entry["after"])}
        for entry in entries
    ]
    session.execute(insert(_TABLE), rows)


def entry_of(row: AuditRow) -> dict[str, Any]:
    """A line as AuditEntry has it."""
    return {**row.model_dump(), "before": json.loads(row.before), "after": json.loads(row.after)}


def newest(session: Session) -> Link:
    """The end of the chain, to which a new line is tied.

    A number that was ever given is not given again: lines that somebody took from the end leave a gap.
    """
    query = select(col(AuditRow.seq), col(AuditRow.hash)).order_by(col(AuditRow.seq).desc()).limit(1)
    row = session.execute(query).first()
    last = anchored(session) if row is None else Link(row[0] or 0, row[1])
    return Link(max(last.seq, written(session)), last.hash)


def anchored(session: Session) -> Link:
    """The last line that was forgotten for its age; the beginning when none was."""
    row = session.get(AuditAnchorRow, 1)
    return Link() if row is None else Link(row.seq, row.hash)


def written(session: Session) -> int:
    """The highest number that was ever given to a line."""
    return int(session.execute(_HIGHEST).scalar_one_or_none() or 0)


def get(session: Session, seq: int) -> AuditRow | None:
    """Read one line."""
    return session.get(AuditRow, seq)


def page(session: Session, wanted: AuditFilter, before: int | None, size: int) -> Sequence[AuditRow]:
    """Read up to ``size`` lines below number ``before``, newest first."""
    number = col(AuditRow.seq)
    query = select(AuditRow).where(*_conditions(wanted)).order_by(number.desc()).limit(size)
    if before is not None:
        query = query.where(number < before)
    return session.execute(query).scalars().all()


def walk(session: Session, last: Link, size: int) -> Walked:
    """Follow up to ``size`` lines after ``last``."""
    number = col(AuditRow.seq)
    query = select(AuditRow).where(number > last.seq).order_by(number).limit(size)
    rows = session.execute(query).scalars().all()
    found = follow(map(_readable, rows), last)
    if isinstance(found, Broken):
        return Walked(last, found.seq - last.seq - 1, found)
    return Walked(found, len(rows), None)


def forgettable(session: Session, before: str) -> Link | None:
    """The last of the lines from the beginning on that are older than the timestamp ``before``. None when
    there are none, or nothing newer has come yet."""
    number, at = col(AuditRow.seq), col(AuditRow.at)
    first_kept = select(number).where(at >= before).order_by(number).limit(1)
    kept = session.execute(first_kept).scalar_one_or_none()
    if kept is None:
        return None
    query = select(number, col(AuditRow.hash)).where(number < kept).order_by(number.desc()).limit(1)
    last = session.execute(query).first()
    return None if last is None else Link(last[0] or 0, last[1])


def forget(session: Session, before: str) -> Link | None:
    """Delete those lines. The last of them is kept as the anchor, and given back."""
    last = forgettable(session, before)
    if last is not None:
        session.merge(AuditAnchorRow(id=1, seq=last.seq, hash=last.hash, at=before))
        session.flush()
        session.execute(delete(AuditRow).where(col(AuditRow.seq) <= last.seq))
    return last


def _readable(row: AuditRow) -> dict[str, Any]:
    """A line as it is, also when somebody left no JSON in it: then its hash does not fit."""
    try:
        return entry_of(row)
    except ValueError:
        return row.model_dump()


def _conditions(wanted: AuditFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.q:
        columns = (AuditRow.name, AuditRow.message, AuditRow.before, AuditRow.after)
        yield or_(*(col(column).icontains(wanted.q, autoescape=True) for column in columns))
    if wanted.object_id:
        yield col(AuditRow.object_id) == wanted.object_id
    if wanted.user:
        uid = int(wanted.user) if wanted.user.isascii() and wanted.user.isdigit() else None
        named = col(AuditRow.user) == wanted.user
        yield named if uid is None or uid >= 2**32 else or_(named, col(AuditRow.uid) == uid)
    if wanted.action:
        yield col(AuditRow.action).startswith(wanted.action, autoescape=True)
    if wanted.outcome:
        yield col(AuditRow.outcome) == wanted.outcome
    if wanted.since:
        yield col(AuditRow.at) >= wanted.since
    if wanted.until:
        yield col(AuditRow.at) < wanted.until
