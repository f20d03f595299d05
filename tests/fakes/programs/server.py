"""Imports provctl and provd once, and forks a process for each command that is asked for.

``python -m tests.fakes.programs.server``, with a SOCK_SEQPACKET socket as its standard input. Each packet is
an order, as JSON, with four file descriptors: a socket, and the new process's standard input, output and
error. The socket is told, a line each, the process's id at once and its exit code at its end (less than 0:
the signal that ended it). When no more orders can come, the processes that are left are killed.

None of its own standard streams may be a file: the new processes have them, and would take theirs for files.
"""

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MAX_ORDER = 200_000


@dataclass(frozen=True, slots=True)
class _Child:
    pid: int
    ended: int  # a pidfd
    teller: socket.socket

    def tell(self, number: int) -> None:
        try:
            self.teller.sendall(b"%d\n" % number)
        except OSError:
            return  # nobody wants to know any more

    def close(self) -> None:
        os.close(self.ended)
        self.teller.close()


def serve(control: socket.socket) -> dict[str, Any] | None:
    """Fork for each order, until there will be none: then None. In a forked process: its order."""
    children: dict[int, _Child] = {}
    events = select.poll()
    events.register(control, select.POLLIN)
    while True:
        for fd, _ in events.poll():
            child = children.pop(fd, None)
            if child is not None:
                events.unregister(fd)
                child.tell(os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1]))
                child.close()
                continue
            data, fds, *_ = socket.recv_fds(control, MAX_ORDER, 4)
            if not data:
                for child in children.values():
                    os.kill(child.pid, signal.SIGKILL)
                return None
            pid = os.fork()
            if pid == 0:
                control.close()
                for each in children.values():
                    each.close()
                os.close(fds[0])
                for number, standard in enumerate(fds[1:]):
                    os.dup2(standard, number)
                    os.close(standard)
                return dict(json.loads(data))
            for standard in fds[1:]:
                os.close(standard)
            child = _Child(pid, os.pidfd_open(pid), socket.socket(fileno=fds[0]))
            child.tell(pid)
            children[child.ended] = child
            events.register(child.ended, select.POLLIN)


def preload() -> dict[str, Callable[[], None]]:
    """The programs by their names. What they import when they run is imported, too."""
    ours = ("provd.client", "provd.daemon", "provd.demo.fleet")
    theirs = ("alembic.command", "anyio._backends._asyncio", "httpcore", "rich.panel", "typer.rich_utils")
    for name in (*ours, *theirs):
        importlib.import_module(name)
    from provd.cli import provctl, provd

    return {"provctl": provctl.main, "provd": provd.main}


def main() -> None:
    programs = preload()
    gc.collect()
    gc.freeze()
    order = serve(socket.socket(fileno=os.dup(0)))
    if order is not None:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell had it ignored
        os.environ.clear()
        os.environ.update(order["environment"])
        sys.argv = [order["program"], *order["arguments"]]
        programs[order["program"]]()


if __name__ == "__main__":
    main()
