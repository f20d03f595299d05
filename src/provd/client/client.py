"""The calls of the socket API."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx
from httpx_sse import EventSource, aconnect_sse
from pydantic import BaseModel, ValidationError

from provd.client.alerts import AlertCalls
from provd.client.errors import ApiError, ClientError, DaemonUnavailable, MayNotConnect
from provd.client.socket_access import why_not
from provd.client.stream import Event, read_events
from provd.client.test_calls import CallTestCalls
from provd.schema.audit import AuditEntry, AuditPage, AuditVerification
from provd.schema.calls import CallReport, CallStats
from provd.schema.carriers import Account, CarrierInfo, CarrierList
from provd.schema.errors import ErrorEnvelope
from provd.schema.events import EventPage, EventType
from provd.schema.health import CheckReport
from provd.schema.history import History, ProviderHealth
from provd.schema.maintenance import MaintenanceRequest
from provd.schema.provider import Provider, ProviderCreate, ProviderPage, ProviderUpdate
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
    RoutePage,
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

LARGEST_PAGE = 1000
M = TypeVar("M", bound=BaseModel)
_CONNECT_S = 5.0
_CHECK_S = 200.0  # the daemon gives up after three of the longest timeouts that a check can have
_AT_CARRIER = httpx.Timeout(600.0, connect=_CONNECT_S)  # a dozen calls to a carrier, each with its own bound
_STREAM_SILENCE_S = 45.0  # three of the daemon's keep-alive comments


class Client:
    """One connection pool to the daemon at ``socket``. Every call raises ApiError or DaemonUnavailable.

    ``timeout_s`` bounds each call's wait for an answer. Some have bounds of their own: a check, which takes
    as long as its timeouts; a test call, 4 minutes; what is done at a carrier, 10 minutes; an import, which
    has none; and the event stream, on which the daemon sends at least a comment every 15 s.
    """

    def __init__(self, socket: Path, *, timeout_s: float = 30.0) -> None:
        self.socket = socket
        self._http = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(uds=str(socket), verify=False),  # there is no TLS
            base_url="http://provd",
            timeout=httpx.Timeout(timeout_s, connect=_CONNECT_S),
            trust_env=False,
        )
        self.alerts = AlertCalls(self._call)
        self.test_calls = CallTestCalls(self._call)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the pool; calls under way fail with DaemonUnavailable."""
        await self._http.aclose()

    async def redirects(self) -> RedirectList:
        """Read the latest calls that the redirect server was asked about, newest first."""
        return await self._call(RedirectList, "GET", "/v1.0/redirects")

    async def version(self) -> Version:
        """Ask which daemon and API this is."""
        return await self._call(Version, "GET", "/version")

    async def status(self) -> Status:
        """Ask how the daemon does, and who it says the caller is."""
        return await self._call(Status, "GET", "/v1.0/status")

    async def providers(
        self, *, page_size: int = 100, page_token: str = "", filters: Mapping[str, str] | None = None
    ) -> ProviderPage:
        """Read one page. ``filters`` are ``q``, ``health_status``, ``carrier``, ``tag``, ``enabled``."""
        query = {"page_size": str(page_size), "page_token": page_token, **(filters or {})}
        return await self._call(ProviderPage, "GET", "/v1.0/providers", params=query)

    async def provider_pages(self, filters: Mapping[str, str] | None = None) -> AsyncIterator[list[Provider]]:
        """Read every page, as they come."""
        token = ""
        while True:
            page = await self.providers(page_size=LARGEST_PAGE, page_token=token, filters=filters)
            yield page.result
            token = page.next_page_token
            if not token:
                return

    async def all_providers(self, filters: Mapping[str, str] | None = None) -> list[Provider]:
        """Read every page."""
        return [provider async for page in self.provider_pages(filters) for provider in page]

    async def provider(self, provider_id: str) -> Provider:
        """Read one provider."""
        return await self._call(Provider, "GET", _path(provider_id))

    async def create_provider(self, new: ProviderCreate, *, idempotency_key: str | None = None) -> Provider:
        """Add a provider; with the same ``idempotency_key`` a repeat gives the first answer."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        body = new.model_dump(mode="json", exclude_unset=True)
        return await self._call(Provider, "POST", "/v1.0/providers", json=body, headers=headers)

    async def replace_provider(
        self, provider_id: str, new: ProviderUpdate, *, revision: int | None = None
    ) -> Provider:
        """Replace a provider; with ``revision`` only when it is still at that one (else ApiError 412)."""
        body = new.model_dump(mode="json", exclude_unset=True)
        return await self._call(Provider, "PUT", _path(provider_id), json=body, headers=_if_match(revision))

    async def patch_provider(
        self, provider_id: str, changes: Mapping[str, Any], *, revision: int | None = None
    ) -> Provider:
        """Change the named fields; with ``revision`` only while it is at that one (else ApiError 412)."""
        body = dict(changes)
        return await self._call(Provider, "PATCH", _path(provider_id), json=body, headers=_if_match(revision))

    async def delete_provider(
        self,
        provider_id: str,
        *,
        revision: int | None = None,
        deprovision: bool = False,
        cascade: bool = False,
    ) -> DeletedProvider:
        """Delete a provider; answers what was deleted. ``deprovision`` also removes what setup made at the
        carrier, and answers what of it is left, and why; ``cascade`` deletes its routes too."""
        wanted = {"deprovision": deprovision, "cascade": cascade}
        return await self._call(
            DeletedProvider,
            "DELETE",
            _path(provider_id),
            headers=_if_match(revision),
            params={name: "true" for name, yes in wanted.items() if yes},
            timeout=_AT_CARRIER,
        )

    async def dial_preview(self, provider_id: str, wanted: DialRequest) -> DialPreview:
        """Ask how a number would be dialled through a provider; nothing is sent."""
        body = wanted.model_dump(mode="json", exclude_unset=True)
        return await self._call(DialPreview, "POST", _path(provider_id) + "/dial-preview", json=body)

    async def routes(
        self, *, customer_id: str = "", provider_id: str = "", page_size: int = 100, page_token: str = ""
    ) -> RoutePage:
        """Read one page of routes, newest first; empty ids stand for any."""
        query = {
            "customer_id": customer_id,
            "provider_id": provider_id,
            "page_size": str(page_size),
            "page_token": page_token,
        }
        return await self._call(RoutePage, "GET", "/v1.0/routes", params=query)

    async def all_routes(self, *, customer_id: str = "", provider_id: str = "") -> list[Route]:
        """Read every page."""
        found: list[Route] = []
        token = ""
        while True:
            page = await self.routes(
                customer_id=customer_id, provider_id=provider_id, page_size=LARGEST_PAGE, page_token=token
            )
            found += page.result
            token = page.next_page_token
            if not token:
                return found

    async def route(self, route_id: str) -> Route:
        """Read one route."""
        return await self._call(Route, "GET", _route_path(route_id))

    async def create_route(self, new: RouteCreate) -> Route:
        """Add a route."""
        body = new.model_dump(mode="json", exclude_unset=True)
        return await self._call(Route, "POST", "/v1.0/routes", json=body)

    async def replace_route(self, route_id: str, new: RouteUpdate, *, revision: int | None = None) -> Route:
        """Replace a route; with ``revision`` only when it is still at that one (else ApiError 412)."""
        body = new.model_dump(mode="json", exclude_unset=True)
        return await self._call(Route, "PUT", _route_path(route_id), json=body, headers=_if_match(revision))

    async def patch_route(
        self, route_id: str, changes: Mapping[str, Any], *, revision: int | None = None
    ) -> Route:
        """Change the named fields."""
        body = dict(changes)
        return await self._call(Route, "PATCH", _route_path(route_id), json=body, headers=_if_match(revision))

    async def delete_route(self, route_id: str, *, revision: int | None = None) -> Route:
        """Delete a route; answers what was deleted."""
        return await self._call(Route, "DELETE", _route_path(route_id), headers=_if_match(revision))

    async def resolve(self, wanted: ResolveRequest) -> Resolution:
        """Ask who would carry a call, in order."""
        body = wanted.model_dump(mode="json", exclude_unset=True)
        return await self._call(Resolution, "POST", "/v1.0/routes/resolve", json=body)

    async def route_matrix(self, customer_id: str = "") -> Matrix:
        """Ask who would carry each country."""
        return await self._call(Matrix, "GET", "/v1.0/routes/matrix", params={"customer_id": customer_id})

    async def carriers(self) -> list[CarrierInfo]:
        """Read which carriers trunks can be set up at, and what each wants to know."""
        return (await self._call(CarrierList, "GET", "/v1.0/carriers")).result

    async def validate_credentials(self, carrier: str, credentials: Mapping[str, Any]) -> Account:
        """Ask a carrier whose key it is; nothing is kept."""
        path = f"/v1.0/carriers/{quote(carrier, safe='')}/validate"
        body = {"credentials": dict(credentials)}
        return await self._call(Account, "POST", path, json=body, timeout=_AT_CARRIER)

    async def plan_setup(self, wanted: SetupRequest) -> SetupPlan:
        """Read what a setup would do; nothing is made."""
        body = wanted.model_dump(mode="json", exclude_unset=True)
        query = {"dry_run": "true"}
        return await self._call(
            SetupPlan, "POST", "/v1.0/providers/setup", json=body, params=query, timeout=_AT_CARRIER
        )

    async def set_up(self, wanted: SetupRequest, *, idempotency_key: str | None = None) -> Provider:
        """Set a trunk up at a carrier; the events ``setup.step`` tell how far it is.

        It goes on in the daemon when the caller goes: ``setup`` tells what became of it.
        """
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        body = wanted.model_dump(mode="json", exclude_unset=True)
        return await self._call(
            Provider, "POST", "/v1.0/providers/setup", json=body, headers=headers, timeout=_AT_CARRIER
        )

    async def setups(self, *, page_size: int = 100, page_token: str = "") -> SetupPage:
        """Read one page of setups, newest first."""
        query = {"page_size": str(page_size), "page_token": page_token}
        return await self._call(SetupPage, "GET", "/v1.0/setups", params=query)

    async def setup(self, setup_id: str) -> Setup:
        """Read the journal of a setup."""
        return await self._call(Setup, "GET", _setup_path(setup_id))

    async def resume_setup(self, setup_id: str) -> Provider:
        """Go on with a setup that stopped."""
        return await self._call(Provider, "POST", _setup_path(setup_id) + "/resume", timeout=_AT_CARRIER)

    async def roll_back_setup(self, setup_id: str) -> Setup:
        """Remove what a setup made."""
        return await self._call(Setup, "POST", _setup_path(setup_id) + "/rollback", timeout=_AT_CARRIER)

    async def setup_of(self, provider_id: str) -> Setup:
        """Read what setup made for a provider."""
        return await self._call(Setup, "GET", _path(provider_id) + "/carrier")

    async def verify_carrier(self, provider_id: str) -> Verification:
        """Compare the carrier with what setup made there."""
        path = _path(provider_id) + "/carrier/verify"
        return await self._call(Verification, "POST", path, timeout=_AT_CARRIER)

    async def replace_credentials(self, provider_id: str, credentials: Mapping[str, Any]) -> Setup:
        """Replace a trunk's key: the new one is proved first, the old one removed after."""
        path, body = _path(provider_id) + "/carrier/credentials", {"credentials": dict(credentials)}
        return await self._call(Setup, "PUT", path, json=body, timeout=_AT_CARRIER)

    async def keyring(self) -> KeyringReport:
        """Ask which keyring the daemon uses, and have it prove that it works."""
        return await self._call(KeyringReport, "GET", "/v1.0/keyring", timeout=_AT_CARRIER)

    async def check_provider(self, provider_id: str) -> CheckReport:
        """Check a provider now and wait for the result."""
        path = _path(provider_id) + "/check"
        return await self._call(
            CheckReport, "POST", path, timeout=httpx.Timeout(_CHECK_S, connect=_CONNECT_S)
        )

    async def health(self, provider_id: str) -> ProviderHealth:
        """Read everything about a provider's health now: its targets, availability, last transitions."""
        return await self._call(ProviderHealth, "GET", _path(provider_id) + "/health")

    async def history(
        self, provider_id: str, *, since: str = "", until: str = "", points: int = 120, target: str = ""
    ) -> History:
        """Read a provider's checks over a time, in at most ``points`` of equal width.

        ``since`` and ``until`` are timestamps or ISO 8601; empty stands for the last 24 hours. ``target`` is
        one of its addresses, like ``192.0.2.1:5060``; empty stands for all of them.
        """
        given = {"from": since, "to": until, "target": target}
        query = {"points": str(points), **{name: value for name, value in given.items() if value}}
        return await self._call(History, "GET", _path(provider_id) + "/health/history", params=query)

    async def trace(self, provider_id: str) -> Trace:
        """Read the SIP of a provider's last checks that is kept, newest first."""
        return await self._call(Trace, "GET", _path(provider_id) + "/trace")

    async def set_maintenance(self, provider_id: str, wanted: MaintenanceRequest) -> Provider:
        """Put a provider into maintenance, or change what is in force."""
        body = wanted.model_dump(mode="json", exclude_unset=True)
        return await self._call(Provider, "PUT", _path(provider_id) + "/maintenance", json=body)

    async def lift_maintenance(self, provider_id: str) -> Provider:
        """End a provider's maintenance; nothing happens when it is not in it."""
        return await self._call(Provider, "DELETE", _path(provider_id) + "/maintenance")

    async def import_providers(
        self, content: AsyncIterable[bytes], content_type: str = "", *, form: str = "", dry_run: bool = False
    ) -> ImportReport:
        """Import the providers and routes in ``content``, sent as it comes; ``dry_run`` changes nothing.

        ``content_type`` is ``application/x-ndjson``, ``application/json``, ``application/yaml`` or
        ``text/csv``; ``form``, which wins over it, is one of ExportFormat. The answer is waited for without
        bound, since nobody knows how much will come. What ``content`` raises comes through.
        """
        query = {"format": form, "dry_run": "true" if dry_run else ""}
        return await self._call(
            ImportReport,
            "POST",
            "/v1.0/import",
            content=content,
            headers={"Content-Type": content_type} if content_type else {},
            params={name: value for name, value in query.items() if value},
            timeout=httpx.Timeout(None, connect=_CONNECT_S),
        )

    async def export(self, form: str, file: str = "") -> AsyncGenerator[bytes, None]:
        """Read every provider and route as a file, as it comes.

        ``form`` is one of ExportFormat; ``file`` one of its files, where a format has more than one. A file
        that breaks off raises DaemonUnavailable. Who does not read it to its end closes it (aclosing).
        """
        query = {"format": form, "file": file}
        try:
            async with self._http.stream("GET", "/v1.0/export", params=query) as response:
                await self._raise_for_error(response)
                async for piece in response.aiter_bytes():
                    yield piece
        except httpx.TransportError as error:
            raise self._unavailable(error) from error

    async def revisions(
        self, provider_id: str, *, page_size: int = 100, page_token: str = ""
    ) -> RevisionPage:
        """Read one page of what a provider was, newest first; a deleted one's too."""
        query = {"page_size": str(page_size), "page_token": page_token}
        return await self._call(RevisionPage, "GET", _path(provider_id) + "/revisions", params=query)

    async def restore_provider(
        self, provider_id: str, number: int, *, revision: int | None = None
    ) -> Provider:
        """Give a provider the fields of its revision ``number``, as a new one; a deleted one is there again.
        With ``revision`` only while it is at that one (else ApiError 412)."""
        path = f"{_path(provider_id)}/revisions/{number}/restore"
        return await self._call(Provider, "POST", path, headers=_if_match(revision))

    async def route_revisions(
        self, route_id: str, *, page_size: int = 100, page_token: str = ""
    ) -> RevisionPage:
        """Read one page of what a route was, newest first; a deleted one's too."""
        query = {"page_size": str(page_size), "page_token": page_token}
        return await self._call(RevisionPage, "GET", _route_path(route_id) + "/revisions", params=query)

    async def restore_route(self, route_id: str, number: int, *, revision: int | None = None) -> Route:
        """Give a route the fields of its revision ``number``; as for a provider."""
        path = f"{_route_path(route_id)}/revisions/{number}/restore"
        return await self._call(Route, "POST", path, headers=_if_match(revision))

    async def audit(
        self, *, page_size: int = 100, page_token: str = "", filters: Mapping[str, str] | None = None
    ) -> AuditPage:
        """Read one page of the audit log, newest first. ``filters`` are ``q``, ``object_id``, ``user``,
        ``action``, ``outcome``, ``from``, ``to``."""
        query = {"page_size": str(page_size), "page_token": page_token, **(filters or {})}
        return await self._call(AuditPage, "GET", "/v1.0/audit", params=query)

    async def audit_entry(self, seq: int) -> AuditEntry:
        """Read one entry of the audit log."""
        return await self._call(AuditEntry, "GET", f"/v1.0/audit/{seq}")

    async def verify_audit(self) -> AuditVerification:
        """Have the daemon recompute the hashes of the whole audit log, however long it takes."""
        timeout = httpx.Timeout(None, connect=_CONNECT_S)
        return await self._call(AuditVerification, "GET", "/v1.0/audit/verify", timeout=timeout)

    async def report_calls(
        self, content: AsyncIterable[bytes] | bytes, *, media_type: str = "application/x-ndjson"
    ) -> CallReport:
        """Report how calls went, as NDJSON with a CallRecord a line, or as ``application/json``: an array of
        them, or one. NDJSON has no bound, and is an import in the audit log."""
        headers = {"Content-Type": media_type}
        timeout = httpx.Timeout(None, connect=_CONNECT_S)
        return await self._call(
            CallReport, "POST", "/v1.0/calls", content=content, headers=headers, timeout=timeout
        )

    async def call_stats(
        self,
        provider_id: str,
        *,
        since: str = "",
        until: str = "",
        direction: str = "outbound",
        country: str = "",
    ) -> CallStats:
        """Read how a provider's calls went. ``since`` and ``until`` are timestamps or ISO 8601; empty stands
        for the last 24 hours. ``country`` is like ``GB``; empty stands for all."""
        given = {"from": since, "to": until, "country": country}
        query = {"direction": direction, **{name: value for name, value in given.items() if value}}
        return await self._call(CallStats, "GET", _path(provider_id) + "/calls/stats", params=query)

    async def metrics(self, most: int) -> tuple[str, bool]:
        """Read the figures for Prometheus as text, at most ``most`` bytes, cut at the end of a line; and tell
        whether that is all of them."""
        read = bytearray()
        try:
            async with self._http.stream("GET", "/metrics") as response:
                await self._raise_for_error(response)
                async for piece in response.aiter_bytes():
                    read += piece
                    if len(read) > most:
                        return read[: read.rfind(b"\n", 0, most) + 1].decode(errors="replace"), False
        except httpx.TransportError as error:
            raise self._unavailable(error) from error
        return read.decode(errors="replace"), True

    async def event_log(
        self, *, page_size: int = 100, page_token: str = "", provider_id: str = ""
    ) -> EventPage:
        """Read one page of past events, newest first."""
        query = {"page_size": str(page_size), "page_token": page_token, "provider_id": provider_id}
        return await self._call(EventPage, "GET", "/v1.0/events/log", params=query)

    @asynccontextmanager
    async def events(
        self, *, types: tuple[EventType, ...] = (), provider_id: str = "", last_seq: int | None = None
    ) -> AsyncIterator[AsyncIterator[Event]]:
        """Open the event stream: ``async with client.events() as stream: async for event in stream``.

        ``last_seq`` asks for the durable events after that number first. ``hello`` and ``resync`` come
        whatever ``types`` says; ``health.trace`` only with its name in ``types``, and a ``provider_id``.
        """
        query = {"types": ",".join(types), "provider_id": provider_id}
        headers = {} if last_seq is None else {"Last-Event-ID": str(last_seq)}
        timeout = httpx.Timeout(_STREAM_SILENCE_S, connect=_CONNECT_S)
        try:
            async with aconnect_sse(
                self._http, "GET", "/v1.0/events", params=query, headers=headers, timeout=timeout
            ) as source:
                await self._raise_for_error(source.response)
                yield self._guarded(source)
        except httpx.TransportError as error:
            raise self._unavailable(error) from error

    async def _guarded(self, source: EventSource) -> AsyncIterator[Event]:
        try:
            async for event in read_events(source):
                yield event
        except httpx.TransportError as error:
            raise self._unavailable(error) from error

    async def _call(self, model: type[M], method: str, path: str, **how: Any) -> M:
        try:
            response = await self._http.request(method, path, **how)
        except httpx.TransportError as error:
            raise self._unavailable(error) from error
        await self._raise_for_error(response)
        try:
            return model.model_validate_json(response.content)
        except ValidationError as error:
            raise ClientError(
                f"provd's answer to {method} {path} is not what this version knows: {error}"
            ) from error

    async def _raise_for_error(self, response: httpx.Response) -> None:
        if response.status_code == httpx.codes.OK:
            return
        body = await response.aread()
        try:
            envelope = ErrorEnvelope.model_validate_json(body)
        except ValidationError:
            raise ClientError(f"provd answered {response.status_code} without saying why") from None
        raise ApiError(response.status_code, envelope.error)

    def _unavailable(self, error: httpx.TransportError) -> DaemonUnavailable:
        if isinstance(error, httpx.ConnectError):
            if _was_denied(error):
                return MayNotConnect(why_not(self.socket))
            return DaemonUnavailable(
                f"no provd answers at {self.socket}: start it (provd run), "
                "or name its socket with --socket or PROVD_SOCKET"
            )
        if isinstance(error, httpx.TimeoutException):
            return DaemonUnavailable(f"provd at {self.socket} did not answer in time")
        return DaemonUnavailable(
            f"the connection to provd at {self.socket} broke: {error or type(error).__name__}"
        )


def _was_denied(error: BaseException | None) -> bool:
    """Whether the kernel's EACCES is what ``error`` began with."""
    while error is not None and not isinstance(error, PermissionError):
        error = error.__cause__ or error.__context__  # httpcore hides its cause
    return error is not None


def _path(provider_id: str) -> str:
    return f"/v1.0/providers/{quote(provider_id, safe='')}"


def _route_path(route_id: str) -> str:
    return f"/v1.0/routes/{quote(route_id, safe='')}"


def _setup_path(setup_id: str) -> str:
    return f"/v1.0/setups/{quote(setup_id, safe='')}"


def _if_match(revision: int | None) -> dict[str, str]:
    return {} if revision is None else {"If-Match": f'"{revision}"'}
