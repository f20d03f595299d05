"""Where a target's requests come from."""

from typing import NamedTuple, Protocol

from provd.probe.address import SocketAddress
from provd.probe.request import RequestTemplate


class Sender(Protocol):
    """One of our sockets."""

    def send(self, data: bytes, peer: SocketAddress) -> None:
        """Send. Raises BlockingIOError when the send buffer is full, other OSErrors when it can't be sent."""


class Source(NamedTuple):
    """The request as it reads when it is sent from ``sender``; many targets share one."""

    template: RequestTemplate
    sender: Sender
