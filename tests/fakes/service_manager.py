"""systemd's end of NOTIFY_SOCKET: hears what a service says of itself."""

import asyncio
import socket
from pathlib import Path

PATIENCE_S = 20.0
_LARGEST = 4096


class FakeServiceManager:
    """Listens at ``address``: a path, or ``@name`` in the abstract namespace."""

    def __init__(self, address: str | Path) -> None:
        self.address = str(address)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(self.address.replace("@", "\0", 1) if self.address[0] == "@" else self.address)

    async def hear(self) -> dict[str, str]:
        """The next thing it is told, by the names of its lines."""
        async with asyncio.timeout(PATIENCE_S):
            data = await asyncio.get_running_loop().sock_recv(self._socket, _LARGEST)
        return _parsed(data)

    async def hear_until(self, name: str, value: str = "") -> list[dict[str, str]]:
        """All that it is told up to a line ``name`` whose value has ``value`` in it, that one included."""
        heard = [await self.hear()]
        while name not in heard[-1] or value not in heard[-1][name]:
            heard.append(await self.hear())
        return heard

    def heard(self) -> list[dict[str, str]]:
        """What it was told meanwhile."""
        found = []
        while True:
            try:
                found.append(_parsed(self._socket.recv(_LARGEST)))
            except BlockingIOError:
                return found

    def hear_blocking(self) -> dict[str, str]:
        """The next thing it is told, while nothing else of this thread goes on."""
        self._socket.settimeout(PATIENCE_S)
        try:
            return _parsed(self._socket.recv(_LARGEST))
        finally:
            self._socket.setblocking(False)

    def close(self) -> None:
        self._socket.close()


def _parsed(data: bytes) -> dict[str, str]:
    return dict(line.split("=", 1) for line in data.decode().split("\n"))
