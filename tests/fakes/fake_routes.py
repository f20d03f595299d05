"""The routes of the in-memory daemon: kept, announced, and chosen from as the real one does."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Any

from provd.client import ApiError
from provd.routing.dialling import dial, region_of
from provd.routing.number import parse_number
from provd.routing.table import Route as Choice
from provd.routing.table import RouteTable
from provd.schema.errors import ErrorBody, ErrorDetail, ErrorStatus
from provd.schema.events import EventType, RouteEvent
from provd.schema.health import HealthStatus
from provd.schema.provider import Provider
from provd.schema.route import (
    DEFAULT_CUSTOMER,
    Attempt,
    Carrying,
    DialPreview,
    Matrix,
    MatrixRow,
    Resolution,
    ResolveRequest,
    Route,
    Skipped,
)
from provd.schema.timestamps import to_timestamp

Emit = Callable[[EventType, Any, str | None], None]


def an_id(name: str) -> str:
    """Give the UUID of what is called ``name`` here."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


def a_route(name: str, provider_id: str, target: str = "all", **fields: Any) -> Route:
    """Make a route."""
    whole: dict[str, Any] = {
        "id": an_id(name),
        "customer_id": DEFAULT_CUSTOMER,
        "priority": 1,
        "weight": 1,
        "enabled": True,
        "revision": 1,
        "tm_create": to_timestamp(0),
        "tm_update": to_timestamp(0),
    }
    return Route(name=name, provider_id=provider_id, target=target, **(whole | fields))


class FakeRoutes:
    """Routes by id; ``emit`` tells the streams, ``providers`` gives the daemon's own."""

    def __init__(self, now: float, emit: Emit, providers: Callable[[], Mapping[str, Provider]]) -> None:
        self.by_id: dict[str, Route] = {}
        self._at = to_timestamp(now)
        self._emit = emit
        self._providers = providers

    def add(self, *routes: Route) -> None:
        """Take routes that were there before anybody looked."""
        self.by_id |= {route.id: route for route in routes}

    def store(self, route: Route, kind: EventType, user: str) -> Route:
        """Keep a route, or forget it, and tell of it as what ``user`` did."""
        if kind is EventType.ROUTE_DELETED:
            del self.by_id[route.id]
        else:
            self.by_id[route.id] = route
        event = RouteEvent(at=self._at, by=user, provider_id=route.provider_id, route=route)
        self._emit(kind, event, route.provider_id)
        return route

    def save_as(self, user: str, route_id: str, **fields: Any) -> Route:
        """Change a route as another user does."""
        held = self.by_id[route_id]
        changed = held.model_copy(update={**fields, "revision": held.revision + 1})
        return self.store(changed, EventType.ROUTE_UPDATED, user)

    def held(self, route_id: str, revision: int | None = None) -> Route:
        """Give a route; ApiError when there is none, or it is at another revision."""
        held = self.by_id.get(route_id)
        if held is None:
            raise _error(ErrorStatus.NOT_FOUND, "ROUTE_NOT_FOUND", "There is no such route.")
        if revision is not None and held.revision != revision:
            raise _error(ErrorStatus.PRECONDITION, "REVISION", f"It is at revision {held.revision} now.")
        return held

    def check_provider(self, provider_id: str) -> None:
        """Raise ApiError when there is no such provider."""
        if provider_id not in self._providers():
            message = f"is {provider_id}, and there is no such provider"
            detail = ErrorDetail(field="provider_id", message=message)
            raise _error(ErrorStatus.INVALID_ARGUMENT, "INVALID", f"provider_id {message}", [detail])

    def preview(self, provider_id: str, destination: str) -> DialPreview:
        """Tell how a number is dialled through a provider."""
        provider, number = self._providers()[provider_id], _number(destination)
        call = dial(provider, number)
        return DialPreview(
            provider_id=provider.id,
            destination=number,
            region=region_of(number),
            number=call.number,
            request_uri=call.request_uri,
            next_hop=call.next_hop,
            transport=provider.transport,
            headers=dict(call.headers),
            warnings=call.warnings,
        )

    def resolve(self, wanted: ResolveRequest) -> Resolution:
        """Choose as the daemon does, with the same draw each time."""
        number = _number(wanted.destination)
        table = RouteTable()
        for route in self.by_id.values():
            if route.enabled:
                table.put(_choice(route))
        candidates = list(table.candidates(number, (wanted.customer_id,), Random(1)))
        reasons = {each.id: self._reason(each.provider_id) for each in candidates}
        usable = [each for each in candidates if not reasons[each.id]]
        sick = [each for each in candidates if reasons[each.id] == "unhealthy"]
        last_resort = not usable and bool(sick)
        tried = sick if last_resort else usable
        return Resolution(
            destination=number,
            region=region_of(number),
            attempts=[self._attempt(each, number, last_resort=last_resort) for each in tried],
            skipped=[self._skipped(each, reasons[each.id]) for each in candidates if each not in tried],
            message="Every provider with a route for this number is unhealthy: they are tried all the same, "
            "as a last resort."
            if last_resort
            else "",
        )

    def matrix(self) -> Matrix:
        """Tell who would carry calls to +1 and +44, and that nobody carries +99."""
        rows = []
        for code, regions in (("+1", ["US", "CA"]), ("+34", ["ES"]), ("+44", ["GB", "GG", "IM", "JE"])):
            fitting = [r for r in self.by_id.values() if r.target == "all" or code.startswith(r.target)]
            fitting.sort(key=lambda r: (r.target == "all", -len(r.target), r.priority))
            longer = sorted({r.target for r in self.by_id.values() if r.target.startswith(code)} - {code})
            once = {route.provider_id: route for route in reversed(fitting) if route.enabled}
            carried = [self._carrying(route) for route in fitting if once.get(route.provider_id) is route]
            rows.append(MatrixRow(country_code=code, regions=regions, carried_by=carried, exceptions=longer))
        return Matrix(customer_id=DEFAULT_CUSTOMER, result=rows, nobody=["+990"])

    def _reason(self, provider_id: str) -> str:
        provider = self._providers()[provider_id]
        if not provider.enabled:
            return "disabled"
        if provider.maintenance is not None:
            return "maintenance"
        return "unhealthy" if provider.health_status is HealthStatus.UNHEALTHY else ""

    def _attempt(self, route: Choice, number: str, *, last_resort: bool) -> Attempt:
        provider = self._providers()[route.provider_id]
        call = dial(provider, number)
        return Attempt(
            route_id=route.id,
            route=route.name,
            provider_id=provider.id,
            provider=provider.name,
            target=route.target,
            priority=route.priority,
            weight=route.weight,
            health_status=provider.health_status,
            number=call.number,
            request_uri=call.request_uri,
            next_hop=call.next_hop,
            headers=dict(call.headers),
            warnings=call.warnings,
            last_resort=last_resort,
        )

    def _skipped(self, route: Choice, reason: str) -> Skipped:
        provider = self._providers()[route.provider_id]
        messages = {
            "unhealthy": "did not answer its last checks",
            "disabled": "is disabled",
            "maintenance": "is in maintenance until 2026-04-20 06:00:00.000000",
        }
        return Skipped(
            route_id=route.id,
            route=route.name,
            provider_id=provider.id,
            provider=provider.name,
            reason=reason,
            message=f"{provider.name} {messages[reason]}",
        )

    def _carrying(self, route: Route) -> Carrying:
        provider = self._providers()[route.provider_id]
        return Carrying(
            provider_id=provider.id,
            provider=provider.name,
            route=route.name,
            target=route.target,
            priority=route.priority,
            weight=route.weight,
            health_status=provider.health_status,
            reason=self._reason(provider.id),
        )


def _choice(route: Route) -> Choice:
    return Choice(
        route.id,
        route.customer_id,
        route.name,
        route.provider_id,
        route.priority,
        route.weight,
        route.target,
    )


def _number(text: str) -> str:
    try:
        return parse_number(text)
    except ValueError as error:
        detail = ErrorDetail(field="destination", message=str(error))
        raise _error(ErrorStatus.INVALID_ARGUMENT, "INVALID", f"destination {error}", [detail]) from None


def _error(status: ErrorStatus, reason: str, message: str, details: Iterable[ErrorDetail] = ()) -> ApiError:
    body = ErrorBody(status=status, reason=reason, message=message, request_id="r-1", details=list(details))
    return ApiError(status.http_code, body)
