"""The lists of dialogs have the keys of the tables."""

import pytest
from textual.widgets import OptionList

from provd.schema.timestamps import to_timestamp
from provtui.commands import Place, commands_at
from provtui.dialogs.alert import AlertDialog
from provtui.dialogs.channels import ChannelsDialog
from provtui.dialogs.rules import RulesDialog
from provtui.dialogs.setup_wizard import SetupWizard
from provtui.dialogs.setups import SetupsDialog
from provtui.screens.alerts import AlertsScreen
from tests.fakes.fake_alerts import a_channel, a_rule, an_alert
from tests.fakes.fake_client import NOW, FakeDaemon, a_provider
from tests.fakes.fake_setups import a_setup
from tests.unit.tui.driving import Driver, running

LISTS = [
    (("n",), SetupWizard, Place.SETUP_CARRIER),
    (("s",), SetupsDialog, Place.SETUPS),
    (("3", "enter"), AlertDialog, Place.ALERT),
    (("3", "R"), RulesDialog, Place.RULES),
    (("3", "C"), ChannelsDialog, Place.CHANNELS),
]


def two_of_each() -> FakeDaemon:
    providers = [a_provider("Acme"), a_provider("Zeta")]
    daemon = FakeDaemon(providers)
    setups = [a_setup(each.name, provider_id=each.id) for each in providers]
    daemon.setups.by_id = {each.id: each for each in setups}
    daemon.alerts.rules["slow"] = a_rule("slow")
    daemon.alerts.channels = {name: a_channel(name) for name in ("mail", "noc")}
    alert = an_alert(1, to_timestamp(NOW - 60), "Acme", "Zeta")
    daemon.alerts.by_id[alert.id] = alert
    return daemon


async def alerts_are_read(driver: Driver) -> None:
    screen = driver.app.screen
    if isinstance(screen, AlertsScreen):
        await driver.until(lambda: screen.alerts.state.read)
        await driver.settle()


@pytest.mark.parametrize(("keys", "dialog", "place"), LISTS, ids=lambda each: getattr(each, "__name__", None))
async def test_j_and_k_move_the_cursor(keys: tuple[str, ...], dialog: type, place: Place) -> None:
    async with running(two_of_each()) as driver:
        for key in keys:
            await driver.press(key)
            await alerts_are_read(driver)
        await driver.on_screen(dialog)
        choices = driver.app.screen.query_one(OptionList)
        await driver.until(lambda: choices.option_count >= 2 and choices.highlighted == 0)
        await driver.press("j")
        assert choices.highlighted == 1
        await driver.press("k")
        assert choices.highlighted == 0


@pytest.mark.parametrize("place", [place for _, _, place in LISTS])
def test_no_command_has_the_keys_that_move_there(place: Place) -> None:
    assert not {"j", "k"} & {key for command in commands_at(place) for key in command.keys}
