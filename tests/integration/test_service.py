"""provd as systemd runs it: what it tells, what it is given, and its units."""

import asyncio
import os
import pty
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import httpx
import pytest

from provd.client import Client
from provd.demo.behaviour import Behaviour
from provd.schema.health import Cause
from provd.units import Scope, unit_files
from tests.fakes.daemon import RunningDaemon, eventually, temporary_folder
from tests.fakes.programs import Programs, Running
from tests.fakes.service_manager import FakeServiceManager

from .conftest import StartCarrier
from .test_checks import is_healthy, is_unhealthy
from .test_lifecycle import answers

ANALYZE = shutil.which("systemd-analyze")
ACTIVATE = shutil.which("systemd-socket-activate")
needs_analyze = pytest.mark.skipif(
    ANALYZE is None, reason="systemd-analyze is not installed (Debian package systemd)"
)
needs_activate = pytest.mark.skipif(
    ACTIVATE is None, reason="systemd-socket-activate is not installed (Debian package systemd)"
)
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to connect as another user")
MOST_EXPOSED = 1.5
CALLER = 61001
ASK_AT_EACH_LINE = f"""
import http.client, os, socket, sys
os.setgroups([]); os.setresgid({CALLER}, {CALLER}, {CALLER}); os.setresuid({CALLER}, {CALLER}, {CALLER})
connection = http.client.HTTPConnection("provd")
connection.sock = socket.socket(socket.AF_UNIX)
connection.sock.connect(sys.argv[1])
for _ in sys.stdin:
    connection.request("GET", "/v1.0/status")
    answer = connection.getresponse()
    answer.read()
    print(answer.status, flush=True)
"""
WATCHDOG_USEC = "2000000"


@pytest.fixture
async def folder() -> AsyncIterator[Path]:
    async with temporary_folder() as made:
        yield made


@pytest.fixture
def manager(folder: Path) -> Iterator[FakeServiceManager]:
    listening = FakeServiceManager(folder / "notify")
    yield listening
    listening.close()


@asynccontextmanager
async def service(
    programs: Programs, folder: Path, manager: FakeServiceManager, *arguments: str | Path
) -> AsyncIterator[Running]:
    """The daemon, as a service of ``manager`` that is watched."""
    places = ("--socket", folder / "s", "--state-dir", folder / "state", *arguments)
    told = {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": WATCHDOG_USEC}
    async with programs.started("provd", "run", *places, **told) as process:
        yield process


async def test_systemd_hears_of_each_state_in_order(
    programs: Programs, folder: Path, manager: FakeServiceManager
) -> None:
    async with service(programs, folder, manager) as process:
        assert (await manager.hear())["READY"] == "1"
        async with Client(folder / "s") as client:
            assert await answers(client)  # at once: that is what READY says
        await manager.hear_until("WATCHDOG")
        process.send_signal(signal.SIGHUP)
        assert "MONOTONIC_USEC" in (await manager.hear_until("RELOADING"))[-1]
        assert (await manager.hear_until("READY"))[-1]["STATUS"].startswith("the configuration was read")
        await manager.hear_until("WATCHDOG")
        process.terminate()
        await manager.hear_until("STOPPING")
        assert await process.wait() == 0
        assert not any("READY" in each for each in manager.heard())


async def test_ready_is_not_said_by_a_daemon_that_cannot_start(
    programs: Programs, folder: Path, manager: FakeServiceManager
) -> None:
    (folder / "state").write_text("in the way")
    async with service(programs, folder, manager) as process:
        assert await process.wait() == 1
        assert manager.heard() == []


async def test_a_daemon_whose_writer_hangs_is_not_fed(
    programs: Programs, folder: Path, manager: FakeServiceManager
) -> None:
    async with service(programs, folder, manager) as process:
        await manager.hear_until("WATCHDOG")
        with closing(sqlite3.connect(folder / "state" / "provd.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")  # nobody else can write now
            await manager.hear_until("STATUS", "stalled: the store's writer")
            assert manager.heard() == []
            other.execute("ROLLBACK")
        assert (await manager.hear_until("WATCHDOG"))[-1] == {"WATCHDOG": "1"}
        process.terminate()
        assert await process.wait() == 0
        log = (await process.stderr.read()).decode()
        assert "CRITICAL provd.watchdog: the store's writer stalls: the watchdog is not fed" in log


async def test_a_watchdog_that_is_for_another_process_is_left_alone(
    programs: Programs, folder: Path, manager: FakeServiceManager
) -> None:
    told = {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}
    places = ("--socket", folder / "s", "--state-dir", folder / "state")
    async with programs.started("provd", "run", *places, **told) as process:
        assert "READY" in await manager.hear()
        process.terminate()
        assert "STOPPING" in await manager.hear()
        assert await process.wait() == 0


async def test_reload_heeds_what_can_change_and_names_what_waits(
    programs: Programs, folder: Path, manager: FakeServiceManager
) -> None:
    config = folder / "c.toml"
    config.write_text("[probe]\nfall = 2\n")
    async with service(programs, folder, manager, "--config", config) as process:
        await manager.hear_until("READY")
        config.write_text('[probe]\nfall = 3\n[dns]\nnaptr = true\n[daemon]\nlog_level = "debug"\n')
        process.send_signal(signal.SIGHUP)
        *_, ready = await manager.hear_until("READY")
        assert ready["STATUS"] == (
            "the configuration was read again; changed: daemon.log_level, probe.fall; "
            "waiting for a restart: dns.naptr"
        )
        config.write_text("[probe]\nfall = 0\nrise = 0\n")
        process.send_signal(signal.SIGHUP)
        *_, ready = await manager.hear_until("READY")
        assert ready["STATUS"] == "the configuration was not taken, for 2 mistakes: see the log"
        process.terminate()
        assert await process.wait() == 0
        log = (await process.stderr.read()).decode()
        assert f"{config}:2: probe.fall: " in log
        assert f"{config}:3: probe.rise: " in log
        assert "DEBUG" in log


async def test_checks_follow_the_defaults_that_are_read_again(
    programs: Programs, folder: Path, manager: FakeServiceManager, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier(Behaviour(403))
    config = folder / "c.toml"
    config.write_text("")
    async with (
        service(programs, folder, manager, "--config", config) as process,
        Client(folder / "s") as client,
    ):
        await manager.hear_until("READY")
        daemon = RunningDaemon(folder / "s", folder / "state", client, None)  # type: ignore[arg-type]
        added = await daemon.add(hostname, probe={})
        its_own = await daemon.add(hostname, probe={"codes": "403"})
        for each in (added, its_own):
            await daemon.until(each.id, is_healthy)
        config.write_text('[probe]\ncodes = "2xx"\n')
        process.send_signal(signal.SIGHUP)
        down = await daemon.until(added.id, is_unhealthy)
        assert down.health.cause is Cause.REPLY_EXCLUDED
        assert down.revision == added.revision
        assert is_healthy(await client.provider(its_own.id))


@needs_root
async def test_roles_are_read_again_over_a_connection_that_is_open(
    programs: Programs, folder: Path, manager: FakeServiceManager
) -> None:
    folder.chmod(0o755)
    config = folder / "c.toml"
    open_to_all = '[daemon]\nsocket_mode = "0666"\n'
    config.write_text(open_to_all)
    async with service(programs, folder, manager, "--config", config) as process:
        await manager.hear_until("READY")
        caller = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-c", ASK_AT_EACH_LINE, str(folder / "s"),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert caller.stdin is not None
        assert caller.stdout is not None
        codes = []
        for access in ("", f"[access]\nviewers = [{CALLER}]\n", ""):
            config.write_text(open_to_all + access)
            process.send_signal(signal.SIGHUP)
            await manager.hear_until("READY")
            caller.stdin.write(b"\n")
            codes.append(int(await caller.stdout.readline()))
        assert codes == [403, 200, 403]
        caller.stdin.close()
        await caller.wait()


async def test_access_that_names_nobody_is_refused_at_a_reload(
    programs: Programs, folder: Path, manager: FakeServiceManager
) -> None:
    config = folder / "c.toml"
    config.write_text("")
    async with service(programs, folder, manager, "--config", config) as process:
        await manager.hear_until("READY")
        config.write_text('[access]\nadmins = ["nobody-like-that"]\n[probe]\nfall = 3\n')
        process.send_signal(signal.SIGHUP)
        *_, ready = await manager.hear_until("READY")
        assert ready["STATUS"] == "the configuration was not taken, for 1 mistake: see the log"


async def test_a_terminal_that_is_gone_stops_the_daemon(folder: Path) -> None:
    terminal, its_end = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "provd", "run", "--socket", str(folder / "s"), "--state-dir", f"{folder}/st",
        stdin=its_end, stderr=asyncio.subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    os.close(its_end)
    async with Client(folder / "s") as client:
        await eventually(lambda: answers(client), bool)
        process.send_signal(signal.SIGHUP)
        assert await answers(client)  # while the terminal is there, it reloads
        os.close(terminal)
        process.send_signal(signal.SIGHUP)
        assert await process.wait() == 0


# the socket


def inherited(path: Path) -> socket.socket:
    """What systemd makes of ListenStream=."""
    made = socket.socket(socket.AF_UNIX)
    made.bind(str(path))
    made.listen(128)
    return made


@asynccontextmanager
async def given_a_socket(given: socket.socket, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The daemon, begun as systemd begins it: the socket is its fd 3."""
    words = (sys.executable, "-m", "provd", "run", "--state-dir", str(folder / "state"))
    begin = (
        "import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ['LISTEN_PID'] = str(os.getpid());"
        "os.execv(sys.argv[2], sys.argv[2:])"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", begin, str(given.fileno()), *words,
        pass_fds=[given.fileno()], env={**os.environ, "LISTEN_FDS": "1", "LISTEN_FDNAMES": "provd.socket"},
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_passed_socket_is_used_and_left_and_knows_who_calls(folder: Path) -> None:
    with inherited(folder / "s") as given:
        async with given_a_socket(given, folder) as process, Client(folder / "s") as client:
            status = await client.status()
            assert (status.you.uid, status.you.pid) == (os.geteuid(), os.getpid())
            process.terminate()
            assert await process.wait() == 0
        assert (folder / "s").exists()
        assert not (folder / "s.lock").exists()


async def test_no_request_is_lost_over_restarts(folder: Path) -> None:
    """Somebody asks all the time, each time over a new connection, while the daemon is stopped and begun."""
    asked = 0
    enough = asyncio.Event()
    done = asyncio.Event()

    async def ask() -> None:
        nonlocal asked
        while not done.is_set():
            transport = httpx.AsyncHTTPTransport(uds=str(folder / "s"), verify=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://provd", timeout=30) as http:
                assert (await http.get("/version")).status_code == 200
            asked += 1
            enough.set()

    with inherited(folder / "s") as given:
        asking = [asyncio.create_task(ask()) for _ in range(8)]
        for _ in range(3):
            async with given_a_socket(given, folder) as process:
                enough.clear()
                await enough.wait()
                process.terminate()
                assert await process.wait() == 0
        async with given_a_socket(given, folder) as process:
            done.set()
            await asyncio.gather(*asking)
            process.terminate()
            assert await process.wait() == 0
    assert asked >= len(asking)


async def test_a_passed_socket_that_cannot_serve_is_told(folder: Path) -> None:
    with socket.socket(socket.AF_INET) as given:
        given.bind(("127.0.0.1", 0))
        given.listen()
        async with given_a_socket(given, folder) as process:
            _, said = await process.communicate()
            assert process.returncode == 1
    assert said.decode().startswith("provd: the socket provd.socket that systemd passed is no Unix socket")


@needs_activate
async def test_the_first_call_starts_the_daemon_and_is_answered(folder: Path) -> None:
    assert ACTIVATE is not None
    process = await asyncio.create_subprocess_exec(
        ACTIVATE, "--listen", str(folder / "s"), "--fdname=provd.socket", "-E", f"HOME={folder}",
        sys.executable, "-m", "provd", "run", "--state-dir", str(folder / "state"),
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        while b"Listening on" not in await process.stderr.readline():
            assert process.returncode is None
        assert not (folder / "state").exists()
        async with Client(folder / "s") as client:
            assert (await client.status()).providers.healthy == 0
        process.terminate()
        assert await process.wait() == 0
        assert (folder / "s").exists()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


# the units


@pytest.fixture(params=list(Scope))
def units(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Scope, list[Path]]:
    """The units of each scope, for the virtual environment of these tests."""
    for name, text in unit_files(request.param, Path(sys.prefix)):
        (tmp_path / name).write_text(text)
    return request.param, sorted(tmp_path.glob("provd.s*"))


@needs_analyze
def test_systemd_finds_nothing_wrong_with_the_units(units: tuple[Scope, list[Path]], tmp_path: Path) -> None:
    assert ANALYZE is not None
    scope, files = units
    environ = os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)}
    ran = subprocess.run(
        [ANALYZE, "verify", f"--{scope}", "--recursive-errors=yes", *files],
        capture_output=True, text=True, check=False, env=environ,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")


@needs_analyze
def test_the_service_is_little_exposed(tmp_path: Path) -> None:
    assert ANALYZE is not None
    for name, text in unit_files(Scope.SYSTEM, Path(sys.prefix)):
        (tmp_path / name).write_text(text)
    ran = subprocess.run(
        [ANALYZE, "security", "--offline=true", "--no-pager", tmp_path / "provd.service"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    exposure = re.search(r"Overall exposure level for provd.service: ([\d.]+)", ran.stdout)
    assert exposure is not None
    assert float(exposure[1]) <= MOST_EXPOSED
