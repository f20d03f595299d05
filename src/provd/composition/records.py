"""Providers and routes."""

from dataclasses import dataclass

from provd.composition.base import Base
from provd.composition.checking import Checking
from provd.services.maintenance import MaintenanceService
from provd.services.providers import ProviderService
from provd.services.routing.book import RouteBook
from provd.services.routing.routes import RouteService


@dataclass(frozen=True, slots=True)
class Records:
    """``book`` has the routes in memory."""

    providers: ProviderService
    maintenance: MaintenanceService
    book: RouteBook
    routes: RouteService


def compose_records(base: Base, checking: Checking) -> Records:
    """Build them."""
    book = RouteBook(base.store, checking.watching)
    routes = RouteService(base.store, book)
    providers = ProviderService(base.store, checking.watching, book, routes)
    return Records(
        providers=providers, maintenance=MaintenanceService(base.store, providers), book=book, routes=routes
    )
