"""provctl and provd as processes of their own that begin quickly: forked from one that has imported them.

Importing takes longer than most commands do. A test to which it matters begins a new interpreter.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path


class Running:
    """A process, to be used as one of asyncio."""

    def __init__(
        self,
        pid: int,
        stdin: asyncio.StreamWriter,
        stdout: asyncio.StreamReader,
        stderr: asyncio.StreamReader,
        exit_code: "asyncio.Task[int]",
    ) -> None:
        self.pid = pid
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self._exit_code = exit_code

    @property
    def returncode(self) -> int | None:
        return self._exit_code.result() if self._exit_code.done() else None

    async def wait(self) -> int:
        return await asyncio.shield(self._exit_code)

    async def communicate(self, data: bytes | None = None) -> tuple[bytes, bytes]:
        """Say ``data`` to it and wait for its end; answers all that it said."""
        self.stdin.write(data or b"")
        self.stdin.write_eof()
        out, err = await asyncio.gather(self.stdout.read(), self.stderr.read())
        await self.wait()
        return out, err

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):  # it has ended, and we have not heard of it yet
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Programs:
    """Begins processes, by orders to the server beside this."""

    def __init__(self, orders: socket.socket) -> None:
        self._orders = orders

    @asynccontextmanager
    async def started(
        self, program: str, *arguments: str | Path, terminal: int | None = None, **environment: str | Path
    ) -> AsyncIterator[Running]:
        """``provctl`` or ``provd``, with ``environment`` beside our own, and ``terminal`` to read from.

        It is killed with the block, if it has not ended by itself.
        """
        order = {
            "program": program,
            "arguments": [str(each) for each in arguments],
            "environment": os.environ | {name: str(value) for name, value in environment.items()},
        }
        pairs = [socket.socketpair() for _ in range(3)]
        told, talk, err = (theirs for _, theirs in pairs)
        reading = talk.fileno() if terminal is None else terminal
        handed_over = [told.fileno(), reading, talk.fileno(), err.fileno()]
        socket.send_fds(self._orders, [json.dumps(order).encode()], handed_over)
        for _, theirs in pairs:
            theirs.close()
        (said, said_end), (stdout, stdin), (stderr, stderr_end) = [
            await asyncio.open_connection(sock=ours) for ours, _ in pairs
        ]

        async def number() -> int:
            line = await said.readline()
            assert line, "the server ended; `python -m tests.fakes.programs.server` may tell why"
            return int(line)

        pid = await number()
        running = Running(pid, stdin, stdout, stderr, asyncio.create_task(number()))
        try:
            yield running
        finally:
            running.kill()
            await running.wait()
            for writer in (said_end, stdin, stderr_end):
                writer.close()


@contextmanager
def preloaded_programs() -> Iterator[Programs]:
    """Run the server for as long as the block lasts."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", f"{__name__}.server"]
    with ours, subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE):
        theirs.close()
        yield Programs(ours)
        ours.close()
