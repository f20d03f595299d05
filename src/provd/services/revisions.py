"""Revisions of providers and routes: what they were, and back to it."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy.orm import Session

from provd.schema.errors import ErrorDetail, ErrorStatus
from provd.schema.mistakes import in_words
from provd.schema.provider import Provider, ProviderCreate
from provd.schema.revision import Revision, RevisionPage
from provd.schema.route import Route, RouteCreate
from provd.schema.setup import SetupState
from provd.services import pages
from provd.services.actor import Actor
from provd.services.auditing import kind_of, revision_before
from provd.services.errors import ServiceError, conflict, no_such_provider, not_found
from provd.services.identity import known_id
from provd.services.precondition import Precondition
from provd.services.providers import ProviderService
from provd.services.routing.routes import RouteService, no_such_route
from provd.store import providers as stored_providers
from provd.store import revisions as stored
from provd.store import routes as stored_routes
from provd.store import setups as stored_setups
from provd.store.engine import Store, Transaction
from provd.store.tables import ProviderRow, RouteRow

M = TypeVar("M", bound=BaseModel)
_AS_MADE = (SetupState.RUNNING, SetupState.DONE)


class RevisionService:
    """The use cases of revisions. Those of deleted records are there too."""

    def __init__(self, store: Store, providers: ProviderService, routes: RouteService) -> None:
        self._store = store
        self._providers = providers
        self._routes = routes

    async def of_provider(self, provider_id: str, page_size: int, page_token: str) -> RevisionPage:
        """One page, newest first."""
        row = await self._store.read(_provider, known_id(provider_id))
        if row is None:
            raise no_such_provider(provider_id)
        return await self._page(row, page_size, page_token)

    async def of_route(self, route_id: str, page_size: int, page_token: str) -> RevisionPage:
        """The same for a route."""
        row = await self._store.read(_route, known_id(route_id))
        if row is None:
            raise no_such_route(route_id)
        return await self._page(row, page_size, page_token)

    async def restore_provider(
        self, provider_id: str, revision: int, actor: Actor, precondition: Precondition
    ) -> Provider:
        """Give a provider the fields of one of its revisions, as a new one. A deleted one is there again;
        ServiceError 409 when its trunk was removed with it, or today's rules refuse the fields."""
        async with self._store.write() as transaction:
            found = await transaction.run(stored_providers.some, {known_id(provider_id)})
            if not found:
                raise no_such_provider(provider_id)
            ((row, health),) = found.values()
            precondition.check("provider", row.revision, row.tm_update)
            setup = await transaction.run(stored_setups.of_provider, row.id)
            if setup is not None and setup.setup.state not in _AS_MADE:
                raise conflict(
                    "TRUNK_REMOVED",
                    f"the trunk of {row.name} at {row.carrier} was removed with it: set it up again, "
                    "POST /v1.0/providers/setup",
                )
            fields = await _fields(transaction, row, revision, ProviderCreate)
            return await self._providers.restore_in(transaction, (row, health), fields, actor)

    async def restore_route(
        self, route_id: str, revision: int, actor: Actor, precondition: Precondition
    ) -> Route:
        """The same for a route. ServiceError 409 too when the provider that it led to is not there."""
        async with self._store.write() as transaction:
            row = await transaction.run(_route, known_id(route_id))
            if row is None:
                raise no_such_route(route_id)
            precondition.check("route", row.revision, row.tm_update)
            fields = await _fields(transaction, row, revision, RouteCreate)
            return await self._routes.restore_in(transaction, row, fields, actor)

    async def _page(self, row: ProviderRow | RouteRow, page_size: int, page_token: str) -> RevisionPage:
        before = pages.event_cursor(page_token)
        rows = await self._store.read(stored.page, kind_of(row), row.id, before, page_size + 1)
        found = [Revision.model_validate(each.model_dump()) for each in rows]
        newest = found[0].revision if found else 0
        if before is None and newest < row.revision:  # nobody has changed it since revisions are kept
            found.insert(0, Revision.model_validate(revision_before(row)))
        token = pages.encode(str(found[page_size - 1].revision)) if len(found) > page_size else ""
        return RevisionPage(result=found[:page_size], next_page_token=token)


async def _fields(
    transaction: Transaction, row: ProviderRow | RouteRow, revision: int, model: type[M]
) -> dict[str, Any]:
    """What a revision of a record says, by today's rules."""
    kept = await transaction.run(stored.get, kind_of(row), row.id, revision)
    if kept is None and revision != row.revision:
        raise not_found(
            "REVISION_NOT_FOUND",
            f"{row.name} has no revision {revision} that is kept: it is at {row.revision}, and "
            f"GET /v1.0/{kind_of(row)}s/{row.id}/revisions lists those that are",
        )
    fields: Mapping[str, Any] = revision_before(row)["fields"] if kept is None else kept.fields
    try:
        return model.model_validate(dict(fields)).model_dump(mode="json")
    except ValidationError as error:
        details = [
            ErrorDetail(field=".".join(map(str, each["loc"])), message=in_words(each, model.model_fields))
            for each in error.errors(include_input=False)
        ]
        raise ServiceError(
            ErrorStatus.FAILED_PRECONDITION,
            "REVISION_INVALID",
            f"revision {revision} is not allowed any more: {details[0].field} {details[0].message}",
            details,
        ) from None


def _provider(session: Session, provider_id: str) -> ProviderRow | None:
    return session.get(ProviderRow, provider_id)


def _route(session: Session, route_id: str) -> RouteRow | None:
    return stored_routes.some(session, {route_id}).get(route_id)
