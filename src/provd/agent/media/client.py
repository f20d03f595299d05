"""pyVoIP's RTP, without its phone: two faults of version 1.6.8 corrected, and what comes in counted.

It sends PCMA as mu-law, and a packet whose sequence number or timestamp has passed its bits lacks them.
"""

import audioop
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from pyVoIP.RTP import PayloadType, RTPClient, RTPMessage, RTPParseError, TransmitType

from provd.agent.media.digits import DigitHearer, DigitSender
from provd.agent.media.reception import Reception
from provd.agent.media.tone import tone
from provd.probe.stamps import ROOM, ask_for_stamps, read_stamp

_LARGEST = 2048
_HEADER = 12
_LOUD = 100  # of 32,767: G.711's idle noise is below 10, a voice above 300
_LOUD_PACKETS = 3
_POLL_S = 0.1
_PACKET_S, _BEHIND_S, _LEAST_S = 0.02, 0.2, 0.0001
_CODECS = {0: PayloadType.PCMU, 8: PayloadType.PCMA}


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of the sound. ``first_packet_ms`` counts from when we knew where to send ours to."""

    sent: int
    received: int
    loss_pct: float
    jitter_ms: float
    first_packet_ms: float | None
    audio: str
    digits_sent: str
    digits_heard: str


class SoundClient(RTPClient):
    """Binds at once; hears from ``start``, and speaks from ``speak_to``.

    ``outSequence`` and ``outTimestamp`` are what RTPClient counts its packets by.
    """

    def __init__(self, address: str, longest_s: int) -> None:
        super().__init__(dict(_CODECS), address, 0, address, 0, TransmitType.SENDRECV)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.sin = socket.socket(family, socket.SOCK_DGRAM)
        self.sin.bind((address, 0))
        self.sin.settimeout(_POLL_S)
        ask_for_stamps(self.sin)
        self.sout = cast("socket.socket", self)  # so that what is sent comes by ``sendto``
        self.inPort = self.sin.getsockname()[1]
        self.reception = Reception()
        self.digits = DigitSender()
        self._hearer = DigitHearer()
        self._events: int | None = None
        self._muted = False
        self._sent = 0
        self._loud = 0
        self._knew_at: float | None = None
        self._next_at = 0.0
        self._threads: list[threading.Thread] = []
        self.write(tone(longest_s))

    @property
    def outSequence(self) -> int:  # noqa: N802 - RTPClient's name
        """The next packet's number, of 16 bits."""
        return self._sequence

    @outSequence.setter
    def outSequence(self, value: int) -> None:  # noqa: N802
        self._sequence = value & 0xFFFF

    @property
    def outTimestamp(self) -> int:  # noqa: N802
        """The next packet's timestamp, of 32 bits."""
        return self._timestamp

    @outTimestamp.setter
    def outTimestamp(self, value: int) -> None:  # noqa: N802
        self._timestamp = value & 0xFFFFFFFF

    def start(self) -> None:
        """Begin to hear."""
        self._run(self.recv)

    def speak_to(self, address: str, port: int, payload: int, events: int | None, *, muted: bool) -> None:
        """Send there from now on, in that codec; ``muted`` is when the peer wants to hear nothing."""
        self.outIP, self.outPort, self._muted, self._events = address, port, muted, events
        self.preference = _CODECS[payload]
        self.assoc = dict(_CODECS) if events is None else {**_CODECS, events: PayloadType.EVENT}
        if self._knew_at is None:
            self._knew_at = time.time()
            self._next_at = time.monotonic()
            self._run(self.trans)

    def stop(self) -> None:
        """End, and close the socket."""
        self.NSD = False
        for thread in self._threads:
            thread.join(5 * _POLL_S)
        self.sin.close()

    def recv(self) -> None:
        """Take in packets, each with the time at which the kernel had it, until ``stop``."""
        while self.NSD:
            try:
                packet, ancillary, _, _ = self.sin.recvmsg(_LARGEST, ROOM)
            except TimeoutError:
                continue
            except OSError:
                return
            self._arrived_at = read_stamp(ancillary) or time.time()
            try:
                self.parse_packet(packet)
            except RTPParseError:
                continue

    def parse_packet(self, packet: bytes) -> None:
        """Count a packet, and listen into it. Raises RTPParseError for what is no RTP of this call."""
        if len(packet) < _HEADER:
            raise RTPParseError("the packet is too short")
        message = RTPMessage(packet, self.assoc)
        is_event = message.payload_type is PayloadType.EVENT
        timestamp = None if is_event else message.timestamp
        if not self.reception.take(message.SSRC, message.sequence, timestamp, self._arrived_at):
            return
        payload = _payload(message)
        if is_event:
            self._hearer.take(message.SSRC, message.timestamp, payload)
        elif payload and message.payload_type in (PayloadType.PCMU, PayloadType.PCMA):
            decode = audioop.ulaw2lin if message.payload_type is PayloadType.PCMU else audioop.alaw2lin
            self._loud += audioop.rms(decode(payload, 2), 2) > _LOUD

    def encode_packet(self, payload: bytes) -> bytes:
        """Sound in the codec that was agreed on."""
        encoded: bytes = (
            self.encode_pcma(payload) if self.preference is PayloadType.PCMA else self.encode_pcmu(payload)
        )
        return encoded

    @property
    def trans_delay_reduction(self) -> float:
        """By what RTPClient divides its pause before the next packet: such that none comes ever later."""
        now = time.monotonic()
        self._next_at = max(self._next_at, now - _BEHIND_S) + _PACKET_S
        return _PACKET_S / max(self._next_at - now, _LEAST_S)

    def sendto(self, packet: bytes, address: tuple[str, int]) -> None:
        """Send one packet, or an event in its place."""
        if self._muted:
            return
        if self._events is not None:
            packet = self.digits.replace(packet, self._events)
        self.sin.sendto(packet, address)
        self._sent += 1

    def result(self) -> Heard:
        """What became of the sound so far."""
        reception, knew = self.reception, self._knew_at
        first = reception.first_at
        came = None if first is None or knew is None else max(0.0, 1000.0 * (first - knew))
        sound = "sound" if self._loud >= _LOUD_PACKETS else "silence"
        return Heard(
            sent=self._sent,
            received=reception.received,
            loss_pct=round(reception.loss_pct, 2),
            jitter_ms=round(reception.jitter_ms, 2),
            first_packet_ms=None if came is None else round(came, 1),
            audio=sound if reception.received else "none",
            digits_sent=self.digits.sent,
            digits_heard=self._hearer.heard,
        )

    def _run(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, daemon=True)
        self._threads.append(thread)
        thread.start()


def _payload(message: RTPMessage) -> bytes:
    """The payload without what pyVoIP leaves in it: a header extension before it, and padding after it."""
    payload: bytes = message.payload
    if message.extension:
        words = int.from_bytes(payload[2:4], "big")
        payload = payload[4 + 4 * words :]
    if message.padding and payload:
        payload = payload[: max(0, len(payload) - payload[-1])]
    return payload
