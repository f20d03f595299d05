"""What the terminal knows of the routes: plain data, and pure functions that take it from event to event."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from provd.client import Event
from provd.schema.events import EventType, RouteEvent
from provd.schema.route import Route


@dataclass(frozen=True, slots=True)
class RouteState:
    """The routes by id. They are read only when somebody first looks at them; ``read`` tells whether.

    ``fresh``: no event was missed since. ``reading``: the whole list was asked for and is under way, and
    what the stream says meanwhile is kept in ``meanwhile``. ``asked`` counts how often it was asked
    for: only the latest answer counts. ``error`` says why the last reading failed.
    """

    routes: Mapping[str, Route] = field(default_factory=dict)
    read: bool = False
    fresh: bool = False
    reading: bool = False
    meanwhile: tuple[Event, ...] = ()
    asked: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class RouteStep:
    """The state after something, and the ids of the routes that differ; None: any of them may."""

    state: RouteState
    changed: frozenset[str] | None


def begin(state: RouteState) -> RouteState:
    """Note that the whole list was asked for."""
    return replace(state, reading=True, meanwhile=(), asked=state.asked + 1)


def took(state: RouteState, routes: Iterable[Route]) -> RouteStep:
    """Take the whole list as the daemon gave it, and what the stream said while it was read."""
    found = {route.id: route for route in routes}
    _follow(found, state.meanwhile)
    return RouteStep(RouteState(found, read=True, fresh=True, asked=state.asked), None)


def failed(state: RouteState, error: str) -> RouteStep:
    """Note why the list could not be read; what was known stays."""
    return RouteStep(replace(state, reading=False, meanwhile=(), error=error), None)


def outdated(state: RouteState) -> RouteState:
    """Note that events may have been missed."""
    return replace(state, fresh=False)


def apply(state: RouteState, events: Iterable[Event]) -> RouteStep:
    """Apply events in order; those older than what is held do nothing."""
    told = tuple(event for event in events if isinstance(event.data, RouteEvent))
    if not told or not (state.read or state.reading):
        return RouteStep(state, frozenset())
    routes = dict(state.routes)
    changed = _follow(routes, told)
    meanwhile = state.meanwhile + told if state.reading else ()
    return RouteStep(replace(state, routes=routes, meanwhile=meanwhile), frozenset(changed))


def put(state: RouteState, route: Route) -> RouteStep:
    """Take a route as the daemon answered it."""
    routes = dict(state.routes)
    return RouteStep(replace(state, routes=routes), frozenset(_replace(routes, route)))


def drop(state: RouteState, route_id: str) -> RouteStep:
    """Forget a route that was deleted."""
    left = {key: route for key, route in state.routes.items() if key != route_id}
    return RouteStep(replace(state, routes=left), frozenset({route_id}))


def _follow(routes: dict[str, Route], events: Iterable[Event]) -> set[str]:
    changed: set[str] = set()
    for event in events:
        if not isinstance(event.data, RouteEvent):
            continue
        route = event.data.route
        if event.type is EventType.ROUTE_DELETED:
            changed |= {route.id} if routes.pop(route.id, None) else set()
        else:
            changed |= _replace(routes, route)
    return changed


def _replace(routes: dict[str, Route], new: Route) -> set[str]:
    held = routes.get(new.id)
    if held is not None and held.revision >= new.revision:
        return set()
    routes[new.id] = new
    return {new.id}
