"""The far end: the responder, as a process of its own."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.daemon import compile_c

HERE = Path(__file__).parent


class Responder:
    """Answers on every address of 127.0.0.0/8, and counts what comes in each 10 ms."""

    def __init__(self, running: "subprocess.Popen[str]") -> None:
        self._running = running

    def signal(self, number: int) -> None:
        """Send the process a signal."""
        self._running.send_signal(number)

    def turn(self) -> None:
        """Answer those that were mute, or be mute to them again."""
        self.signal(signal.SIGHUP)

    def begin(self) -> None:
        """Count from now on."""
        self.signal(signal.SIGUSR1)

    def burst(self) -> float:
        """The most that came in 10 ms, by the mean."""
        self.signal(signal.SIGUSR2)
        assert self._running.stdout is not None
        total, slots, most = map(int, self._running.stdout.readline().split())
        return most / (total / slots)


@contextmanager
def responder(folder: Path, port: int, mute: int = 0) -> Iterator[Responder]:
    """Run the responder; with ``mute`` it never answers for last octets that can be divided by it."""
    command = [str(compile_c(HERE / "responder.c", folder)), str(port), str(mute)]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield Responder(running)
    finally:
        running.terminate()
        running.communicate()


@contextmanager
def process(command: list[str]) -> Iterator[int]:
    """Run a program; gives its pid."""
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield running.pid
    finally:
        running.terminate()
        running.wait()
