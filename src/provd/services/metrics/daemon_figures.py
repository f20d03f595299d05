"""The daemon's own figures, as /v1.0/status has them."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from provd.services.status import StatusService


class DaemonFigures:
    """Reads them when it is asked. ``calls`` are the counts of call records since the start, by outcome."""

    def __init__(self, status: StatusService, calls: Mapping[str, int]) -> None:
        self._status = status
        self._calls = calls

    def collect(self) -> Iterator[Metric]:
        """Give them (prometheus_client's collector protocol)."""
        yield from self._checks()
        yield from self._queues()
        counts = self._status.counts()
        states = GaugeMetricFamily("provd_providers", "Providers in each state.", labels=("state",))
        for state, number in counts.model_dump().items():
            states.add_metric((state,), number)
        yield states
        yield from self._redirects()
        yield from self._alerts()
        records = CounterMetricFamily(
            "provd_call_records",
            "Call records that were reported, by what became of them.",
            labels=("outcome",),
        )
        for outcome, number in self._calls.items():
            records.add_metric((outcome,), number)
        yield records
        yield _gauge(
            "provd_start_time_seconds", "When the daemon started, since 1970.", self._status.started_at
        )

    def _checks(self) -> Iterator[Metric]:
        monitor = self._status.monitor()
        yield _counter("provd_checks", "Checks that were begun.", monitor.checks_total)
        yield _counter("provd_answers", "Checks that were answered.", monitor.answers_total)
        yield _counter("provd_retransmissions", "Requests that were sent again.", monitor.retransmits_total)
        yield _counter("provd_strays", "Datagrams that answer no check.", monitor.strays_total)
        yield _counter("provd_send_errors", "Requests that could not be sent.", monitor.send_errors_total)
        yield _gauge(
            "provd_checks_behind_seconds", "How late the latest checks were.", monitor.behind_ms / 1e3
        )
        yield _gauge("provd_targets", "Addresses under watch.", monitor.targets)
        yield _gauge("provd_connections", "TCP and TLS connections that are open.", monitor.connections)
        suspect = "Whether everything failed at once, so that our own side may be at fault."
        yield _gauge("provd_uplink_suspect", suspect, monitor.uplink_suspect)
        requests = CounterMetricFamily(
            "provd_sip_requests", "SIP requests that peers sent us.", labels=("outcome",)
        )
        requests.add_metric(("answered",), monitor.requests_answered_total)
        requests.add_metric(("ignored",), monitor.requests_ignored_total)
        yield requests

    def _queues(self) -> Iterator[Metric]:
        store, history, events = self._status.store(), self._status.history(), self._status.events()
        queues = GaugeMetricFamily("provd_queue_length", "What waits.", labels=("queue",))
        queues.add_metric(("checks_in_flight",), self._status.monitor().in_flight)
        queues.add_metric(("health_rows",), store.pending)
        queues.add_metric(("history_samples",), history.pending)
        yield queues
        yield _gauge("provd_store_writable", "Whether the last write succeeded.", store.writable)
        yield _gauge("provd_history_targets", "Addresses whose history is kept.", history.targets)
        yield _gauge("provd_history_targets_left_out", "Those for which there was no room.", history.left_out)
        yield _gauge("provd_event_subscribers", "Readers of the event stream.", events.subscribers)
        yield _counter("provd_event_resyncs", "Readers that were too slow.", events.resyncs_total)

    def _alerts(self) -> Iterator[Metric]:
        alerts = self._status.alerts()
        unresolved = GaugeMetricFamily("provd_alerts", "Alerts that are not resolved.", labels=("state",))
        unresolved.add_metric(("open",), alerts.open)
        unresolved.add_metric(("acknowledged",), alerts.acknowledged)
        yield unresolved
        messages = GaugeMetricFamily(
            "provd_alert_messages", "Messages about alerts that were not sent.", labels=("state",)
        )
        messages.add_metric(("waiting",), alerts.waiting)
        messages.add_metric(("failed",), alerts.failed)
        yield messages

    def _redirects(self) -> Iterator[Metric]:
        redirect = self._status.redirect()
        redirects = CounterMetricFamily(
            "provd_redirect_requests", "Requests to the redirect server.", labels=("outcome",)
        )
        for outcome in ("redirects", "refused", "repeated", "others", "dropped", "ignored"):
            redirects.add_metric((outcome,), getattr(redirect, f"{outcome}_total"))
        yield redirects


def _gauge(name: str, documentation: str, value: float) -> Metric:
    return GaugeMetricFamily(name, documentation, value=float(value))


def _counter(name: str, documentation: str, value: float) -> Metric:
    return CounterMetricFamily(name, documentation, value=float(value))
