"""The listening Unix socket: made under a lock, with its mode from the first moment, removed at the end.

Or the one that systemd made: it is systemd's, before us and after us, and is left as it is.
"""

import fcntl
import grp
import os
import socket
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from provd.systemd import Inherited

BACKLOG = 2048


class ListenError(Exception):
    """The socket can't be had; ``str()`` says why and what to do."""


class Listener(Protocol):
    """A listening socket, and what people know it by."""

    path: Path
    socket: socket.socket

    def close(self) -> None:
        """Listen no more."""


class BoundListener:
    """A bound, listening socket at ``path``.

    A lock beside it (``path``.lock) is held as long as the socket lives: a second daemon is refused, while
    a socket that a dead one left is taken over.
    """

    def __init__(self, path: Path, mode: int, group: str = "") -> None:
        self.path = path
        self._lock = _lock(path)
        try:
            _remove_dead(path)
            self.socket = _bind(path, mode, group)
            self._inode = path.stat().st_ino
        except BaseException:
            os.close(self._lock)
            raise

    def close(self) -> None:
        """Close and remove the socket, if it is still ours, and let the lock go."""
        self.socket.close()
        try:
            if self.path.stat().st_ino == self._inode:
                self.path.unlink()
        except FileNotFoundError:
            pass
        os.close(self._lock)


class InheritedListener:
    """The one socket that systemd passed. ListenError when it is no listening Unix stream socket, or one of
    many.

    Who calls while nobody listens waits in it: so no request is lost over a restart.
    """

    def __init__(self, passed: Sequence[Inherited]) -> None:
        for each in passed:
            os.set_inheritable(each.fd, False)
        if len(passed) != 1:
            names = ", ".join(each.name for each in passed)
            raise ListenError(f"systemd passed {len(passed)} sockets ({names}): leave one ListenStream=")
        (only,) = passed
        try:
            self.socket = socket.socket(fileno=only.fd)
        except OSError as error:
            raise ListenError(f"what systemd passed as {only.name} is no socket: {error.strerror}") from error
        wrong = _why_not_ours(self.socket)
        if wrong:
            self.socket.close()
            raise ListenError(
                f"the socket {only.name} that systemd passed {wrong}: give its unit "
                "ListenStream= with a path, and no Accept="
            )
        self.socket.setblocking(False)
        name = self.socket.getsockname()
        self.path = Path(os.fsdecode(name) if isinstance(name, str) else "@" + os.fsdecode(name[1:]))

    def close(self) -> None:
        """Close our side of it."""
        self.socket.close()


def socket_group_id(group: str) -> int:
    """The group's number; -1, which chown takes for none, where it is empty. ListenError for one that is not
    there."""
    try:
        return grp.getgrnam(group).gr_gid if group else -1
    except KeyError:
        raise ListenError(f"[daemon] socket_group: there is no group {group!r} on this machine") from None


def _why_not_ours(passed: socket.socket) -> str:
    """What speaks against a socket that was passed; nothing, if it can serve."""
    if passed.family != socket.AF_UNIX:
        return "is no Unix socket"
    if passed.type != socket.SOCK_STREAM:
        return "is no stream socket"
    if not passed.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        return "does not listen"
    return ""


def _lock(path: Path) -> int:
    lock = path.with_name(path.name + ".lock")
    try:
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise ListenError(
            f"the socket can't be made at {path}: {error.strerror}: {error.filename}. "
            "Run as a user who may write there, or set [daemon] socket"
        ) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise ListenError(
            f"another provd holds the socket {path}: stop it, or set another [daemon] socket"
        ) from None
    return handle


def _remove_dead(path: Path) -> None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise ListenError(
            f"{path} is there and is not a socket: move it away, or set another [daemon] socket"
        )
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
        try:
            knock.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
        except FileNotFoundError:
            return
        except OSError as error:
            raise ListenError(f"the socket {path} can't be examined: {error.strerror}") from error
    raise ListenError(f"another program answers at {path}: stop it, or set another [daemon] socket")


def _bind(path: Path, mode: int, group: str) -> socket.socket:
    gid = socket_group_id(group)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        made.bind(str(path))
        if group:
            os.chown(path, -1, gid)
        path.chmod(mode)
        made.listen(BACKLOG)
    except OSError as error:
        made.close()
        path.unlink(missing_ok=True)
        raise ListenError(f"the socket can't be made at {path}: {error.strerror}") from error
    finally:
        os.umask(before)
    made.setblocking(False)
    return made
