"""What systemd and a service tell each other: sd_notify(3), sd_watchdog_enabled(3), sd_listen_fds(3).

Nothing here has an effect where systemd did not ask for it in the environment.
"""

import logging
import socket
import time
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

FIRST_FD = 3  # SD_LISTEN_FDS_START
_SEND_WITHIN_S = 1.0
_SEND_BUFFER = 8 * 1024 * 1024
_UNNAMED = "unknown"  # sd_listen_fds_with_names(3)
_VARIABLES = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")


class Notifier:
    """Tells the service manager how the service does; without an ``address`` (NOTIFY_SOCKET) nobody.

    Of any thread. What can't be told is logged, and is no error: the service goes on.
    """

    def __init__(self, address: str | None = None) -> None:
        self._address: str | None = None
        if address and address[0] in "/@":
            self._address = "\0" + address[1:] if address[0] == "@" else address
        elif address:
            log.warning(
                "systemd can't be told anything: NOTIFY_SOCKET is %r, neither a path nor @name", address
            )

    def ready(self, status: str) -> None:
        """The service is up, or has read its configuration again."""
        self._tell("READY=1", status)

    def reloading(self) -> None:
        """The service reads its configuration again; ``ready`` is to follow."""
        self._tell("RELOADING=1", monotonic_usec=time.monotonic_ns() // 1000)

    def stopping(self) -> None:
        """The service has begun to stop."""
        self._tell("STOPPING=1", "stopping")

    def alive(self) -> None:
        """The service is well: the watchdog's time begins anew."""
        self._tell("WATCHDOG=1")

    def status(self, text: str) -> None:
        """What ``systemctl status`` is to show; a line."""
        self._tell(status=text)

    def _tell(self, state: str = "", status: str = "", monotonic_usec: int | None = None) -> None:
        if self._address is None:
            return
        lines = [state] if state else []
        if monotonic_usec is not None:
            lines.append(f"MONOTONIC_USEC={monotonic_usec}")
        if status:
            lines.append("STATUS=" + " ".join(status.split()))
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
                sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
                sender.settimeout(_SEND_WITHIN_S)
                sender.sendto("\n".join(lines).encode(), self._address)
        except OSError as error:
            log.warning("systemd can't be told %s: %s", lines[0].partition("=")[0], error.strerror or error)


@dataclass(frozen=True, slots=True)
class Inherited:
    """A file descriptor that systemd passed, by the name that its unit gives it (FileDescriptorName=)."""

    name: str
    fd: int


@dataclass(frozen=True, slots=True)
class ServiceManager:
    """What systemd gives to this process and wants from it; ``watchdog_s`` None: no signs of life."""

    notifier: Notifier = field(default_factory=Notifier)
    watchdog_s: float | None = None
    sockets: tuple[Inherited, ...] = ()


def take_from(environ: MutableMapping[str, str], pid: int) -> ServiceManager:
    """Read what systemd says to the process ``pid``, this one, and take it out of the environment.

    The processes that this one begins are not meant.
    """
    manager = ServiceManager(
        Notifier(environ.get("NOTIFY_SOCKET")), _watchdog_s(environ, pid), _inherited(environ, pid)
    )
    for name in _VARIABLES:
        environ.pop(name, None)
    return manager


def _watchdog_s(environ: Mapping[str, str], pid: int) -> float | None:
    usec = environ.get("WATCHDOG_USEC", "")
    if environ.get("WATCHDOG_PID", str(pid)) != str(pid) or not usec.isdecimal() or int(usec) == 0:
        return None
    return int(usec) / 1e6


def _inherited(environ: Mapping[str, str], pid: int) -> tuple[Inherited, ...]:
    count = environ.get("LISTEN_FDS", "")
    if environ.get("LISTEN_PID") != str(pid) or not count.isdecimal():
        return ()
    names = environ.get("LISTEN_FDNAMES", "").split(":")
    return tuple(
        Inherited((names[number] if number < len(names) else "") or _UNNAMED, FIRST_FD + number)
        for number in range(int(count))
    )
