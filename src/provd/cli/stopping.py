"""When a command in the foreground is told to stop."""

import asyncio
import os
import signal
import sys


def stop_event(*, lifeline: bool) -> asyncio.Event:
    """An event that SIGTERM and SIGINT set; with ``lifeline`` also the end of standard input.

    The lifeline is for a parent that holds the other end of a pipe: however it dies, we stop in order.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if lifeline:
        stdin = sys.stdin.fileno()

        def readable() -> None:
            if not os.read(stdin, 4096):
                loop.remove_reader(stdin)
                stop.set()

        loop.add_reader(stdin, readable)
    return stop
