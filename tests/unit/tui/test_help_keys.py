"""Every key that the help shows does what it says, at its place."""

from typing import Any

import pytest

from provtui.app import ProvTui
from provtui.commands import SCREENS, TABS, Group, Place
from provtui.screens.base import CommandScreen
from tests.fakes.fake_audit import a_revision, an_entry
from tests.fakes.fake_client import FakeDaemon, a_provider
from tests.fakes.fake_routes import a_route
from tests.unit.tui.driving import Driver, running


class Recorder(ProvTui):
    """Writes down which command a key runs instead of running it, once it is told to."""

    recording = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.ran: list[str] = []

    async def run_action(self, action: Any, *args: Any, **options: Any) -> bool:
        if not self.recording or str(action).startswith("scroll_"):  # passed on where nothing scrolls
            return await super().run_action(action, *args, **options)
        name, _, parameters = str(action).partition("(")
        if name == "run" and not self.screen.check_action("run", (parameters.strip("')"),)):
            return False
        self.ran.append(str(action))
        return True


def daemon_at(place: Place) -> FakeDaemon:
    if place is Place.WELCOME:
        return FakeDaemon()
    daemon = FakeDaemon([a_provider("Acme"), a_provider("Zeta")])
    daemon.note(an_entry(1))
    daemon.save_as("ben", "id-acme", detail="NOC")
    for key in ("id-acme", "id-zeta"):
        daemon.audit.revisions[key] = [a_revision(1, key)]
        if place is not Place.NO_ROUTES:
            daemon.routes.add(a_route(f"to {key}", key))
    return daemon


OPENING = {
    Place.FLEET: (),
    Place.WELCOME: (),
    Place.ROUTES: ("2",),
    Place.NO_ROUTES: ("2",),
    Place.ALERTS: ("3",),
    Place.EVENTS: ("4",),
    Place.AUDIT: ("5",),
    Place.WALL: ("w",),
    **dict.fromkeys(TABS, ("enter",)),
}


async def go_to(place: Place, driver: Driver) -> CommandScreen:
    await driver.press(*OPENING[place])
    screen = driver.app.screen
    assert isinstance(screen, CommandScreen)
    if place in TABS:
        screen.do_tab(place.value)  # type: ignore[attr-defined]
        if place is Place.DIAL:
            await driver.press("escape")  # out of the field for the number
    await driver.until(lambda: screen.place is place)
    await driver.settle()
    return screen


@pytest.mark.parametrize("place", SCREENS, ids=lambda place: place.value)
async def test_every_key_in_the_help_works(place: Place) -> None:
    async with running(daemon_at(place), kind=Recorder) as driver:
        screen = await go_to(place, driver)
        app = driver.app
        assert isinstance(app, Recorder)
        app.recording = True
        for command in screen.commands_here():
            what = command.id.partition(":")[2]
            runs = f"move('{what}')" if command.group is Group.MOVE else f"run('{command.id}')"
            if command.id == "palette":
                runs = "command_palette"
            for key in command.keys:
                app.ran.clear()
                await driver.press(key)
                assert [each for each in app.ran if runs in each], (key, command.id, app.ran)
