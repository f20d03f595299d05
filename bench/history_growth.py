"""How much the store grows by a day of history, beside the goal of 15 MB for 1,000 targets every 30 s.

Days pass by a clock of our own; the classes and the SQLite file are the daemon's.
"""

import asyncio
import random
import tempfile
import time
from array import array
from collections.abc import Sequence
from pathlib import Path

from provd.probe.samples import pack
from provd.probe.timeline import take
from provd.services.history.keeper import HistoryKeeper
from provd.services.history.retention import Retention
from provd.store.engine import Store
from provd.store.migrate import migrate

TARGETS, INTERVAL_S, DAYS = 1000, 30, 1
GOAL_MB = 15.0
_START = 494_000 * 3600
_ROUND_S = 5  # fewer rounds than the daemon has: each waits for the disk
_LOST = 0.001


class _Target:
    def __init__(self, number: int, chance: random.Random) -> None:
        self.name = (
            f"{number:08x}-0000-4000-8000-000000000000",
            f"udp:198.51.{number // 250}.{number % 250}:5060",
        )
        self.rtt_ms = chance.lognormvariate(3.4, 0.8)  # a median of 30 ms
        self.jitter_ms = 0.3 + self.rtt_ms * 0.05
        self.samples: array[int] | None = None
        self.minutes: bytearray | None = None
        self.number: int | None = None


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/var/tmp") as name:
        asyncio.run(_measure(Path(name) / "provd.db"))


async def _measure(path: Path) -> None:
    chance = random.Random(1)
    now = float(_START)
    taken: list[_Target] = []
    samples = array("Q")

    def take_samples() -> "tuple[Sequence[_Target], array[int]]":
        nonlocal taken, samples
        answer = taken, samples
        taken, samples = [], array("Q")
        return answer

    migrate(path)
    store = Store(path)
    keeper = HistoryKeeper[_Target](take_samples, lambda target: target.name, store, Retention(), lambda: now)
    keeper.load()
    targets = [_Target(number, chance) for number in range(TARGETS)]
    for target in targets:
        keeper.attach(target)
    before = _size(path)
    for day in range(DAYS):
        started = time.process_time()
        for second in range(86_400):
            now = float(_START + day * 86_400 + second)
            for target in targets[second % INTERVAL_S :: INTERVAL_S]:
                rtt_ms = (
                    None
                    if chance.random() < _LOST
                    else target.rtt_ms + chance.expovariate(1 / target.jitter_ms)
                )
                packed = pack(now, rtt_ms, rtt_ms is not None, True)
                take(target, packed)
                taken.append(target)
                samples.append(packed)
            if second % _ROUND_S == _ROUND_S - 1:
                await keeper.round(_ROUND_S)
        cpu_s = time.process_time() - started
        after = _size(path)
        grown = (after - before) / 1e6
        checks = TARGETS * 86_400 // INTERVAL_S
        print(
            f"day {day + 1}     grown_mb={grown:.2f} ratio_to_goal={grown / GOAL_MB:.2f} "
            f"size_mb={after / 1e6:.1f} us_per_check={1e6 * cpu_s / checks:.1f}",
            flush=True,
        )
        before = after
    await store.close()


def _size(path: Path) -> int:
    return sum(each.stat().st_size for each in path.parent.glob(f"{path.name}*"))


if __name__ == "__main__":
    main()
