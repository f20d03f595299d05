"""What goes over loopback, captured as a sniffer does it, and the calls that nobody ended."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from provd.sip.errors import SipParseError
from provd.sip.framing import FramingError, MessageFramer
from provd.sip.message import Message, Request, Response
from provd.sip.parser import parse_message

_ALL = 3  # linux/if_ether.h ETH_P_ALL
_OUTGOING = 4  # linux/if_packet.h: loopback shows each packet going and coming
_ETHERNET = 14
_UDP, _TCP = 17, 6
_BUFFER = 16 * 1024 * 1024
_SO_RCVBUFFORCE = 33


class Wire:
    """The SIP messages that were seen, in order."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def take(self, payload: bytes) -> None:
        """Take what a packet carries; what is no SIP is dropped."""
        if b"SIP/2.0" not in payload[:2048]:
            return
        framer = MessageFramer()
        framer.feed(payload)
        try:
            for data in framer:
                self.messages.append(parse_message(data))
        except (FramingError, SipParseError):
            return

    def calls(self) -> dict[str, list[Message]]:
        """The messages of each call, by Call-ID."""
        found: dict[str, list[Message]] = {}
        for message in self.messages:
            found.setdefault(message.call_id, []).append(message)
        return {
            call_id: messages
            for call_id, messages in found.items()
            if any(isinstance(each, Request) and each.method == "INVITE" for each in messages)
        }

    def left_ringing(self) -> list[str]:
        """What is wrong with calls that are over: an answer without ACK or BYE, ringing without an end."""
        return [f"{call_id}: {why}" for call_id, messages in self.calls().items() for why in _wrong(messages)]


def _wrong(messages: list[Message]) -> Iterator[str]:
    requests = [each for each in messages if isinstance(each, Request)]
    responses = [each for each in messages if isinstance(each, Response) and each.cseq.method == "INVITE"]
    caller = next(each.from_.tag for each in requests if each.method == "INVITE")
    # a re-INVITE of the callee has the caller's tag in its To
    answers = {each.to.tag for each in responses if 200 <= each.code < 300 and each.from_.tag == caller}
    for tag in answers:
        if not any(each.method == "ACK" and each.to.tag == tag for each in requests):
            yield f"no ACK of the answer {tag}"
        if not any(each.method == "BYE" and tag in (each.to.tag, each.from_.tag) for each in requests):
            yield f"no BYE for the answer {tag}"
    refused = any(each.code >= 300 and each.code not in (401, 407) for each in responses)
    cancelled = any(each.method == "CANCEL" for each in requests)
    rang = any(100 < each.code < 200 for each in responses)
    if rang and not (answers or refused or cancelled):
        yield "it rings still"
    if any(each.code == 487 for each in responses) and not cancelled:
        yield "487 without a CANCEL"


@asynccontextmanager
async def wire(port: int) -> AsyncIterator[Wire]:
    """Capture what goes over loopback from or to a port, by UDP and TCP; needs root."""
    seen = Wire()
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL)) as sniffing:
        sniffing.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
        sniffing.bind(("lo", 0))
        sniffing.setblocking(False)

        def read() -> None:
            while True:
                try:
                    packet, address = sniffing.recvfrom(65_600)
                except BlockingIOError:
                    return
                if address[2] != _OUTGOING:
                    seen.take(_payload(packet[_ETHERNET:], port))

        loop.add_reader(sniffing, read)
        try:
            yield seen
            read()
        finally:
            loop.remove_reader(sniffing)


def _payload(packet: bytes, port: int) -> bytes:
    if len(packet) < 28 or packet[0] >> 4 != 4:
        return b""
    start = 4 * (packet[0] & 0x0F)
    if port not in struct.unpack_from(">HH", packet, start):
        return b""
    whole = struct.unpack_from(">H", packet, 2)[0]
    if packet[9] == _UDP:
        return packet[start + 8 : whole]
    if packet[9] == _TCP:
        return packet[start + 4 * (packet[start + 12] >> 4) : whole]
    return b""
