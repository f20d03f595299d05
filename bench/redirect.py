"""Calls redirected each second on one core, beside Kamailio that answers the same 302 without choosing.

SIPp calls at a steady rate; what one core can do is worked out from the CPU that each call took.
"""

import csv
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.daemon import bench_daemon, cpu_seconds, fill, loopback, provider_id
from bench.far_end import process, responder

PROVIDERS, ROUTES, ROUTES_OF_A_TARGET = 200, 1000, 4
RATE_PER_S, SECONDS, WARM_UP_S = 3000, 10, 2
PROVIDERS_PORT, PORT, KAMAILIO_PORT, CALLER_PORT = 15070, 15085, 15090, 15100
GOAL_PER_S, GOAL_P99_MS = 3000, 10.0
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Measured:
    """Of ``calls``, ``failed`` had no answer; ``cpu_us`` is what each took."""

    calls: int
    failed: int
    per_s: float
    p50_ms: float
    p99_ms: float
    cpu_us: float

    @property
    def per_core_s(self) -> float:
        return 1e6 / self.cpu_us

    def __str__(self) -> str:
        return (
            f"calls={self.calls} failed={self.failed} per_s={self.per_s:.0f} p50_ms={self.p50_ms:.2f} "
            f"p99_ms={self.p99_ms:.2f} cpu_us_per_call={self.cpu_us:.1f} per_core_s={self.per_core_s:.0f}"
        )


def main() -> None:
    if shutil.which("sipp") is None:
        raise SystemExit("SIPp is missing: sudo apt install sip-tester")
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/var/tmp") as name:
        folder = Path(name)
        numbers = folder / "numbers.csv"
        lines = (f"{_target(number)}{number % 10_000:04d};" for number in range(0, ROUTES * 10, 7))
        numbers.write_text("\n".join(["SEQUENTIAL", *lines, ""]))
        ours = _provd(folder, numbers)
        print(f"provd     {ours}", flush=True)
        print(f"goal      per_core_s >= {GOAL_PER_S}, p99_ms < {GOAL_P99_MS:g} at {RATE_PER_S} calls/s")
        if shutil.which("kamailio") is None:
            print("kamailio  not installed (sudo apt install kamailio): no ratio")
            return
        theirs = _kamailio(folder, numbers)
    print(f"kamailio  {theirs}")
    print(f"ratio     provd / kamailio = {ours.per_core_s / theirs.per_core_s:.3f} calls per core")


def _target(number: int) -> str:
    return f"+44{100 + number % (ROUTES // ROUTES_OF_A_TARGET)}"


def _provd(folder: Path, numbers: Path) -> Measured:
    fill(folder / "state", PROVIDERS, PROVIDERS_PORT)
    sections = f'interval_s = 30\n[redirect]\nlisten = ["udp:127.0.0.1:{PORT}"]'
    with responder(folder, PROVIDERS_PORT), bench_daemon(folder, sections) as daemon:
        for number in range(ROUTES):
            _add_route(daemon.http, number)
        return _measure(folder, numbers, PORT, daemon.pid)


def _add_route(http: httpx.Client, number: int) -> None:
    route = {
        "name": f"route {number}",
        "provider_id": provider_id(number * 7 % PROVIDERS),
        "target": _target(number),
        "priority": number // (ROUTES // ROUTES_OF_A_TARGET),
    }
    http.post("/v1.0/routes", json=route).raise_for_status()


def _kamailio(folder: Path, numbers: Path) -> Measured:
    uris = (f"sip:+442071838750@{loopback(number)}:{PROVIDERS_PORT}" for number in range(ROUTES_OF_A_TARGET))
    contacts = "".join(
        f"Contact: <{uri};transport=udp>;q=0.{9 - rank}\\r\\n" for rank, uri in enumerate(uris)
    )
    config = folder / "kamailio.cfg"
    text = (HERE / "kamailio_redirect.cfg").read_text()
    config.write_text(text.replace("PORT", str(KAMAILIO_PORT)).replace("CONTACTS", contacts))
    command = ["kamailio", "-DD", "-f", str(config), "-m", "64", "-M", "8", "-P", str(folder / "pid")]
    with process([*command, "-Y", str(folder)]) as pid:
        time.sleep(2)
        return _measure(folder, numbers, KAMAILIO_PORT, pid)


def _measure(folder: Path, numbers: Path, port: int, pid: int) -> Measured:
    """Call for SECONDS, server and SIPp each on a core of its own if there are two."""
    cores = sorted(os.sched_getaffinity(0))
    _pin(pid, cores[0])
    _call(folder, numbers, port, WARM_UP_S, cores[-1])
    cpu = cpu_seconds(pid)
    rtts, failed, took_s = _call(folder, numbers, port, SECONDS, cores[-1])
    cpu = cpu_seconds(pid) - cpu
    rtts.sort()
    return Measured(
        calls=len(rtts) + failed,
        failed=failed,
        per_s=len(rtts) / took_s,
        p50_ms=rtts[len(rtts) // 2],
        p99_ms=rtts[len(rtts) * 99 // 100],
        cpu_us=1e6 * cpu / max(1, len(rtts)),
    )


def _pin(pid: int, core: int) -> None:
    """Keep a process, its threads and its children to one core."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(ProcessLookupError, FileNotFoundError):
            os.sched_setaffinity(int(thread.name), {core})
            for child in (thread / "children").read_text().split():
                _pin(int(child), core)


def _call(folder: Path, numbers: Path, port: int, seconds: int, core: int) -> tuple[list[float], int, float]:
    """Each call's time until its answer in ms, how many had none, and how long it all took."""
    calls = RATE_PER_S * seconds
    command = ["taskset", "-c", str(core), "sipp", "-sf", str(HERE / "redirect.xml"), "-inf", str(numbers)]
    command += ["-i", "127.0.0.1", "-p", str(CALLER_PORT), "-r", str(RATE_PER_S), "-m", str(calls)]
    command += [
        "-trace_rtt",
        "-rtt_freq",
        "5000",
        "-timeout",
        f"{seconds * 4}s",
        "-nostdin",
        "-rate_scale",
        "1",
    ]
    command += ["-l", str(RATE_PER_S), "-buff_size", "4194304", f"127.0.0.1:{port}"]
    for old in folder.glob("*_rtt.csv"):
        old.unlink()
    started = time.monotonic()
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    took_s = time.monotonic() - started
    (found,) = folder.glob("*_rtt.csv")
    with found.open() as lines:
        rtts = [float(row[1]) for row in list(csv.reader(lines, delimiter=";"))[1:]]
    return rtts, calls - len(rtts), took_s


if __name__ == "__main__":
    main()
