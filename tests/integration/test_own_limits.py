"""When our own machine has no room, no carrier is blamed."""

import asyncio
import os
import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from provd.schema.health import Cause
from provd.schema.provider import Provider, Transport
from provd.version import __version__
from tests.fakes.certificates import Authority
from tests.fakes.daemon import eventually, running_daemon, temporary_folder
from tests.unit.probe.stream.peers import always_ok, running_peer, server_context

from .announced import changes
from .conftest import StartCarrier
from .test_checks import is_healthy

ANEW = {"interval_s": 1, "timeout_s": 1, "reuse": False}


@contextmanager
def no_more_files() -> Iterator[None]:
    """Let this process open nothing more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(each.name) for each in Path("/proc/self/fd").iterdir())
    taken: list[int] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, hard))
    try:
        while True:
            try:
                taken.append(os.dup(0))
            except OSError:
                break
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for number in taken:
            os.close(number)


def is_local(provider: Provider) -> bool:
    return provider.health.cause is Cause.LOCAL


async def test_without_file_descriptors_no_status_changes_and_udp_goes_on(
    start_carrier: StartCarrier,
) -> None:
    async with temporary_folder() as folder:
        authority = Authority(folder, "root")
        context = server_context(authority.issue("127.0.0.1"))
        trusted = {"ca_file": str(authority.cert_file)}
        async with (
            running_daemon(folder, tls=trusted) as daemon,
            running_peer(always_ok) as plain,
            running_peer(always_ok, context) as private,
        ):
            _, hostname = await start_carrier()
            udp = await daemon.add(hostname)
            tcp, tls = [
                await daemon.add(f"127.0.0.1:{peer.address[1]}", transport=transport, probe=ANEW)
                for peer, transport in ((plain, Transport.TCP), (private, Transport.TLS))
            ]
            for provider in (udp, tcp, tls):
                await daemon.until(provider.id, is_healthy)
            with no_more_files():
                for provider in (tcp, tls):
                    found = await daemon.until(provider.id, is_local)
                    assert is_healthy(found)
                    assert "Too many open files" in found.health.explanation
                    assert "limits" in str(found.health.next_step)
                (target,) = (await daemon.client.check_provider(udp.id)).targets
                assert target.cause is Cause.OK
                late = await daemon.add(
                    f"127.0.0.1:{plain.address[1]}", transport=Transport.TCP, probe=ANEW, name="late"
                )
                assert (await daemon.until(late.id, is_local)).health_status == "unknown"
                assert (await daemon.client.status()).monitor.send_errors_total >= 3
            for provider in (tcp, tls, late):
                await daemon.until(provider.id, lambda found: found.health.cause is Cause.OK)
                assert await changes(daemon, provider.id, at_least=1) == ["healthy"]


async def test_without_file_descriptors_callers_wait_and_are_answered_once_there_are_some(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with temporary_folder() as folder, running_daemon(folder) as daemon:
        await daemon.client.version()  # on a connection that is kept
        callers = [socket.socket(socket.AF_UNIX) for _ in range(20)]
        with no_more_files():
            for caller in callers:
                caller.connect(str(daemon.socket))
                caller.sendall(b"GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

            async def complaints() -> int:
                return sum("out of system resource" in each.message for each in caplog.records)

            assert await eventually(complaints, bool) < 100  # not one for each that may wait in the queue
            assert (await daemon.client.version()).version == __version__
        for caller in callers:
            reader, writer = await asyncio.open_unix_connection(sock=caller)
            assert (await reader.read()).startswith(b"HTTP/1.1 200 OK")
            writer.close()
        assert (await daemon.client.status()).you.role == "admin"
