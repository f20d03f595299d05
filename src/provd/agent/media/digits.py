"""Digits as telephone-events (RFC 4733), in the place of the sound that they interrupt."""

import struct
from collections import deque

KEYS = "0123456789*#ABCD"
_PACKET = 160  # timestamp units between packets: 20 ms
_LONG = 6 * _PACKET
_ENDS = 3  # the end is said three times, should it get lost (section 2.5.1.4)
_PAUSE = 4
_VOLUME = 10
_END = 0x80
_HEADER = struct.Struct(">BBHII")
_EVENT = struct.Struct(">BBH")


class DigitSender:
    """Turns sound packets into events while there are digits to send; ``sent`` are those that went out."""

    def __init__(self) -> None:
        self.sent = ""
        self._waiting: deque[str] = deque()
        self._began: int | None = None
        self._lasted = 0
        self._ends = 0
        self._pause = 0

    def send(self, digits: str) -> None:
        """Send these, one after the other; characters that are on no key are left out."""
        self._waiting.extend(each for each in digits.upper() if each in KEYS)

    def replace(self, packet: bytes, payload_type: int) -> bytes:
        """What is to be sent in the place of a packet with sound: an event's, or itself."""
        if self._pause:
            self._pause -= 1
            return packet
        if not self._waiting:
            return packet
        version, _, sequence, timestamp, ssrc = _HEADER.unpack_from(packet)
        marker = 0
        if self._began is None:
            self._began, marker = timestamp, 0x80
            self._lasted = self._ends = 0
        if self._lasted < _LONG:
            self._lasted += _PACKET
        over = self._lasted >= _LONG
        event = _EVENT.pack(KEYS.index(self._waiting[0]), (_END if over else 0) | _VOLUME, self._lasted)
        header = _HEADER.pack(version, marker | payload_type, sequence, self._began, ssrc)
        if over:
            self._ends += 1
            if self._ends == _ENDS:
                self.sent += self._waiting.popleft()
                self._began, self._pause = None, _PAUSE
        return header + event


class DigitHearer:
    """Tells events from their repetitions: those of one digit have one timestamp."""

    def __init__(self, most: int = 64) -> None:
        self.heard = ""
        self._most = most
        self._last: tuple[int, int] | None = None

    def take(self, ssrc: int, timestamp: int, payload: bytes) -> None:
        """Take an event's payload in."""
        if len(payload) < _EVENT.size or payload[0] >= len(KEYS) or self._last == (ssrc, timestamp):
            return
        self._last = (ssrc, timestamp)
        if len(self.heard) < self._most:
            self.heard += KEYS[payload[0]]
