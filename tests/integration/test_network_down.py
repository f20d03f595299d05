"""The interface goes down and comes back: our own failure, which changes no carrier's status.

The daemon and the carriers each run in a network namespace of their own, with a veth pair between them. That
needs root.
"""

import asyncio
import ctypes
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from provd.client import Client
from provd.demo.behaviour import Behaviour
from provd.demo.server import SimulatedCarrier
from provd.schema.health import Cause
from provd.schema.provider import Provider, Transport
from tests.fakes.daemon import RunningDaemon, eventually, temporary_folder
from tests.unit.probe.stream.peers import Visit, always_ok

from .announced import changes
from .test_checks import is_healthy
from .test_lifecycle import answers

OURS, THEIRS = "192.0.2.1", "192.0.2.2"
_CLONE_NEWNET = 0x40000000  # linux/sched.h
_CAN = os.geteuid() == 0 and all(shutil.which(each) for each in ("unshare", "nsenter", "ip"))
# skip, as skipif is not counted in one line at the end
pytestmark = (
    [] if _CAN else [pytest.mark.skip(reason="needs root, unshare, nsenter and ip: util-linux, iproute2")]
)


async def run_within(process_id: int, script: str) -> None:
    """Run a shell script in the network of a process."""
    process = await asyncio.create_subprocess_exec(
        *("nsenter", f"--net=/proc/{process_id}/ns/net", "sh", "-ec", script),
        stderr=asyncio.subprocess.PIPE,
    )
    _, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()


@asynccontextmanager
async def isolated(*command: str) -> AsyncIterator[int]:
    """Run a program in a network of its own; comes with its process's id."""
    process = await asyncio.create_subprocess_exec("unshare", "--net", *command)

    async def has_left_ours() -> bool:
        ours = Path("/proc/self/ns/net").readlink()
        return Path(f"/proc/{process.pid}/ns/net").readlink() != ours

    try:
        await eventually(has_left_ours, bool)
        yield process.pid
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def isolated_daemon(folder: Path) -> AsyncIterator[tuple[RunningDaemon, int, int]]:
    """A daemon and a network for its carriers; comes with the process ids of both."""
    places = ("--socket", str(folder / "s"), "--state-dir", str(folder / "state"))
    async with (
        isolated(sys.executable, "-m", "provd", "run", *places) as daemon_id,
        isolated("sleep", "600") as carriers_id,
        Client(folder / "s") as client,
    ):
        await run_within(
            daemon_id,
            f"ip link set lo up; ip link add v0 type veth peer name v1 netns {carriers_id}; "
            f"ip addr add {OURS}/24 dev v0; ip link set v0 up",
        )
        await run_within(carriers_id, f"ip link set lo up; ip addr add {THEIRS}/24 dev v1; ip link set v1 up")
        await eventually(lambda: answers(client), bool)
        daemon = RunningDaemon(folder / "s", folder / "state", client, None)  # type: ignore[arg-type]
        yield daemon, daemon_id, carriers_id


def socket_within(process_id: int, kind: socket.SocketKind) -> socket.socket:
    """A socket in the network of another process. The thread that makes it stays there, and ends."""

    def make() -> socket.socket:
        libc = ctypes.CDLL(None, use_errno=True)
        with Path(f"/proc/{process_id}/ns/net").open("rb") as namespace:
            if libc.setns(namespace.fileno(), _CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        made = socket.socket(socket.AF_INET, kind)
        made.bind((THEIRS, 0))
        made.setblocking(False)
        return made

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(make).result()


@asynccontextmanager
async def carriers_within(process_id: int) -> AsyncIterator[dict[Transport, str]]:
    """A carrier over UDP and one over TCP in the network of a process; the hostname of each."""
    over_udp, over_tcp = (socket_within(process_id, kind) for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM))
    carrier = SimulatedCarrier(Behaviour())
    visits = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = Visit(reader, writer)
        visits.append(visit)
        await always_ok(visit)

    await asyncio.get_running_loop().create_datagram_endpoint(lambda: carrier, sock=over_udp)
    server = await asyncio.start_server(accept, sock=over_tcp)
    try:
        yield {
            Transport.UDP: f"{THEIRS}:{over_udp.getsockname()[1]}",
            Transport.TCP: f"{THEIRS}:{over_tcp.getsockname()[1]}",
        }
    finally:
        carrier.close()
        server.close()
        for visit in visits:
            visit.abort()


def is_local(provider: Provider) -> bool:
    return provider.health.cause is Cause.LOCAL


async def test_while_the_interface_is_down_the_status_is_kept_and_we_are_to_blame() -> None:
    quick = {"interval_s": 1, "timeout_s": 1}
    async with (
        temporary_folder() as folder,
        isolated_daemon(folder) as (daemon, daemon_id, carriers_id),
        carriers_within(carriers_id) as hostnames,
    ):
        steady = [
            await daemon.add(hostnames[Transport.UDP], probe=quick),
            await daemon.add(hostnames[Transport.TCP], transport="tcp", probe={**quick, "reuse": False}),
        ]
        dead = await daemon.add(f"{THEIRS}:9", probe=quick)
        before = [await daemon.until(provider.id, is_healthy) for provider in steady]
        await daemon.until(dead.id, lambda provider: provider.health.cause is Cause.REFUSED)
        await run_within(daemon_id, "ip link set v0 down")
        for provider in before:
            down = await daemon.until(provider.id, is_local)
            assert (down.health_status, down.health.since) == ("healthy", provider.health.since)
            assert "says nothing about the carrier (Network is unreachable)" in down.health.explanation
        assert (await daemon.until(dead.id, is_local)).health_status == "unhealthy"
        late = await daemon.add(hostnames[Transport.UDP], name="late", probe=quick)
        assert (await daemon.until(late.id, is_local)).health_status == "unknown"
        assert (await daemon.client.status()).monitor.send_errors_total >= 4
        await run_within(daemon_id, "ip link set v0 up")
        for provider in (*steady, late):
            await daemon.until(provider.id, lambda found: found.health.cause is Cause.OK)
            assert await changes(daemon, provider.id, at_least=1) == ["healthy"]
        await daemon.until(dead.id, lambda provider: provider.health.cause is Cause.REFUSED)
        assert await changes(daemon, dead.id, at_least=1) == ["unhealthy"]


async def test_over_a_connection_that_is_kept_it_is_healthy_again_once_the_interface_is_back() -> None:
    async with (
        temporary_folder() as folder,
        isolated_daemon(folder) as (daemon, daemon_id, carriers_id),
        carriers_within(carriers_id) as hostnames,
    ):
        added = await daemon.add(hostnames[Transport.TCP], transport="tcp")
        await daemon.until(added.id, is_healthy)
        await run_within(daemon_id, "ip link set v0 down")
        await daemon.until(added.id, is_local)
        assert await changes(daemon, added.id, at_least=1) == ["healthy"]
        await run_within(daemon_id, "ip link set v0 up")
        await daemon.until(added.id, lambda found: found.health.cause is Cause.OK)
        assert await changes(daemon, added.id, at_least=1) == ["healthy"]
