"""A program on a terminal of its own: what it writes and when, and keys for it."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

_SYNC_ASKED, _SYNC_KNOWN = b"\x1b[?2026$p", b"\x1b[?2026;2$y"


class Terminal:
    """The program's terminal. ``began`` is when the process was made, in monotonic seconds, ``taken`` how
    many bytes it has written since."""

    def __init__(self, pid: int, descriptor: int) -> None:
        self.pid = pid
        self.began = time.monotonic()
        self.taken = 0
        self._descriptor = descriptor
        self._tail = b""

    def until(self, wanted: bytes, within_s: float = 60.0) -> float:
        """Read until ``wanted`` has come; give when, in monotonic seconds."""
        deadline = time.monotonic() + within_s
        while wanted not in self._tail:
            if not self._read(deadline):
                raise SystemExit(f"the program did not show {wanted!r}")
        self._tail = self._tail.partition(wanted)[2]
        return time.monotonic()

    def watch(self, seconds: float) -> int:
        """Read for so long; give how many bytes came."""
        before, deadline = self.taken, time.monotonic() + seconds
        while self._read(deadline):
            self._tail = b""
        return self.taken - before

    def press(self, keys: str) -> float:
        """Send keys; give when, in monotonic seconds. What came before is forgotten."""
        self._tail = b""
        os.write(self._descriptor, keys.encode())
        return time.monotonic()

    def _read(self, deadline: float) -> bool:
        """Take what comes next; tell whether something came by then."""
        ready, _, _ = select.select([self._descriptor], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return False
        try:
            piece = os.read(self._descriptor, 1 << 16)
        except OSError:
            raise SystemExit("the program has ended") from None
        if _SYNC_ASKED in self._tail[-len(_SYNC_ASKED) :] + piece:
            os.write(self._descriptor, _SYNC_KNOWN)  # as most terminals answer now
        self.taken += len(piece)
        self._tail += piece
        return True


@contextmanager
def on_terminal(
    command: Sequence[str], size: tuple[int, int], environment: Mapping[str, str]
) -> Iterator[Terminal]:
    """Run ``command`` on a terminal of ``size`` (columns, lines)."""
    pid, descriptor = pty.fork()
    if pid == 0:
        os.execvpe(command[0], list(command), {**os.environ, **environment})
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    try:
        yield Terminal(pid, descriptor)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(descriptor)
