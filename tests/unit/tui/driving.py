"""How the behaviour tests drive the app: conditions are awaited, time stands still."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input, Select, TextArea

from provtui.app import ProvTui
from provtui.feed import STATUS_EVERY_S
from provtui.screens.fleet import FleetScreen
from provtui.widgets.fleet_table import FleetTable
from provtui.widgets.lines import Lines
from tests.fakes.fake_client import FakeClock, FakeDaemon

NEVER_S = 3600.0
_CHARACTERS = {
    "slash": "/",
    "colon": ":",
    "question_mark": "?",
    "enter": "\r",
    "space": " ",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}


class Driver:
    """The app under test, its daemon and its clock."""

    def __init__(self, app: ProvTui, daemon: FakeDaemon, clock: FakeClock, pilot: Pilot[None]) -> None:
        self.app = app
        self.daemon = daemon
        self.clock = clock
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        for key in keys:
            self.burst(key)
            await self._turns()

    def burst(self, *keys: str) -> None:
        """Press keys that come in one piece, as a slow line brings them: nothing happens in between."""
        for key in keys:
            character = _CHARACTERS.get(key, key if len(key) == 1 else None)
            self.app.post_message(Key(key, character))

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(20):
            while not condition():  # noqa: ASYNC110  # the interface has no event for each condition
                await asyncio.sleep(0.001)

    async def settle(self) -> None:
        """Let what the daemon just said arrive, and repaint."""
        await self._turns()
        self.app.screen.flush()  # type: ignore[attr-defined]
        await self._turns()

    async def settle_dialog(self) -> None:
        """Let what was just said arrive in a dialog, which repaints by itself."""
        await self._turns()

    async def _turns(self) -> None:
        """Let every task that can go on do so, as often as a message needs on its longest way."""
        for _ in range(200):
            await asyncio.sleep(0)

    async def on_screen(self, kind: type) -> None:
        await self.until(lambda: isinstance(self.app.screen, kind) and self.app.screen.is_mounted)
        await self._turns()

    async def type_into(self, widget_id: str, text: str) -> None:
        control = self.app.screen.query_one(f"#{widget_id}")
        control.focus()
        if isinstance(control, TextArea):
            control.load_text(text)
        elif isinstance(control, Input | Select):
            control.value = text
        await self._turns()

    @property
    def fleet(self) -> FleetScreen:
        screen = self.app.screen_stack[0]
        assert isinstance(screen, FleetScreen)
        return screen

    @property
    def table(self) -> FleetTable:
        return self.fleet.query_one(FleetTable)

    @property
    def names(self) -> list[str]:
        return [self.app.session.fleet.providers[key].name for key in self.table.listing.ids]

    def lines(self, selector: str) -> str:
        return str(self.app.screen.query_one(selector, Lines).visual)

    def row(self, number: int) -> str:
        return self.table.render_line(number + 1).text

    @property
    def said(self) -> list[str]:
        return [toast.message for toast in self.app._notifications]

    async def text(self) -> str:
        """Lay out and paint, and give everything on the terminal."""
        await self.pilot.pause()
        return "\n".join(line.text for line in self.app.screen._compositor.render_strips())


async def sleep(seconds: float) -> None:
    """Wait, but for ever where the app would ask the daemon how it is: that comes at any moment."""
    await asyncio.sleep(NEVER_S if seconds == STATUS_EVERY_S else seconds)


@asynccontextmanager
async def running(
    daemon: FakeDaemon,
    *,
    size: tuple[int, int] = (80, 24),
    kind: type[ProvTui] = ProvTui,
    **options: Any,
) -> AsyncIterator[Driver]:
    """Run the app, of ``kind``, against ``daemon``; repainting by time is off, ``settle`` does it."""
    clock = FakeClock()
    app = kind(daemon.connect, clock=clock, sleep=sleep, refresh_s=NEVER_S, theme="provtui-dark", **options)
    async with app.run_test(size=size, notifications=True) as pilot:
        driver = Driver(app, daemon, clock, pilot)
        if daemon.away is None:
            await driver.until(lambda: app.session.fleet.loaded and app.session.role is not None)
        await driver.settle()
        await pilot.pause()
        yield driver
