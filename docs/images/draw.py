"""Draws the README's picture: the real app on a private daemon with the demo fleet.

Run it with ``make pictures``. It takes a minute, so that there is something to see.
"""

import asyncio
import tempfile
from pathlib import Path

from provd.client import Client
from provtui.app import ProvTui
from provtui.local import private_daemon

HERE = Path(__file__).parent
WATCHED_S = 75
SIZE = (112, 24)


async def main() -> None:
    """Draw the fleet."""
    with tempfile.TemporaryDirectory(prefix="provd-") as name:
        socket = Path(name) / "s"
        async with private_daemon(socket, Path(name) / "state") as children:
            await children.start_demo()
            await asyncio.sleep(WATCHED_S)
            app = ProvTui(lambda: Client(socket), theme="provtui-dark")
            async with app.run_test(size=SIZE) as pilot:
                await asyncio.sleep(3)
                await pilot.pause()
                app.save_screenshot("fleet.svg", str(HERE))


asyncio.run(main())
