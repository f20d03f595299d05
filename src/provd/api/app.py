"""The application: routes, error envelope and edge, put together."""

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import FastAPI
from starlette.types import ASGIApp

from provd.api.access import Access
from provd.api.edge import Edge, Observed
from provd.api.envelope import add_handlers
from provd.api.permissions import GuardedRouter
from provd.api.routes import (
    alerts,
    audit,
    calls,
    carriers,
    events,
    health,
    metrics,
    providers,
    redirects,
    revisions,
    routing,
    setups,
    status,
    test_calls,
    transfer,
)
from provd.schema.errors import ErrorEnvelope
from provd.schema.model import build_all
from provd.services.alerts.channels import ChannelBook
from provd.services.alerts.deliverer import Deliverer
from provd.services.alerts.keeper import AlertKeeper
from provd.services.alerts.rulebook import RuleBook
from provd.services.audit import AuditService
from provd.services.calls.intake import CallService
from provd.services.calls.queries import CallQueries
from provd.services.checks import CheckService
from provd.services.events import EventService
from provd.services.exporting import ExportService
from provd.services.history.queries import HistoryQueries
from provd.services.hub import EventHub
from provd.services.importing.importer import ImportService
from provd.services.maintenance import MaintenanceService
from provd.services.metrics.scrape import MetricsService
from provd.services.providers import ProviderService
from provd.services.redirects import RedirectService
from provd.services.revisions import RevisionService
from provd.services.routing.book import RouteBook
from provd.services.routing.resolving import Resolver
from provd.services.routing.routes import RouteService
from provd.services.setups.catalogue import Catalogue
from provd.services.setups.keys import KeyKeeper
from provd.services.setups.service import SetupService
from provd.services.setups.trunks import TrunkService
from provd.services.status import StatusService
from provd.services.test_calls.logins import LoginBook
from provd.services.test_calls.service import CallTestService
from provd.services.traces import TraceService
from provd.version import __version__


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that the endpoints call."""

    providers: ProviderService
    checks: CheckService
    maintenance: MaintenanceService
    traces: TraceService
    imports: ImportService
    exports: ExportService
    history: HistoryQueries
    events: EventService
    hub: EventHub
    status: StatusService
    catalogue: Catalogue
    keys: KeyKeeper
    setups: SetupService
    trunks: TrunkService
    routes: RouteService
    resolver: Resolver
    book: RouteBook
    redirects: RedirectService
    audit: AuditService
    revisions: RevisionService
    alerts: AlertKeeper
    alert_rules: RuleBook
    alert_channels: ChannelBook
    deliveries: Deliverer
    calls: CallService
    call_queries: CallQueries
    metrics: MetricsService
    test_calls: CallTestService
    logins: LoginBook


def create_app(services: Services, access: Access, observed: Observed) -> ASGIApp:
    """Build the API on the given services, behind the edge, which says who may come in."""
    return Edge(make_api(services), access, services.audit.refused, observed)


def make_api(services: Services) -> FastAPI:
    """Build the endpoints alone."""
    build_all()
    app = FastAPI(
        title="provd",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses={"default": {"model": ErrorEnvelope, "description": "What is wrong, and what to do"}},
        strict_content_type=False,  # curl -d sends JSON under another name; pages in browsers can't reach us
    )
    add_handlers(app)
    for router in _routers(services):
        app.include_router(router)
    return app


def _routers(services: Services) -> Iterator[GuardedRouter]:
    yield status.make_router(services.status)
    yield providers.make_router(
        services.providers, services.checks, services.maintenance, services.traces, services.trunks
    )
    yield setups.make_router(services.setups, services.trunks)
    yield routing.make_router(services.routes, services.resolver, services.book)
    yield redirects.make_router(services.redirects)
    yield carriers.make_router(services.catalogue, services.keys)
    yield health.make_router(services.history)
    yield transfer.make_router(services.imports, services.exports)
    yield revisions.make_router(services.revisions)
    yield alerts.make_router(
        services.alerts, services.alert_rules, services.alert_channels, services.deliveries
    )
    yield test_calls.make_router(services.test_calls, services.logins)
    yield audit.make_router(services.audit)
    yield metrics.make_router(services.metrics)
    yield calls.make_router(services.calls, services.call_queries)
    yield events.make_router(services.events, services.hub)
