"""When datagrams came: the kernel's note of it (socket(7), SO_TIMESTAMPNS), which no wait of ours delays."""

import socket
import struct

_SO_TIMESTAMPNS = 35  # asm-generic/socket.h
STAMP = struct.Struct("=qq")
"""Seconds and nanoseconds since 1970."""

ROOM = socket.CMSG_SPACE(STAMP.size)
"""For the ancillary data of a datagram, in bytes."""


def ask_for_stamps(made: socket.socket) -> None:
    """Have each datagram come with its stamp. Raises OSError.

    The kernel begins a few milliseconds after the first socket asks; until then a stamp says when its
    datagram was taken in.
    """
    made.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)


def read_stamp(ancillary: list[tuple[int, int, bytes]]) -> float | None:
    """When it came, in seconds since 1970; None: the kernel did not say."""
    for level, kind, payload in ancillary:
        if kind == _SO_TIMESTAMPNS and level == socket.SOL_SOCKET and len(payload) == STAMP.size:
            seconds, nanoseconds = STAMP.unpack(payload)
            return float(seconds + nanoseconds * 1e-9)
    return None
