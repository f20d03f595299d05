"""What is measured as it happens: how long requests, writes and turns of the loop take."""

import platform

from prometheus_client import CollectorRegistry, Histogram, Info, ProcessCollector, disable_created_metrics

from provd.version import __version__

OTHER_PATHS = "other"
"""Stands for every path that there is not, so that who asks for many makes no more series."""

_REQUEST_BUCKETS = (0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0)
_WRITE_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_LAG_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


class Instruments:
    """The daemon's own registry, with its histograms. Whatever else is registered there is read with them."""

    def __init__(self) -> None:
        # what it leaves out would double the histograms, to say when the daemon started
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=self.registry)
        Info("provd_build", "The version that runs.", registry=self.registry).info(
            {"version": __version__, "python": platform.python_version()}
        )
        self._requests = Histogram(
            "provd_api_request_duration_seconds",
            "Time until a request's answer began, by its path as the API describes it.",
            ("method", "path", "code"),
            buckets=_REQUEST_BUCKETS,
            registry=self.registry,
        )
        self._writes = Histogram(
            "provd_store_write_duration_seconds",
            "Time of a write to the store, with the wait for its turn.",
            buckets=_WRITE_BUCKETS,
            registry=self.registry,
        )
        self._lag = Histogram(
            "provd_loop_lag_seconds",
            "How late the event loop woke who waited for it, twice a second.",
            buckets=_LAG_BUCKETS,
            registry=self.registry,
        )

    def request(self, method: str, path: str | None, code: int, seconds: float) -> None:
        """Take in a request: ``path`` with names in place of ids, None where there is no such path."""
        known = method if path is not None else ""
        self._requests.labels(known, path or OTHER_PATHS, f"{code // 100}xx").observe(seconds)

    def write(self, seconds: float) -> None:
        """Take in a write to the store."""
        self._writes.observe(seconds)

    def lag(self, seconds: float) -> None:
        """Take in how late the loop was."""
        self._lag.observe(seconds)
