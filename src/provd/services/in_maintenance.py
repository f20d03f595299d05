"""Whether a record is in maintenance now."""

import time

from provd.schema.maintenance import Maintenance
from provd.schema.timestamps import to_timestamp
from provd.store.tables import ProviderRow


def maintenance_of(row: ProviderRow) -> Maintenance | None:
    """The maintenance that a record is in."""
    if row.maintenance_until is None or row.maintenance_until <= to_timestamp(time.time()):
        return None
    return Maintenance(until=row.maintenance_until, reason=row.maintenance_reason, by=row.maintenance_by)
