"""Check now."""

import asyncio
import math
import time

from provd.probe.monitor import CheckSuperseded, Monitor
from provd.probe.target import Watch
from provd.schema.errors import ErrorStatus
from provd.schema.health import CheckReport
from provd.schema.timestamps import to_timestamp
from provd.services.carrier_limits import carrier_limit
from provd.services.errors import ServiceError, conflict
from provd.services.providers import ProviderService
from provd.services.target_report import target_result
from provd.services.watching import Watching
from provd.store.tables import ProviderRow

MAX_AT_ONCE = 200


class CheckService:
    """Checks on demand, a bounded number at once."""

    def __init__(self, providers: ProviderService, watching: Watching, monitor: Monitor) -> None:
        self._providers = providers
        self._watching = watching
        self._monitor = monitor
        self._under_way = 0
        self._allowed_at: dict[str, float] = {}

    async def check(self, provider_id: str) -> CheckReport:
        """Probe each of a provider's targets now and wait for the results.

        A provider that is not watched (disabled, say) is checked too, and its status stays as it was.
        ServiceError 429 when its carrier does not want to be checked again yet.
        """
        row, health = self._providers.stored(provider_id)
        if self._under_way >= MAX_AT_ONCE:
            raise ServiceError(
                ErrorStatus.RESOURCE_EXHAUSTED,
                "TOO_MANY_CHECKS",
                f"{MAX_AT_ONCE} checks are being waited for already: try again in a few seconds",
            )
        watch = self._watching.watch_of(row) or self._watching.make_watch(row)
        self._keep_to_limit(row, watch)
        self._under_way += 1
        try:
            async with asyncio.timeout(3 * watch.settings.timeout_s + 1.0):
                results = await self._monitor.check(watch)
        except CheckSuperseded:
            raise conflict(
                "PROVIDER_CHANGED", "the provider was changed while it was being checked: check again"
            ) from None
        except TimeoutError:
            raise ServiceError(
                ErrorStatus.UNAVAILABLE, "CHECK_NOT_DONE", "the daemon is too busy to check now: try again"
            ) from None
        finally:
            self._under_way -= 1
        status, checked_at, _ = self._watching.health(row, health)
        if isinstance(checked_at, float):
            checked_at = to_timestamp(checked_at)
        return CheckReport(
            provider_id=row.id,
            health_status=status,
            health_checked_at=checked_at,
            targets=[target_result(judged) for judged in results],
        )

    def _keep_to_limit(self, row: ProviderRow, watch: Watch) -> None:
        limit = carrier_limit(row.carrier, row.hostname)
        if limit is None:
            return
        now = time.monotonic()
        self._allowed_at = {key: at for key, at in self._allowed_at.items() if at > now}
        wait_s = max(self._monitor.rest_s(watch), self._allowed_at.get(row.id, now) - now)
        if wait_s > 0:
            seconds = math.ceil(wait_s)
            raise ServiceError(
                ErrorStatus.RESOURCE_EXHAUSTED,
                "CHECKED_JUST_NOW",
                f"{limit.consequence}: check again in {seconds} s",
                retry_after_s=seconds,
            )
        self._allowed_at[row.id] = now + limit.min_interval_s
