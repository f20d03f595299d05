"""What dead carriers cost the others: the healthy ones' round-trip time with a tenth of the fleet dead.

One daemon all along: the tenth dies and comes back, and each time without it lies between two with it.
"""

import json
import statistics
import tempfile
import time
from pathlib import Path

import httpx

from bench.daemon import bench_daemon, fill, loopback, provider_id
from bench.far_end import responder

TARGETS, INTERVAL_S, PORT, TENTH = 10_000, 5, 15070, 10
ROUNDS, SETTLE_S, LISTEN_S = 4, 8.0, 10.0


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/var/tmp") as name:
        folder = Path(name)
        fill(folder / "state", TARGETS, PORT)
        healthy = _never_mute(TARGETS)
        probe = f"interval_s = {INTERVAL_S}\ntimeout_s = 2"
        with responder(folder, PORT, TENTH) as far_end, bench_daemon(folder, probe) as daemon:
            alive: list[float] = []
            dying: list[float] = []
            time.sleep(2 * INTERVAL_S)
            for _ in range(ROUNDS):
                for rtts in (dying, alive):
                    time.sleep(SETTLE_S)
                    rtts.append(_healthy_rtt_ms(daemon.http, healthy))
                    far_end.turn()
    with_dead, without = statistics.median(dying), statistics.median(alive)
    print(f"provd     rtt_ms all_alive={without:.4f} with_{TARGETS // TENTH}_dead={with_dead:.4f}")
    print(f"ratio     healthy RTT with dead ones / without = {with_dead / without:.3f}")


def _never_mute(providers: int) -> set[str]:
    return {
        provider_id(number) for number in range(providers) if int(loopback(number).rpartition(".")[2]) % TENTH
    }


def _healthy_rtt_ms(http: httpx.Client, healthy: set[str]) -> float:
    """The median of what is measured of the healthy ones in LISTEN_S."""
    until, rtts = time.monotonic() + LISTEN_S, []
    with http.stream("GET", "/v1.0/events?types=health.sample", timeout=30) as stream:
        for line in stream.iter_lines():
            if line.startswith("data:") and '"samples"' in line:
                samples = json.loads(line.removeprefix("data:"))["samples"]
                rtts += [
                    each["rtt_ms"] for each in samples if each["provider_id"] in healthy and each["rtt_ms"]
                ]
            if time.monotonic() > until:
                break
    return statistics.median(rtts)
