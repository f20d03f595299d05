"""SIP servers of other people's making, as processes for the daemon to check."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import IPv4Address
from pathlib import Path

from tests.fakes.daemon import eventually

HOST = "127.0.0.1"
_UDP_SOCKETS, _TCP_SOCKETS = Path("/proc/net/udp"), Path("/proc/net/tcp")
_STOP_WITHIN_S = 10.0


@asynccontextmanager
async def running_peer(
    command: Sequence[str | Path], port: int, folder: Path, *, udp: bool = True
) -> AsyncIterator[None]:
    """Run a program, as a process group of its own, from when it has ``port`` until the block ends.

    What it says and leaves behind is in ``folder``.
    """
    log = folder / "output.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )

    async def listens() -> bool:
        if process.returncode is not None:
            raise AssertionError(f"{command[0]} ended by itself: {log.read_text(errors='replace')}")
        return _has_socket(port, _UDP_SOCKETS if udp else _TCP_SOCKETS)

    try:
        await eventually(listens, bool)
        yield
    finally:
        await _stop(process)


def _has_socket(port: int, sockets: Path) -> bool:
    """Whether a socket is bound to ``port`` of HOST. Asking by binding would be in the program's way."""
    address = int.from_bytes(IPv4Address(HOST).packed, sys.byteorder)
    return f" {address:08X}:{port:04X} " in sockets.read_text()


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        async with asyncio.timeout(_STOP_WITHIN_S):
            await process.wait()
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
