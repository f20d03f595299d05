"""What the wall looks like, and what is done to many at once."""

import pytest
from textual.pilot import Pilot

from provd.schema.health import HealthStatus
from provtui.commands import Place
from provtui.dialogs.bulk import BulkDialog
from provtui.dialogs.confirm_delete import ConfirmDelete
from provtui.screens.wall import WallScreen
from tests.fakes.fake_client import FakeClock, FakeDaemon, a_fleet, a_provider
from tests.fakes.fake_routes import a_route
from tests.snapshot.steps import IDS, OTHER_THEMES, SIZES, UP_TO_BIG, LooksRight, on_screen, until


@UP_TO_BIG
def test_wall(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("w")
        await on_screen(pilot, WallScreen)

    assert looks_right(FakeDaemon(a_fleet()), size, steps)


@OTHER_THEMES
def test_wall_in_other_themes(looks_right: LooksRight, theme: str) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("w")
        await on_screen(pilot, WallScreen)

    assert looks_right(FakeDaemon(a_fleet()), steps=steps, theme=theme)


def test_wall_with_many_problems(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("w")
        await on_screen(pilot, WallScreen)

    ill = [a_provider(f"Trunk {n:02d}", status=HealthStatus.UNHEALTHY, for_s=60.0 * n) for n in range(60)]
    assert looks_right(FakeDaemon([*ill, *a_fleet()]), steps=steps)


async def mark_and_delete(pilot: Pilot[None]) -> None:
    await pilot.press("space", "space", "down", "space", "d")
    await on_screen(pilot, BulkDialog)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_marked(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("space", "space", "down", "space")

    assert looks_right(FakeDaemon(a_fleet()), size, steps)


def test_delete_all_that_are_marked(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await mark_and_delete(pilot)

    assert looks_right(FakeDaemon(a_fleet()), steps=steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_what_failed(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await mark_and_delete(pilot)
        await pilot.press("3", "enter")
        await until(lambda: pilot.app.screen.place is Place.BULK_DONE)  # type: ignore[attr-defined]

    daemon = FakeDaemon(a_fleet())
    daemon.routes.add(a_route("UK", "id-colt-lisbon"), a_route("Portugal", "id-colt-lisbon"))
    assert looks_right(daemon, size, steps)


def test_delete_with_routes(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("d")
        await on_screen(pilot, ConfirmDelete)
        await until(lambda: pilot.app.screen.query_one("#delete-routes").display)
        await pilot.press(*"Colt Lisbon")

    daemon = FakeDaemon(a_fleet())
    daemon.routes.add(a_route("UK", "id-colt-lisbon", "+44"), a_route("Portugal", "id-colt-lisbon", "+351"))
    assert looks_right(daemon, steps=steps)
