"""An in-memory daemon and its clients: the used surface of ``provd.client.Client``, without a socket."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from provd.client import ApiError, DaemonUnavailable, Event, EventData
from provd.schema.audit import AuditEntry, AuditPage, AuditVerification
from provd.schema.calls import CallReport, CallStats
from provd.schema.carriers import Account, CarrierInfo
from provd.schema.errors import ErrorBody, ErrorDetail, ErrorStatus
from provd.schema.events import (
    EventPage,
    EventType,
    HealthChanged,
    HealthSample,
    Hello,
    ImportEvent,
    LoggedEvent,
    MaintenanceEvent,
    ProviderEvent,
    Resync,
    Sample,
    UplinkEvent,
)
from provd.schema.health import Cause, CheckReport, HealthStatus, HealthSummary, Stages, TargetResult
from provd.schema.history import History, ProviderHealth
from provd.schema.maintenance import Maintenance, MaintenanceRequest
from provd.schema.provider import Provider, ProviderCreate, ProviderPatch, ProviderUpdate
from provd.schema.redirect import Redirect, RedirectList
from provd.schema.revision import RevisionPage
from provd.schema.route import (
    DialPreview,
    DialRequest,
    Matrix,
    Resolution,
    ResolveRequest,
    Route,
    RouteCreate,
    RoutePatch,
    RouteUpdate,
)
from provd.schema.setup import (
    DeletedProvider,
    KeyringReport,
    Setup,
    SetupPage,
    SetupPlan,
    SetupRequest,
    SetupState,
    StepState,
    Verification,
)
from provd.schema.status import (
    AlertsStatus,
    ApiVersions,
    Caller,
    EventsStatus,
    HealthCounts,
    MonitorStatus,
    RedirectStatus,
    Role,
    Status,
    StoreStatus,
    Version,
)
from provd.schema.timestamps import NEVER, from_timestamp, to_timestamp
from provd.schema.trace import Trace, TracedExchange
from provd.schema.transfer import ImportReport
from tests.fakes.call_figures import no_calls
from tests.fakes.fake_alerts import FakeAlertCalls, FakeAlerts
from tests.fakes.fake_audit import FakeAudit
from tests.fakes.fake_routes import FakeRoutes, a_route, an_id
from tests.fakes.fake_setups import FakeSetups, a_plan
from tests.fakes.fake_test_calls import FakeTestCalls, FakeTestCallsClient
from tests.fakes.health_figures import a_health, a_history_as_asked, a_trace

NOW = from_timestamp("2026-04-20 03:10:00.000000")
"""When every test takes place, in UTC seconds since 1970."""


class FakeClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


def a_provider(
    name: str = "Acme",
    *,
    status: HealthStatus = HealthStatus.HEALTHY,
    for_s: float = 86400.0,
    age_s: float = 4.0,
    health: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Provider:
    """Make a provider; ``for_s`` is how long its status has lasted, ``age_s`` how old its last check is."""
    answered = status is HealthStatus.HEALTHY
    recent: list[float | None] = [23.0] * 30 if answered else [23.0] * 20 + [None] * 10
    summary: dict[str, Any] = {
        "cause": Cause.OK if answered else Cause.TIMEOUT,
        "code": 200 if answered else None,
        "reason": "OK" if answered else None,
        "explanation": "It answers OPTIONS with 200 OK in 23 ms."
        if answered
        else "No answer to OPTIONS within 8 s, 5 checks in a row.",
        "next_step": None if answered else "Check that the firewall lets UDP 5060 out and its answers in.",
        "server": "Kamailio 5.8" if answered else None,
        "rtt_ms": 23.0 if answered else None,
        "rtt_p50_ms": 23.0,
        "rtt_p95_ms": 23.0,
        "jitter_ms": 1.2,
        "loss_pct": 0.0 if answered else 100.0 * 10 / 30,
        "availability_24h_pct": 100.0 if answered else 97.93,
        "since": to_timestamp(NOW - for_s),
        "age_s": age_s,
        "targets_up": 2 if answered else 0,
        "targets_total": 2,
        "recent": recent,
    }
    if status is HealthStatus.UNKNOWN:
        summary = {"explanation": "It has not been checked yet."}
    identity = fields.pop("id", None) or "id-" + "-".join(name.lower().split())
    return Provider(
        id=identity,
        name=name,
        hostname=fields.pop("hostname", "sip.acme.example"),
        health_status=status,
        health_checked_at=None if status is HealthStatus.UNKNOWN else to_timestamp(NOW - age_s),
        tm_create=to_timestamp(NOW - 90 * 86400),
        tm_update=to_timestamp(NOW - 86400),
        health=HealthSummary.model_validate(summary | dict(health or {})),
        **fields,
    )


_BY_ITSELF = frozenset({"status", "all_providers", "events", "event_log"})


class FakeDaemon:
    """Holds the providers and tells every stream what happens; ``connect`` makes a client.

    ``calls`` has the calls in their order, for the few tests that are about what is asked of the daemon.
    ``healths`` and ``traces`` hold what is answered instead of something made up; ``refusals`` the errors of
    calls, by their names.
    """

    def __init__(self, providers: Iterable[Provider] = (), *, role: Role = Role.ADMIN) -> None:
        self.providers = {provider.id: provider for provider in providers}
        self.role = role
        self.user = "mara"
        self.away: str | None = None
        self.checks_per_s = 312.4
        self.store_error: str | None = None
        self.log: list[LoggedEvent] = []
        self.reports: dict[str, CheckReport] = {}
        self.healths: dict[str, ProviderHealth] = {}
        self.traces: dict[str, Trace] = {}
        self.uplink_suspect = False
        self.refusals: dict[str, ApiError] = {}
        self.refuse_next: ApiError | None = None
        self.lose_next_answer = False
        self.check_gate: asyncio.Event | None = None
        self.maintenance_gate: asyncio.Event | None = None
        self.setups = FakeSetups(NOW, self.emit)
        self.routes = FakeRoutes(NOW, self.emit, lambda: self.providers)
        self.routes_gate: asyncio.Event | None = None
        self.audit = FakeAudit()
        self.test_calls = FakeTestCalls(self.emit)
        self.alerts = FakeAlerts(NOW, self.emit)
        self.call_figures: dict[str, CallStats] = {}
        self.call_files: list[bytes] = []
        self.call_report = CallReport()
        self.metrics = "# TYPE provd_up gauge\nprovd_up 1.0\n"
        self.keyring = KeyringReport(backend="file", description="an encrypted file", usable=True, keys=2)
        self.redirects: list[Redirect] = []
        self.redirecting = RedirectStatus()
        self.imports: list[tuple[str, bool, bytes]] = []
        self.import_report = ImportReport()
        self.calls: list[str] = []
        self._streams: list[_Stream] = []
        self._created: dict[str, Provider] = {}
        self._seq = 0

    def connect(self) -> "FakeClient":
        self.calls.append("connect")
        return FakeClient(self)

    def go_away(self, why: str = "no provd answers at /run/provd/provd.sock") -> None:
        self.away = why
        for stream in self._streams:
            stream.queue.put_nowait(None)

    def come_back(self) -> None:
        self.away = None

    @property
    def asked(self) -> list[str]:
        """The calls in their order, but those that the app makes again and again by itself."""
        return [call for call in self.calls if call not in _BY_ITSELF]

    @property
    def streams_open(self) -> int:
        return len(self._streams)

    def emit(self, kind: EventType, data: EventData, provider_id: str | None = None) -> None:
        if kind.durable:
            self._seq += 1
            at = getattr(data, "at", to_timestamp(NOW))
            logged = LoggedEvent(
                seq=self._seq, type=kind, at=at, provider_id=provider_id, data=data.model_dump(mode="json")
            )
            self.log.insert(0, logged)
        for stream in self._streams:
            if stream.wants(kind, provider_id):
                stream.queue.put_nowait(Event(kind, self._seq if kind.durable else None, data))

    def sample(
        self,
        provider_id: str,
        rtt_ms: float | None,
        *,
        at: float = NOW,
        cause: Cause | None = None,
        status: HealthStatus | None = None,
    ) -> None:
        cause = cause or (Cause.OK if rtt_ms is not None else Cause.TIMEOUT)
        sample = Sample(
            provider_id=provider_id,
            at=to_timestamp(at),
            status=status or self.providers[provider_id].health_status,
            cause=cause,
            code=200 if rtt_ms is not None else None,
            rtt_ms=rtt_ms,
        )
        self.emit(EventType.HEALTH_SAMPLE, HealthSample(samples=[sample]))

    def change_health(self, provider_id: str, status: HealthStatus, *, at: float = NOW) -> None:
        held = self.providers[provider_id]
        down = status is HealthStatus.UNHEALTHY
        change = HealthChanged(
            provider_id=provider_id,
            name=held.name,
            at=to_timestamp(at),
            previous=held.health_status,
            status=status,
            cause=Cause.TIMEOUT if down else Cause.OK,
            code=None if down else 200,
            explanation="No answer to OPTIONS within 8 s." if down else "It answers again.",
            next_step="Call the carrier." if down else None,
        )
        health = held.health.model_copy(
            update={
                "cause": change.cause,
                "code": change.code,
                "explanation": change.explanation,
                "next_step": change.next_step,
                "since": change.at,
            }
        )
        self.providers[provider_id] = held.model_copy(update={"health_status": status, "health": health})
        self.emit(EventType.HEALTH_CHANGED, change, provider_id)

    def maintain(self, provider_id: str, maintenance: Maintenance | None, by: str) -> Provider:
        """Begin or end maintenance as ``by``; empty: it ended by itself."""
        held = self.providers[provider_id].model_copy(update={"maintenance": maintenance})
        self.providers[provider_id] = held
        at = to_timestamp(NOW)
        event = MaintenanceEvent(
            provider_id=provider_id, name=held.name, at=at, by=by, maintenance=maintenance
        )
        self.emit(EventType.PROVIDER_MAINTENANCE, event, provider_id)
        return held

    def suspect_uplink(self, suspected: bool) -> None:
        self.uplink_suspect = suspected
        kind = EventType.DAEMON_UPLINK_SUSPECT if suspected else EventType.DAEMON_UPLINK_RESTORED
        words = "12 providers failed one after the other and none answers: our own connection is suspected."
        self.emit(kind, UplinkEvent(at=to_timestamp(NOW), failing=12 * suspected, explanation=words))

    def import_as(self, user: str, *providers: Provider) -> None:
        self.providers |= {provider.id: provider for provider in providers}
        event = ImportEvent(at=to_timestamp(NOW), by=user, created=len(providers), updated=0)
        self.emit(EventType.PROVIDERS_IMPORTED, event)

    def exchange(self, exchange: TracedExchange) -> None:
        """Tell those who follow that a check was made."""
        self.emit(EventType.HEALTH_TRACE, exchange, exchange.provider_id)

    def follows_trace(self, provider_id: str) -> bool:
        """Whether someone follows the exchanges of a provider, and of no other."""
        types = (EventType.HEALTH_TRACE,)
        return any((stream.types, stream.provider_id) == (types, provider_id) for stream in self._streams)

    def note(self, entry: AuditEntry) -> None:
        """Write an entry into the audit log, and tell of it."""
        self.audit.entries.insert(0, entry)
        self.emit(EventType.AUDIT, entry)

    def resync(self) -> None:
        self.emit(EventType.RESYNC, Resync(seq=self._seq, message="you were too slow"))

    def resync_followers_of(self, provider_id: str) -> None:
        """Tell those who follow one provider, and nobody else, that they were too slow."""
        lost = Event(EventType.RESYNC, None, Resync(seq=self._seq, message="you were too slow"))
        for stream in self._streams:
            if stream.provider_id == provider_id:
                stream.queue.put_nowait(lost)

    def save_as(self, user: str, provider_id: str, **fields: Any) -> Provider:
        """Change a provider as another user does."""
        held = self.providers[provider_id]
        changed = held.model_copy(update={**fields, "revision": held.revision + 1})
        return self._store(changed, EventType.PROVIDER_UPDATED, user)

    def _store(self, provider: Provider, kind: EventType, user: str) -> Provider:
        if kind is EventType.PROVIDER_DELETED:
            del self.providers[provider.id]
        else:
            self.providers[provider.id] = provider
        hidden = provider.model_copy(update={"tech_headers": dict.fromkeys(provider.tech_headers, "***")})
        data = ProviderEvent(provider_id=provider.id, at=to_timestamp(NOW), by=user, provider=hidden)
        self.emit(kind, data, provider.id)
        return provider


@dataclass(frozen=True)
class _Stream:
    types: tuple[EventType, ...]
    provider_id: str
    queue: asyncio.Queue[Event | None] = field(default_factory=asyncio.Queue)

    def wants(self, kind: EventType, provider_id: str | None) -> bool:
        if kind is EventType.RESYNC:
            return True
        return (not self.types or kind in self.types) and self.provider_id in ("", provider_id)


class FakeClient:
    """One client of a FakeDaemon."""

    def __init__(self, daemon: FakeDaemon) -> None:
        self._daemon = daemon
        self.test_calls = FakeTestCallsClient(daemon.test_calls, self._reach)
        self.closed = False
        self.alerts = FakeAlertCalls(daemon.alerts, self._reach, daemon.user)

    async def close(self) -> None:
        self.closed = True

    async def status(self) -> Status:
        self._reach("status")
        daemon = self._daemon
        counts = Counter(
            p.health_status.value if p.enabled else "disabled" for p in daemon.providers.values()
        )
        return Status(
            version="0.1.0",
            started_at=to_timestamp(NOW - 3600),
            uptime_s=3600.0,
            loop_lag_ms=0.2,
            providers=HealthCounts(**counts),
            monitor=MonitorStatus(
                targets=len(daemon.providers),
                in_flight=0,
                checks_total=1000,
                checks_per_s=daemon.checks_per_s,
                answers_total=990,
                retransmits_total=3,
                strays_total=0,
                send_errors_total=0,
                behind_ms=0.4,
                uplink_suspect=daemon.uplink_suspect,
            ),
            alerts=AlertsStatus(open=daemon.alerts.open),
            store=StoreStatus(
                backend="sqlite", writable=daemon.store_error is None, error=daemon.store_error, pending=0
            ),
            redirect=daemon.redirecting,
            events=EventsStatus(seq=daemon._seq, subscribers=daemon.streams_open, resyncs_total=0),
            you=Caller(uid=1000, user=daemon.user, pid=4242, role=daemon.role),
        )

    async def version(self) -> Version:
        self._reach("version")
        return Version(version="0.1.0", api=ApiVersions(current="1.0", minimum="1.0"))

    async def keyring(self) -> KeyringReport:
        self._reach("keyring", Role.OPERATOR)
        return self._daemon.keyring

    async def redirects(self) -> RedirectList:
        self._reach("redirects")
        return RedirectList(result=self._daemon.redirects)

    async def import_providers(
        self, content: AsyncIterable[bytes], content_type: str = "", *, form: str = "", dry_run: bool = False
    ) -> ImportReport:
        self._reach("import_providers", Role.ADMIN)
        sent = b"".join([piece async for piece in content])
        self._daemon.imports.append((form, dry_run, sent))
        return self._daemon.import_report.model_copy(update={"dry_run": dry_run})

    async def export(self, form: str, file: str = "") -> AsyncIterator[bytes]:
        self._reach("export")
        for piece in ("all of it as ", form, f" {file}".rstrip()):
            yield piece.encode()

    async def provider_pages(self, filters: Mapping[str, str] | None = None) -> AsyncIterator[list[Provider]]:
        self._reach("all_providers")
        yield list(self._daemon.providers.values())

    async def provider(self, provider_id: str) -> Provider:
        self._reach("provider")
        return self._held(provider_id)

    async def create_provider(self, new: ProviderCreate, *, idempotency_key: str | None = None) -> Provider:
        self._reach("create_provider", Role.ADMIN)
        known = self._daemon._created.get(idempotency_key or "")
        if known is not None:
            return known
        number = len(self._daemon.providers) + 1
        created = Provider(
            id=f"new-{number}",
            tm_create=to_timestamp(NOW),
            tm_update=to_timestamp(NOW),
            health=HealthSummary(explanation="It has not been checked yet."),
            **{name: getattr(new, name) for name in ProviderCreate.model_fields},
        )
        if idempotency_key:
            self._daemon._created[idempotency_key] = created
        self._daemon._store(created, EventType.PROVIDER_CREATED, self._daemon.user)
        if self._daemon.lose_next_answer:
            self._daemon.lose_next_answer = False
            raise DaemonUnavailable("provd did not answer in time")
        return created

    async def patch_provider(
        self, provider_id: str, changes: Mapping[str, Any], *, revision: int | None = None
    ) -> Provider:
        self._reach("patch_provider", Role.ADMIN)
        held = self._held(provider_id, revision)
        try:
            patch = ProviderPatch.model_validate(dict(changes))
        except ValidationError as error:
            details = [
                ErrorDetail(field=".".join(map(str, e["loc"])), message=e["msg"]) for e in error.errors()
            ]
            message = "Some fields are wrong."
            raise api_error(ErrorStatus.INVALID_ARGUMENT, "INVALID", message, details) from None
        update = {name: getattr(patch, name) for name in patch.model_fields_set}
        changed = held.model_copy(update={**update, "revision": held.revision + 1})
        return self._daemon._store(changed, EventType.PROVIDER_UPDATED, self._daemon.user)

    async def replace_provider(
        self, provider_id: str, new: ProviderUpdate, *, revision: int | None = None
    ) -> Provider:
        self._reach("replace_provider", Role.ADMIN)
        held = self._held(provider_id, revision)
        update = {name: getattr(new, name) for name in new.model_fields_set}
        changed = held.model_copy(update={**update, "revision": held.revision + 1})
        return self._daemon._store(changed, EventType.PROVIDER_UPDATED, self._daemon.user)

    async def delete_provider(
        self,
        provider_id: str,
        *,
        revision: int | None = None,
        deprovision: bool = False,
        cascade: bool = False,
    ) -> DeletedProvider:
        self._reach("delete_provider", Role.ADMIN)
        held = self._held(provider_id, revision)
        leading = [r for r in self._daemon.routes.by_id.values() if r.provider_id == provider_id]
        if leading and not cascade:
            names = ", ".join(route.name for route in leading)
            message = f"{len(leading)} routes lead to this provider ({names})"
            raise api_error(ErrorStatus.FAILED_PRECONDITION, "PROVIDER_IN_USE", message)
        for route in leading:
            self._daemon.routes.store(route, EventType.ROUTE_DELETED, self._daemon.user)
        made = self._made_by_setup(provider_id) if deprovision else None
        deleted = self._daemon._store(held, EventType.PROVIDER_DELETED, self._daemon.user)
        await asyncio.sleep(0)
        removed = None if made is None else self._daemon.setups.deprovision(made)
        return DeletedProvider(**deleted.model_dump(), deprovisioned=removed)

    async def dial_preview(self, provider_id: str, wanted: DialRequest) -> DialPreview:
        self._reach("dial_preview")
        preview = self._daemon.routes.preview(self._held(provider_id).id, wanted.destination)
        if self._daemon.role is not Role.VIEWER:
            return preview
        return preview.model_copy(update={"headers": dict.fromkeys(preview.headers, "***")})

    async def all_routes(self, *, customer_id: str = "", provider_id: str = "") -> list[Route]:
        self._reach("all_routes")
        found = [r for r in self._daemon.routes.by_id.values() if provider_id in ("", r.provider_id)]
        if self._daemon.routes_gate is not None:
            await self._daemon.routes_gate.wait()
        return found

    async def route(self, route_id: str) -> Route:
        self._reach("route")
        return self._daemon.routes.held(route_id)

    async def create_route(self, new: RouteCreate) -> Route:
        self._reach("create_route", Role.ADMIN)
        routes = self._daemon.routes
        routes.check_provider(new.provider_id)
        fields = {name: getattr(new, name) for name in ("priority", "weight", "enabled", "detail")}
        made = a_route(f"{new.name} {len(routes.by_id)}", new.provider_id, new.target, **fields)
        made = made.model_copy(update={"name": new.name})
        routes.store(made, EventType.ROUTE_CREATED, self._daemon.user)
        if self._daemon.lose_next_answer:
            self._daemon.lose_next_answer = False
            raise DaemonUnavailable("provd did not answer in time")
        return made

    async def patch_route(
        self, route_id: str, changes: Mapping[str, Any], *, revision: int | None = None
    ) -> Route:
        self._reach("patch_route", Role.ADMIN)
        held = self._daemon.routes.held(route_id, revision)
        patch = RoutePatch.model_validate(dict(changes))
        if "provider_id" in changes:
            self._daemon.routes.check_provider(patch.provider_id)
        update = {name: getattr(patch, name) for name in patch.model_fields_set}
        return self._daemon.routes.save_as(self._daemon.user, held.id, **update)

    async def replace_route(self, route_id: str, new: RouteUpdate, *, revision: int | None = None) -> Route:
        self._reach("replace_route", Role.ADMIN)
        held = self._daemon.routes.held(route_id, revision)
        update = {name: getattr(new, name) for name in new.model_fields_set}
        return self._daemon.routes.save_as(self._daemon.user, held.id, **update)

    async def delete_route(self, route_id: str, *, revision: int | None = None) -> Route:
        self._reach("delete_route", Role.ADMIN)
        held = self._daemon.routes.held(route_id, revision)
        return self._daemon.routes.store(held, EventType.ROUTE_DELETED, self._daemon.user)

    async def resolve(self, wanted: ResolveRequest) -> Resolution:
        self._reach("resolve")
        return self._daemon.routes.resolve(wanted)

    async def route_matrix(self, customer_id: str = "") -> Matrix:
        self._reach("route_matrix")
        return self._daemon.routes.matrix()

    async def carriers(self) -> list[CarrierInfo]:
        self._reach("carriers")
        if self._daemon.setups.carriers_gate is not None:
            await self._daemon.setups.carriers_gate.wait()
        return list(self._daemon.setups.carriers)

    async def validate_credentials(self, carrier: str, credentials: Mapping[str, Any]) -> Account:
        self._reach("validate_credentials", Role.ADMIN)
        return self._proved(credentials)

    async def plan_setup(self, wanted: SetupRequest) -> SetupPlan:
        self._reach("plan_setup", Role.ADMIN)
        self._daemon.setups.requests.append(wanted)
        if wanted.settings.get("connection") == "credential" and not wanted.credentials.get("sip_username"):
            message = "is missing: a credential connection logs in with it"
            detail = ErrorDetail(field="credentials.sip_username", message=message)
            raise api_error(
                ErrorStatus.INVALID_ARGUMENT, "INVALID_ARGUMENT", f"{detail.field} {message}", [detail]
            )
        return a_plan(wanted.name)

    async def set_up(self, wanted: SetupRequest, *, idempotency_key: str | None = None) -> Provider:
        self._reach("set_up", Role.ADMIN)
        self._daemon.setups.requests.append(wanted)
        self._proved(wanted.credentials)
        plan = a_plan(wanted.name)
        made = a_provider(
            wanted.name,
            status=HealthStatus.UNKNOWN,
            id=an_id(wanted.name),
            hostname=plan.provider.hostname,
            carrier="telnyx",
        )
        error = await self._daemon.setups.run(wanted, made.id)
        if self._daemon.away is not None:
            raise DaemonUnavailable(self._daemon.away)
        if error:
            raise api_error(ErrorStatus.UNPROCESSABLE, "CARRIER_REJECTED_REQUEST", error)
        self._daemon.reports[made.id] = a_report(
            made.model_copy(update={"health_status": HealthStatus.HEALTHY})
        )
        return self._daemon._store(made, EventType.PROVIDER_CREATED, self._daemon.user)

    async def setups(self, *, page_size: int = 100, page_token: str = "") -> SetupPage:
        self._reach("setups")
        found = sorted(self._daemon.setups.by_id.values(), key=lambda each: each.tm_create, reverse=True)
        return SetupPage(result=found[:page_size], next_page_token="")

    async def setup(self, setup_id: str) -> Setup:
        self._reach("setup")
        found = self._daemon.setups.by_id.get(setup_id)
        if found is None:
            raise api_error(ErrorStatus.NOT_FOUND, "SETUP_NOT_FOUND", f"there is no setup {setup_id}")
        return found

    async def resume_setup(self, setup_id: str) -> Provider:
        self._reach("resume_setup", Role.ADMIN)
        held = self._daemon.setups.by_id[setup_id]
        made = a_provider(held.name, status=HealthStatus.UNKNOWN, carrier=held.carrier)
        for step in held.steps:
            self._daemon.setups.step(setup_id, step.step, StepState.DONE)
        done = {"state": SetupState.DONE, "provider_id": made.id}
        self._daemon.setups.put(self._daemon.setups.by_id[setup_id].model_copy(update=done))
        return self._daemon._store(made, EventType.PROVIDER_CREATED, self._daemon.user)

    async def roll_back_setup(self, setup_id: str) -> Setup:
        self._reach("roll_back_setup", Role.ADMIN)
        return self._daemon.setups.undo(setup_id)

    async def setup_of(self, provider_id: str) -> Setup:
        self._reach("setup_of")
        return self._made_by_setup(self._held(provider_id).id)

    async def verify_carrier(self, provider_id: str) -> Verification:
        self._reach("verify_carrier", Role.OPERATOR)
        return self._daemon.setups.verification(self._made_by_setup(provider_id))

    async def replace_credentials(self, provider_id: str, credentials: Mapping[str, Any]) -> Setup:
        self._reach("replace_credentials", Role.ADMIN)
        held = self._made_by_setup(provider_id)
        self._proved(credentials)
        ends = str(credentials["api_key"])[-4:]
        update = {"key_ends": ends, "key_verified_at": to_timestamp(NOW)}
        return self._daemon.setups.put(held.model_copy(update=update))

    def _proved(self, credentials: Mapping[str, Any]) -> Account:
        account = self._daemon.setups.account(credentials)
        if account is None:
            message = "Telnyx did not accept the key when it was to check the key: Authentication failed"
            raise api_error(ErrorStatus.UNPROCESSABLE, "CARRIER_CREDENTIALS_REJECTED", message)
        return account

    def _made_by_setup(self, provider_id: str) -> Setup:
        found = self._daemon.setups.of_provider(provider_id)
        if found is None:
            message = "the provider was added by hand, so provd made nothing for it at a carrier"
            raise api_error(ErrorStatus.FAILED_PRECONDITION, "NOT_SET_UP", message)
        return found

    async def check_provider(self, provider_id: str) -> CheckReport:
        self._reach("check_provider", Role.OPERATOR)
        if self._daemon.check_gate is not None:
            await self._daemon.check_gate.wait()
        held = self._held(provider_id)
        return self._daemon.reports.get(provider_id) or a_report(held)

    async def health(self, provider_id: str) -> ProviderHealth:
        self._reach("health")
        held = self._held(provider_id)
        return self._daemon.healths.get(provider_id) or a_health(held, NOW)

    async def history(
        self, provider_id: str, *, since: str = "", until: str = "", points: int = 120, target: str = ""
    ) -> History:
        self._reach("history")
        return a_history_as_asked(self._held(provider_id).id, since, until, points)

    async def call_stats(
        self,
        provider_id: str,
        *,
        since: str = "",
        until: str = "",
        direction: str = "outbound",
        country: str = "",
    ) -> CallStats:
        self._reach("call_stats")
        held = self._held(provider_id)
        found = self._daemon.call_figures.get(held.id) or no_calls(held.id)
        return found.model_copy(update={"from_": since, "to": until})

    async def report_calls(
        self, content: AsyncIterable[bytes] | bytes, *, media_type: str = "application/x-ndjson"
    ) -> CallReport:
        self._reach("report_calls", Role.OPERATOR)
        given = content if isinstance(content, bytes) else b"".join([piece async for piece in content])
        self._daemon.call_files.append(given)
        return self._daemon.call_report

    async def metrics(self, most: int) -> tuple[str, bool]:
        self._reach("metrics")
        return self._daemon.metrics[:most], len(self._daemon.metrics) <= most

    async def trace(self, provider_id: str) -> Trace:
        self._reach("trace")
        held = self._held(provider_id)
        return self._daemon.traces.get(provider_id) or a_trace(held.id, NOW)

    async def set_maintenance(self, provider_id: str, wanted: MaintenanceRequest) -> Provider:
        self._reach("set_maintenance", Role.OPERATOR)
        if self._daemon.maintenance_gate is not None:
            await self._daemon.maintenance_gate.wait()
        self._held(provider_id)
        until = NEVER if wanted.until is None else f"{wanted.until}.000000"
        user = self._daemon.user
        maintenance = Maintenance(until=until, reason=wanted.reason, by=user)
        return self._daemon.maintain(provider_id, maintenance, user)

    async def lift_maintenance(self, provider_id: str) -> Provider:
        self._reach("lift_maintenance", Role.OPERATOR)
        self._held(provider_id)
        return self._daemon.maintain(provider_id, None, self._daemon.user)

    async def audit(
        self, *, page_size: int = 100, page_token: str = "", filters: Mapping[str, str] | None = None
    ) -> AuditPage:
        self._reach("audit")
        return self._daemon.audit.page(page_size, page_token)

    async def audit_entry(self, seq: int) -> AuditEntry:
        self._reach("audit_entry")
        found = next((each for each in self._daemon.audit.entries if each.seq == seq), None)
        if found is None:
            raise api_error(ErrorStatus.NOT_FOUND, "AUDIT_NOT_FOUND", f"there is no entry {seq}")
        return found

    async def verify_audit(self) -> AuditVerification:
        self._reach("verify_audit")
        return self._daemon.audit.verification()

    async def revisions(
        self, provider_id: str, *, page_size: int = 100, page_token: str = ""
    ) -> RevisionPage:
        self._reach("revisions")
        return self._daemon.audit.revisions_of(provider_id)

    async def route_revisions(
        self, route_id: str, *, page_size: int = 100, page_token: str = ""
    ) -> RevisionPage:
        self._reach("route_revisions")
        return self._daemon.audit.revisions_of(route_id)

    async def restore_provider(
        self, provider_id: str, number: int, *, revision: int | None = None
    ) -> Provider:
        self._reach("restore_provider", Role.ADMIN)
        held = self._held(provider_id, revision)
        patch = ProviderPatch.model_validate(self._daemon.audit.fields_at(provider_id, number))
        fields = {name: getattr(patch, name) for name in patch.model_fields_set}
        return self._daemon.save_as(self._daemon.user, held.id, **fields)

    async def restore_route(self, route_id: str, number: int, *, revision: int | None = None) -> Route:
        self._reach("restore_route", Role.ADMIN)
        held = self._daemon.routes.held(route_id, revision)
        fields = self._daemon.audit.fields_at(route_id, number)
        return self._daemon.routes.save_as(self._daemon.user, held.id, **fields)

    async def event_log(
        self, *, page_size: int = 100, page_token: str = "", provider_id: str = ""
    ) -> EventPage:
        self._reach("event_log")
        found = [event for event in self._daemon.log if provider_id in ("", event.provider_id)]
        begin = int(page_token or 0)
        following = str(begin + page_size) if begin + page_size < len(found) else ""
        return EventPage(result=found[begin : begin + page_size], next_page_token=following)

    @asynccontextmanager
    async def events(
        self, *, types: tuple[EventType, ...] = (), provider_id: str = "", last_seq: int | None = None
    ) -> AsyncIterator[AsyncIterator[Event]]:
        self._reach("events")
        stream = _Stream(types, provider_id)
        stream.queue.put_nowait(Event(EventType.HELLO, None, Hello(seq=self._daemon._seq, version="0.1.0")))
        self._daemon._streams.append(stream)
        try:
            yield self._read(stream)
        finally:
            self._daemon._streams.remove(stream)

    async def _read(self, stream: _Stream) -> AsyncIterator[Event]:
        while (event := await stream.queue.get()) is not None:
            yield event
        raise DaemonUnavailable(self._daemon.away or "the connection broke")

    def _reach(self, call: str, needs: Role = Role.VIEWER) -> None:
        daemon = self._daemon
        daemon.calls.append(call)
        if daemon.away is not None:
            raise DaemonUnavailable(daemon.away)
        if not daemon.role.includes(needs):
            message = f"This needs the {needs} role; you are {daemon.role}."
            raise api_error(ErrorStatus.PERMISSION_DENIED, "ROLE", message)
        if call in daemon.refusals:
            raise daemon.refusals[call]
        if daemon.refuse_next is not None and call not in _BY_ITSELF:
            error, daemon.refuse_next = daemon.refuse_next, None
            raise error

    def _held(self, provider_id: str, revision: int | None = None) -> Provider:
        held = self._daemon.providers.get(provider_id)
        if held is None:
            raise api_error(ErrorStatus.NOT_FOUND, "NO_PROVIDER", "There is no such provider.")
        if revision is not None and held.revision != revision:
            message = f"It is at revision {held.revision} now."
            raise api_error(ErrorStatus.PRECONDITION, "REVISION", message)
        return held


def api_error(
    status: ErrorStatus, reason: str, message: str, details: Iterable[ErrorDetail] = ()
) -> ApiError:
    """Make the error that a client raises for an error envelope."""
    body = ErrorBody(status=status, reason=reason, message=message, request_id="r-1", details=list(details))
    return ApiError(status.http_code, body)


def a_report(provider: Provider) -> CheckReport:
    """Make the report of a check in which one target answered and the other, of two, did not."""
    stages = Stages(dns=2.1, sip=22.6)
    answered = TargetResult(
        address="203.0.113.9:5060",
        cause=Cause.OK,
        code=200,
        reason="OK",
        explanation="It answered 200 OK in 22.6 ms.",
        server="Kamailio 5.8",
        rtt_ms=22.6,
        stages_ms=stages,
        checked_at=to_timestamp(NOW),
    )
    silent = TargetResult(
        address="203.0.113.10:5060",
        cause=Cause.TIMEOUT,
        explanation="No answer within 8 s.",
        next_step="Ask the carrier whether this address is in service.",
        retransmits=6,
        stages_ms=Stages(dns=2.1),
        checked_at=to_timestamp(NOW),
    )
    return CheckReport(
        provider_id=provider.id,
        health_status=provider.health_status,
        health_checked_at=to_timestamp(NOW),
        targets=[answered, silent],
    )


def a_fleet() -> list[Provider]:
    """Make sixteen providers in every condition."""
    unhealthy, unknown = HealthStatus.UNHEALTHY, HealthStatus.UNKNOWN
    wavy: list[float | None] = [24, 25, 24, 26, 24, 23, 25, 27, 24, 25, 61, 26, 24, 25, 24] * 2
    dropping = [*wavy[:11], None, *wavy[12:20], None, None, *wavy[22:]]
    refused = {
        "cause": Cause.REFUSED,
        "explanation": "203.0.113.77 refuses UDP 5060: nothing listens there.",
        "next_step": "Ask the carrier whether the trunk has moved, or correct the hostname with e.",
        "recent": [None] * 30,
        "loss_pct": 100.0,
        "rtt_p50_ms": None,
    }
    nxdomain = {
        "cause": Cause.DNS_NXDOMAIN,
        "explanation": "The name sip.voip-bcn.example does not exist in DNS.",
        "next_step": "Check its spelling; the carrier may have renamed it.",
        "recent": [18.0] * 9 + [None] * 21,
        "loss_pct": 70.0,
    }
    busy = {
        "cause": Cause.OK,
        "code": 503,
        "reason": "Service Unavailable",
        "explanation": "It answers 503 Service Unavailable and asks to be left alone for 2 minutes.",
        "next_step": "Wait; if it lasts, ask the carrier about an outage.",
        "recent": wavy,
        "busy_until": to_timestamp(NOW + 110),
    }
    dropped = {
        "recent": dropping,
        "loss_pct": 10.0,
        "availability_24h_pct": 98.6,
        "flapping": True,
    }
    old_addresses = {
        "rtt_ms": 214.0,
        "resolved_age_s": 5400.0,
        "dns_problem": "the DNS servers did not answer in time",
    }
    works = Maintenance(until=to_timestamp(NOW + 10200), reason="CHG-2214, new SBC", by="ana")
    suspect = {
        "cause": Cause.TIMEOUT,
        "code": None,
        "suspect": True,
        "explanation": "The last 2 checks had no answer; one more makes it unhealthy.",
        "next_step": "Look at the loss: short spells of it are usually the network's.",
        "recent": [*wavy[:28], None, None],
        "loss_pct": 6.7,
        "rtt_ms": None,
    }
    return [
        a_provider("Telnyx Madrid", hostname="sip.telnyx.eu", carrier="telnyx", health={"recent": wavy}),
        a_provider("Telnyx Chicago", hostname="sip.telnyx.com", carrier="telnyx", tags=["us"]),
        a_provider(
            "Twilio Frankfurt",
            hostname="acme.pstn.frankfurt.twilio.com",
            carrier="twilio",
            health=dropped,
        ),
        a_provider("Twilio Ashburn", hostname="acme.pstn.ashburn.twilio.com", carrier="twilio", tags=["us"]),
        a_provider("Colt Lisbon", status=unhealthy, for_s=1740, hostname="sip.colt.example", carrier="colt"),
        a_provider(
            "Orange Paris", status=unhealthy, for_s=7500, hostname="203.0.113.77:5060", health=refused
        ),
        a_provider(
            "VoIP Barcelona", status=unhealthy, for_s=95000, hostname="sip.voip-bcn.example", health=nxdomain
        ),
        a_provider(
            "Bandwidth East", hostname="us-east.bw.example", carrier="bandwidth", for_s=50, health=suspect
        ),
        a_provider("Bandwidth West", hostname="us-west.bw.example", carrier="bandwidth", health=busy),
        a_provider(
            "BT London",
            hostname="[2001:db8::17]:5061",
            transport="tls",
            health={"recent": wavy, "tls_days_left": 9},
        ),
        a_provider("東京テレコム", hostname="sip.tokyo.example", carrier="東京", health=old_addresses),
        a_provider("Café Übertragung 📞", hostname="sip.cafe.example", age_s=400.0, health={"stale": True}),
        a_provider("New trunk", status=unknown, hostname="sip.new.example"),
        a_provider(
            "Vodafone Milan",
            status=unhealthy,
            for_s=600,
            hostname="sip.vodafone.example",
            carrier="vodafone",
            maintenance=works,
        ),
        a_provider("Old Verizon", hostname="sip.vz.example", carrier="verizon", enabled=False),
        a_provider(
            "A carrier with quite a long name that does not fit",
            hostname="edge-17.sbc.prod.eu-central.carrier-with-a-long-name.example",
        ),
    ]
