"""A socket that has something to read in the very turn in which its reader is cancelled.

anyio then sets a future that is over already, and asyncio would tell the terminal of it. Nothing is lost.
"""

import asyncio
from typing import Any


def pass_over_late_wakeups() -> None:
    """Say nothing of such a wake-up in the running loop; of everything else as before."""
    asyncio.get_running_loop().set_exception_handler(_tell)


def _tell(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    late = isinstance(context.get("exception"), asyncio.InvalidStateError)
    if not (late and "Future.set_result" in str(context.get("message"))):
        loop.default_exception_handler(context)
