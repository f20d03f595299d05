"""pyVoIP's own phone on loopback: it answers, and sends back what it hears.

It registers, and sends all that it says to its registrar: that is a relay here, which the caller calls.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

from provd.sip.answer import make_response
from provd.sip.message import Request
from provd.sip.parser import parse_message
from tests.fakes.ports import free_ports

from . import HOST, running_peer

_PHONE = """
import sys, time, warnings
warnings.simplefilter("ignore")
from pyVoIP.VoIP import CallState, VoIPPhone

def answer(call):
    call.answer()
    while call.state == CallState.ANSWERED:
        call.write_audio(call.read_audio(160, blocking=False))
        time.sleep(0.01)

server, port, low = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
phone = VoIPPhone("127.0.0.1", server, "phone", "secret", "127.0.0.1", answer, port, low, low + 20)
phone.start()
time.sleep(600)
"""


class _Relay(asyncio.DatagramProtocol):
    """Takes the phone's registration, and hands everything else on, either way."""

    def __init__(self, phone: int) -> None:
        self.registered = asyncio.Event()
        self._phone = (HOST, phone)
        self._caller: tuple[str, int] | None = None
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert self._transport is not None
        if addr != self._phone:
            self._caller = addr
            self._transport.sendto(data, self._phone)
        elif data.startswith(b"REGISTER "):
            request = parse_message(data)
            assert isinstance(request, Request)
            contact = ("Contact", request.required("Contact"))
            answer = make_response(request, 200, None, [contact, ("Expires", "600")], "registrar")
            self._transport.sendto(answer.to_bytes(), self._phone)
            self.registered.set()
        elif self._caller is not None:
            self._transport.sendto(data, self._caller)


@asynccontextmanager
async def running_phone(folder: Path) -> AsyncIterator[str]:
    """Have it take calls; answers the hostname that leads to it."""
    relay_port, phone_port, low = free_ports(3)
    loop = asyncio.get_running_loop()
    transport, relay = await loop.create_datagram_endpoint(
        lambda: _Relay(phone_port), local_addr=(HOST, relay_port)
    )
    command = [sys.executable, "-c", _PHONE, str(relay_port), str(phone_port), str(low)]
    try:
        async with running_peer(command, phone_port, folder), asyncio.timeout(20):
            await relay.registered.wait()
            yield f"{HOST}:{relay_port}"
    finally:
        transport.close()
