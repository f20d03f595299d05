"""What others see of the daemon: the API on its socket, and the metrics."""

import socket
from dataclasses import dataclass

from provd.api.access import Access
from provd.api.app import Services, create_app
from provd.api.metrics_server import MetricsServer
from provd.api.server import ApiServer
from provd.composition.alerting import Alerting
from provd.composition.base import Base
from provd.composition.calls import Calls
from provd.composition.checking import Checking
from provd.composition.records import Records
from provd.composition.redirecting import Redirecting
from provd.composition.setups import Setups
from provd.composition.test_calls import TestCalls
from provd.config import Config
from provd.services.calls.queries import CallQueries
from provd.services.checks import CheckService
from provd.services.exporting import ExportService
from provd.services.history.queries import HistoryQueries
from provd.services.importing.importer import ImportService
from provd.services.metrics.daemon_figures import DaemonFigures
from provd.services.metrics.scrape import MetricsService
from provd.services.revisions import RevisionService
from provd.services.routing.resolving import Resolver
from provd.services.setups.service import SetupService
from provd.services.status import StatusService
from provd.services.traces import TraceService


@dataclass(frozen=True, slots=True)
class Serving:
    """``access`` says who may call ``server``."""

    access: Access
    status: StatusService
    server: ApiServer
    metrics_server: MetricsServer


def compose_serving(
    config: Config,
    listening: socket.socket,
    access: Access,
    base: Base,
    calls: Calls,
    checking: Checking,
    records: Records,
    setups: Setups,
    redirecting: Redirecting,
    test_calls: TestCalls,
    alerting: Alerting,
) -> Serving:
    """Build them, with the services that only they call."""
    store, providers, watching = base.store, records.providers, checking.watching
    status = StatusService(
        checking.monitor,
        watching,
        checking.responder,
        checking.history,
        checking.recorder,
        store,
        base.hub,
        redirecting.redirector,
        redirecting.listeners,
        alerting.keeper,
        base.instruments.lag,
    )
    for each in (DaemonFigures(status, calls.service.counts), checking.rtt):
        base.instruments.registry.register(each)
    metrics = MetricsService(base.instruments, store, checking.monitor, watching, calls.recent)
    services = Services(
        providers=providers,
        checks=CheckService(providers, watching, checking.monitor),
        maintenance=records.maintenance,
        traces=TraceService(providers, checking.monitor, store),
        imports=ImportService(store, providers, records.book),
        exports=ExportService(store),
        history=HistoryQueries(
            providers, checking.history, store, checking.retention, watching.targets, watching.timeout_s
        ),
        events=base.events,
        hub=base.hub,
        status=status,
        catalogue=setups.catalogue,
        keys=setups.keys,
        setups=SetupService(store, setups.catalogue, setups.runs),
        trunks=setups.trunks,
        routes=records.routes,
        resolver=Resolver(records.book, providers),
        book=records.book,
        redirects=redirecting.service,
        audit=base.audit,
        revisions=RevisionService(store, providers, records.routes),
        alerts=alerting.keeper,
        alert_rules=alerting.rules,
        alert_channels=alerting.channels,
        deliveries=alerting.deliverer,
        calls=calls.service,
        call_queries=CallQueries(providers, store, calls.kept),
        metrics=metrics,
        test_calls=test_calls.service,
        logins=test_calls.logins,
    )
    return Serving(
        access=access,
        status=status,
        server=ApiServer(create_app(services, access, base.instruments.request), listening),
        metrics_server=MetricsServer(config.metrics.listen, metrics),
    )
