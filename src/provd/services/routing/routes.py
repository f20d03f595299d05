"""Routes: listing, adding, changing, deleting; and letting go of a provider."""

import time
import uuid
from typing import Any

from provd.schema.events import EventType, RouteEvent
from provd.schema.route import Route, RouteCreate, RoutePage, RoutePatch, RouteUpdate
from provd.schema.timestamps import NEVER, to_timestamp
from provd.services import pages
from provd.services.actor import Actor
from provd.services.auditing import audit, revision_before, revision_now, state_of, subject_of
from provd.services.errors import ServiceError, conflict, invalid, not_found
from provd.services.idempotency import first_answer, keep_answer, repeatable
from provd.services.identity import known_id
from provd.services.precondition import Precondition
from provd.services.routing.book import RouteBook
from provd.store import providers as stored_providers
from provd.store import routes as stored
from provd.store.engine import Store, Transaction
from provd.store.tables import RouteRow

_NAMED = 10


class RouteService:
    """The use cases of routes."""

    def __init__(self, store: Store, book: RouteBook) -> None:
        self._store = store
        self._book = book

    async def list(self, customer_id: str, provider_id: str, page_size: int, page_token: str) -> RoutePage:
        """One page, newest first; empty ids stand for any."""
        customer_id = known_id(customer_id, "customer_id") if customer_id else ""
        provider_id = known_id(provider_id, "provider_id") if provider_id else ""
        cursor = pages.provider_cursor(page_token)
        rows = await self._store.read(stored.page, customer_id, provider_id, cursor, page_size + 1)
        shown = rows[:page_size]
        token = pages.encode(shown[-1].tm_create, shown[-1].id) if len(rows) > page_size else ""
        return RoutePage(result=[_shown(row) for row in shown], next_page_token=token)

    async def get(self, route_id: str) -> Route:
        """One route."""
        row = self._store.read_now(stored.get, known_id(route_id))
        if row is None:
            raise no_such_route(route_id)
        return _shown(row)

    async def create(self, new: RouteCreate, actor: Actor, idempotency_key: str | None = None) -> Route:
        """Add a route; a repetition by the key has the first answer."""
        now = to_timestamp(time.time())
        request = repeatable(actor.uid, idempotency_key, new)
        async with self._store.write() as transaction:
            before = await first_answer(transaction, request, Route)
            if before is not None:
                return before
            await self._check_provider(transaction, new.provider_id)
            row = RouteRow(id=str(uuid.uuid4()), tm_create=now, tm_update=now, **new.model_dump())
            transaction.session.add(row)
            await transaction.session.flush()
            transaction.revise(revision_now(row, actor, "route.create"))
            audit(transaction, actor, "route.create", subject_of(row), after=state_of(row))
            made = self._changed(transaction, row, EventType.ROUTE_CREATED, actor)
            keep_answer(transaction, request, made)
            return made

    async def replace(
        self, route_id: str, new: RouteUpdate, actor: Actor, precondition: Precondition
    ) -> Route:
        """Replace what a route says; its customer stays."""
        return await self._change(route_id, new.model_dump(exclude_unset=True), actor, precondition)

    async def patch(
        self, route_id: str, changes: RoutePatch, actor: Actor, precondition: Precondition
    ) -> Route:
        """Change the fields that were sent."""
        return await self._change(route_id, changes.model_dump(exclude_unset=True), actor, precondition)

    async def delete(self, route_id: str, actor: Actor, precondition: Precondition) -> Route:
        """Delete a route."""
        async with self._store.write() as transaction:
            row = await self._for_change(transaction, route_id, precondition)
            return self._deleted(transaction, row, actor)

    async def let_go(
        self, transaction: Transaction, provider_id: str, actor: Actor, *, cascade: bool
    ) -> None:
        """Have no route lead to a provider that is being deleted: delete them, or raise ServiceError 409."""
        rows = await transaction.run(stored.of_provider, provider_id)
        if rows and not cascade:
            names = ", ".join(row.name for row in rows[:_NAMED]) + (", ..." if len(rows) > _NAMED else "")
            raise conflict(
                "PROVIDER_IN_USE",
                f"{len(rows)} route{'s lead' if len(rows) > 1 else ' leads'} to this provider ({names}): "
                "have them lead elsewhere, delete them, or delete them with it by ?cascade=true",
            )
        for row in rows:
            self._deleted(transaction, row, actor)

    async def _change(
        self, route_id: str, fields: dict[str, Any], actor: Actor, precondition: Precondition
    ) -> Route:
        async with self._store.write() as transaction:
            row = await self._for_change(transaction, route_id, precondition)
            if all(getattr(row, name) == value for name, value in fields.items()):
                return _shown(row)
            if "provider_id" in fields:
                await self._check_provider(transaction, fields["provider_id"])
            return self._written(transaction, row, fields, actor, "route.update")

    async def restore_in(
        self, transaction: Transaction, row: RouteRow, fields: dict[str, Any], actor: Actor
    ) -> Route:
        """Give a route the fields of an earlier revision, within a transaction; a deleted one is there again.
        ServiceError 409 when its provider is not."""
        if await transaction.run(stored_providers.get, fields["provider_id"]) is None:
            raise conflict(
                "PROVIDER_GONE",
                f"it led to the provider {fields['provider_id']}, which is deleted: restore that one first",
            )
        if row.tm_delete != NEVER:
            return self._written(transaction, row, fields, actor, "route.undelete")
        if all(getattr(row, name) == value for name, value in fields.items()):
            return _shown(row)
        return self._written(transaction, row, fields, actor, "route.restore")

    def _written(
        self, transaction: Transaction, row: RouteRow, fields: dict[str, Any], actor: Actor, action: str
    ) -> Route:
        before, again = revision_before(row), row.tm_delete != NEVER
        was = None if again else state_of(row)
        for name, value in fields.items():
            setattr(row, name, value)
        row.revision += 1
        row.tm_update, row.tm_delete = to_timestamp(time.time()), NEVER
        transaction.revise(before, revision_now(row, actor, action))
        audit(transaction, actor, action, subject_of(row), before=was, after=state_of(row))
        kind = EventType.ROUTE_CREATED if again else EventType.ROUTE_UPDATED
        return self._changed(transaction, row, kind, actor)

    def _changed(self, transaction: Transaction, row: RouteRow, kind: EventType, actor: Actor) -> Route:
        shown = _shown(row)
        _announce(transaction, kind, shown, actor)
        transaction.after_commit(lambda: self._book.put(row))
        return shown

    def _deleted(self, transaction: Transaction, row: RouteRow, actor: Actor) -> Route:
        before = revision_before(row)
        row.tm_delete = to_timestamp(time.time())
        row.revision += 1
        transaction.revise(before, revision_now(row, actor, "route.delete"))
        audit(transaction, actor, "route.delete", subject_of(row), before=state_of(row))
        shown = _shown(row)
        _announce(transaction, EventType.ROUTE_DELETED, shown, actor)
        transaction.after_commit(lambda: self._book.remove(shown.id))
        return shown

    async def _for_change(
        self, transaction: Transaction, route_id: str, precondition: Precondition
    ) -> RouteRow:
        row = await transaction.run(stored.get, known_id(route_id))
        if row is None:
            raise no_such_route(route_id)
        precondition.check("route", row.revision, row.tm_update)
        return row

    @staticmethod
    async def _check_provider(transaction: Transaction, provider_id: str) -> None:
        if await transaction.run(stored_providers.get, provider_id) is None:
            raise invalid(
                "provider_id",
                f"is {provider_id}, and there is no such provider: GET /v1.0/providers lists them",
            )


def _announce(transaction: Transaction, kind: EventType, route: Route, actor: Actor) -> None:
    at = to_timestamp(time.time())
    event = RouteEvent(at=at, by=actor.user, provider_id=route.provider_id, route=route)
    transaction.record(kind, at, route.provider_id, event.model_dump_json())


def _shown(row: RouteRow) -> Route:
    return Route.model_validate(row.model_dump())


def no_such_route(route_id: str) -> ServiceError:
    """A 404 for an id that leads to no route."""
    return not_found(
        "ROUTE_NOT_FOUND", f"there is no route {route_id}: it was deleted, or the id is mistyped"
    )
