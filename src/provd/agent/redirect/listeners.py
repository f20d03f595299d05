"""The sockets that the redirect server listens at."""

import asyncio
from collections.abc import Sequence

from provd.agent.redirect.address import ListenAddress
from provd.agent.redirect.redirect import Redirector
from provd.agent.redirect.tcp import TcpListener
from provd.agent.redirect.udp import UdpListener


class RedirectListenError(Exception):
    """An address can't be listened at; ``str()`` says which, why, and what to do."""


class Listeners:
    """All of them, or none."""

    def __init__(self, addresses: Sequence[ListenAddress], redirector: Redirector) -> None:
        self._addresses = addresses
        self._redirector = redirector
        self._open: list[UdpListener | TcpListener] = []

    @property
    def addresses(self) -> list[ListenAddress]:
        """Where we listen, with the ports that the system gave for 0."""
        return [listener.address for listener in self._open]

    def open(self) -> None:
        """Bind; nothing is answered yet. Raises RedirectListenError."""
        for address in self._addresses:
            kind = UdpListener if address.transport == "udp" else TcpListener
            try:
                self._open.append(kind(address, self._redirector))
            except OSError as error:
                self.close()
                raise RedirectListenError(
                    f"calls can't be redirected at {address} ([redirect] listen): {error.strerror}. "
                    "Stop what listens there, or listen elsewhere"
                ) from error

    async def run(self) -> None:
        """Answer until cancelled, then close. ``open`` comes first."""
        try:
            for listener in self._open:
                await listener.attach()
            await asyncio.get_running_loop().create_future()
        finally:
            self.close()

    def close(self) -> None:
        """Close every socket."""
        for listener in self._open:
            listener.close()
        self._open = []
