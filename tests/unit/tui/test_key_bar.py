"""The key bar: what is there when room is short."""

import pytest

from provd.schema.health import HealthStatus
from provtui.commands import SCREENS, Place, commands_at
from provtui.screens.wall import WallScreen
from provtui.text import width
from provtui.widgets.key_bar import KeyBar, that_fit
from tests.fakes.fake_client import FakeDaemon, a_provider
from tests.unit.tui.driving import running

WANTED = {
    Place.FLEET: {"open", "check", "maintenance", "edit", "filter", "help", "delete"},
    Place.WELCOME: {"setup", "add", "help"},
    Place.ROUTES: {"open", "add_route", "edit_route", "resolve", "filter", "help"},
    Place.EVENTS: {"open", "filter", "out", "help"},
    Place.ALERTS: {"alert", "acknowledge", "resolved", "filter", "rules", "channels", "out", "help"},
    Place.AUDIT: {"entry", "undo_entry", "verify_audit", "filter", "help"},
    Place.WALL: {"back", "help"},
    Place.PROVIDER: {"check", "maintenance", "edit", "delete", "back", "help"},
    Place.HISTORY: {"check", "maintenance", "edit", "span:shorter", "span:longer", "back", "help"},
    Place.CARRIER: {"check", "maintenance", "edit", "verify", "key", "back", "help"},
    Place.PROVIDER_CALLS: {"check", "edit", "span:shorter", "span:longer", "back", "help"},
    Place.REVISIONS: {"restore", "check", "edit", "back", "help"},
}


@pytest.mark.parametrize("place", SCREENS, ids=lambda place: place.value)
def test_the_most_important_fit_into_80_columns_and_help_is_always_there(place: Place) -> None:
    commands = list(commands_at(place))
    shown = {command.id for command in that_fit(commands, 80)}
    assert WANTED.get(place, {"help"}) <= shown
    assert "help" in {command.id for command in that_fit(commands, 20)}


@pytest.mark.parametrize("place", list(Place), ids=lambda place: place.value)
@pytest.mark.parametrize("cells", [20, 40, 80, 120])
def test_what_is_shown_fits(place: Place, cells: int) -> None:
    shown = that_fit(list(commands_at(place)), cells)
    assert width("  ".join(f"{each.first_key} {each.label}" for each in shown)) <= cells


async def test_help_is_drawn_on_a_narrow_terminal() -> None:
    daemon = FakeDaemon([a_provider("Acme", status=HealthStatus.UNHEALTHY)])
    async with running(daemon, size=(40, 12)) as driver:
        assert "? Help" in str(driver.app.screen.query_one(KeyBar).render())
        await driver.press("w")
        await driver.on_screen(WallScreen)
        assert "? Help" in str(driver.app.screen.query_one(KeyBar).render())
