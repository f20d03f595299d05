"""The history of measurements in the store: targets, the sample log, checkpoints, rollups.

All of it is plain Core: thousands of rows go through here, and no object is made of any.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Table, bindparam, delete, func, insert, select, text, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col

from provd.store.tables import (
    CheckpointRow,
    HourRollupRow,
    MinuteRollupsRow,
    SampleLogRow,
    TargetRow,
)

_TARGET_BITS = 32
_CHUNK = 1000

Slot = tuple[int, int]
"""An hour (3,600 s, counted from 1970) and a target's number."""


class HourRollups(NamedTuple):
    """One target's hour: the rollup of all of it, and those of its minutes."""

    hour: bytes
    minutes: bytes


class Checkpoint(NamedTuple):
    """A row of the checkpoints, column by column."""

    target_id: int
    upto: int
    at: int
    samples: bytes
    minutes: bytes
    day: bytes


@dataclass(slots=True)
class Changes:
    """What is written at once. ``log`` is (id, time, data); log rows up to ``log_until`` are deleted."""

    log: tuple[int, int, bytes] | None = None
    log_until: int = 0
    checkpoints: list[Checkpoint] = field(default_factory=list)
    hours: dict[Slot, HourRollups] = field(default_factory=dict)


def add_targets(session: Session, targets: Sequence[tuple[int, str, str]]) -> None:
    """Write new targets: (number, provider id, address) each."""
    columns = ("id", "provider_id", "address")
    session.execute(
        insert(_table(TargetRow)), [dict(zip(columns, target, strict=True)) for target in targets]
    )


def save(session: Session, changes: Changes) -> None:
    """Write the changes. A log row, a checkpoint or an hour that is there already is replaced."""
    if changes.log is not None:
        _replace(session, SampleLogRow, [dict(zip(("id", "at", "data"), changes.log, strict=True))])
    if changes.log_until:
        session.execute(delete(_table(SampleLogRow)).where(col(SampleLogRow.id) <= changes.log_until))
    save_hours(session, changes.hours)
    _replace(session, CheckpointRow, [each._asdict() for each in changes.checkpoints])


def save_hours(session: Session, hours: dict[Slot, HourRollups]) -> None:
    """Write the rollups of hours, replacing those that are there."""
    places = {slot: _place(slot) for slot in sorted(hours)}
    _replace(session, HourRollupRow, [{"slot": at, "data": hours[slot].hour} for slot, at in places.items()])
    _replace(
        session, MinuteRollupsRow, [{"slot": at, "data": hours[slot].minutes} for slot, at in places.items()]
    )


def hours_at(session: Session, slots: Iterable[Slot]) -> dict[Slot, HourRollups]:
    """Read those of the hours that are there; minutes that were forgotten are empty."""
    wanted = {_place(slot): slot for slot in slots}
    found: dict[Slot, HourRollups] = {}
    places = list(wanted)
    for start in range(0, len(places), _CHUNK):
        chunk = places[start : start + _CHUNK]
        hours, minutes = _data_at(session, HourRollupRow, chunk), _data_at(session, MinuteRollupsRow, chunk)
        found |= {wanted[at]: HourRollups(data, minutes.get(at, b"")) for at, data in hours.items()}
    return found


def hours_between(
    session: Session, target_id: int, first: int, last: int, *, minutes: bool
) -> list[tuple[int, bytes]]:
    """Read a target's hours from ``first`` to ``last``, both included: (hour, rollup), or its ``minutes``."""
    rows = session.execute(
        _MINUTES_BETWEEN if minutes else _HOURS_BETWEEN, {"target": target_id, "first": first, "last": last}
    )
    return [(row[0], row[1]) for row in rows]


def checkpoint(session: Session, target_id: int) -> Checkpoint | None:
    """Read one target's checkpoint."""
    row = session.execute(_ONE_CHECKPOINT, {"wanted": target_id}).one_or_none()
    return None if row is None else Checkpoint(*row)


def targets(session: Session) -> Iterator[tuple[int, str, str]]:
    """Yield (number, provider id, address) of every target, those of deleted providers too: one that is
    restored goes on with what it had."""
    target = _table(TargetRow)
    rows = session.execute(
        select(target.c.id, target.c.provider_id, target.c.address)
        .order_by(target.c.id)
        .execution_options(yield_per=_CHUNK)
    )
    for row in rows:
        yield row[0], row[1], row[2]


def checkpoints(session: Session) -> Iterator[Checkpoint]:
    """Yield every checkpoint."""
    for row in session.execute(select(_table(CheckpointRow)).execution_options(yield_per=_CHUNK)):
        yield Checkpoint(*row)


def log_rows(session: Session) -> Iterator[tuple[int, bytes]]:
    """Yield (id, data) of the sample log, oldest first."""
    log = _table(SampleLogRow)
    query = select(log.c.id, log.c.data).order_by(log.c.id).execution_options(yield_per=10)
    for row in session.execute(query):
        yield row[0], row[1]


def newest_target(session: Session) -> int:
    """The highest number of a target; 0 when there is none."""
    return int(session.execute(select(func.max(col(TargetRow.id)))).scalar() or 0)


def idle_checkpoints(
    session: Session, after: int, limit: int, before: int
) -> tuple[int | None, list[tuple[int, int]]]:
    """Look at ``limit`` checkpoints of targets above ``after``.

    Answers the last one's target, None at the end, and (target, time of its last sample) of those that
    have none at or after ``before``.
    """
    table = _table(CheckpointRow)
    rows = session.execute(
        select(table.c.target_id, table.c.at)
        .where(table.c.target_id > after)
        .order_by(table.c.target_id)
        .limit(limit)
    ).all()
    last = rows[-1][0] if len(rows) == limit else None
    return last, [(row[0], row[1]) for row in rows if row[1] < before]


def retire(session: Session, target_id: int, at: int) -> None:
    """Delete a target's checkpoint; ``at`` is the time of its last sample."""
    session.execute(delete(_table(CheckpointRow)).where(col(CheckpointRow.target_id) == target_id))
    session.execute(update(_table(TargetRow)).where(col(TargetRow.id) == target_id).values(retired_at=at))


def retired_targets(session: Session, before: int, limit: int) -> list[int]:
    """Some targets without a checkpoint whose last sample came before ``before``."""
    target = _table(TargetRow)
    has_checkpoint = select(col(CheckpointRow.target_id)).where(col(CheckpointRow.target_id) == target.c.id)
    query = select(target.c.id).where(target.c.retired_at < before, ~has_checkpoint.exists()).limit(limit)
    return list(session.execute(query).scalars())


def delete_targets(session: Session, target_ids: Sequence[int]) -> None:
    """Forget targets."""
    session.execute(delete(_table(TargetRow)).where(col(TargetRow.id).in_(target_ids)))


def prune_rollups(session: Session, hour: int, limit: int, *, minutes: bool) -> None:
    """Delete up to ``limit`` rollups of hours, or of ``minutes``, that are of before ``hour``."""
    table = _table(MinuteRollupsRow if minutes else HourRollupRow)
    oldest = select(table.c.slot).where(table.c.slot < _place((hour, 0))).order_by(table.c.slot).limit(limit)
    session.execute(delete(table).where(table.c.slot.in_(oldest)))


def _data_at(session: Session, row: type[SQLModel], places: list[int]) -> dict[int, bytes]:
    table = _table(row)
    rows = session.execute(select(table.c.slot, table.c.data).where(table.c.slot.in_(places)))
    return {row[0]: row[1] for row in rows}


def _place(slot: Slot) -> int:
    return slot[0] << _TARGET_BITS | slot[1]


def _table(row: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(row.__tablename__)]


def _replace(session: Session, row: type[SQLModel], values: list[dict[str, Any]]) -> None:
    if not values:
        return
    table = _table(row)
    statement = upsert(table)
    key = next(iter(table.primary_key.columns)).name
    rest = {column.name: statement.excluded[column.name] for column in table.columns if column.name != key}
    session.execute(statement.on_conflict_do_update(index_elements=[key], set_=rest), values)


_EACH_HOUR = """
    WITH RECURSIVE each(hour) AS (SELECT :first UNION ALL SELECT hour + 1 FROM each WHERE hour < :last)
    SELECT hour, data FROM each JOIN {} ON slot = (hour << 32 | :target) WHERE hour <= :last ORDER BY hour
"""
_HOURS_BETWEEN = text(_EACH_HOUR.format(HourRollupRow.__tablename__))
_MINUTES_BETWEEN = text(_EACH_HOUR.format(MinuteRollupsRow.__tablename__))
_ONE_CHECKPOINT = select(_table(CheckpointRow)).where(col(CheckpointRow.target_id) == bindparam("wanted"))
