"""Calls and their rollups in the store.

All of it is plain SQL with tuples: many thousand rows a second go through here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col

from provd.schema.timestamps import NEVER
from provd.store.tables import CallDayRow, CallHourRow, CallRow, ProviderRow

HOUR_S, DAY_S = 3600, 86_400
_CHUNK = 500


class NewCall(NamedTuple):
    """A row of the calls, column by column, without its number."""

    key: int | None
    call_id: str | None
    provider_id: str
    at: float
    ended_at: float
    outbound: bool
    destination: str
    country: str
    code: int
    pdd_ms: float | None
    setup_ms: float | None
    duration_s: float | None
    codec: str
    mos: float | None
    loss_pct: float | None


class Place(NamedTuple):
    """What a rollup is of: a slot, and in it a provider, a direction and a country."""

    slot: int
    provider_id: str
    outbound: bool
    country: str


class Measured(NamedTuple):
    """What figures are made of, of one call."""

    country: str
    code: int
    pdd_ms: float | None
    setup_ms: float | None
    duration_s: float | None
    mos: float | None
    loss_pct: float | None


class Alike(NamedTuple):
    """``number`` calls to one country that ended with one code.

    ``sums`` are pairs of how many have a duration (ms), a set-up (ms), a MOS (hundredths), a loss
    (thousandths of a percent), and their sum; ``pdds_ms`` has the post-dial delays, with commas between.
    """

    country: str
    code: int
    number: int
    sums: list[int]
    pdds_ms: str


class Ended(NamedTuple):
    """The same, with whose call it was, and when it ended."""

    provider_id: str
    ended_at: float
    measured: Measured


class KnownProvider(NamedTuple):
    """What of a provider a call record needs."""

    id: str
    name: str
    tech_prefix: str


_INSERT = (
    f"INSERT INTO {CallRow.__tablename__} ({', '.join(NewCall._fields)}) "  # noqa: S608  # names of our own
    f"VALUES ({', '.join('?' * len(NewCall._fields))})"
)
_MEASURED = ", ".join(Measured._fields)
_BETWEEN = text(
    """
    SELECT country, code, count(*),
        count(duration_s), total(round(duration_s * 1000)), count(setup_ms), total(round(setup_ms)),
        count(mos), total(round(mos * 100)), count(loss_pct), total(round(loss_pct * 1000)),
        group_concat(CAST(round(pdd_ms) AS INTEGER))
    FROM call WHERE provider_id = :provider AND at >= :since AND at < :until AND outbound = :outbound
    GROUP BY country, code
    """
)
_NEWEST = text(
    f"SELECT provider_id, ended_at, {_MEASURED} FROM call "  # noqa: S608  # names of our own
    "WHERE outbound AND ended_at >= :since AND id > (SELECT max(id) FROM call) - :most"
)
_EACH_SLOT = """
    WITH RECURSIVE each(at) AS (SELECT :first UNION ALL SELECT at + 1 FROM each WHERE at < :last)
    SELECT country, data FROM each JOIN {} ON slot = at AND provider_id = :provider AND outbound = :outbound
    WHERE at <= :last
"""
_ROLLUPS: Mapping[int, type[SQLModel]] = {HOUR_S: CallHourRow, DAY_S: CallDayRow}


def providers_named(session: Session, ids: set[str], names: set[str]) -> list[KnownProvider]:
    """Read the providers that are not deleted with one of the ids or names."""
    wanted = (col(ProviderRow.id), col(ProviderRow.name), col(ProviderRow.tech_prefix))
    found: list[KnownProvider] = []
    for column, values in ((wanted[0], ids), (wanted[1], names)):
        for chunk in _chunks(sorted(values)):
            query = select(*wanted, col(ProviderRow.tm_delete)).where(column.in_(chunk))
            # a condition of the query would have SQLite look at all that are not deleted
            found += [KnownProvider(*row) for *row, at in session.execute(query) if at == NEVER]
    return found


def known_keys(session: Session, keys: Iterable[int]) -> set[int]:
    """Tell which of the keys there are."""
    found: set[int] = set()
    for chunk in _chunks(sorted(keys)):
        marks = ", ".join("?" * len(chunk))
        query = f"SELECT key FROM call WHERE key IN ({marks})"  # noqa: S608  # marks alone
        found |= {row[0] for row in session.connection().exec_driver_sql(query, tuple(chunk))}
    return found


def add(session: Session, calls: Sequence[NewCall]) -> None:
    """Write new calls."""
    if calls:
        session.connection().exec_driver_sql(_INSERT, [tuple(call) for call in calls])


def rollups_at(session: Session, length_s: int, places: Iterable[Place]) -> dict[Place, bytes]:
    """Read those of the rollups that are there; ``length_s`` is HOUR_S or DAY_S."""
    found: dict[Place, bytes] = {}
    name = _ROLLUPS[length_s].__tablename__
    for chunk in _chunks(sorted(places)):
        marks = ", ".join(["(?, ?, ?, ?)"] * len(chunk))
        query = (
            f"WITH wanted(slot, provider_id, outbound, country) AS (VALUES {marks}) "  # noqa: S608  # marks alone
            f"SELECT there.* FROM wanted CROSS JOIN {name} AS there "
            "USING (slot, provider_id, outbound, country)"
        )
        values = tuple(value for place in chunk for value in place)
        for row in session.connection().exec_driver_sql(query, values):
            found[Place(row[0], row[1], bool(row[2]), row[3])] = row[4]
    return found


def save_rollups(session: Session, length_s: int, rollups: Sequence[tuple[Place, bytes]]) -> None:
    """Write rollups, replacing those that are there."""
    if rollups:
        name = _ROLLUPS[length_s].__tablename__
        statement = f"REPLACE INTO {name} VALUES (?, ?, ?, ?, ?)"  # noqa: S608  # a name of our own
        session.connection().exec_driver_sql(statement, [(*place, data) for place, data in rollups])


def rollups_between(
    session: Session, length_s: int, provider_id: str, first: int, last: int, *, outbound: bool
) -> list[tuple[str, bytes]]:
    """Read (country, rollup) of a provider's slots from ``first`` to ``last``, both included."""
    query = text(_EACH_SLOT.format(_ROLLUPS[length_s].__tablename__))
    given = {"first": first, "last": last, "provider": provider_id, "outbound": outbound}
    return [(row[0], row[1]) for row in session.execute(query, given)]


def between(session: Session, provider_id: str, since: float, until: float, *, outbound: bool) -> list[Alike]:
    """Read the calls of a provider that began from ``since`` to before ``until`` (seconds since 1970)."""
    given = {"provider": provider_id, "since": since, "until": until, "outbound": outbound}
    return [
        Alike(row[0], row[1], row[2], [int(total) for total in row[3:11]], row[11] or "")
        for row in session.execute(_BETWEEN, given)
    ]


def ended_since(session: Session, since: float, most: int) -> list[Ended]:
    """Read those of the ``most`` newest calls that went out and ended at or after ``since``."""
    rows = session.execute(_NEWEST, {"since": since, "most": most})
    return [Ended(row[0], row[1], Measured(*row[2:])) for row in rows]


def any_before(session: Session, calls: float, hour: int) -> bool:
    """Whether there is a call that began before ``calls``, or a rollup of before ``hour``."""
    old_call = select(col(CallRow.id)).where(col(CallRow.at) < calls).limit(1)
    old_rollup = select(col(CallHourRow.slot)).where(col(CallHourRow.slot) < hour).limit(1)
    return any(session.execute(query).first() is not None for query in (old_call, old_rollup))


def prune(session: Session, before: float, limit: int) -> int:
    """Delete up to ``limit`` calls that began before ``before``; answers how many."""
    table = _table(CallRow)
    oldest = select(table.c.id).where(table.c.at < before).order_by(table.c.at).limit(limit)
    return _deleted(session.execute(delete(table).where(table.c.id.in_(oldest))))


def prune_rollups(session: Session, length_s: int, slot: int, limit: int) -> int:
    """Delete rollups of before ``slot``, of some slots with ``limit`` rows or so; answers how many."""
    table = _table(_ROLLUPS[length_s])
    oldest = select(table.c.slot).where(table.c.slot < slot).order_by(table.c.slot).limit(limit)
    last = session.execute(select(func.max(oldest.subquery().c.slot))).scalar()
    if last is None:
        return 0
    return _deleted(session.execute(delete(table).where(table.c.slot <= last)))


def _deleted(result: Any) -> int:
    return int(result.rowcount)


def _table(row: type[SQLModel]) -> Any:
    return SQLModel.metadata.tables[str(row.__tablename__)]


def _chunks(values: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
