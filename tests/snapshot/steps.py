"""What the snapshot tests have in common: sizes, and steps that await a condition."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

LooksRight = Callable[..., bool]
SIZES = [(80, 24), (120, 40)]
IDS = ["80x24", "120x40"]
UP_TO_BIG = pytest.mark.parametrize("size", [*SIZES, (200, 60)], ids=[*IDS, "200x60"])
OTHER_THEMES = pytest.mark.parametrize("theme", ["provtui-light", "provtui-ansi"])


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  # the interface has no event for each condition
            await asyncio.sleep(0.001)


def shows(pilot: Pilot[None], widget_id: str, text: str) -> bool:
    return text in str(pilot.app.screen.query_one(f"#{widget_id}").visual)  # type: ignore[attr-defined]


async def on_screen(pilot: Pilot[None], kind: type) -> None:
    await until(lambda: isinstance(pilot.app.screen, kind) and pilot.app.screen.is_mounted)
    await pilot.pause()
