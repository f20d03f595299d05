"""What all screens share: the state, the way to the daemon, the clock, and who the user is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provd.schema.provider import Provider
from provd.schema.status import Role
from provtui.commands import Command, refusal
from provtui.feed import Feed
from provtui.route_state import RouteState
from provtui.state import FleetState

if TYPE_CHECKING:
    from provtui.daemon import Daemon

StartDemo = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Session:
    """Made by the app and handed to every screen; only the app puts another ``fleet``, or other ``routes``,
    into it.

    ``clock`` gives UTC seconds since 1970; ``refresh_s`` is how often screens look for something to
    repaint; ``checking`` has the ids of providers whose check was asked for and is under way, ``deleting``
    of those whose deletion was.
    """

    feed: Feed
    clock: Callable[[], float]
    refresh_s: float
    readonly: bool = False
    start_demo: StartDemo | None = None
    fleet: FleetState = field(default_factory=FleetState)
    routes: RouteState = field(default_factory=RouteState)
    checking: set[str] = field(default_factory=set)
    deleting: set[str] = field(default_factory=set)

    @property
    def client(self) -> "Daemon":
        """The daemon's client; another one after each reconnection."""
        return self.feed.client

    @property
    def role(self) -> Role | None:
        """What the daemon says the user may do; None before it has said so."""
        status = self.fleet.status
        return None if status is None else status.you.role

    def provider(self, provider_id: str | None) -> Provider | None:
        """Give the provider as known now."""
        return None if provider_id is None else self.fleet.providers.get(provider_id)

    def refused(self, command: Command) -> str | None:
        """Say why the user may not run ``command``; None when they may."""
        return refusal(command, self.role, readonly=self.readonly)
