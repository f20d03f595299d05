"""Which providers are checked, and how: from records and settings to the monitor."""

import time
from collections.abc import Iterable
from dataclasses import replace

from provd.probe.monitor import Monitor
from provd.probe.settings import ProbeSettings
from provd.probe.target import Watch
from provd.schema.health import Cause, HealthStatus, HealthSummary
from provd.schema.hostname import parse_hostname
from provd.schema.provider import ProbeOverrides
from provd.schema.timestamps import from_timestamp
from provd.services.summary import unwatched_summary, watched_summary
from provd.store.tables import HealthRow, ProviderRow

CHECKED_TRANSPORTS = frozenset({"udp"})


class Watching:
    """Keeps the monitor in step with the records."""

    def __init__(self, monitor: Monitor, defaults: ProbeSettings) -> None:
        self._monitor = monitor
        self._defaults = defaults

    def load(self, stored: Iterable[tuple[ProviderRow, HealthRow | None]]) -> None:
        """Begin to watch everything that should be, each with its verdict from before."""
        self._monitor.load(self.make_watch(row, health) for row, health in stored if self.should_watch(row))

    def apply(self, row: ProviderRow, health: HealthRow | None) -> None:
        """Take a changed or new record to the monitor."""
        if not self.should_watch(row):
            self._monitor.unwatch(row.id)
            return
        watch = self._monitor.watch(row.id, parse_hostname(row.hostname), self.settings(row))
        if watch.status is HealthStatus.UNKNOWN and health is not None:
            _restore(watch, health)

    def forget(self, provider_id: str) -> None:
        """Stop watching a deleted provider."""
        self._monitor.unwatch(provider_id)

    def watch_of(self, row: ProviderRow) -> Watch | None:
        """The watch that this very record is under; None when it is not watched, or no longer as it says."""
        watch = self._monitor.get(row.id) if self.should_watch(row) else None
        return watch if watch is not None and str(watch.host) == row.hostname else None

    def make_watch(self, row: ProviderRow, health: HealthRow | None = None) -> Watch:
        """Make a watch that is not under the monitor."""
        watch = Watch(row.id, parse_hostname(row.hostname), self.settings(row))
        if health is not None:
            _restore(watch, health)
        return watch

    def health(
        self, row: ProviderRow, stored: HealthRow | None
    ) -> tuple[HealthStatus, float | str | None, HealthSummary]:
        """A record's status, when it was last checked (seconds since 1970 or a timestamp), and the rest."""
        wall = time.time()
        watch = self.watch_of(row)
        if watch is not None:
            return watch.status, watch.checked_at, watched_summary(watch, wall=wall, now=time.monotonic())
        summary = unwatched_summary(row, stored, wall=wall, soon=self.should_watch(row))
        if stored is None:
            return HealthStatus.UNKNOWN, None, summary
        return HealthStatus(stored.status), stored.checked_at, summary

    def settings(self, row: ProviderRow) -> ProbeSettings:
        """The defaults with the record's overrides."""
        overrides = ProbeOverrides.model_validate(row.probe).model_dump(
            exclude={"enabled"}, exclude_none=True
        )
        return replace(self._defaults, **overrides) if overrides else self._defaults

    @staticmethod
    def should_watch(row: ProviderRow) -> bool:
        """Whether a record asks to be checked, by a transport that we check."""
        return row.enabled and row.probe.get("enabled") is not False and row.transport in CHECKED_TRANSPORTS


def _restore(watch: Watch, health: HealthRow) -> None:
    watch.status = HealthStatus(health.status)
    watch.cause = Cause(health.cause)
    watch.code, watch.reason, watch.server = health.code, health.reason, health.server
    watch.rtt_ms = health.rtt_ms
    watch.since = from_timestamp(health.since)
    watch.checked_at = from_timestamp(health.checked_at)
    for target in watch.targets:
        target.status = watch.status
