"""When a command in the foreground is told to read its configuration again."""

import asyncio
import os
import signal

_STDIN = 0


def reload_event(stop: asyncio.Event) -> asyncio.Event:
    """An event that SIGHUP sets; but the SIGHUP of a terminal that is gone sets ``stop``."""
    wanted = asyncio.Event()
    in_a_terminal = os.isatty(_STDIN)

    def hung_up() -> None:
        terminal_is_gone = in_a_terminal and not os.isatty(_STDIN)
        (stop if terminal_is_gone else wanted).set()

    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hung_up)
    return wanted
