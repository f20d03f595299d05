"""A daemon with a store that was filled beforehand, as a process of its own."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from provd.store.engine import Store
from provd.store.health import upsert
from provd.store.migrate import migrate
from provd.store.providers import insert_many
from provd.store.tables import HealthRow

_AT_ONCE = 20_000
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class BenchDaemon:
    """A running daemon; ``ready_s`` is how long it took from process start to its first answer."""

    pid: int
    socket: Path
    http: httpx.Client
    ready_s: float


def loopback(number: int) -> str:
    """The ``number``-th address that the responder answers at, all in 127.0.0.0/8."""
    return f"127.{1 + number // 62500}.{number // 250 % 250}.{1 + number % 250}"


def fill(state_dir: Path, providers: int, port: int) -> None:
    """Make a store with providers on loopback addresses that were healthy when the daemon stopped."""
    state_dir.mkdir(exist_ok=True)
    migrate(state_dir / "provd.db")
    asyncio.run(_fill(state_dir / "provd.db", providers, port))


async def _fill(path: Path, providers: int, port: int) -> None:
    store = Store(path)
    for start in range(0, providers, _AT_ONCE):
        numbers = range(start, min(start + _AT_ONCE, providers))
        async with store.write() as transaction:
            await transaction.run(insert_many, [_provider(number, port) for number in numbers])
            await transaction.run(upsert, [_healthy(number) for number in numbers])
    await store.close()


def provider_id(number: int) -> str:
    """The id of the ``number``-th provider."""
    return f"{number:08x}-0000-4000-8000-000000000000"


def _provider(number: int, port: int) -> dict[str, object]:
    at = f"2026-01-01 00:00:00.{number:06d}"
    return {
        "id": provider_id(number),
        "name": f"carrier {number}",
        "hostname": f"{loopback(number)}:{port}",
        "tm_create": at,
        "tm_update": at,
    }


def _healthy(number: int) -> dict[str, object]:
    at = "2026-01-01 00:00:00.000000"
    return {
        **dict.fromkeys(HealthRow.model_fields),
        "provider_id": provider_id(number),
        "status": "healthy",
        "cause": "ok",
        "code": 200,
        "reason": "OK",
        "since": at,
        "checked_at": at,
    }


@contextmanager
def bench_daemon(folder: Path, probe: str = "") -> Iterator[BenchDaemon]:
    """Run a daemon on the store in ``folder``/state; ``probe`` is the text of its [probe] section."""
    config = folder / "provd.toml"
    socket = folder / "s"
    config.write_text(f'[daemon]\nsocket = "{socket}"\nstate_dir = "{folder}/state"\n[probe]\n{probe}\n')
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "provd", "run", "--config", str(config)], stderr=subprocess.DEVNULL
    )
    try:
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(socket)), base_url="http://provd") as http:
            while not _answers(http):
                if process.poll() is not None or time.monotonic() - started > 180:
                    raise SystemExit("the daemon did not start")
                time.sleep(0.01)
            yield BenchDaemon(process.pid, socket, http, time.monotonic() - started)
    finally:
        process.terminate()
        process.wait()


def _answers(http: httpx.Client) -> bool:
    try:
        return http.get("/version").status_code == 200
    except httpx.TransportError:
        return False


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its children that are alive."""
    total = 0.0
    for each in _family(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / CLOCK_TICKS
    return total


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(member for child in children for member in _family(int(child)))]


def memory_mib(pid: int) -> float:
    """Resident memory of a process."""
    line = next(
        line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")
    )
    return int(line.split()[1]) / 1024


def receive_buffer_drops() -> int:
    """UDP datagrams that this machine has dropped at full receive buffers (RcvbufErrors)."""
    names, values = (
        line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if line.startswith("Udp:")
    )
    return int(values[names.index("RcvbufErrors")])


def compile_c(source: Path, folder: Path) -> Path:
    """Compile one of the C programs beside this file."""
    program = folder / source.stem
    try:
        subprocess.run(["gcc", "-O2", "-o", str(program), str(source)], check=True)
    except FileNotFoundError:
        raise SystemExit("gcc is missing: sudo apt install gcc") from None
    return program
