"""Who is impaired, as alerts tell: the event stream says nothing of it about providers."""

from typing import TYPE_CHECKING

from provd.client import ApiError
from provd.schema.alerts import Metric
from provd.schema.provider import Provider

if TYPE_CHECKING:
    from provtui.daemon import Daemon

MOST = 50
"""Providers of one alert that are read anew."""


async def providers_told_of(client: "Daemon", alert_id: str) -> list[Provider]:
    """Read the providers of an alert as they are now, if it is about impaired ones; raises ClientError."""
    alert = await client.alerts.get(alert_id)
    found: list[Provider] = []
    if alert.metric is Metric.IMPAIRED:
        for each in alert.providers[:MOST]:
            try:
                found.append(await client.provider(each.provider_id))
            except ApiError:
                continue  # it was deleted
    return found
