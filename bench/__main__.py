"""``python -m bench``: run every benchmark, or those that are named."""

import sys

from bench import api_rate, probe_cpu

BENCHMARKS = {"probe_cpu": probe_cpu.main, "api_rate": api_rate.main}


def main() -> None:
    for name in sys.argv[1:] or BENCHMARKS:
        if name not in BENCHMARKS:
            sys.exit(f"there is no benchmark {name}: there are {', '.join(BENCHMARKS)}")
        print(f"== {name}", flush=True)
        BENCHMARKS[name]()


main()
