"""Providers: listing, adding, changing, deleting."""

import asyncio
import hashlib
import time
import uuid
from dataclasses import dataclass
from typing import Any

from provd.schema.errors import ErrorStatus
from provd.schema.events import EventType, ProviderEvent
from provd.schema.provider import (
    ProbeOverrides,
    Provider,
    ProviderCreate,
    ProviderPage,
    ProviderPatch,
    ProviderUpdate,
    Transport,
)
from provd.schema.timestamps import to_timestamp
from provd.services import pages
from provd.services.actor import Actor
from provd.services.errors import ServiceError, invalid, no_such_provider
from provd.services.watching import Watching
from provd.store import health as stored_health
from provd.store import idempotency
from provd.store import providers as stored_providers
from provd.store.engine import Store, Transaction
from provd.store.providers import ProviderFilter, Stored
from provd.store.tables import HealthRow, IdempotencyRow, ProviderRow

HIDDEN = "***"
_BRIEF = 100  # rows; so many take the loop some milliseconds
_RESETS_HEALTH = frozenset({"hostname", "transport"})


@dataclass(frozen=True, slots=True)
class Precondition:
    """The revisions that a caller will accept (If-Match); None accepts any."""

    revisions: frozenset[str] | None = None

    def check(self, row: ProviderRow) -> None:
        """Raise ServiceError 412 when the record has moved on."""
        if self.revisions is not None and str(row.revision) not in self.revisions:
            raise ServiceError(
                ErrorStatus.PRECONDITION,
                "REVISION_MISMATCH",
                f"the provider is at revision {row.revision} now, changed at {row.tm_update}: "
                "read it again, and repeat the change on what it says",
            )


class ProviderService:
    """The use cases of the provider records."""

    def __init__(self, store: Store, watching: Watching) -> None:
        self._store = store
        self._watching = watching

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
        for start in range(0, min(len(rows), page_size), _BRIEF):
            shown += [self._provider(*row) for row in rows[start : min(start + _BRIEF, page_size)]]
            await asyncio.sleep(0)  # let checks go on
        return ProviderPage(result=shown, next_page_token=token)

    async def get(self, provider_id: str) -> Provider:
        """One provider."""
        return self._provider(*self.stored(provider_id))

    def stored(self, provider_id: str) -> Stored:
        """One provider's rows; ServiceError 404 when there is none."""
        found = self._store.read_now(stored_providers.get, _known_id(provider_id))
        if found is None:
            raise no_such_provider(provider_id)
        return found

    async def create(self, new: ProviderCreate, actor: Actor, idempotency_key: str | None = None) -> Provider:
        """Add a provider; the first check starts within a second."""
        fingerprint = hashlib.sha256(new.model_dump_json().encode()).hexdigest()
        async with self._store.write() as transaction:
            if idempotency_key is not None:
                before = await transaction.run(idempotency.find, actor.uid, idempotency_key)
                if before is not None:
                    return _repeated(before, fingerprint)
            now = _now()
            fields = new.model_dump(mode="json", exclude={"probe"})
            row = ProviderRow(
                id=str(uuid.uuid4()), tm_create=now, tm_update=now, probe=_overrides(new.probe), **fields
            )
            transaction.session.add(row)
            await transaction.session.flush()
            provider = self._provider(row, None)
            if idempotency_key is not None:
                answer = provider.model_dump_json()
                transaction.session.add(
                    IdempotencyRow(
                        uid=actor.uid, key=idempotency_key, request_hash=fingerprint, answer=answer, at=now
                    )
                )
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

    async def delete(self, provider_id: str, actor: Actor, precondition: Precondition) -> Provider:
        """Delete a provider; its history stays."""
        async with self._store.write() as transaction:
            row, health = await self._for_change(transaction, provider_id, precondition)
            row.tm_delete = _now()
            row.revision += 1
            provider = self._provider(row, health)
            self._announce(transaction, EventType.PROVIDER_DELETED, provider, actor)
            transaction.after_commit(lambda: self._watching.forget(row.id))
        return provider

    async def _change(
        self, provider_id: str, fields: dict[str, Any], actor: Actor, precondition: Precondition
    ) -> Provider:
        async with self._store.write() as transaction:
            row, health = await self._for_change(transaction, provider_id, precondition)
            if "probe" in fields:
                fields["probe"] = _overrides(ProbeOverrides.model_validate(fields["probe"]))
            changed = {name for name, value in fields.items() if getattr(row, name) != value}
            if not changed:
                return self._provider(row, health)
            for name in changed:
                setattr(row, name, fields[name])
            row.revision += 1
            row.tm_update = _now()
            if changed & _RESETS_HEALTH:
                await transaction.run(stored_health.forget, row.id)
                health = None
            transaction.after_commit(lambda: self._apply(row, health, reset=bool(changed & _RESETS_HEALTH)))
            provider = self._provider(row, health)
            self._announce(transaction, EventType.PROVIDER_UPDATED, provider, actor)
        return provider

    def _apply(self, row: ProviderRow, health: HealthRow | None, *, reset: bool) -> None:
        if reset:
            self._watching.forget(row.id)
        self._watching.apply(row, health)

    async def _for_change(
        self, transaction: Transaction, provider_id: str, precondition: Precondition
    ) -> Stored:
        found = await transaction.run(stored_providers.get, _known_id(provider_id))
        if found is None:
            raise no_such_provider(provider_id)
        precondition.check(found[0])
        return found

    def _announce(self, transaction: Transaction, kind: EventType, provider: Provider, actor: Actor) -> None:
        at = to_timestamp(time.time())
        data = ProviderEvent(provider_id=provider.id, at=at, by=actor.user, provider=redacted(provider))
        transaction.record(kind, at, provider.id, data.model_dump_json())

    def _provider(self, row: ProviderRow, health: HealthRow | None) -> Provider:
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
            probe=ProbeOverrides(**row.probe),
            maintenance=None,
            health=summary,
            revision=row.revision,
        )


def redacted(provider: Provider) -> Provider:
    """A copy whose ``tech_headers`` values are hidden."""
    return provider.model_copy(update={"tech_headers": dict.fromkeys(provider.tech_headers, HIDDEN)})


def _known_id(provider_id: str) -> str:
    try:
        return str(uuid.UUID(provider_id))
    except ValueError:
        raise invalid("id", f"{provider_id[:64]!r} is not a UUID") from None


def _repeated(before: IdempotencyRow, fingerprint: str) -> Provider:
    if before.request_hash != fingerprint:
        raise ServiceError(
            ErrorStatus.ALREADY_EXISTS,
            "IDEMPOTENCY_KEY_REUSED",
            "this Idempotency-Key came before with another body: use a new key for a new request",
        )
    return Provider.model_validate_json(before.answer)


def _overrides(probe: ProbeOverrides) -> dict[str, Any]:
    return probe.model_dump(mode="json")


def _now() -> str:
    return to_timestamp(time.time())
