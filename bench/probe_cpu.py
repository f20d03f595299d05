"""CPU per check: the whole daemon, beside Kamailio's dispatcher with the same targets and responder."""

import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.daemon import (
    bench_daemon,
    cpu_seconds,
    fill,
    loopback,
    memory_mib,
    receive_buffer_drops,
)
from bench.far_end import Responder, process, responder

TARGETS, INTERVAL_S, SECONDS = 10_000, 1, 15
PORT, KAMAILIO_PORT = 15070, 15090
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Measured:
    """``checks`` were done with ``cpu_s``; ``lost`` had no answer; ``burst`` is the busiest 10 ms by the
    mean."""

    checks: int
    cpu_s: float
    drops: int
    lost: int | None
    memory_mib: float
    burst: float | None = None

    @property
    def us_per_check(self) -> float:
        return 1e6 * self.cpu_s / self.checks

    def __str__(self) -> str:
        lost = "" if self.lost is None else f" lost={self.lost}"
        return (
            f"checks={self.checks} cpu_s={self.cpu_s:.2f} us_per_check={self.us_per_check:.1f}{lost} "
            f"rcvbuf_drops={self.drops} rss_mib={self.memory_mib:.0f}"
        )


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/var/tmp") as name:
        folder = Path(name)
        with responder(folder, PORT) as far_end:
            ours = _provd(folder, far_end)
            print(f"provd     {ours}", flush=True)
            print(f"ratio     busiest 10 ms / mean = {ours.burst:.2f}")
            if shutil.which("kamailio") is None:
                print("kamailio  not installed (sudo apt install kamailio): no ratio")
                return
            theirs = _kamailio(folder)
        print(f"kamailio  {theirs}")
        print(f"ratio     provd / kamailio = {ours.us_per_check / theirs.us_per_check:.3f}")


def _provd(folder: Path, far_end: Responder) -> Measured:
    fill(folder / "state", TARGETS, PORT)
    with bench_daemon(folder, f"interval_s = {INTERVAL_S}\ntimeout_s = 1") as daemon:
        time.sleep(10)  # until every target has moved into its phase
        far_end.begin()
        before, cpu, drops = _monitor(daemon.http), cpu_seconds(daemon.pid), receive_buffer_drops()
        time.sleep(SECONDS)
        burst = far_end.burst()
        after = _monitor(daemon.http)
        checks = after["checks_total"] - before["checks_total"]
        answers = after["answers_total"] - before["answers_total"]
        return Measured(
            checks=checks,
            cpu_s=cpu_seconds(daemon.pid) - cpu,
            drops=receive_buffer_drops() - drops,
            lost=max(0, checks - answers - after["in_flight"]),
            memory_mib=memory_mib(daemon.pid),
            burst=burst,
        )


def _monitor(http: httpx.Client) -> dict[str, int]:
    return dict(http.get("/v1.0/status").json()["monitor"])


def _kamailio(folder: Path) -> Measured:
    targets = folder / "dispatcher.list"
    targets.write_text("".join(f"1 sip:{loopback(number)}:{PORT} 0\n" for number in range(TARGETS)))
    config = folder / "kamailio.cfg"
    text = (HERE / "kamailio.cfg").read_text()
    for name, value in (("LIST", targets), ("INTERVAL", INTERVAL_S), ("PORT", KAMAILIO_PORT)):
        text = text.replace(name, str(value))
    config.write_text(text)
    command = ["kamailio", "-DD", "-f", str(config), "-m", "2048", "-M", "64", "-P", str(folder / "pid")]
    with process([*command, "-Y", str(folder)]) as pid:
        time.sleep(5)
        cpu, drops = cpu_seconds(pid), receive_buffer_drops()
        time.sleep(SECONDS)
        return Measured(
            checks=TARGETS * SECONDS // INTERVAL_S,  # one target's turn each, however often it resends
            cpu_s=cpu_seconds(pid) - cpu,
            drops=receive_buffer_drops() - drops,
            lost=None,
            memory_mib=memory_mib(pid),
        )
