"""The part of ``provd.client.Client`` that the terminal uses, so that a fake can stand in for it."""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from provd.client import Event
from provd.schema.audit import AuditEntry, AuditPage, AuditVerification
from provd.schema.calls import CallReport, CallStats
from provd.schema.carriers import Account, CarrierInfo
from provd.schema.events import EventPage, EventType
from provd.schema.health import CheckReport
from provd.schema.history import History, ProviderHealth
from provd.schema.maintenance import MaintenanceRequest
from provd.schema.provider import Provider, ProviderCreate, ProviderUpdate
from provd.schema.redirect import RedirectList
from provd.schema.revision import RevisionPage
from provd.schema.route import (
    DialPreview,
    DialRequest,
    Matrix,
    Resolution,
    ResolveRequest,
    Route,
    RouteCreate,
    RouteUpdate,
)
from provd.schema.setup import (
    DeletedProvider,
    KeyringReport,
    Setup,
    SetupPage,
    SetupPlan,
    SetupRequest,
    Verification,
)
from provd.schema.status import Status, Version
from provd.schema.trace import Trace
from provd.schema.transfer import ImportReport
from provtui.daemon_alerts import Alerts
from provtui.daemon_test_calls import TestCalls


class Daemon(Protocol):
    """The daemon's calls; each raises ApiError or DaemonUnavailable as the client's does."""

    @property
    def test_calls(self) -> TestCalls:
        """The calls about test calls."""

    @property
    def alerts(self) -> Alerts:
        """The calls about alerts."""

    async def close(self) -> None:
        """Close the connections."""

    async def status(self) -> Status:
        """Ask how the daemon does, and who it says the caller is."""

    async def version(self) -> Version:
        """Ask which daemon and API this is."""

    async def metrics(self, most: int) -> tuple[str, bool]:
        """Read the figures for Prometheus, at most so many bytes, and whether that is all of them."""

    async def report_calls(
        self, content: AsyncIterable[bytes] | bytes, *, media_type: str = "application/x-ndjson"
    ) -> CallReport:
        """Report how calls went."""

    async def call_stats(
        self,
        provider_id: str,
        *,
        since: str = "",
        until: str = "",
        direction: str = "outbound",
        country: str = "",
    ) -> CallStats:
        """Read how a provider's calls went over a time."""

    async def keyring(self) -> KeyringReport:
        """Ask which keyring the daemon uses, and have it prove that it works."""

    async def redirects(self) -> RedirectList:
        """Read the latest calls that were redirected, newest first."""

    async def import_providers(
        self, content: AsyncIterable[bytes], content_type: str = "", *, form: str = "", dry_run: bool = False
    ) -> ImportReport:
        """Import the providers and routes in ``content``; ``dry_run`` changes nothing."""

    def export(self, form: str, file: str = "") -> AsyncIterator[bytes]:
        """Read every provider and route as a file, as it comes."""

    def provider_pages(self) -> AsyncIterator[list[Provider]]:
        """Read every provider, page by page."""

    async def provider(self, provider_id: str) -> Provider:
        """Read one provider."""

    async def create_provider(self, new: ProviderCreate, *, idempotency_key: str | None = None) -> Provider:
        """Add a provider."""

    async def patch_provider(
        self, provider_id: str, changes: Mapping[str, Any], *, revision: int | None = None
    ) -> Provider:
        """Change the named fields."""

    async def replace_provider(
        self, provider_id: str, new: ProviderUpdate, *, revision: int | None = None
    ) -> Provider:
        """Replace a provider."""

    async def delete_provider(
        self,
        provider_id: str,
        *,
        revision: int | None = None,
        deprovision: bool = False,
        cascade: bool = False,
    ) -> DeletedProvider:
        """Delete a provider; ``deprovision`` also removes what setup made at the carrier, ``cascade`` deletes
        its routes too."""

    async def dial_preview(self, provider_id: str, wanted: DialRequest) -> DialPreview:
        """Ask how a number would be dialled through a provider; nothing is sent."""

    async def all_routes(self, *, provider_id: str = "") -> list[Route]:
        """Read every route, or every one that leads to a provider."""

    async def route(self, route_id: str) -> Route:
        """Read one route."""

    async def create_route(self, new: RouteCreate) -> Route:
        """Add a route."""

    async def patch_route(
        self, route_id: str, changes: Mapping[str, Any], *, revision: int | None = None
    ) -> Route:
        """Change the named fields."""

    async def replace_route(self, route_id: str, new: RouteUpdate, *, revision: int | None = None) -> Route:
        """Replace a route."""

    async def delete_route(self, route_id: str, *, revision: int | None = None) -> Route:
        """Delete a route."""

    async def resolve(self, wanted: ResolveRequest) -> Resolution:
        """Ask who would carry a call, in order."""

    async def route_matrix(self) -> Matrix:
        """Ask who would carry each country."""

    async def carriers(self) -> list[CarrierInfo]:
        """Read which carriers trunks can be set up at."""

    async def validate_credentials(self, carrier: str, credentials: Mapping[str, Any]) -> Account:
        """Ask a carrier whose key it is."""

    async def plan_setup(self, wanted: SetupRequest) -> SetupPlan:
        """Read what a setup would do."""

    async def set_up(self, wanted: SetupRequest, *, idempotency_key: str | None = None) -> Provider:
        """Set a trunk up; it goes on in the daemon when the caller goes."""

    async def setups(self, *, page_size: int = 100, page_token: str = "") -> SetupPage:
        """Read one page of setups, newest first."""

    async def setup(self, setup_id: str) -> Setup:
        """Read the journal of a setup."""

    async def resume_setup(self, setup_id: str) -> Provider:
        """Go on with a setup that stopped."""

    async def roll_back_setup(self, setup_id: str) -> Setup:
        """Remove what a setup made."""

    async def setup_of(self, provider_id: str) -> Setup:
        """Read what setup made for a provider."""

    async def verify_carrier(self, provider_id: str) -> Verification:
        """Compare the carrier with what setup made there."""

    async def replace_credentials(self, provider_id: str, credentials: Mapping[str, Any]) -> Setup:
        """Replace a trunk's key, once the new one is proved."""

    async def check_provider(self, provider_id: str) -> CheckReport:
        """Check a provider now and wait for the result."""

    async def health(self, provider_id: str) -> ProviderHealth:
        """Read everything that is known of a provider's health now."""

    async def history(
        self, provider_id: str, *, since: str = "", until: str = "", points: int = 120, target: str = ""
    ) -> History:
        """Read its checks over a time in ``points`` of equal width; by default the last 24 hours."""

    async def trace(self, provider_id: str) -> Trace:
        """Read its latest exchanges, newest first."""

    async def set_maintenance(self, provider_id: str, wanted: MaintenanceRequest) -> Provider:
        """Put a provider into maintenance, or change the one that is in force."""

    async def lift_maintenance(self, provider_id: str) -> Provider:
        """End a provider's maintenance."""

    async def revisions(
        self, provider_id: str, *, page_size: int = 100, page_token: str = ""
    ) -> RevisionPage:
        """Read one page of what a provider was, newest first."""

    async def restore_provider(
        self, provider_id: str, number: int, *, revision: int | None = None
    ) -> Provider:
        """Give a provider the fields of its revision ``number``."""

    async def route_revisions(
        self, route_id: str, *, page_size: int = 100, page_token: str = ""
    ) -> RevisionPage:
        """Read one page of what a route was, newest first."""

    async def restore_route(self, route_id: str, number: int, *, revision: int | None = None) -> Route:
        """Give a route the fields of its revision ``number``."""

    async def audit(
        self, *, page_size: int = 100, page_token: str = "", filters: Mapping[str, str] | None = None
    ) -> AuditPage:
        """Read one page of the audit log, newest first."""

    async def audit_entry(self, seq: int) -> AuditEntry:
        """Read one entry of the audit log."""

    async def verify_audit(self) -> AuditVerification:
        """Have the daemon recompute the hashes of the audit log."""

    async def event_log(
        self, *, page_size: int = 100, page_token: str = "", provider_id: str = ""
    ) -> EventPage:
        """Read one page of past events, newest first."""

    def events(
        self, *, types: tuple[EventType, ...] = (), provider_id: str = ""
    ) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        """Open the event stream; empty: of every type, of every provider."""


Connect = Callable[[], Daemon]
"""Makes a client; called anew for each connection."""
