from provd.client import Event
from provd.schema.events import EventType, RouteEvent
from provd.schema.route import Route
from provd.schema.timestamps import to_timestamp
from provtui import route_state
from provtui.route_state import RouteState
from tests.fakes.fake_client import NOW
from tests.fakes.fake_routes import a_route


def told(kind: EventType, route: Route) -> Event:
    data = RouteEvent(at=to_timestamp(NOW), by="ben", provider_id=route.provider_id, route=route)
    return Event(kind, 1, data)


def read(*routes: Route) -> RouteState:
    return route_state.took(route_state.begin(RouteState()), routes).state


A, B = a_route("a", "p"), a_route("b", "p")
NEWER = A.model_copy(update={"name": "newer", "revision": 2})


def test_nothing_is_kept_of_routes_before_somebody_looks_at_them() -> None:
    step = route_state.apply(RouteState(), [told(EventType.ROUTE_CREATED, A)])
    assert step.state == RouteState()
    assert step.changed == frozenset()


def test_events_create_change_and_delete() -> None:
    events = [told(EventType.ROUTE_UPDATED, NEWER), told(EventType.ROUTE_CREATED, B)]
    step = route_state.apply(read(A), events)
    assert step.state.routes == {A.id: NEWER, B.id: B}
    assert step.changed == {A.id, B.id}
    step = route_state.apply(step.state, [told(EventType.ROUTE_DELETED, NEWER)])
    assert set(step.state.routes) == {B.id}


def test_what_is_older_than_what_is_held_does_nothing() -> None:
    held = read(NEWER)
    step = route_state.apply(held, [told(EventType.ROUTE_UPDATED, A)])
    assert step.state.routes == {A.id: NEWER}
    assert step.changed == frozenset()
    assert route_state.put(held, A).changed == frozenset()


def test_what_the_stream_said_while_the_list_was_read_holds() -> None:
    reading = route_state.begin(read(A, B))
    events = [told(EventType.ROUTE_UPDATED, NEWER), told(EventType.ROUTE_DELETED, B)]
    step = route_state.apply(reading, events)
    assert step.state.routes == {A.id: NEWER}
    assert route_state.took(step.state, [A, B]).state.routes == {A.id: NEWER}


def test_a_reading_that_fails_keeps_what_was_known() -> None:
    state = route_state.failed(route_state.begin(read(A)), "away").state
    assert (state.routes, state.read, state.reading, state.error) == ({A.id: A}, True, False, "away")
    assert route_state.took(route_state.begin(state), [B]).state.error == ""


def test_missed_events_make_it_no_longer_fresh() -> None:
    assert read(A).fresh
    assert not route_state.outdated(read(A)).fresh
