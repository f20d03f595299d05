"""The part of ``provd.client.Client`` that the terminal uses, so that a fake can stand in for it."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from provd.client import Event
from provd.schema.events import EventPage
from provd.schema.health import CheckReport
from provd.schema.provider import Provider, ProviderCreate
from provd.schema.status import Status


class Daemon(Protocol):
    """The daemon's calls; each raises ApiError or DaemonUnavailable as the client's does."""

    async def close(self) -> None:
        """Close the connections."""

    async def status(self) -> Status:
        """Ask how the daemon does, and who it says the caller is."""

    async def all_providers(self) -> list[Provider]:
        """Read every provider."""

    async def provider(self, provider_id: str) -> Provider:
        """Read one provider."""

    async def create_provider(self, new: ProviderCreate, *, idempotency_key: str | None = None) -> Provider:
        """Add a provider."""

    async def patch_provider(
        self, provider_id: str, changes: Mapping[str, Any], *, revision: int | None = None
    ) -> Provider:
        """Change the named fields."""

    async def delete_provider(self, provider_id: str, *, revision: int | None = None) -> Provider:
        """Delete a provider."""

    async def check_provider(self, provider_id: str) -> CheckReport:
        """Check a provider now and wait for the result."""

    async def event_log(self, *, page_size: int = 100, provider_id: str = "") -> EventPage:
        """Read one page of past events, newest first."""

    def events(self) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        """Open the event stream."""


Connect = Callable[[], Daemon]
"""Makes a client; called anew for each connection."""
