"""Ports that are free, and stay so until a test takes them.

They lie below those that the kernel gives to whoever asks for any port, and processes that run tests at the
same time draw from different ones.
"""

import os
import random
import socket
from contextlib import ExitStack
from pathlib import Path

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_COUNT = 16_000
_SHARES = 64  # of which each process takes one


def free_ports(count: int) -> list[int]:
    """As many different ports, which nobody has at any address, neither for UDP nor for TCP."""
    first_given = int(_RANGE.read_text().split()[0])
    ours = range(max(first_given - _COUNT, 1024), first_given)[os.getpid() % _SHARES :: _SHARES]
    found: list[int] = []
    with ExitStack() as held:
        for port in random.sample(ours, len(ours)):
            try:
                for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                    held.enter_context(socket.socket(socket.AF_INET, kind)).bind(("", port))
            except OSError:
                continue
            found.append(port)
            if len(found) == count:
                break
    assert len(found) == count, f"no more than {len(found)} of the ports {ours} are free"
    return found


def free_port() -> int:
    """One such port."""
    return free_ports(1)[0]
