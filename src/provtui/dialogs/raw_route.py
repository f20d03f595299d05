"""A route as JSON."""

from collections.abc import Mapping
from typing import Any

from provd.schema.route import Route, RouteUpdate
from provtui.dialogs.raw_record import RawRecord


class RawRoute(RawRecord[Route]):
    """Edits a route as JSON."""

    async def read(self) -> Route:
        """Read it."""
        return await self.session.client.route(self.record_id)

    def fields(self, record: Route) -> Mapping[str, Any]:
        """Give what can be written of it."""
        return record.model_dump(mode="json", include=set(RouteUpdate.model_fields))

    async def replace(self, fields: Mapping[str, Any], revision: int) -> Route:
        """Replace it."""
        new = RouteUpdate.model_validate(dict(fields))
        return await self.session.client.replace_route(self.record_id, new, revision=revision)
