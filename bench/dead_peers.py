"""What dead carriers cost the others: the healthy ones' round-trip time with a tenth of the fleet dead."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from bench.daemon import bench_daemon, fill
from bench.far_end import responder

TARGETS, INTERVAL_S, PORT, TENTH = 10_000, 5, 15070, 10


def main() -> None:
    all_alive, _ = _healthy_rtt_ms(mute=0)
    some_dead, dead = _healthy_rtt_ms(mute=TENTH)
    print(f"provd     rtt_ms all_alive={all_alive:.4f} with_{dead}_dead={some_dead:.4f}")
    print(f"ratio     healthy RTT with dead ones / without = {some_dead / all_alive:.3f}")


def _healthy_rtt_ms(mute: int) -> tuple[float, int]:
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/var/tmp") as name:
        folder = Path(name)
        fill(folder / "state", TARGETS, PORT)
        probe = f"interval_s = {INTERVAL_S}\ntimeout_s = 2"
        with responder(folder, PORT, mute), bench_daemon(folder, probe) as daemon:
            time.sleep(8 * INTERVAL_S)
            found = list(_providers(daemon.http))
    healthy = [each for each in found if int(each["hostname"].partition(":")[0].rpartition(".")[2]) % TENTH]
    dead = sum(each["health_status"] == "unhealthy" for each in found)
    return statistics.fmean(each["health"]["rtt_p50_ms"] for each in healthy), dead


def _providers(http: httpx.Client) -> Iterator[dict[str, Any]]:
    token = ""
    while True:
        page = http.get("/v1.0/providers", params={"page_size": 1000, "page_token": token}).json()
        yield from page["result"]
        token = page["next_page_token"]
        if not token:
            return
