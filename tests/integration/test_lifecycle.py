"""Starting, stopping, dying, and what is in the way."""

import asyncio
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from provd.api.access import UnknownNameError
from provd.api.listener import ListenError
from provd.client import Client, DaemonUnavailable
from provd.demo.behaviour import Behaviour
from provd.schema.events import EventType
from provd.schema.health import HealthStatus
from provd.store.errors import StoreOpenError
from provd.store.migrations import HEAD
from tests.fakes.daemon import RunningDaemon, eventually, running_daemon, temporary_folder
from tests.fakes.programs import Programs, Running
from tests.integration.announced import announced

from .conftest import StartCarrier
from .test_checks import is_healthy, is_unhealthy


@asynccontextmanager
async def daemon_process(programs: Programs, folder: Path) -> AsyncIterator[Running]:
    """The daemon as a process of its own, answering."""
    places = ("--socket", folder / "s", "--state-dir", folder / "state")
    async with programs.started("provd", "run", *places) as process:
        async with Client(folder / "s") as client:
            await eventually(lambda: answers(client), lambda yes: yes or process.returncode is not None)
        yield process


async def answers(client: Client) -> bool:
    try:
        await client.version()
    except DaemonUnavailable:
        return False
    return True


async def test_sigterm_stops_in_order_and_removes_the_socket(programs: Programs) -> None:
    async with temporary_folder() as folder:
        async with daemon_process(programs, folder) as process:
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == 0
        assert not (folder / "s").exists()
        with sqlite3.connect(folder / "state" / "provd.db") as store:
            kinds = [row[0] for row in store.execute("SELECT type FROM event ORDER BY seq")]
        store.close()
        assert kinds == ["daemon.started", "daemon.stopping"]


async def test_the_store_and_the_socket_are_for_their_owner(programs: Programs) -> None:
    async with temporary_folder() as folder, daemon_process(programs, folder):
        assert (folder / "s").stat().st_mode & 0o777 == 0o660
        assert (folder / "state").stat().st_mode & 0o777 == 0o700
        assert (folder / "state" / "provd.db").stat().st_mode & 0o777 == 0o600


async def test_what_was_acknowledged_and_announced_survives_a_kill(
    programs: Programs, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier()
    async with temporary_folder() as folder:
        async with daemon_process(programs, folder) as process, Client(folder / "s") as client:
            daemon = RunningDaemon(folder / "s", folder / "state", client, None)  # type: ignore[arg-type]
            added = [await daemon.add(hostname, name=f"p{number}") for number in range(20)]
            await daemon.until(added[-1].id, is_healthy)
            announced = await eventually(
                client.event_log,
                lambda log: sum(each.type is EventType.HEALTH_CHANGED for each in log.result) == 20,
            )
            process.kill()
            await process.wait()
        assert (folder / "s").exists()
        async with daemon_process(programs, folder), Client(folder / "s") as client:
            found = await client.all_providers()
            assert {each.id for each in found} == {each.id for each in added}
            assert all(is_healthy(each) for each in found)
            log = await client.event_log()
            assert {each.seq for each in announced.result} <= {each.seq for each in log.result}
        store = sqlite3.connect(folder / "state" / "provd.db")
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        store.close()


async def test_a_verdict_stands_over_a_restart_until_the_next_check(start_carrier: StartCarrier) -> None:
    carrier, hostname = await start_carrier(Behaviour(403))
    async with temporary_folder() as folder:
        async with running_daemon(folder) as daemon:
            added = await daemon.add(hostname)
            before = await daemon.until(added.id, is_healthy)
        carrier.behaviour = Behaviour(silent=True)
        async with running_daemon(folder) as daemon:
            after = await daemon.client.provider(added.id)
            assert (after.health_status, after.health.code) == (HealthStatus.HEALTHY, 403)
            assert after.health.since == before.health.since
            assert after.revision == before.revision
            down = await daemon.until(added.id, is_unhealthy)
            log = await announced(daemon, EventType.HEALTH_CHANGED, added.id, at_least=2)
            assert [each.data.get("previous") for each in log] == ["unknown", "healthy"]
            assert down.health.since is not None
            assert down.health.since > str(before.health.since)


async def test_a_second_daemon_on_the_same_socket_or_store_is_refused() -> None:
    async with temporary_folder() as folder, running_daemon(folder) as daemon:
        other = {"state_dir": str(folder / "other")}
        with pytest.raises(ListenError, match="another provd holds the socket"):
            await _start(folder, daemon=other)
        elsewhere = {"socket": str(folder / "other.sock")}
        with pytest.raises(StoreOpenError, match="another provd uses the state directory"):
            await _start(folder, daemon=elsewhere)
        assert await answers(daemon.client)


async def _start(folder: Path, **sections: dict[str, object]) -> None:
    async with running_daemon(folder, **sections):
        pass


async def test_another_programs_socket_is_left_alone() -> None:
    async with temporary_folder() as folder:
        with socket.socket(socket.AF_UNIX) as held:
            held.bind(str(folder / "provd.sock"))
            held.listen()
            with pytest.raises(ListenError, match="another program answers"):
                await _start(folder)
            assert (folder / "provd.sock").exists()


async def test_a_file_in_the_sockets_place_is_left_alone() -> None:
    async with temporary_folder() as folder:
        (folder / "provd.sock").write_text("precious")
        with pytest.raises(ListenError, match="is not a socket"):
            await _start(folder)
        assert (folder / "provd.sock").read_text() == "precious"


async def test_a_dead_socket_is_taken_over() -> None:
    async with temporary_folder() as folder:
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(folder / "provd.sock"))
        async with running_daemon(folder) as daemon:
            assert await answers(daemon.client)
        assert not (folder / "provd.sock").exists()


async def test_a_state_directory_that_cannot_be_written_is_refused() -> None:
    async with temporary_folder() as folder:
        (folder / "file").touch()
        with pytest.raises(StoreOpenError, match="can't be written"):
            await _start(folder, daemon={"state_dir": str(folder / "file" / "state")})
        assert not (folder / "provd.sock").exists()


async def test_a_store_of_a_newer_version_is_refused_and_left_as_it_is() -> None:
    async with temporary_folder() as folder:
        async with running_daemon(folder):
            pass
        path = folder / "state" / "provd.db"
        store = sqlite3.connect(path)
        store.execute("UPDATE alembic_version SET version_num = '9999'")
        store.commit()
        store.close()
        before = path.read_bytes()
        with pytest.raises(
            StoreOpenError, match=rf"has schema 9999; this provd knows up to {HEAD}.*newer provd"
        ):
            await _start(folder)
        assert path.read_bytes() == before


async def test_a_store_that_is_no_database_is_refused_and_left_as_it_is() -> None:
    async with temporary_folder() as folder:
        (folder / "state").mkdir()
        path = folder / "state" / "provd.db"
        path.write_bytes(b"precious, though no database" * 100)
        with pytest.raises(StoreOpenError, match="not an SQLite database"):
            await _start(folder)
        assert path.read_bytes() == b"precious, though no database" * 100


async def test_access_that_names_nobody_is_refused() -> None:
    async with temporary_folder() as folder:
        with pytest.raises(UnknownNameError, match=r"'nobody-like-that'.*'@no-such-group'"):
            await _start(folder, access={"admins": ["nobody-like-that"], "viewers": ["@no-such-group"]})


async def test_requests_under_way_are_finished_when_the_daemon_stops(
    programs: Programs, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier(Behaviour(delay_s=0.5, jitter_s=0))
    async with (
        temporary_folder() as folder,
        daemon_process(programs, folder) as process,
        Client(folder / "s") as client,
    ):
        daemon = RunningDaemon(folder / "s", folder / "state", client, None)  # type: ignore[arg-type]
        added = await daemon.add(hostname, probe={"interval_s": 600, "timeout_s": 5})
        await daemon.until(added.id, is_healthy)
        waiting = asyncio.create_task(client.check_provider(added.id))
        await eventually(client.status, lambda status: status.monitor.in_flight == 1)
        process.send_signal(signal.SIGTERM)
        report = await waiting
        assert report.targets[0].code == 200
        assert await process.wait() == 0


async def test_a_client_that_never_reads_does_not_hold_the_stop_up(programs: Programs) -> None:
    async with temporary_folder() as folder, daemon_process(programs, folder) as process:
        reader, writer = await asyncio.open_unix_connection(folder / "s", limit=1)
        writer.write(b"GET /v1.0/events HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.read(1)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(20):
            assert await process.wait() == 0
        writer.close()


async def test_a_private_daemon_stops_when_its_parent_is_gone() -> None:
    async with temporary_folder() as folder:
        read, write = os.pipe()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "provd", "run", "--lifeline",
            "--socket", str(folder / "s"), "--state-dir", str(folder / "state"),
            stdin=read, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        os.close(read)
        async with Client(folder / "s") as client:
            await eventually(lambda: answers(client), bool)
        os.close(write)
        async with asyncio.timeout(20):
            assert await process.wait() == 0
        assert not (folder / "s").exists()
