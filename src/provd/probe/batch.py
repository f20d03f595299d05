"""Many datagrams with one call of the kernel: recvmmsg(2), which Python's sockets do not have."""

import ctypes
import os
import socket
import struct
from functools import cache
from typing import Any

from provd.probe.stamps import ROOM, STAMP

MOST = 64
_LARGEST = 65535
_NAME = 28  # bytes of a struct sockaddr_in6, the longer one
_IPV4, _IPV6, _SCOPE = struct.Struct("!2xH4s"), struct.Struct("!2xHI16s"), struct.Struct("=24xI")
_STARTS = range(0, MOST * _LARGEST, _LARGEST)


class _Part(ctypes.Structure):
    """struct iovec."""

    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Header(ctypes.Structure):
    """struct msghdr."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("parts", ctypes.c_void_p),
        ("parts_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Message(ctypes.Structure):
    """struct mmsghdr."""

    _fields_ = (("header", _Header), ("length", ctypes.c_uint32))


@cache
def _told(count: int) -> struct.Struct:
    """What the kernel says of ``count`` messages: of each, the length of its control data, and its own."""
    header, size = _Header.control_length, ctypes.sizeof(_Message)
    between = _Message.length.offset - header.offset - header.size
    after = size - _Message.length.offset - _Message.length.size
    return struct.Struct("=" + f"{header.offset}xQ{between}xI{after}x" * count)


@cache
def _stamps(count: int) -> struct.Struct:
    """The stamps of ``count`` messages, in their control data."""
    return struct.Struct("=" + f"{socket.CMSG_LEN(0)}x{STAMP.format[1:]}" * count)


class Batch:
    """Room for MOST datagrams, which sockets use one after the other."""

    def __init__(self) -> None:
        self._data: Any = (ctypes.c_char * (MOST * _LARGEST))()  # slices of it are bytes
        self._names, self._control = bytearray(MOST * _NAME), bytearray(MOST * ROOM)
        data = ctypes.addressof(self._data)
        names, control = _address_of(self._names), _address_of(self._control)
        self._parts = (_Part * MOST)()
        self._messages = (_Message * MOST)()
        for place, (part, message) in enumerate(zip(self._parts, self._messages, strict=True)):
            part.base, part.length = data + place * _LARGEST, _LARGEST
            header = message.header
            header.name, header.name_length = names + place * _NAME, _NAME
            header.parts, header.parts_count = ctypes.addressof(part), 1
            header.control, header.control_length = control + place * ROOM, ROOM
        self._raw = memoryview(self._messages).cast("B")
        self._unused = bytes(self._raw)
        self._at = ctypes.addressof(self._messages)

    def receive(self, descriptor: int, most: int) -> tuple[list[bytes], list[float]]:
        """Take in up to ``most`` datagrams that wait in a socket, and when each came (seconds since 1970;
        0.0: the kernel did not say). Raises OSError: BlockingIOError when none waits."""
        raw, data = self._raw, self._data
        raw[:] = self._unused
        count = _recvmmsg()(descriptor, self._at, min(most, MOST), socket.MSG_DONTWAIT, None)
        if count < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        told, stamps = _told(count).unpack_from(raw), _stamps(count).unpack_from(self._control)
        datagrams = [data[start : start + length] for start, length in zip(_STARTS, told[1::2], strict=False)]
        came = [
            seconds + nanoseconds * 1e-9 if control_length else 0.0
            for control_length, seconds, nanoseconds in zip(told[::2], stamps[::2], stamps[1::2], strict=True)
        ]
        return datagrams, came

    def source(self, place: int) -> Any:
        """Who sent one of those that were taken in last, as Python's sockets write addresses."""
        name = memoryview(self._names)[place * _NAME : (place + 1) * _NAME]
        (family,) = struct.unpack_from("=H", name)
        if family == socket.AF_INET:
            port, host = _IPV4.unpack_from(name)
            return socket.inet_ntop(family, host), port
        port, flow, host = _IPV6.unpack_from(name)
        (scope,) = _SCOPE.unpack_from(name)
        return socket.inet_ntop(family, host), port, flow, scope


@cache
def shared_batch() -> Batch:
    """The room that all sockets of this process use, in one thread."""
    return Batch()


@cache
def _recvmmsg() -> Any:
    function = ctypes.CDLL(None, use_errno=True).recvmmsg
    function.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_void_p)
    return function


def _address_of(buffer: bytearray) -> int:
    return ctypes.addressof((ctypes.c_char * len(buffer)).from_buffer(buffer))
