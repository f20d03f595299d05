"""A route as JSON."""

from collections.abc import Iterable
from typing import Any

from provd.schema.events import LoggedEvent
from provd.schema.route import Route, RouteUpdate
from provtui.dialogs.raw_record import RawRecord
from provtui.last_saved import route_updates


class RawRoute(RawRecord[Route, RouteUpdate]):
    """Edits a route as JSON."""

    what = "route"
    shape = RouteUpdate

    async def read(self) -> Route:
        """Read it."""
        return await self.session.client.route(self.record_id)

    def fields(self, record: Route) -> dict[str, Any]:
        """Give what can be written of it."""
        return record.model_dump(mode="json", include=set(RouteUpdate.model_fields))

    async def updates(self, record: Route) -> Iterable[LoggedEvent]:
        """Read who changed it."""
        return await route_updates(self.session, record)

    async def replace(self, new: RouteUpdate, revision: int) -> Route:
        """Replace it."""
        return await self.session.client.replace_route(self.record_id, new, revision=revision)
