"""Draws the pictures of the README and the guide: the real app on a private daemon with the demo fleet.

Run it with ``make pictures``. It takes two minutes, so that there is something to see.
"""

import asyncio
import tempfile
from pathlib import Path

from textual.pilot import Pilot

from provd.client import Client
from provd.demo.carriers.accounts import TELNYX_KEY
from provd.schema.route import RouteCreate
from provtui.app import ProvTui
from provtui.local import private_daemon

HERE = Path(__file__).parent
WATCHED_S = 75
SIZE = (120, 24)
NUMBER = "+442071838750"
ROUTES = (
    ("+44", 1, "Closed Door", "United Kingdom, the cheapest"),
    ("+44", 2, "Atlas Carrier EU", "United Kingdom"),
    ("+4420", 1, "Rush Hour Wholesale", "London"),
    ("+1", 1, "Meridian Voice", "North America"),
    ("+81", 1, "Pacific Trunking", "Japan"),
    ("all", 9, "Meridian Voice", "everything else"),
)


async def main() -> None:
    """Draw every picture, each from the list that the one before was left for."""
    with tempfile.TemporaryDirectory(prefix="provd-") as name:
        socket = Path(name) / "s"
        async with private_daemon(socket, Path(name) / "state") as children:
            await children.start_demo()
            async with Client(socket) as client:
                await add_routes(client)
            await asyncio.sleep(WATCHED_S)
            app = ProvTui(lambda: Client(socket), theme="provtui-dark")
            async with app.run_test(size=SIZE) as pilot:
                await draw(pilot)


async def add_routes(client: Client) -> None:
    """Make routes, one of them to a carrier that is dead."""
    ids = {each.name: each.id for each in await client.all_providers()}
    for target, priority, provider, route in ROUTES:
        new = RouteCreate(name=route, provider_id=ids[provider], target=target, priority=priority)
        await client.create_route(new)


async def draw(pilot: Pilot[None]) -> None:
    """Walk through the app."""
    await until(pilot, "● live", "Closed Door")
    save(pilot, "fleet")

    await pilot.press("slash", *"closed", "enter", "enter")
    await until(pilot, "Facts")
    save(pilot, "provider")

    await pilot.press("2")
    await until(pilot, "North America")
    await pilot.press("n", *NUMBER)
    await until(pilot, f"{NUMBER}@")
    save(pilot, "routes")

    await pilot.press("escape", "3")
    await until(pilot, "SEVERITY", "providers: unhealthy")
    await pilot.press("enter")
    await until(pilot, "What happened", "Messages")
    save(pilot, "alerts")

    await pilot.press("escape", "1", "escape", "n")
    await until(pilot, "Telnyx (simulated)")
    await pilot.press("down", "down", "down", "enter", *TELNYX_KEY, "enter")
    await until(pilot, "Telnyx (simulated) takes the key")
    await pilot.press(*"Telnyx Madrid", "enter")
    await until(pilot, "calls to Telnyx (simulated)")
    save(pilot, "setup")


async def until(pilot: Pilot[None], *texts: str) -> None:
    """Wait until all of ``texts`` are drawn."""
    async with asyncio.timeout(30):
        while True:
            await pilot.pause(0.2)
            drawn = "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())
            if all(text in drawn for text in texts):
                return


def save(pilot: Pilot[None], name: str) -> None:
    """Save what is drawn."""
    pilot.app.save_screenshot(f"{name}.svg", str(HERE))


asyncio.run(main())
