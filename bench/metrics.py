"""How long a scrape keeps the event loop from everything else; beside the same text written in one go.

The daemon runs in this process, so that its loop can be watched: a timer that is due every millisecond tells
how much processor time went to others in between, whatever else the machine does. The asker is curl.
"""

import asyncio
import gc
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from bench.daemon import fill
from bench.far_end import responder
from provd.config import Config
from provd.daemon import run_daemon

PROVIDERS, INTERVAL_S, PORT = 10_000, 10, 15070
SCRAPES = 8
_SETTLE_S = 2 * INTERVAL_S


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/var/tmp") as name:
        folder = Path(name)
        fill(folder / "state", PROVIDERS, PORT)
        with responder(folder, PORT):
            asyncio.run(_measure(folder))


async def _measure(folder: Path) -> None:
    socket = folder / "s"
    config = Config.model_validate(
        {
            "daemon": {"socket": str(socket), "state_dir": str(folder / "state")},
            "probe": {"interval_s": INTERVAL_S, "timeout_s": 1},
        }
    )
    stop = asyncio.Event()
    daemon = asyncio.create_task(run_daemon(config, stop))
    await asyncio.sleep(_SETTLE_S)
    quiet, holds, times, cpu = [], [], [], []
    for _ in range(SCRAPES):
        before = time.process_time()
        hold, took = await _watched(lambda: _curl(socket, folder / "text"))
        cpu.append(time.process_time() - before)
        holds.append(hold)
        times.append(took)
        before = time.process_time()
        quiet.append((await _watched(lambda: asyncio.sleep(times[-1])))[0])
        cpu[-1] -= time.process_time() - before
    stop.set()
    await daemon
    text = (folder / "text").read_text()
    series = sum(not line.startswith("#") for line in text.splitlines())
    once = _in_one_go(text)
    print(f"provd     series={series} a_provider={series / PROVIDERS:.1f} mb={len(text) / 1e6:.1f}")
    print(f"provd     scrape_s={_median(times):.2f} cpu_s={_median(cpu):.2f}")
    print(f"provd     longest hold of the loop in a scrape: {_figures(holds)}")
    print(f"anchor    the same in as long a time without: {_figures(quiet)}")
    print(f"anchor    the library, all in one go: ms={once * 1e3:.0f}")
    print(f"ratio     hold / in one go = {_median(holds) / once:.4f}")
    print(f"ratio     hold / without = {_median(holds) / _median(quiet):.2f}")


def _figures(holds: list[float]) -> str:
    return f"median_ms={_median(holds) * 1e3:.1f} max_ms={max(holds) * 1e3:.1f}"


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


async def _watched(work: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """The most processor time that went between two turns of the timer, and how long the work took, in
    seconds."""
    longest = 0.0
    running = True

    async def watch() -> None:
        nonlocal longest
        while running:
            before = time.thread_time()
            await asyncio.sleep(0.001)
            longest = max(longest, time.thread_time() - before)

    watching = asyncio.create_task(watch())
    began = time.perf_counter()
    await work()
    took = time.perf_counter() - began
    running = False
    await watching
    return longest, took


async def _curl(socket: Path, target: Path) -> None:
    accept = "Accept: application/openmetrics-text"
    command = [
        "curl",
        "-sf",
        "--unix-socket",
        str(socket),
        "-H",
        accept,
        "-o",
        str(target),
        "http://provd/metrics",
    ]
    process = await asyncio.create_subprocess_exec(*command)
    if await process.wait():
        raise SystemExit("the scrape failed")


def _in_one_go(text: str) -> float:
    """How long prometheus_client takes to write the same series."""
    families = list(text_string_to_metric_families(text))

    class Same:
        def collect(self) -> Iterator[Metric]:
            for family in families:
                made = GaugeMetricFamily(family.name, family.documentation)
                made.samples = family.samples
                yield made

    gc.collect()
    began = time.thread_time()
    generate_latest(Same())
    return time.thread_time() - began


if __name__ == "__main__":
    main()
