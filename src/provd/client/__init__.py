"""The async client of provd's socket: the one way that every front end reaches the daemon.

async with Client(find_socket()) as client:
    for provider in await client.all_providers():
        print(provider.name, provider.health_status)
"""

from provd.client.client import Client
from provd.client.errors import ApiError, ClientError, DaemonUnavailable
from provd.client.socket_path import find_socket
from provd.client.stream import ANNOUNCED, Announced, Event, EventData

__all__ = [
    "ANNOUNCED",
    "Announced",
    "ApiError",
    "Client",
    "ClientError",
    "DaemonUnavailable",
    "Event",
    "EventData",
    "find_socket",
]
