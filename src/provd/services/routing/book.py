"""What choosing a provider needs, in memory: the routes, and how each provider of them is dialled."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from provd.routing.table import Route, RouteTable
from provd.schema.health import HealthStatus
from provd.services.in_maintenance import maintenance_of
from provd.services.watching import Watching
from provd.store import providers as stored_providers
from provd.store import routes as stored
from provd.store.engine import Store
from provd.store.tables import ProviderRow, RouteRow


@dataclass(frozen=True, slots=True)
class Standing:
    """How a provider stands now: its record, its status, and why it is not to be used, "" if it is."""

    row: ProviderRow
    status: HealthStatus
    reason: str
    message: str


class RouteBook:
    """The route table, and the records of the providers in it. Kept in step by who writes them."""

    def __init__(self, store: Store, watching: Watching) -> None:
        self.table = RouteTable()
        self._store = store
        self._watching = watching
        self._rows: dict[str, ProviderRow] = {}

    def load(self, session: Session) -> None:
        """Read every route."""
        for row in stored.everything(session):
            self.put(row)

    def put(self, row: RouteRow) -> None:
        """Take a route as it is now."""
        if not row.enabled:
            self.table.remove(row.id)
            return
        self.table.put(
            Route(row.id, row.customer_id, row.name, row.provider_id, row.priority, row.weight, row.target)
        )

    def remove(self, route_id: str) -> None:
        """Take a route out."""
        self.table.remove(route_id)

    def forget_provider(self, provider_id: str) -> None:
        """Read a provider's record anew when it is next asked for."""
        self._rows.pop(provider_id, None)

    def standing(self, provider_id: str) -> Standing | None:
        """How a provider stands; None when it was deleted."""
        row = self._rows.get(provider_id)
        if row is None:
            found = self._store.read_now(stored_providers.get, provider_id)
            if found is None:
                return None
            row = self._rows[provider_id] = found[0]
        status = self._watching.status(row)
        if not row.enabled:
            return Standing(row, status, "disabled", f"{row.name} is disabled")
        maintenance = maintenance_of(row)
        if maintenance is not None:
            why = f": {maintenance.reason}" if maintenance.reason else ""
            return Standing(
                row, status, "maintenance", f"{row.name} is in maintenance until {maintenance.until}{why}"
            )
        if status is HealthStatus.UNHEALTHY:
            return Standing(row, status, "unhealthy", f"{row.name} did not answer its last checks")
        return Standing(row, status, "", "")
