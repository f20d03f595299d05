"""What the screens look like. Behaviour is asserted in tests/unit/tui; here a person judges a picture."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from provd.schema.health import HealthStatus
from provd.schema.status import Role
from provtui.dialogs.confirm_delete import ConfirmDelete
from provtui.dialogs.conflict import ConflictDialog
from provtui.dialogs.help import HelpDialog
from provtui.dialogs.provider_form import ProviderForm
from provtui.screens.provider import ProviderScreen
from tests.fakes.fake_client import FakeClock, FakeDaemon, a_fleet

LooksRight = Callable[..., bool]
SIZES = [(80, 24), (120, 40)]
IDS = ["80x24", "120x40"]


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110  # the interface has no event for each condition
            await asyncio.sleep(0.001)


async def on_screen(pilot: Pilot[None], kind: type) -> None:
    await until(lambda: isinstance(pilot.app.screen, kind) and pilot.app.screen.is_mounted)
    await pilot.pause()


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_fleet(looks_right: LooksRight, size: tuple[int, int]) -> None:
    assert looks_right(FakeDaemon(a_fleet()), size)


def test_fleet_wide(looks_right: LooksRight) -> None:
    assert looks_right(FakeDaemon(a_fleet()), (200, 30))


def test_fleet_light(looks_right: LooksRight) -> None:
    assert looks_right(FakeDaemon(a_fleet()), (120, 40), theme="provtui-light")


def test_fleet_ansi(looks_right: LooksRight) -> None:
    assert looks_right(FakeDaemon(a_fleet()), theme="provtui-ansi")


def test_fleet_without_colour(looks_right: LooksRight, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert looks_right(FakeDaemon(a_fleet()))


def test_fleet_filtered_for_a_viewer(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("slash", *"state=u", "enter", "down")

    assert looks_right(FakeDaemon(a_fleet(), role=Role.VIEWER), steps=steps)


def test_welcome(looks_right: LooksRight) -> None:
    async def start_demo() -> None:
        pytest.fail("nobody asked for it")

    assert looks_right(FakeDaemon(), start_demo=start_demo)


def test_disconnected(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        daemon.go_away("no provd answers at /run/provd/provd.sock: start it (provd run)")
        await until(lambda: pilot.app.session.fleet.stale)  # type: ignore[attr-defined]
        clock.advance(130)
        pilot.app.screen.flush()  # type: ignore[attr-defined]

    assert looks_right(FakeDaemon(a_fleet()), steps=steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_provider(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("enter")
        await on_screen(pilot, ProviderScreen)
        await until(lambda: "changed by ben" in str(pilot.app.screen.query_one("#events").visual))  # type: ignore[attr-defined]

    daemon = FakeDaemon(a_fleet())
    daemon.change_health("id-colt-lisbon", HealthStatus.HEALTHY)
    daemon.save_as("ben", "id-colt-lisbon", detail="NOC +351 21 000 00 00", tags=["emea", "gold"])
    daemon.change_health("id-colt-lisbon", HealthStatus.UNHEALTHY)
    assert looks_right(daemon, size, steps)


def test_provider_checked_now(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("enter")
        await on_screen(pilot, ProviderScreen)
        await pilot.press("c")
        await until(lambda: "203.0.113.10" in str(pilot.app.screen.query_one("#report").visual))  # type: ignore[attr-defined]

    assert looks_right(FakeDaemon(a_fleet()), steps=steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_edit_with_an_error(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("e")
        await on_screen(pilot, ProviderForm)
        await pilot.press("tab", "end", "-", "ctrl+s")

    assert looks_right(FakeDaemon(a_fleet()), size, steps)


def test_conflict(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("e")
        await on_screen(pilot, ProviderForm)
        await pilot.press("end", *" (backup)")
        daemon.save_as("ben", "id-colt-lisbon", name="Colt Lisboa", carrier="colt-pt")
        await pilot.press("ctrl+s")
        await on_screen(pilot, ConflictDialog)

    assert looks_right(FakeDaemon(a_fleet()), steps=steps)


def test_delete(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("d")
        await on_screen(pilot, ConfirmDelete)
        await pilot.press(*"Colt Lisbon")

    assert looks_right(FakeDaemon(a_fleet()), steps=steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_help(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("question_mark")
        await on_screen(pilot, HelpDialog)

    assert looks_right(FakeDaemon(a_fleet(), role=Role.OPERATOR), size, steps)
