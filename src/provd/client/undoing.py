"""Taking back what an entry of the audit log tells of, unless it has moved on since."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any, Protocol

from provd.client.errors import ApiError
from provd.schema.audit import AuditEntry, AuditPage, Outcome
from provd.schema.errors import ErrorStatus
from provd.schema.maintenance import Maintenance, MaintenanceRequest
from provd.schema.provider import Provider
from provd.schema.route import Route
from provd.schema.setup import DeletedProvider
from provd.schema.status import Status

_CASCADE = "route.delete"


class Calls(Protocol):
    """What of the client it takes; each raises ApiError or DaemonUnavailable."""

    async def status(self) -> Status:
        """Ask who the daemon says the caller is."""

    async def audit(
        self, *, page_size: int = 100, page_token: str = "", filters: Mapping[str, str] | None = None
    ) -> AuditPage:
        """Read one page of the audit log, newest first."""

    async def audit_entry(self, seq: int) -> AuditEntry:
        """Read one entry of the audit log."""

    async def provider(self, provider_id: str) -> Provider:
        """Read one provider."""

    async def delete_provider(
        self,
        provider_id: str,
        *,
        revision: int | None = None,
        deprovision: bool = False,
        cascade: bool = False,
    ) -> DeletedProvider:
        """Delete a provider."""

    async def delete_route(self, route_id: str, *, revision: int | None = None) -> Route:
        """Delete a route."""

    async def restore_provider(
        self, provider_id: str, number: int, *, revision: int | None = None
    ) -> Provider:
        """Give a provider the fields of its revision ``number``."""

    async def restore_route(self, route_id: str, number: int, *, revision: int | None = None) -> Route:
        """Give a route the fields of its revision ``number``."""

    async def set_maintenance(self, provider_id: str, wanted: MaintenanceRequest) -> Provider:
        """Put a provider into maintenance."""

    async def lift_maintenance(self, provider_id: str) -> Provider:
        """End a provider's maintenance."""


class Way(Enum):
    """How a change is taken back."""

    RESTORE = auto()
    DELETE = auto()
    MAINTENANCE = auto()


WAYS: Mapping[str, Way] = {
    **{
        f"{kind}.{done}": Way.RESTORE
        for kind in ("provider", "route")
        for done in ("update", "restore", "delete")
    },
    **{f"{kind}.{done}": Way.DELETE for kind in ("provider", "route") for done in ("create", "undelete")},
    "maintenance.set": Way.MAINTENANCE,
    "maintenance.lift": Way.MAINTENANCE,
}
_WHY_NOT = {
    "import": "an import is not undone as a whole: provctl providers restore takes one provider back",
    "provider.deprovision": "its trunk at the carrier was removed: provctl setup new sets one up",
    "setup.begin": "provctl providers delete --deprovision removes a trunk with its provider",
    "setup.credentials": "the old key is not kept anywhere: provctl setup rotate takes another",
}


class NotUndone(Exception):
    """It can't be taken back; ``str()`` says why."""


def way_of(entry: AuditEntry) -> Way:
    """How a change is taken back. Raises NotUndone for what can't be."""
    if entry.outcome is Outcome.REFUSED:
        raise NotUndone(f"entry {entry.seq} changed nothing: it was refused")
    way = WAYS.get(entry.action)
    if way is None:
        why = _WHY_NOT.get(entry.action, "there is nothing to restore")
        raise NotUndone(f"entry {entry.seq}, {entry.action}, can't be undone: {why}")
    return way


def moved_on(entry: AuditEntry, error: ApiError) -> bool:
    """Whether taking ``entry`` back was refused because its record has been changed, or is gone, since."""
    gone = error.status is ErrorStatus.NOT_FOUND and error.body.reason.startswith(entry.kind.upper())
    return gone or error.status is ErrorStatus.PRECONDITION


async def last_change(client: Calls) -> AuditEntry | None:
    """What the caller changed last; None when there is nothing."""
    you = (await client.status()).you
    token = ""
    while True:
        page = await client.audit(page_size=100, page_token=token, filters={"user": str(you.uid)})
        for entry in page.result:
            if entry.uid == you.uid and entry.outcome is not Outcome.REFUSED and entry.kind != "audit":
                return entry
        token = page.next_page_token
        if not token:
            return None


async def with_cascade(client: Calls, entry: AuditEntry) -> list[AuditEntry]:
    """A deleted provider's entry, and those of the routes that were deleted with it, by the same request."""
    group = [entry]
    while entry.action == "provider.delete" and group[-1].seq > 1:
        before = await client.audit_entry(group[-1].seq - 1)
        same = (before.uid, before.request_id) == (entry.uid, entry.request_id)
        if not same or before.action != _CASCADE:
            break
        group.append(before)
    return group


async def take_back(client: Calls, entry: AuditEntry) -> str:
    """Take a change back; what was done, in words. Raises NotUndone, and ApiError 412 when the record has
    moved on."""
    key, revision, route = entry.object_id, entry.revision, entry.kind == "route"
    match way_of(entry):
        case Way.RESTORE if route:
            back = await client.restore_route(key, revision - 1, revision=revision)
            return f"the route {back.name} is as it was at revision {revision - 1}"
        case Way.RESTORE:
            provider = await client.restore_provider(key, revision - 1, revision=revision)
            return f"the provider {provider.name} is as it was at revision {revision - 1}"
        case Way.DELETE if route:
            return f"the route {(await client.delete_route(key, revision=revision)).name} is deleted"
        case Way.DELETE:
            if (await client.provider(key)).metadata:
                raise NotUndone(f"a setup made {entry.name}: {_WHY_NOT['setup.begin']}")
            return f"the provider {(await client.delete_provider(key, revision=revision)).name} is deleted"
        case Way.MAINTENANCE:
            return await _maintenance(client, entry)


async def _maintenance(client: Calls, entry: AuditEntry) -> str:
    now = (await client.provider(entry.object_id)).maintenance
    if now != _read(entry.after):
        raise NotUndone(f"the maintenance of {entry.name} was changed, or has ended, since entry {entry.seq}")
    before = _read(entry.before)
    if before is None:
        await client.lift_maintenance(entry.object_id)
        return f"{entry.name} is out of maintenance"
    wanted = MaintenanceRequest(until=before.until, reason=before.reason)
    await client.set_maintenance(entry.object_id, wanted)
    return f"{entry.name} is in maintenance again"


def _read(fields: Mapping[str, Any] | None) -> Maintenance | None:
    found = (fields or {}).get("maintenance")
    return None if found is None else Maintenance.model_validate(found)
