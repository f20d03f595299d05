"""The async client of provd's socket: the one way that every front end reaches the daemon.

async with Client(find_socket()) as client:
    for provider in await client.all_providers():
        print(provider.name, provider.health_status)
"""

from typing import TYPE_CHECKING

from provd.client.errors import ApiError, ClientError, DaemonUnavailable, MayNotConnect
from provd.client.socket_path import find_socket
from provd.client.stream import ANNOUNCED, Announced, Event, EventData

if TYPE_CHECKING:
    from provd.client.client import Client

__all__ = [
    "ANNOUNCED",
    "Announced",
    "ApiError",
    "Client",
    "ClientError",
    "DaemonUnavailable",
    "Event",
    "EventData",
    "MayNotConnect",
    "find_socket",
]


def __getattr__(name: str) -> object:
    """Import the client when it is asked for: it brings httpx along, and a screen is drawn sooner without."""
    if name == "Client":
        from provd.client.client import Client

        return Client
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
