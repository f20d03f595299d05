"""Providers: listing, adding, changing, deleting."""

import asyncio
import time
import uuid
from collections.abc import Sequence
from typing import Any

from provd.schema.events import EventType, ProviderEvent
from provd.schema.probe import ProbeOverrides
from provd.schema.provider import (
    Provider,
    ProviderCreate,
    ProviderPage,
    ProviderPatch,
    ProviderUpdate,
    Transport,
)
from provd.schema.timestamps import NEVER, to_timestamp
from provd.services import pages
from provd.services.actor import Actor
from provd.services.auditing import (
    audit,
    revision_before,
    revision_now,
    state_of,
    subject_of,
)
from provd.services.errors import no_such_provider
from provd.services.idempotency import Repeatable, first_answer, keep_answer, repeatable
from provd.services.identity import known_id
from provd.services.in_maintenance import maintenance_of
from provd.services.precondition import Precondition
from provd.services.redaction import HIDDEN
from provd.services.routing.book import RouteBook
from provd.services.routing.routes import RouteService
from provd.services.watching import Watching
from provd.store import health as stored_health
from provd.store import providers as stored_providers
from provd.store.engine import Store, Transaction
from provd.store.providers import ProviderFilter, Stored, WatchedRow
from provd.store.tables import HealthRow, ProviderRow

_BRIEF = 100  # rows; so many take the loop some milliseconds
_AT_ONCE = 50  # providers to put together; then checks go on
_AS_CONFIGURED = ProbeOverrides()
_RESETS_HEALTH = frozenset({"hostname", "transport"})


class ProviderService:
    """The use cases of the provider records."""

    def __init__(self, store: Store, watching: Watching, book: RouteBook, routes: RouteService) -> None:
        self._store = store
        self._watching = watching
        self._book = book
        self._routes = routes

    async def list(self, wanted: ProviderFilter, page_size: int, page_token: str) -> ProviderPage:
        """One page, newest first."""
        cursor = pages.provider_cursor(page_token)
        if wanted == ProviderFilter() and page_size <= _BRIEF:  # a short walk along the index
            rows = self._store.read_now(stored_providers.page, wanted, cursor, page_size + 1)
        else:
            rows = await self._store.read(stored_providers.page, wanted, cursor, page_size + 1)
        token = ""
        if len(rows) > page_size:
            last = rows[page_size - 1][0]
            token = pages.encode(last.tm_create, last.id)
        shown: list[Provider] = []
        for start in range(0, min(len(rows), page_size), _AT_ONCE):
            shown += [self.shown(*row) for row in rows[start : min(start + _AT_ONCE, page_size)]]
            await asyncio.sleep(0)  # let checks go on
        return ProviderPage(result=shown, next_page_token=token)

    async def get(self, provider_id: str) -> Provider:
        """One provider."""
        return self.shown(*self.stored(provider_id))

    def stored(self, provider_id: str) -> Stored:
        """One provider's rows; ServiceError 404 when there is none."""
        found = self._store.read_now(stored_providers.get, known_id(provider_id))
        if found is None:
            raise no_such_provider(provider_id)
        return found

    async def create(self, new: ProviderCreate, actor: Actor, idempotency_key: str | None = None) -> Provider:
        """Add a provider; the first check starts within a second."""
        request = repeatable(actor.uid, idempotency_key, new)
        async with self._store.write() as transaction:
            before = await first_answer(transaction, request, Provider)
            if before is not None:
                return before
            return await self.create_in(transaction, new.model_dump(mode="json"), actor, request)

    async def create_in(
        self, transaction: Transaction, fields: dict[str, Any], actor: Actor, request: Repeatable | None
    ) -> Provider:
        """Add a provider within a transaction, and keep the answer for a repetition of the request."""
        now = _now()
        row = ProviderRow(id=str(uuid.uuid4()), tm_create=now, tm_update=now, **fields)
        transaction.session.add(row)
        await transaction.session.flush()
        provider = self.shown(row, None)
        keep_answer(transaction, request, provider)
        transaction.revise(revision_now(row, actor, "provider.create"))
        audit(transaction, actor, "provider.create", subject_of(row), after=state_of(row))
        self._announce(transaction, EventType.PROVIDER_CREATED, provider, actor)
        transaction.after_commit(lambda: self._watching.apply(row, None))
        return provider

    async def replace(
        self, provider_id: str, new: ProviderUpdate, actor: Actor, precondition: Precondition
    ) -> Provider:
        """Replace the documented fields, and those of ours that were sent."""
        return await self._change(
            provider_id, new.model_dump(mode="json", exclude_unset=True), actor, precondition
        )

    async def patch(
        self, provider_id: str, changes: ProviderPatch, actor: Actor, precondition: Precondition
    ) -> Provider:
        """Change the fields that were sent."""
        return await self._change(
            provider_id, changes.model_dump(mode="json", exclude_unset=True), actor, precondition
        )

    async def delete(
        self, provider_id: str, actor: Actor, precondition: Precondition, *, cascade: bool = False
    ) -> Provider:
        """Delete a provider; its history stays. ``cascade`` deletes the routes that lead to it too."""
        async with self._store.write() as transaction:
            return await self.delete_in(transaction, provider_id, actor, precondition, cascade=cascade)

    async def delete_in(
        self,
        transaction: Transaction,
        provider_id: str,
        actor: Actor,
        precondition: Precondition,
        *,
        cascade: bool,
        action: str = "provider.delete",
    ) -> Provider:
        """Delete a provider within a transaction; ``action`` is what the audit log calls it."""
        row, health = await self._for_change(transaction, provider_id, precondition)
        await self._routes.let_go(transaction, row.id, actor, cascade=cascade)
        before = revision_before(row)
        row.tm_delete = _now()
        row.revision += 1
        transaction.revise(before, revision_now(row, actor, action))
        audit(transaction, actor, action, subject_of(row), before=state_of(row))
        provider = self.shown(row, health)
        self._announce(transaction, EventType.PROVIDER_DELETED, provider, actor)
        transaction.after_commit(lambda: self._watching.forget(row.id))
        transaction.after_commit(lambda: self.changed(row.id))
        return provider

    async def _change(
        self, provider_id: str, fields: dict[str, Any], actor: Actor, precondition: Precondition
    ) -> Provider:
        async with self._store.write() as transaction:
            row, health = await self._for_change(transaction, provider_id, precondition)
            if not differs(row, fields):
                return self.shown(row, health)
            return await self._changed(transaction, (row, health), fields, actor, "provider.update")

    async def _changed(
        self, transaction: Transaction, stored: Stored, fields: dict[str, Any], actor: Actor, action: str
    ) -> Provider:
        row, health = stored
        before = state_of(row)
        if await self.change_in(transaction, row, health, fields, actor, action):
            health = None
        provider = self.shown(row, health)
        audit(transaction, actor, action, subject_of(row), before=before, after=state_of(row))
        self._announce(transaction, EventType.PROVIDER_UPDATED, provider, actor)
        return provider

    async def restore_in(
        self, transaction: Transaction, stored: Stored, fields: dict[str, Any], actor: Actor
    ) -> Provider:
        """Give a record the fields of an earlier revision, within a transaction. A deleted one is there
        again, and checked as if it were new."""
        row, health = stored
        if row.tm_delete == NEVER:
            if not differs(row, fields):
                return self.shown(row, health)
            return await self._changed(transaction, stored, fields, actor, "provider.restore")
        before = revision_before(row)
        for name, value in fields.items():
            setattr(row, name, value)
        row.tm_delete, row.tm_update = NEVER, _now()
        row.revision += 1
        await transaction.run(stored_health.forget, row.id)
        provider = self.shown(row, None)
        transaction.revise(before, revision_now(row, actor, "provider.undelete"))
        audit(transaction, actor, "provider.undelete", subject_of(row), after=state_of(row))
        self._announce(transaction, EventType.PROVIDER_CREATED, provider, actor)
        transaction.after_commit(lambda: self._apply(row, None, reset=True))
        return provider

    async def change_in(
        self,
        transaction: Transaction,
        row: ProviderRow,
        health: HealthRow | None,
        fields: dict[str, Any],
        actor: Actor,
        action: str,
    ) -> bool:
        """Change a record's fields within a transaction, and keep the revision. Whether what was measured of
        it holds no more."""
        resets = any(getattr(row, name) != fields.get(name, getattr(row, name)) for name in _RESETS_HEALTH)
        before = revision_before(row)
        for name, value in fields.items():
            setattr(row, name, value)
        row.revision += 1
        row.tm_update = _now()
        transaction.revise(before, revision_now(row, actor, action))
        if resets:
            await transaction.run(stored_health.forget, row.id)
        kept = None if resets else health
        transaction.after_commit(lambda: self._apply(row, kept, reset=resets))
        return resets

    def watch_new(self, added: Sequence[dict[str, Any]]) -> None:
        """Begin to watch records that were added: the columns of each."""
        for fields in added:
            row = WatchedRow._make(fields.get(name) for name in WatchedRow._fields)
            self._watching.apply(row, None)

    def _apply(self, row: ProviderRow, health: HealthRow | None, *, reset: bool) -> None:
        if reset:
            self._watching.forget(row.id)
        self._watching.apply(row, health)
        self.changed(row.id)

    def changed(self, provider_id: str) -> None:
        """Tell that a record was changed, after its commit."""
        self._book.forget_provider(provider_id)

    async def _for_change(
        self, transaction: Transaction, provider_id: str, precondition: Precondition
    ) -> Stored:
        found = await transaction.run(stored_providers.get, known_id(provider_id))
        if found is None:
            raise no_such_provider(provider_id)
        precondition.check("provider", found[0].revision, found[0].tm_update)
        return found

    def _announce(self, transaction: Transaction, kind: EventType, provider: Provider, actor: Actor) -> None:
        at = to_timestamp(time.time())
        data = ProviderEvent(provider_id=provider.id, at=at, by=actor.user, provider=redacted(provider))
        transaction.record(kind, at, provider.id, data.model_dump_json())

    def shown(self, row: ProviderRow, health: HealthRow | None) -> Provider:
        """A provider as the API shows it."""
        status, checked_at, summary = self._watching.health(row, health)
        if isinstance(checked_at, float):
            checked_at = to_timestamp(checked_at)
        return Provider(
            id=row.id,
            name=row.name,
            detail=row.detail,
            type="sip",
            hostname=row.hostname,
            tech_prefix=row.tech_prefix,
            tech_postfix=row.tech_postfix,
            tech_headers=row.tech_headers,
            metadata=row.carrier_metadata,
            health_status=status,
            health_checked_at=checked_at,
            tm_create=row.tm_create,
            tm_update=row.tm_update,
            tm_delete=row.tm_delete,
            carrier=row.carrier,
            codecs=row.codecs,
            transport=Transport(row.transport),
            enabled=row.enabled,
            tags=row.tags,
            probe=ProbeOverrides(**row.probe) if row.probe else _AS_CONFIGURED,
            maintenance=maintenance_of(row),
            health=summary,
            revision=row.revision,
            warnings=self._watching.settings.warnings(row),
        )


def new_fields(provider_id: str, new: ProviderCreate) -> dict[str, Any]:
    """The columns of a new provider, as far as they have no default."""
    now = _now()
    return {"id": provider_id, "tm_create": now, "tm_update": now, **new.model_dump(mode="json")}


def differs(row: ProviderRow, fields: dict[str, Any]) -> bool:
    """Whether writing ``fields``, as JSON has them, would change a record."""
    return any(getattr(row, name) != value for name, value in fields.items())


def redacted(provider: Provider) -> Provider:
    """A copy whose ``tech_headers`` values are hidden."""
    return provider.model_copy(update={"tech_headers": dict.fromkeys(provider.tech_headers, HIDDEN)})


def _now() -> str:
    return to_timestamp(time.time())
