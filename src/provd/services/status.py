"""The daemon's own state."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from provd.agent.redirect.listeners import Listeners
from provd.agent.redirect.redirect import Redirector
from provd.agent.responder import Responder
from provd.probe.monitor import Monitor
from provd.schema.health import HealthStatus
from provd.schema.status import (
    AlertsStatus,
    Caller,
    EventsStatus,
    HealthCounts,
    HistoryStatus,
    MonitorStatus,
    RedirectStatus,
    Status,
    StoreStatus,
)
from provd.schema.timestamps import to_timestamp
from provd.services.alerts.keeper import AlertKeeper
from provd.services.history.keeper import HistoryKeeper
from provd.services.hub import EventHub
from provd.services.recorder import HealthRecorder
from provd.services.watching import Watching
from provd.store import deliveries
from provd.store.engine import Store
from provd.version import __version__

_LAG_EVERY_S = 0.5


class StatusService:
    """Puts together what each part says of itself, and measures the loop's lag: ``on_lag`` hears of it, in
    seconds."""

    def __init__(
        self,
        monitor: Monitor,
        watching: Watching,
        responder: Responder,
        history: HistoryKeeper[Any],
        recorder: HealthRecorder,
        store: Store,
        hub: EventHub,
        redirector: Redirector,
        listeners: Listeners,
        alerts: AlertKeeper,
        on_lag: Callable[[float], None] = lambda _: None,
    ) -> None:
        self._monitor = monitor
        self._watching = watching
        self._responder = responder
        self._history = history
        self._recorder = recorder
        self._store = store
        self._hub = hub
        self._redirector = redirector
        self._listeners = listeners
        self._alerts = alerts
        self._on_lag = on_lag
        self.started_at = time.time()
        self._started = time.monotonic()
        self._lag_s = 0.0

    async def run(self) -> None:
        """Measure how late the loop wakes us, until cancelled."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(_LAG_EVERY_S)
            self._lag_s = max(0.0, time.monotonic() - before - _LAG_EVERY_S)
            self._on_lag(self._lag_s)

    async def status(self, caller: Caller) -> Status:
        """Everything, for ``caller``."""
        return Status(
            version=__version__,
            started_at=to_timestamp(self.started_at),
            uptime_s=round(time.monotonic() - self._started, 1),
            loop_lag_ms=round(self._lag_s * 1000.0, 1),
            providers=self.counts(),
            monitor=self.monitor(),
            store=self.store(),
            history=self.history(),
            redirect=self.redirect(),
            alerts=self.alerts(),
            events=self.events(),
            you=caller,
        )

    def store(self) -> StoreStatus:
        """Whether what is learnt is being kept."""
        return StoreStatus(
            backend=self._store.backend,
            writable=self._store.error is None,
            error=self._store.error,
            pending=self._recorder.pending,
        )

    def history(self) -> HistoryStatus:
        """How much history is kept."""
        return HistoryStatus(
            targets=self._history.roster.attached,
            left_out=self._history.left_out,
            pending=self._history.pending,
        )

    def events(self) -> EventsStatus:
        """How the event stream does."""
        return EventsStatus(seq=self._hub.seq, subscribers=len(self._hub), resyncs_total=self._hub.resyncs)

    def alerts(self) -> AlertsStatus:
        """What is wrong now, and whether it is being told."""
        opened, acknowledged = self._alerts.counts
        messages = self._store.read_now(deliveries.unsent)
        return AlertsStatus(
            open=opened,
            acknowledged=acknowledged,
            waiting=messages.get("waiting", 0),
            failed=messages.get("failed", 0),
        )

    def counts(self) -> HealthCounts:
        """How many providers are in each state."""
        of, disabled = self._watching.counts()
        return HealthCounts(
            healthy=of[HealthStatus.HEALTHY],
            unhealthy=of[HealthStatus.UNHEALTHY],
            unknown=of[HealthStatus.UNKNOWN],
            disabled=disabled,
        )

    def redirect(self) -> RedirectStatus:
        """How the redirect server does."""
        counts = self._redirector.counts
        return RedirectStatus(
            listening=[str(address) for address in self._listeners.addresses],
            redirects_total=counts.redirected,
            refused_total=counts.refused,
            repeated_total=counts.repeated,
            others_total=counts.others,
            dropped_total=counts.dropped,
            ignored_total=counts.ignored,
        )

    def monitor(self) -> MonitorStatus:
        """How the checking goes."""
        monitor, prober = self._monitor, self._monitor.prober
        return MonitorStatus(
            targets=len(prober.schedule),
            in_flight=len(prober.engine),
            checks_total=monitor.checks,
            checks_per_s=round(prober.sent_per_s, 1),
            answers_total=prober.answers,
            retransmits_total=prober.engine.retransmits,
            strays_total=prober.strays,
            send_errors_total=prober.send_errors,
            connections=prober.streams.open_connections,
            requests_answered_total=self._responder.answered,
            requests_ignored_total=self._responder.ignored,
            uplink_suspect=monitor.assessor.uplink.suspect,
            behind_ms=round(prober.behind_s * 1000.0, 1),
        )
