"""How a provider that is tried, or passed over, is told of."""

from typing import Any

from provd.routing.table import Route
from provd.schema.route import Skipped
from provd.services.routing.book import Standing


def tried_fields(route: Route, standing: Standing, *, last_resort: bool) -> dict[str, Any]:
    """The fields of ``Tried``."""
    return {
        "route_id": route.id,
        "route": route.name,
        "provider_id": standing.row.id,
        "provider": standing.row.name,
        "target": route.target,
        "priority": route.priority,
        "weight": route.weight,
        "health_status": standing.status.value,
        "last_resort": last_resort,
    }


def skipped(route: Route, standing: Standing) -> Skipped:
    """One that is passed over, and why."""
    return Skipped(
        route_id=route.id,
        route=route.name,
        provider_id=standing.row.id,
        provider=standing.row.name,
        reason=standing.reason,
        message=standing.message,
    )
