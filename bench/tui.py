"""The terminal UI with 10,000 providers: first paint, key to paint, bytes a second, memory.

``provtui`` runs on a terminal of its own, against a stand-in for the daemon that costs next to nothing; the
anchor is a Textual app that shows one word.
"""

import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from bench.daemon import memory_mib
from bench.terminal import Terminal, on_terminal

PROVIDERS, SIZE, STARTS, KEYS, WATCHED_S, SETTLE_S = 10_000, (160, 48), 9, 150, 30.0, 4.0
GOAL_PAINT_MS, GOAL_KEY_MS, GOAL_BYTES_S, GOAL_MIB = 400.0, 50.0, 3072.0, 120.0
BARE = """
from textual.app import App
from textual.widgets import Static

class Bare(App):
    def compose(self):
        yield Static("bare-app")

Bare().run()
"""
ENVIRONMENT = {
    "TERM": "xterm-256color",
    "COLORTERM": "truecolor",
    "PYTHONDONTWRITEBYTECODE": "",  # what is installed is compiled
}
_FRAME, _LIST, _WORD, _CURSOR = b"Help", b"trunk 00", b"bare-app", "▌".encode()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/var/tmp") as name:
        ENVIRONMENT["PYTHONPYCACHEPREFIX"] = str(Path(name, "compiled"))
        with _stand_in(Path(name, "live")) as socket:
            _starts(socket)
            _live(socket)
        with _stand_in(Path(name, "quiet"), "--quiet") as socket:
            _quiet(socket)


def _starts(socket: Path) -> None:
    frames, lists, bare = [], [], []
    for _ in range(1 + STARTS):  # the first warms the caches
        with on_terminal([sys.executable, "-c", BARE], SIZE, ENVIRONMENT) as terminal:
            bare.append((terminal.until(_WORD) - terminal.began) * 1e3)
        with _provtui(socket) as terminal:
            frames.append((terminal.until(_FRAME) - terminal.began) * 1e3)
            lists.append((terminal.until(_LIST) - terminal.began) * 1e3)
    frame_ms, list_ms, bare_ms = (_median(times[1:]) for times in (frames, lists, bare))
    print(f"anchor    bare Textual app: first paint median_ms={bare_ms:.0f}")
    print(f"provtui   first paint median_ms={frame_ms:.0f} goal_ms={GOAL_PAINT_MS:g}")
    print(f"provtui   {PROVIDERS} providers listed median_ms={list_ms:.0f}")
    print(f"ratio     first paint / bare = {frame_ms / bare_ms:.2f}")
    print(f"ratio     listed / bare = {list_ms / bare_ms:.2f}", flush=True)


def _live(socket: Path) -> None:
    with _provtui(socket) as terminal:
        terminal.until(_LIST)
        terminal.watch(SETTLE_S)
        by_state = terminal.watch(WATCHED_S) / WATCHED_S
        keys_ms = sorted(_key_ms(terminal, number) for number in range(KEYS))
        terminal.press("R")
        terminal.watch(SETTLE_S)
        by_rtt = terminal.watch(WATCHED_S) / WATCHED_S
        print(f"live      memory_mib={memory_mib(terminal.pid):.0f} goal_mib={GOAL_MIB:g}")
    for order, bytes_s in (("state", by_state), ("RTT", by_rtt)):
        print(f"live      by {order}: bytes_s={bytes_s:.0f} ratio_to_goal={bytes_s / GOAL_BYTES_S:.2f}")
    p50, p95 = keys_ms[KEYS // 2], keys_ms[KEYS * 95 // 100]
    print(
        f"live      key to paint p50_ms={p50:.1f} p95_ms={p95:.1f} p95_ratio_to_goal={p95 / GOAL_KEY_MS:.2f}",
        flush=True,
    )


def _key_ms(terminal: Terminal, number: int) -> float:
    terminal.watch(random.uniform(0.05, 0.25))  # at any moment between two repaints
    pressed = terminal.press("j" if number // 30 % 2 == 0 else "k")
    return (terminal.until(_CURSOR) - pressed) * 1e3


def _quiet(socket: Path) -> None:
    with _provtui(socket) as terminal:
        terminal.until(_LIST)
        terminal.press("/")
        terminal.until(b"state=")
        terminal.press("quiet\r")
        terminal.until(b"quiet 00")
        terminal.watch(SETTLE_S)
        written = terminal.watch(WATCHED_S)
    print(f"quiet     nothing visible changes: bytes={written} goal=0")


def _provtui(socket: Path) -> AbstractContextManager[Terminal]:
    return on_terminal([sys.executable, "-m", "provtui", "--socket", str(socket)], SIZE, ENVIRONMENT)


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


@contextmanager
def _stand_in(socket: Path, *options: str) -> Iterator[Path]:
    command = [sys.executable, "-m", "bench.stand_in", str(socket), str(PROVIDERS), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            if process.stdout is None or not process.stdout.readline():
                raise SystemExit("the stand-in did not start")
            yield socket
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
