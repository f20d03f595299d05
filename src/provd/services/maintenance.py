"""Maintenance: set, lifted, and ended by itself when its time is over."""

import asyncio
import re
import time
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from provd.schema.events import EventType, MaintenanceEvent
from provd.schema.maintenance import Maintenance, MaintenanceRequest
from provd.schema.provider import Provider
from provd.schema.timestamps import NEVER, to_timestamp
from provd.services.actor import Actor
from provd.services.auditing import Fields, audit, subject_of
from provd.services.errors import invalid, no_such_provider
from provd.services.identity import known_id
from provd.services.in_maintenance import maintenance_of
from provd.services.providers import ProviderService
from provd.store import providers as stored_providers
from provd.store.engine import Store, Transaction
from provd.store.errors import StoreError
from provd.store.tables import ProviderRow

LOOK_EVERY_S = 1.0
_ISO = re.compile(r"\d{4}-\d\d-\d\d[ Tt]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:?\d\d)?")


class MaintenanceService:
    """The use cases of maintenance. It is no change of the record: ``revision`` stays as it is."""

    def __init__(self, store: Store, providers: ProviderService) -> None:
        self._store = store
        self._providers = providers
        self._first_end: str | None = None  # None: it is to be looked up

    async def set(self, provider_id: str, request: MaintenanceRequest, actor: Actor) -> Provider:
        """Put a provider into maintenance, or change what is in force."""
        until = _until(request.until)
        wanted = Maintenance(until=until, reason=request.reason, by=actor.user)
        return await self._change(provider_id, wanted, actor)

    async def lift(self, provider_id: str, actor: Actor) -> Provider:
        """Take a provider out of maintenance; nothing happens when it is not in it."""
        return await self._change(provider_id, None, actor)

    async def run(self) -> None:
        """End what is over, until cancelled."""
        while True:
            with suppress(StoreError):  # the recorder says so in the log; the next round makes up for it
                await self._end_what_is_over()
            await asyncio.sleep(LOOK_EVERY_S)

    async def _change(self, provider_id: str, wanted: Maintenance | None, actor: Actor) -> Provider:
        async with self._store.write() as transaction:
            found = await transaction.run(stored_providers.get, known_id(provider_id))
            if found is None:
                raise no_such_provider(provider_id)
            row = found[0]
            before = maintenance_of(row)
            if before != wanted:
                _put(row, wanted)
                transaction.after_commit(partial(self._changed, row.id))
                _record(transaction, row, wanted, actor.user)
                action = "maintenance.lift" if wanted is None else "maintenance.set"
                was, now = _told(before), _told(wanted)
                audit(transaction, actor, action, subject_of(row), before=was, after=now)
        return self._providers.shown(*found)

    async def _end_what_is_over(self) -> None:
        now = to_timestamp(time.time())
        if self._first_end is None:
            self._first_end = self._store.read_now(stored_providers.first_maintenance_end) or NEVER
        if self._first_end > now:
            return
        self._first_end = None
        async with self._store.write() as transaction:
            for row in await transaction.run(stored_providers.maintenance_over, now):
                _put(row, None)
                transaction.after_commit(partial(self._providers.changed, row.id))
                _record(transaction, row, None, "")

    def _changed(self, provider_id: str) -> None:
        self._first_end = None
        self._providers.changed(provider_id)


def _told(maintenance: Maintenance | None) -> Fields:
    return {"maintenance": None if maintenance is None else maintenance.model_dump(mode="json")}


def _put(row: ProviderRow, maintenance: Maintenance | None) -> None:
    row.maintenance_until = None if maintenance is None else maintenance.until
    row.maintenance_reason = "" if maintenance is None else maintenance.reason
    row.maintenance_by = "" if maintenance is None else maintenance.by


def _record(transaction: Transaction, row: ProviderRow, maintenance: Maintenance | None, by: str) -> None:
    at = to_timestamp(time.time())
    event = MaintenanceEvent(provider_id=row.id, name=row.name, at=at, by=by, maintenance=maintenance)
    transaction.record(EventType.PROVIDER_MAINTENANCE, at, row.id, event.model_dump_json())


def _until(text: str | None) -> str:
    if text is None or text == NEVER:
        return NEVER
    try:
        if not _ISO.fullmatch(text.strip()):
            raise ValueError
        read = datetime.fromisoformat(text.strip().upper())
        read = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        raise invalid(
            "until",
            f'is {text[:64]!r}, which is no time: write UTC, like "2026-12-01 06:00:00", or leave it out',
        ) from None
    if read.timestamp() <= time.time():
        raise invalid("until", "is over already: give a time that is to come")
    return to_timestamp(read.timestamp())
