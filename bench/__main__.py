"""``python -m bench``: run every benchmark, or those that are named."""

import os
import platform
import sys

from bench import (
    api_rate,
    calls,
    dead_peers,
    detection,
    history_growth,
    metrics,
    million,
    probe_cpu,
    redirect,
    resolve,
    scale,
    tui,
)

BENCHMARKS = {
    "probe_cpu": probe_cpu.main,
    "million": million.main,
    "dead_peers": dead_peers.main,
    "detection": detection.main,
    "history_growth": history_growth.main,
    "api_rate": api_rate.main,
    "redirect": redirect.main,
    "calls": calls.main,
    "metrics": metrics.main,
    "resolve": resolve.main,
    "scale": scale.main,
    "tui": tui.main,
}


def main() -> None:
    print(f"Python {platform.python_version()} ({os.path.realpath(sys.executable)})", flush=True)
    for name in sys.argv[1:] or BENCHMARKS:
        if name not in BENCHMARKS:
            sys.exit(f"there is no benchmark {name}: there are {', '.join(BENCHMARKS)}")
        print(f"== {name}", flush=True)
        BENCHMARKS[name]()


main()
