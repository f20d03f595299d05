"""Check now."""

import asyncio

from provd.probe.monitor import CheckSuperseded, Monitor
from provd.schema.errors import ErrorStatus
from provd.schema.health import CheckReport
from provd.schema.timestamps import to_timestamp
from provd.services.errors import ServiceError, conflict
from provd.services.providers import ProviderService
from provd.services.target_report import target_result
from provd.services.watching import Watching

MAX_AT_ONCE = 200


class CheckService:
    """Checks on demand, a bounded number at once."""

    def __init__(self, providers: ProviderService, watching: Watching, monitor: Monitor) -> None:
        self._providers = providers
        self._watching = watching
        self._monitor = monitor
        self._under_way = 0

    async def check(self, provider_id: str) -> CheckReport:
        """Probe each of a provider's targets now and wait for the results.

        A provider that is not watched (disabled, say) is checked too, and its status stays as it was.
        """
        row, health = self._providers.stored(provider_id)
        if self._under_way >= MAX_AT_ONCE:
            raise ServiceError(
                ErrorStatus.RESOURCE_EXHAUSTED,
                "TOO_MANY_CHECKS",
                f"{MAX_AT_ONCE} checks are being waited for already: try again in a few seconds",
            )
        watch = self._watching.watch_of(row) or self._watching.make_watch(row)
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
