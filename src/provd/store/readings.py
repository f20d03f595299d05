"""What the rules of alerts need of providers."""

import json
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Text, or_, select, type_coerce
from sqlalchemy.orm import Session
from sqlmodel import col

from provd.schema.timestamps import NEVER
from provd.store.tables import ProviderRow, SetupRow


class ReadRow(NamedTuple):
    """A provider; ``checked`` tells whether its checks are switched on, ``set_up`` whether it was set up at
    its carrier. ``drift`` counts how that differed, ``balance`` is its account's."""

    id: str
    name: str = ""
    tags: frozenset[str] = frozenset()
    enabled: bool = True
    checked: bool = True
    maintenance_until: str | None = None
    set_up: bool = False
    drift: int = 0
    balance: float | None = None


_DONE = col(SetupRow.state) == "done"
_QUERY = select(
    col(ProviderRow.id),
    col(ProviderRow.name),
    type_coerce(ProviderRow.tags, Text),  # mostly [], which needs no reading
    col(ProviderRow.enabled),
    type_coerce(ProviderRow.probe, Text),  # mostly {}
    col(ProviderRow.maintenance_until),
    col(SetupRow.id),
    col(SetupRow.drift),
    col(SetupRow.balance),
    col(ProviderRow.tm_delete),
).outerjoin(SetupRow, (col(SetupRow.provider_id) == col(ProviderRow.id)) & _DONE)


def some(session: Session, ids: Collection[str]) -> list[ReadRow]:
    """Those of these providers that are not deleted."""
    if not ids:
        return []
    rows = session.execute(_QUERY.where(col(ProviderRow.id).in_(ids)))
    return [
        ReadRow(
            id=key,
            name=name,
            tags=_tags(tags),
            enabled=enabled,
            checked=_is_checked(probe),
            maintenance_until=until,
            set_up=setup_id is not None,
            drift=len(drift or ()),
            balance=balance,
        )
        for key, name, tags, enabled, probe, until, setup_id, drift, balance, deleted_at in rows
        if deleted_at == NEVER  # a condition of the query would have SQLite look at all that are not deleted
    ]


def set_up(session: Session) -> list[str]:
    """The providers whose setup differs from what is at the carrier, or whose account's balance is known."""
    differs = type_coerce(SetupRow.drift, Text) != "[]"
    query = select(col(SetupRow.provider_id)).where(_DONE, or_(differs, col(SetupRow.balance).is_not(None)))
    return [key for key in session.execute(query).scalars() if key is not None]


def _tags(written: str) -> frozenset[str]:
    return frozenset() if written == "[]" else frozenset(json.loads(written))


def _is_checked(probe: str) -> bool:
    return probe == "{}" or json.loads(probe).get("enabled") is not False
