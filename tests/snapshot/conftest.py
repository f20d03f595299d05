import asyncio
import platform
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_textual_snapshot
import textual
from syrupy.location import PyTestLocation
from textual.pilot import Pilot

from provtui.app import ProvTui
from tests.fakes.fake_client import FakeClock, FakeDaemon

ROOT = Path(__file__).parents[2]
_LEFT_OUT = pytest.StashKey[bool]()
Steps = Callable[[Pilot[None], FakeDaemon, FakeClock], Awaitable[None]]


def pytest_deselected(items: list[pytest.Item]) -> None:
    if any(Path(__file__).parent in each.path.parents for each in items):
        items[0].config.stash[_LEFT_OUT] = True


def some_were_left_out(config: pytest.Config) -> bool:
    """Whether -k, -m or the like left some snapshot tests out."""
    return config.stash.get(_LEFT_OUT, False)


class Baselines(pytest_textual_snapshot.SVGImageExtension):
    """Keeps the SVG files in the top-level snapshots/."""

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(ROOT / "snapshots" / test_location.basename)


@pytest.fixture(autouse=True)
def _baselines(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.setattr(pytest_textual_snapshot, "SVGImageExtension", Baselines)
    for variable in ("NO_COLOR", "TEXTUAL", "TEXTUAL_THEME", "TEXTUAL_FILTERS"):
        monkeypatch.delenv(variable, raising=False)
    writer = (platform.python_version_tuple()[:2], textual.__version__)
    if request.config.option.update_snapshots and writer != (("3", "11"), "8.2.8"):
        pytest.fail("baselines are written with Python 3.11 and textual 8.2.8 alone")


@pytest.fixture
def looks_right(
    snap_compare: Callable[..., bool],
) -> Callable[..., bool]:
    """Run the app against a daemon, do ``steps``, and compare what it looks like with its baseline."""

    def compare(
        daemon: FakeDaemon,
        size: tuple[int, int] = (80, 24),
        steps: Steps | None = None,
        *,
        theme: str = "provtui-dark",
        **options: Any,
    ) -> bool:
        clock = FakeClock()
        app = ProvTui(daemon.connect, clock=clock, refresh_s=3600.0, theme=theme, **options)

        async def prepare(pilot: Pilot[None]) -> None:
            async with asyncio.timeout(20):
                while not app.session.fleet.loaded or app.session.role is None:
                    await pilot.pause()
            app.screen.flush()  # type: ignore[attr-defined]
            await pilot.pause()
            if steps is not None:
                await steps(pilot, daemon, clock)
                await pilot.pause()

        return snap_compare(app, terminal_size=size, run_before=prepare)

    return compare
