"""Which providers are checked: from records to the monitor, and back to what the API shows of them."""

import time
from collections.abc import Callable
from sys import intern

from sqlalchemy.orm import Session

from provd.probe.address import SocketAddress
from provd.probe.answers import BEGINS_NOTHING, Answers
from provd.probe.monitor import Monitor, make_target
from provd.probe.resolver import literal_address
from provd.probe.target import Watch
from provd.schema.health import Cause, HealthStatus, HealthSummary
from provd.schema.history import TargetHealth
from provd.schema.hostname import parse_hostname
from provd.schema.timestamps import from_timestamp
from provd.services.known_addresses import recall
from provd.services.probe_settings import SettingsMaker
from provd.services.summary import unwatched_summary, watched_summary
from provd.services.target_report import target_health
from provd.store import providers as stored_providers
from provd.store.providers import StoredHealth, WatchedRow
from provd.store.tables import HealthRow, ProviderRow

Availability = Callable[[str], float | None]
Impaired = Callable[[str], str | None]


class Watching:
    """Keeps the monitor in step with the records. ``availability(provider id)`` is over the last 24 h;
    ``impaired(provider id)`` says why calls fail through one whose checks succeed, None when they don't.
    ``carriers`` is kept to the carrier of each that is watched and says one."""

    def __init__(
        self,
        monitor: Monitor,
        settings: SettingsMaker,
        availability: Availability,
        impaired: Impaired = lambda _: None,
        carriers: dict[str, str] | None = None,
    ) -> None:
        self.settings = settings
        self._monitor = monitor
        self._availability = availability
        self._impaired = impaired
        self._answers = Answers()
        self._aside: dict[str, HealthStatus | None] = {}
        self._carriers = {} if carriers is None else carriers

    def load_all(self, session: Session) -> None:
        """Begin to watch everything that should be, each with its verdict from before."""
        stored = stored_providers.watched(session)
        self._monitor.load(self._restored(row) for row in stored if self._takes(row, row.health))

    def apply(self, row: ProviderRow | WatchedRow, health: HealthRow | None) -> None:
        """Take a changed or new record to the monitor."""
        if not self._takes(row, health):
            self._monitor.unwatch(row.id)
            return
        watch = self._monitor.watch(row.id, parse_hostname(row.hostname), self.settings.of(row))
        if watch.status is HealthStatus.UNKNOWN and health is not None:
            self._monitor.restore(watch, HealthStatus(health.status))
            self._restore(watch, health)

    def forget(self, provider_id: str) -> None:
        """Stop watching a deleted provider."""
        self._aside.pop(provider_id, None)
        self._carriers.pop(provider_id, None)
        self._monitor.unwatch(provider_id)

    def watch_of(self, row: ProviderRow) -> Watch | None:
        """The watch that this very record is under; None when it is not watched, or no longer as it says."""
        watch = self._monitor.get(row.id) if self.should_watch(row) else None
        return watch if watch is not None and watch.hostname == row.hostname else None

    def make_watch(self, row: ProviderRow) -> Watch:
        """Make a watch that is not under the monitor."""
        return Watch(row.id, parse_hostname(row.hostname), self.settings.of(row))

    def health(
        self, row: ProviderRow, stored: HealthRow | None
    ) -> tuple[HealthStatus, float | str | None, HealthSummary]:
        """A record's status, when it was last checked (seconds since 1970 or a timestamp), and the rest."""
        wall = time.time()
        watch = self.watch_of(row)
        available = self._availability(row.id)
        if watch is not None:
            summary = watched_summary(watch, wall=wall, now=time.monotonic(), availability_24h_pct=available)
            if watch.status is HealthStatus.HEALTHY:
                summary.impaired_reason = self._impaired(row.id)
                summary.impaired = summary.impaired_reason is not None
            return watch.status, watch.checked_at, summary
        summary = unwatched_summary(
            row, stored, wall=wall, soon=self.should_watch(row), availability_24h_pct=available
        )
        if stored is None:
            return HealthStatus.UNKNOWN, None, summary
        return HealthStatus(stored.status), stored.checked_at, summary

    def status(self, row: ProviderRow) -> HealthStatus:
        """A record's status: what its checks say, or what they said before they were switched off."""
        watch = self.watch_of(row)
        if watch is not None:
            return watch.status
        return self._aside.get(row.id) or HealthStatus.UNKNOWN

    def state_of(self, provider_id: str) -> HealthStatus | None:
        """The same by a provider's id; None when it is disabled."""
        watch = self._monitor.get(provider_id)
        return self._aside.get(provider_id, HealthStatus.UNKNOWN) if watch is None else watch.status

    def targets(self, row: ProviderRow) -> list[TargetHealth]:
        """How each target of a record does; empty when it is not watched."""
        watch, wall = self.watch_of(row), time.time()
        shown = [] if watch is None else [target_health(target, wall) for target in watch.targets]
        return [each for each in shown if each is not None]

    def timeout_s(self, row: ProviderRow) -> float:
        """How long a record's checks wait."""
        return self.settings.of(row).timeout_s

    def counts(self) -> tuple[dict[HealthStatus, int], int]:
        """How many enabled providers have each status, and how many are disabled."""
        counted = dict(self._monitor.assessor.counts)
        disabled = 0
        for status in self._aside.values():
            if status is None:
                disabled += 1
            else:
                counted[status] += 1
        return counted, disabled

    @staticmethod
    def should_watch(row: ProviderRow | WatchedRow) -> bool:
        """Whether a record asks to be checked."""
        return row.enabled and row.probe.get("enabled") is not False

    def _takes(self, row: ProviderRow | WatchedRow, health: HealthRow | StoredHealth | None) -> bool:
        """Whether a record is to be watched; if not, it is counted aside."""
        if self.should_watch(row):
            self._aside.pop(row.id, None)
            if row.carrier:
                self._carriers[row.id] = intern(row.carrier)
            else:
                self._carriers.pop(row.id, None)
            return True
        self._carriers.pop(row.id, None)
        status = HealthStatus.UNKNOWN if health is None else HealthStatus(health.status)
        self._aside[row.id] = status if row.enabled else None
        return False

    def _restored(self, row: WatchedRow) -> Watch:
        host = parse_hostname(row.hostname)
        made = Watch(row.id, host, self.settings.of(row))
        addresses: list[SocketAddress | None] = [literal_address(host, made.settings.transport)]
        health = row.health
        if made.naming is not None and health is not None and health.addresses and health.resolved_at:
            recall(made.naming, health.addresses, health.resolved_at)
            addresses = list(made.naming.candidates)
        made.targets = tuple(make_target(made, address) for address in addresses)
        if health is not None:
            made.status = HealthStatus(health.status)
            for target in made.targets:
                target.status = made.status
            self._restore(made, health)
        return made

    def _restore(self, watch: Watch, health: HealthRow | StoredHealth) -> None:
        """Show what was found before until there is something new."""
        target = watch.targets[0]
        target.cause = Cause(health.cause)
        if health.code is not None:
            answer = self._answers.before(health.code, health.reason, health.server)
            if len(watch.targets) > 1:  # it may be another one's: what this one says is to be read
                answer = self._answers.shared(answer._replace(status_line=BEGINS_NOTHING))
            target.answer = answer
        target.rtt_ms = health.rtt_ms
        target.checked_at = from_timestamp(health.checked_at)
        watch.since = from_timestamp(health.since)
        if health.tls_threshold is not None and health.tls_not_after is not None:
            watch.tls_announced = health.tls_threshold, health.tls_not_after
