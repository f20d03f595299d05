"""Providers in the store."""

from collections import namedtuple
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Text, and_, bindparam, func, insert, or_, select, true, type_coerce
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col

from provd.schema.timestamps import NEVER
from provd.store.json_text import read_json
from provd.store.tables import HealthRow, ProviderRow


@dataclass(frozen=True, slots=True)
class ProviderFilter:
    """Which providers a list is of; None or empty means any."""

    q: str = ""
    health_status: str = ""
    carrier: str = ""
    tag: str = ""
    enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the list, newest first: what follows has an older ``tm_create``, or a lower ``id``."""

    tm_create: str
    id: str


class StoredHealth(NamedTuple):
    """What was measured of a provider, as HealthRow has it."""

    status: str
    cause: str
    code: int | None
    reason: str | None
    server: str | None
    rtt_ms: float | None
    since: str
    checked_at: str
    tls_threshold: int | None
    tls_not_after: float | None
    addresses: str | None
    resolved_at: float | None


class WatchedRow(NamedTuple):
    """What of a provider the monitor needs."""

    id: str
    hostname: str
    carrier: str
    transport: str
    enabled: bool
    tech_headers: dict[str, str]
    probe: dict[str, Any]
    health: StoredHealth | None


class LabelledRow(NamedTuple):
    """What of a provider stands beside its figures."""

    id: str
    name: str
    carrier: str
    maintenance: bool


_TABLE = SQLModel.metadata.tables[ProviderRow.__tablename__]
_DEFAULTS = {
    name: field.default for name, field in ProviderRow.model_fields.items() if not field.is_required()
}
_AT_ONCE = 2000
_WATCHED = (
    *(getattr(ProviderRow, name) for name in WatchedRow._fields[:-3]),
    type_coerce(ProviderRow.tech_headers, Text),  # of a million rows most are {}, which needs no reading
    type_coerce(ProviderRow.probe, Text),
    *(getattr(HealthRow, name) for name in StoredHealth._fields),
)
Stored = tuple[ProviderRow, HealthRow | None]
_alive = col(ProviderRow.tm_delete) == NEVER
_WITH_HEALTH = select(ProviderRow, HealthRow).outerjoin(HealthRow).where(_alive)
_PLAIN_WITH_HEALTH = (
    select(SQLModel.metadata.tables["provider"], SQLModel.metadata.tables["health"])
    .select_from(ProviderRow)
    .outerjoin(HealthRow)
    .where(_alive)
)
_PlainRow = namedtuple("_PlainRow", _PLAIN_WITH_HEALTH.selected_columns.keys())  # type: ignore[misc]
_ONE = _WITH_HEALTH.where(col(ProviderRow.id) == bindparam("wanted"))


def get(session: Session, provider_id: str) -> Stored | None:
    """Read one provider that is not deleted, with its health."""
    row = session.execute(_ONE, {"wanted": provider_id}).one_or_none()
    return None if row is None else (row[0], row[1])


def some(session: Session, ids: set[str]) -> dict[str, Stored]:
    """Read providers by their ids, deleted ones too, with their health."""
    query = select(ProviderRow, HealthRow).outerjoin(HealthRow).where(col(ProviderRow.id).in_(ids))
    return {row[0].id: (row[0], row[1]) for row in session.execute(query)}


def insert_many(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write new providers: the columns of each, except those with a default."""
    if rows:
        session.execute(insert(_TABLE), [{**_DEFAULTS, **row} for row in rows])


def page(session: Session, wanted: ProviderFilter, after: Cursor | None, size: int) -> Sequence[Stored]:
    """Read up to ``size`` providers that come after ``after`` in (tm_create, id) descending, to be shown
    only: writing to these rows has no effect."""
    created, key = col(ProviderRow.tm_create), col(ProviderRow.id)
    query = _PLAIN_WITH_HEALTH.where(*_conditions(wanted))
    if after is not None:
        query = query.where(or_(created < after.tm_create, and_(created == after.tm_create, key < after.id)))
    found = session.execute(query.order_by(created.desc(), key.desc()).limit(size))
    # a plain row has the columns of both as attributes, and costs a third of two entities
    rows: Iterator[Any] = map(_PlainRow._make, found)
    return [(cast(ProviderRow, row), cast(HealthRow, row) if row.provider_id else None) for row in rows]


def watched(session: Session) -> Iterator[WatchedRow]:
    """Read what the monitor needs of every provider that is not deleted, without holding all of it."""
    query = select(*_WATCHED).select_from(ProviderRow).outerjoin(HealthRow).where(_alive)
    for row in session.execute(query.execution_options(yield_per=_AT_ONCE)):
        health = None if row[7] is None else StoredHealth(*row[7:])
        key, hostname, carrier, transport, enabled, tech_headers, probe = row[:7]
        yield WatchedRow(
            key, hostname, carrier, transport, enabled, read_json(tech_headers), read_json(probe), health
        )


def labelled(session: Session, after: str, limit: int) -> list[LabelledRow]:
    """Read up to ``limit`` providers that are not deleted with an id above ``after``, in the order of ids."""
    table = _TABLE.c
    query = select(table.id, table.name, table.carrier, table.maintenance_until.is_not(None))
    query = query.where(table.id > after, table.tm_delete == NEVER).order_by(table.id).limit(limit)
    return [LabelledRow(row[0], row[1], row[2], bool(row[3])) for row in session.execute(query)]


def first_maintenance_end(session: Session) -> str | None:
    """When the first of all maintenances ends, or ended; None when no provider is in maintenance."""
    return session.execute(select(func.min(col(ProviderRow.maintenance_until)))).scalar_one()


def maintenance_over(session: Session, now: str) -> Sequence[ProviderRow]:
    """Read the providers whose maintenance ended before the timestamp ``now``."""
    return (
        session.execute(select(ProviderRow).where(col(ProviderRow.maintenance_until) <= now)).scalars().all()
    )


def _conditions(wanted: ProviderFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.q:
        escaped = wanted.q.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
        columns = (ProviderRow.name, ProviderRow.hostname, ProviderRow.detail)
        yield or_(*(col(column).ilike(f"%{escaped}%", escape="\\") for column in columns))
    if wanted.health_status == "unknown":
        yield col(HealthRow.status).is_(None)
    elif wanted.health_status:
        yield col(HealthRow.status) == wanted.health_status
    if wanted.carrier:
        yield col(ProviderRow.carrier) == wanted.carrier
    if wanted.tag:
        each = func.json_each(ProviderRow.tags).table_valued("value", name="each_tag")
        yield select(true()).select_from(each).where(each.c.value == wanted.tag).exists()
    if wanted.enabled is not None:
        yield col(ProviderRow.enabled) == wanted.enabled


def names(session: Session, ids: set[str]) -> dict[str, str]:
    """Read the names of some providers."""
    rows = session.execute(
        select(col(ProviderRow.id), col(ProviderRow.name)).where(col(ProviderRow.id).in_(ids))
    )
    return {row[0]: row[1] for row in rows}


def ids_of(session: Session, wanted: str) -> Sequence[str]:
    """The ids of the providers that have this id or name."""
    query = select(col(ProviderRow.id)).where(_alive)
    either = or_(col(ProviderRow.id) == wanted, col(ProviderRow.name) == wanted)
    return session.execute(query.where(either)).scalars().all()
