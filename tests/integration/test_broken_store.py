"""The store is locked by somebody else, or damaged: what is wrong is said, and checks go on."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from provd.client import ApiError
from provd.demo.behaviour import Behaviour
from provd.schema.events import EventType
from provd.store import engine
from provd.store.backup import back_up
from provd.store.engine import STORE_NAME
from provd.store.errors import StoreOpenError
from tests.fakes.daemon import PATIENCE_S, RunningDaemon, eventually, running_daemon, temporary_folder
from tests.fakes.programs import Programs

from .announced import announced, changes
from .conftest import StartCarrier
from .test_checks import is_healthy, is_unhealthy
from .test_provctl import PROVD, run

PAGE = 4096
QUIET = {"enabled": False}
GARBAGE = bytes(range(255, -1, -1)) * (PAGE // 256)


@asynccontextmanager
async def locked(store: Path) -> AsyncIterator[None]:
    """Another process holds the store for itself."""
    with closing(sqlite3.connect(store, 0.0, isolation_level=None)) as other:
        async with asyncio.timeout(PATIENCE_S):
            # the daemon, which is in this process, is to end what it writes
            while not _holds(other):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        yield
        other.execute("ROLLBACK")


def _holds(store: sqlite3.Connection) -> bool:
    try:
        store.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        return False
    return True


def spoil(store: Path, table: str) -> None:
    """Write over the first page of a table, as a broken disk does."""
    with closing(sqlite3.connect(store)) as reading:
        (page,) = reading.execute(
            "SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)
        ).fetchone()
    with store.open("r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(GARBAGE)


async def test_a_write_waits_for_another_process_and_reads_do_not(daemon: RunningDaemon) -> None:
    added = await daemon.add("192.0.2.1", probe=QUIET)
    async with locked(daemon.state_dir / STORE_NAME):
        patching = asyncio.create_task(daemon.client.patch_provider(added.id, {"detail": "x"}))
        for _ in range(20):
            assert (await daemon.client.provider(added.id)).detail == ""
        assert not patching.done()
    assert (await patching).detail == "x"
    assert (await daemon.client.status()).store.writable


async def test_a_store_that_stays_locked_keeps_nobody_waiting_for_ever(
    start_carrier: StartCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(engine._OPTIONS["connect_args"], "timeout", 0.5)
    monkeypatch.setattr(engine, "_TURN_WITHIN_S", 1.0)
    carrier, hostname = await start_carrier()
    async with temporary_folder() as folder, running_daemon(folder) as daemon:
        added = await daemon.add(hostname)
        await daemon.until(added.id, is_healthy)
        await changes(daemon, added.id, at_least=1)
        async with locked(daemon.state_dir / STORE_NAME):
            answers = await asyncio.gather(
                *(daemon.client.patch_provider(added.id, {"detail": str(n)}) for n in range(12)),
                return_exceptions=True,
            )
            for answer in answers:
                assert isinstance(answer, ApiError)
                assert (answer.http_code, answer.body.reason) == (503, "STORE_UNAVAILABLE")
                assert "another process holds it locked" in str(answer)
            status = await daemon.client.status()
            assert (status.store.writable, "locked" in str(status.store.error)) == (False, True)
            carrier.behaviour = Behaviour(silent=True)
            down = await daemon.until(added.id, is_unhealthy)
        (_, later) = await announced(daemon, EventType.HEALTH_CHANGED, added.id, at_least=2)
        assert later.at == down.health.since
        assert (await daemon.client.provider(added.id)).detail == ""
        await daemon.client.patch_provider(added.id, {"detail": "x"})
        await eventually(daemon.client.status, lambda status: status.store.writable)


@pytest.mark.parametrize("table", ["provider", "event", "audit", "revision", "route", "transition"])
async def test_a_damaged_store_is_left_as_it_is_and_the_command_that_helps_is_named(
    programs: Programs, table: str
) -> None:
    async with temporary_folder() as folder:
        backups, store = folder / "state" / "backups", folder / "state" / STORE_NAME
        async with running_daemon(folder) as daemon:
            added = [await daemon.add("192.0.2.1", f"n{number}", probe=QUIET) for number in range(20)]
        backups.mkdir()
        for day in (1, 2):
            back_up(folder / "state", backups / f"provd-2026010{day}T000000Z.db")
        spoil(store, table)
        before = store.read_bytes()
        with pytest.raises(StoreOpenError, match=r"is damaged") as caught:
            await _start(folder)
        assert store.read_bytes() == before
        command = re.search(r"provd (restore .*)", str(caught.value))
        assert command is not None
        assert str(backups / "provd-20260102T000000Z.db") in command[1]
        ended = await run(programs, PROVD, *command[1].split(), "--yes")
        assert (ended.code, ended.err) == (0, "")
        async with running_daemon(folder) as daemon:
            assert {each.id for each in await daemon.client.all_providers()} == {each.id for each in added}


async def test_without_a_known_backup_the_message_says_how_one_is_put_back() -> None:
    async with temporary_folder() as folder:
        async with running_daemon(folder) as daemon:
            await daemon.add("192.0.2.1", probe=QUIET)
        spoil(folder / "state" / STORE_NAME, "provider")
        with pytest.raises(StoreOpenError, match=r"put a copy back: provd restore FILE --state-dir "):
            await _start(folder)


async def test_damage_met_while_running_is_an_answer_and_checks_go_on(start_carrier: StartCarrier) -> None:
    carrier, hostname = await start_carrier()
    async with temporary_folder() as folder:
        async with running_daemon(folder) as daemon:
            added = await daemon.add(hostname, name="checked")
            await daemon.until(added.id, is_healthy)
        async with running_daemon(folder) as daemon:
            for table in ("revision", "transition", "audit"):
                spoil(daemon.state_dir / STORE_NAME, table)
            client = daemon.client
            broken: list[Callable[[], Awaitable[object]]] = [
                lambda: client.revisions(added.id),
                client.audit,
                client.verify_audit,
                lambda: client.health(added.id),
                lambda: client.patch_provider(added.id, {"detail": "x"}),
                lambda: client.delete_provider(added.id),
            ]
            for ask in broken:
                with pytest.raises(ApiError, match="it is damaged: stop provd and put a copy back") as caught:
                    await ask()
                assert (caught.value.http_code, caught.value.body.reason) == (503, "STORE_UNAVAILABLE")
            carrier.behaviour = Behaviour(silent=True)
            await daemon.until(added.id, is_unhealthy)
            carrier.behaviour = Behaviour(delay_s=0.001, jitter_s=0.001)
            await daemon.until(added.id, is_healthy)
            assert [each.id for each in await client.all_providers()] == [added.id]
            assert (await client.provider(added.id)).detail == ""
            found = (await client.status()).store
            assert (found.writable, "is damaged: stop provd" in str(found.error)) == (False, True)


async def _start(folder: Path) -> None:
    async with running_daemon(folder):
        pass
