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
_STAMP_AT = socket.CMSG_LEN(0)


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


_SIZE, _TOLD_AT = ctypes.sizeof(_Message), _Header.control_length.offset
_TOLD = struct.Struct(f"@Ni{_Message.length.offset - _Header.flags.offset - 4}xI")
"""What the kernel says of a message: the length of its control data, flags, its length."""


class Batch:
    """Room for MOST datagrams, which sockets use one after the other."""

    def __init__(self) -> None:
        self._data, self._names, self._control = (bytearray(MOST * each) for each in (_LARGEST, _NAME, ROOM))
        data, names, control = map(_address_of, (self._data, self._names, self._control))
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
        self._view = memoryview(self._data)

    def receive(self, descriptor: int, most: int) -> list[tuple[bytes, float]]:
        """Take in up to ``most`` datagrams that wait in a socket, each with when it came (seconds since 1970;
        0.0: the kernel did not say). Raises OSError: BlockingIOError when none waits."""
        raw, view, control = self._raw, self._view, self._control
        raw[:] = self._unused
        count = _recvmmsg()(descriptor, self._at, min(most, MOST), socket.MSG_DONTWAIT, None)
        if count < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        taken = []
        for place in range(count):
            control_length, _, length = _TOLD.unpack_from(raw, place * _SIZE + _TOLD_AT)
            start, came = place * _LARGEST, 0.0
            if control_length:
                seconds, nanoseconds = STAMP.unpack_from(control, place * ROOM + _STAMP_AT)
                came = seconds + nanoseconds * 1e-9
            taken.append((bytes(view[start : start + length]), came))
        return taken

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
