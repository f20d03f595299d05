"""What the rules of alerts need of providers."""

import json
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from sqlalchemy import Select, Text, select, type_coerce
from sqlalchemy.orm import Session
from sqlmodel import col

from provd.schema.timestamps import NEVER
from provd.store.tables import ProviderRow, SetupRow


class ReadRow(NamedTuple):
    """A provider; ``drift`` counts how its carrier differed from its setup, ``balance`` is its account's."""

    id: str
    name: str
    tags: list[str]
    enabled: bool
    maintenance_until: str | None
    drift: int
    balance: float | None


_QUERY = (
    select(
        col(ProviderRow.id),
        col(ProviderRow.name),
        type_coerce(ProviderRow.tags, Text),  # mostly [], which needs no reading
        col(ProviderRow.enabled),
        col(ProviderRow.maintenance_until),
        col(SetupRow.drift),
        col(SetupRow.balance),
    )
    .outerjoin(SetupRow, (col(SetupRow.provider_id) == col(ProviderRow.id)) & (col(SetupRow.state) == "done"))
    .where(col(ProviderRow.tm_delete) == NEVER)
)


def some(session: Session, ids: Collection[str]) -> list[ReadRow]:
    """Those of these providers that are not deleted."""
    return list(_rows(session, _QUERY.where(col(ProviderRow.id).in_(ids)))) if ids else []


def after(session: Session, provider_id: str, most: int) -> list[ReadRow]:
    """Up to ``most`` providers that come after this id, by id."""
    query = _QUERY.where(col(ProviderRow.id) > provider_id).order_by(col(ProviderRow.id)).limit(most)
    return list(_rows(session, query))


def _rows(session: Session, query: Select[Any]) -> Iterator[ReadRow]:
    for row in session.execute(query):
        tags = [] if row[2] == "[]" else json.loads(row[2])
        yield ReadRow(row[0], row[1], tags, row[3], row[4], len(row[5] or ()), row[6])
