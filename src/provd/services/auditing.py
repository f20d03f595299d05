"""What goes into the audit log about a change, and into the revisions: written with the change itself."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provd.schema.audit import Outcome
from provd.schema.provider import ProviderCreate
from provd.schema.route import RouteCreate
from provd.schema.timestamps import to_timestamp
from provd.services.actor import Actor
from provd.services.redaction import hidden
from provd.store.engine import Transaction
from provd.store.tables import ProviderRow, RouteRow

PROVIDER, ROUTE = "provider", "route"
_WRITABLE = {PROVIDER: tuple(ProviderCreate.model_fields), ROUTE: tuple(RouteCreate.model_fields)}
Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a line of the audit log is about; ``revision`` is that since the change, 0 for what has none."""

    kind: str
    id: str = ""
    name: str = ""
    revision: int = 0


def audit(
    transaction: Transaction,
    actor: Actor,
    action: str,
    subject: Subject,
    *,
    before: Fields | None = None,
    after: Fields | None = None,
    outcome: Outcome = Outcome.DONE,
    message: str = "",
) -> None:
    """Add a line to the audit log. Of ``before`` and ``after`` it has the fields that differ, hidden where
    they are secret; None stands for what was not there, or is gone."""
    if before is not None and after is not None:
        names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        before = {name: before.get(name) for name in names}
        after = {name: after.get(name) for name in names}
    transaction.audit(
        {
            "at": to_timestamp(time.time()),
            "uid": actor.uid,
            "user": actor.user,
            "pid": actor.pid,
            "role": actor.role,
            "method": actor.method,
            "action": action,
            "kind": subject.kind,
            "object_id": subject.id,
            "name": subject.name,
            "revision": subject.revision,
            "request_id": actor.request_id,
            "outcome": outcome.value,
            "message": message,
            "before": None if before is None else hidden(before),
            "after": None if after is None else hidden(after),
        }
    )


def kind_of(row: ProviderRow | RouteRow) -> str:
    """What kind of record it is."""
    return PROVIDER if isinstance(row, ProviderRow) else ROUTE


def state_of(row: ProviderRow | RouteRow) -> dict[str, Any]:
    """What can be written of a record, as JSON has it."""
    return {name: getattr(row, name) for name in _WRITABLE[kind_of(row)]}


def subject_of(row: ProviderRow | RouteRow) -> Subject:
    """A record as the audit log names it."""
    return Subject(kind_of(row), row.id, row.name, row.revision)


def revision_before(row: ProviderRow | RouteRow) -> dict[str, Any]:
    """The revision that a record is at, in case nobody kept it when it was made."""
    return _revision(kind_of(row), row.id, row.revision, row.tm_update, None, "", "", state_of(row))


def revision_now(row: ProviderRow | RouteRow, actor: Actor, action: str) -> dict[str, Any]:
    """The revision that an actor has just made of a record."""
    at = to_timestamp(time.time())
    return _revision(kind_of(row), row.id, row.revision, at, actor.uid, actor.user, action, state_of(row))


def first_revision(columns: Fields, actor: Actor, action: str) -> dict[str, Any]:
    """The first revision of a provider that is written by its columns alone."""
    state = {name: columns[name] for name in _WRITABLE[PROVIDER]}
    return _revision(PROVIDER, columns["id"], 1, columns["tm_create"], actor.uid, actor.user, action, state)


def _revision(
    kind: str,
    object_id: str,
    revision: int,
    at: str,
    uid: int | None,
    user: str,
    action: str,
    fields: dict[str, Any],
) -> dict[str, Any]:
    return {
        "kind": kind,
        "object_id": object_id,
        "revision": revision,
        "at": at,
        "uid": uid,
        "user": user,
        "action": action,
        "fields": fields,
    }
