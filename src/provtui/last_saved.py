"""Who saved a record last, as far as the log of events tells."""

from collections.abc import Iterable

from provd.schema.events import EventType, LoggedEvent
from provd.schema.route import Route
from provtui.session import Session

_LOGGED = 20


async def provider_updates(session: Session, provider_id: str) -> list[LoggedEvent]:
    """Read the latest events that tell of changes of a provider, newest first; raises ClientError."""
    return await _updates(session, provider_id, EventType.PROVIDER_UPDATED)


async def route_updates(session: Session, route: Route) -> list[LoggedEvent]:
    """Read the latest events that tell of changes of a route, newest first; raises ClientError."""
    found = await _updates(session, route.provider_id, EventType.ROUTE_UPDATED)
    return [event for event in found if _is_about(event, route.id)]


def saved_by(updates: Iterable[LoggedEvent]) -> str:
    """Tell whose the newest of ``updates`` is; empty when that is not known."""
    latest = next(iter(updates), None)
    return "" if latest is None else str(latest.data.get("by", ""))


async def _updates(session: Session, provider_id: str, kind: EventType) -> list[LoggedEvent]:
    page = await session.client.event_log(provider_id=provider_id, page_size=_LOGGED)
    return [event for event in page.result if event.type is kind]


def _is_about(event: LoggedEvent, route_id: str) -> bool:
    route = event.data.get("route")
    return isinstance(route, dict) and route.get("id") == route_id
