"""A million targets every 30 s for two full rounds, and how the API does meanwhile."""

import subprocess
import tempfile
import threading
import time
from pathlib import Path

import httpx

from bench.daemon import (
    bench_daemon,
    compile_c,
    cpu_seconds,
    fill,
    memory_mib,
    provider_id,
    receive_buffer_drops,
)
from bench.far_end import HERE, responder

TARGETS, INTERVAL_S, ROUNDS, PORT = 1_000_000, 30, 2, 15070
MEMORY_MIB, P99_MS = 1024, 20.0


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/var/tmp") as name:
        folder = Path(name)
        fill(folder / "state", TARGETS, PORT)
        asker = compile_c(HERE / "asker.c", folder)
        with (
            responder(folder, PORT),
            bench_daemon(folder, f"interval_s = {INTERVAL_S}\ntimeout_s = 5") as daemon,
        ):
            print(f"provd     ready_s={daemon.ready_s:.1f}", flush=True)
            before, cpu, drops = _monitor(daemon.http), cpu_seconds(daemon.pid), receive_buffer_drops()
            started = time.monotonic()
            paths = {
                "GET one": f"/v1.0/providers/{provider_id(TARGETS // 2)}",
                "list 100": "/v1.0/providers?page_size=100",
            }
            answers = {}

            def ask(what: str, path: str) -> None:
                command = [str(asker), str(daemon.socket), path, "10", str(ROUNDS * INTERVAL_S)]
                answers[what] = subprocess.run(command, check=True, capture_output=True, text=True).stdout

            askers = [threading.Thread(target=ask, args=each) for each in paths.items()]
            for thread in askers:
                thread.start()
            for thread in askers:
                thread.join()
            took = time.monotonic() - started
            used = cpu_seconds(daemon.pid) - cpu
            memory = memory_mib(daemon.pid)
            dropped = receive_buffer_drops() - drops
            checks = _monitor(daemon.http)["checks_total"] - before["checks_total"]
            time.sleep(5.5)  # the last of them have their answers, or never will
            after = _monitor(daemon.http)
    lost = after["checks_total"] - after["in_flight"] - after["answers_total"]
    print(
        f"provd     checks={checks} lost={lost} rcvbuf_drops={dropped} rss_mib={memory:.0f} "
        f"us_per_check={1e6 * used / checks:.1f}"
    )
    for what, text in answers.items():
        count, p50_us, p99_us, wrong = map(int, text.split())
        times = f"p50_ms={p50_us / 1e3:.2f} p99_ms={p99_us / 1e3:.2f}"
        print(f"provd     {what}: asked={count} {times} wrong={wrong}")
        print(f"ratio     {what} p99 / {P99_MS:g} ms = {p99_us / 1e3 / P99_MS:.2f}")
    print(f"ratio     rounds done / {ROUNDS} = {checks / TARGETS / ROUNDS:.3f}")
    print(f"ratio     of one core = {used / took:.2f}, memory / 1 GiB = {memory / MEMORY_MIB:.2f}")


def _monitor(http: httpx.Client) -> dict[str, int]:
    return dict(http.get("/v1.0/status").json()["monitor"])
