"""Messages out of a stream of bytes, as TCP and TLS carry them (RFC 3261 sections 7.5, 18.3 and 20.14)."""

import re
from collections.abc import Iterator

from provd.sip.errors import SipParseError, shown
from provd.sip.grammar import LWS, TOKEN_CHARS
from provd.sip.limits import Limits
from provd.sip.message import parse_content_length
from provd.sip.octets import decode

PING = b"\r\n\r\n"
"""What a peer may send between messages to see whether we are there (RFC 5626 section 3.5.1)."""
PONG = b"\r\n"
"""What such a ping is to be answered with."""

_LINE_BREAKS = b"\r\n"
_FIRST_WORD = re.compile(rf"[{TOKEN_CHARS}]*".encode())
_REQUEST_LINE = re.compile(rb"[^ \t]+[ \t].*[ \t]SIP/[^ \t]*[ \t]*\r?", re.IGNORECASE | re.DOTALL)
_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
_CONTENT_LENGTH = re.compile(rb"\n(?:Content-Length|l)[ \t]*:((?:[^\r\n]|\r?\n[ \t])*)", re.IGNORECASE)
_OTHER_PROTOCOLS = ((b"HTTP/", "HTTP"), (b"SSH-", "SSH"), *((bytes([kind]), "TLS") for kind in range(20, 24)))
_DEFAULT_LIMITS = Limits()


class FramingError(SipParseError):
    """The stream can't be read on: what comes is not SIP, or where a message ends can't be told."""


class MessageFramer:
    """Cuts a stream into messages: ``feed`` it what was received, then iterate.

    A message ends where its Content-Length says. One without that header, which a stream must have
    (section 20.14), is taken to have no body: it ends at the empty line after its headers. Line breaks
    before a message are skipped (section 7.5). Iterating gives the complete messages, as bytes that
    ``parse_message`` takes, and raises FramingError as soon as the bytes can begin no SIP message, have no
    valid length, or are more than ``limits.message_size``; after that, each iteration raises it again.
    However the stream is cut into pieces, the messages are the same.

    When all was iterated after each ``feed``, what is kept is at most ``limits.message_size`` bytes.
    """

    def __init__(self, limits: Limits = _DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._buffer = bytearray()
        self._scanned = 0
        self._size: int | None = None
        self._pings = 0
        self._error: FramingError | None = None

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the stream; after a FramingError they are dropped."""
        if self._error is None:
            self._buffer += data

    def __iter__(self) -> Iterator[bytes]:
        while (message := self._next()) is not None:
            yield message

    @property
    def unread(self) -> bytes:
        """The beginning of a message that is not complete; after a FramingError, what is wrong is in it."""
        return bytes(self._buffer.lstrip(_LINE_BREAKS))

    def take_pings(self) -> int:
        """How many pings came since the last call; each is to be answered with a PONG."""
        pings, self._pings = self._pings, 0
        return pings

    def _next(self) -> bytes | None:
        if self._error is not None:
            raise self._error
        try:
            if self._size is None:
                self._skip_line_breaks()
                self._check_start_line()
                self._size = self._find_size()
        except FramingError as error:
            self._error = error
            raise
        size = self._size
        if size is None or len(self._buffer) < size:
            return None
        message = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._scanned, self._size = 0, None
        return message

    def _skip_line_breaks(self) -> None:
        buffer, at = self._buffer, 0
        while at < len(buffer) and buffer[at] in _LINE_BREAKS:
            if buffer.startswith(PING, at):
                self._pings += 1
                at += len(PING)
            elif PING.startswith(bytes(buffer[at : at + len(PING)])):
                break  # the rest of a ping may follow
            else:
                at += 1
        del buffer[:at]

    def _check_start_line(self) -> None:
        buffer, longest = self._buffer, self._limits.line_length
        if self._scanned or not buffer or buffer[0] in _LINE_BREAKS:
            return
        word = _FIRST_WORD.match(buffer, 0, longest + 1)
        end = word.end() if word else 0
        if end == len(buffer) <= longest:
            return
        if buffer[:end].upper() == b"SIP" and buffer[end : end + 1] == b"/":
            return
        if not end or end > longest or buffer[end] not in LWS.encode():
            raise _not_sip(buffer[: end + 1])
        line_end = buffer.find(b"\n")
        if line_end >= 0 and _REQUEST_LINE.fullmatch(buffer, 0, line_end) is None:
            raise _not_sip(buffer[:line_end])

    def _find_size(self) -> int | None:
        """The size of the message at the beginning; None while its headers are not complete."""
        buffer, largest = self._buffer, self._limits.message_size
        end = _EMPTY_LINE.search(buffer, self._scanned)
        if end is None:
            if len(buffer) > largest:
                raise _too_large(largest)
            if b"\n" in buffer:  # before that, the start line is still to be checked
                self._scanned = max(0, len(buffer) - len(PING) + 1)
            return None
        size = end.end() + _body_size(bytes(buffer[: end.start()]))
        if size > largest:
            raise _too_large(largest)
        return size


def _too_large(largest: int) -> FramingError:
    return FramingError(f"the message has more than {largest} bytes", 513)


def _body_size(head: bytes) -> int:
    values = _CONTENT_LENGTH.findall(head)
    if len(values) > 1:
        raise FramingError("the Content-Length header is there more than once")
    if not values:
        return 0
    try:
        return parse_content_length(decode(values[0]).strip(LWS + "\r\n"))
    except SipParseError as error:
        raise FramingError(error.reason, error.status) from None


def _not_sip(seen: bytes | bytearray) -> FramingError:
    for beginning, name in _OTHER_PROTOCOLS:
        if seen.startswith(beginning):
            return FramingError(f"the peer seems to speak {name}, not SIP")
    return FramingError(f"no SIP message begins with {shown(decode(bytes(seen)))}")
