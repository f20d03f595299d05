"""What the wizard, the carrier tab and the dialogs of setups look like."""

import asyncio

import pytest
from textual.pilot import Pilot
from textual.widgets._toast import Toast

from provd.schema.setup import Finding, SetupState, StepState
from provtui.commands import Place
from provtui.dialogs.confirm_delete import ConfirmDelete
from provtui.dialogs.removal_report import RemovalReport
from provtui.dialogs.replace_key import ReplaceKey
from provtui.dialogs.setup_wizard import SetupWizard
from provtui.dialogs.setups import SetupsDialog
from provtui.screens.provider import ProviderScreen
from tests.fakes.fake_client import NOW, FakeClock, FakeDaemon, a_fleet
from tests.fakes.fake_setups import KEY, a_setup
from tests.snapshot.steps import IDS, SIZES, LooksRight, on_screen, shows, until


def made_by_setup() -> FakeDaemon:
    """A fleet in which setup made Telnyx Madrid, and another setup left something at the carrier."""
    daemon = FakeDaemon(a_fleet())
    why = "Telnyx failed to delete it, 503. Try again later, and look at Telnyx's status page"
    daemon.setups.by_id = {
        each.id: each
        for each in (
            a_setup("Telnyx Madrid", provider_id="id-telnyx-madrid", at=NOW - 3 * 86400),
            a_setup("Lisbon", state=SetupState.UNDONE, steps=StepState.UNDONE, at=NOW - 30),
            a_setup("Old Madrid", state=SetupState.LEFT, steps=StepState.LEFT, note=why, at=NOW - 7200),
        )
    }
    return daemon


async def in_wizard(pilot: Pilot[None], place: Place) -> None:
    """Go on to ``place`` with the right key."""
    await pilot.press("n")
    await on_screen(pilot, SetupWizard)
    wizard = pilot.app.screen
    assert isinstance(wizard, SetupWizard)
    await until(lambda: wizard._carriers)
    if place is Place.SETUP_CARRIER:
        return
    await pilot.press("enter")
    await until(lambda: wizard.place is Place.SETUP_KEY)
    await pilot.press(*KEY)
    if place is Place.SETUP_KEY:
        return
    await pilot.press("enter")
    await until(lambda: wizard.place is Place.SETUP_TRUNK)
    await pilot.press(*"Telnyx Porto")
    if place is Place.SETUP_TRUNK:
        return
    await pilot.press("ctrl+s")
    await until(lambda: wizard.place is Place.SETUP_PLAN)
    if place is Place.SETUP_PLAN:
        return
    await pilot.press("ctrl+s")
    await until(lambda: wizard.place is place)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
@pytest.mark.parametrize(
    "place",
    [Place.SETUP_CARRIER, Place.SETUP_KEY, Place.SETUP_TRUNK, Place.SETUP_PLAN],
    ids=lambda place: place.value,
)
def test_wizard(looks_right: LooksRight, place: Place, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await in_wizard(pilot, place)

    assert looks_right(FakeDaemon(a_fleet()), size, steps)


@pytest.mark.parametrize("place", [Place.SETUP_CARRIER, Place.SETUP_TRUNK], ids=lambda place: place.value)
def test_wizard_ansi(looks_right: LooksRight, place: Place) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await in_wizard(pilot, place)

    assert looks_right(FakeDaemon(a_fleet()), steps=steps, theme="provtui-ansi")


def test_wizard_with_a_wrong_key(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        daemon.setups.keys.clear()
        await in_wizard(pilot, Place.SETUP_KEY)
        await pilot.press("enter")
        await until(lambda: shows(pilot, "wizard-said", "did not accept"))

    assert looks_right(FakeDaemon(a_fleet()), steps=steps)


def test_wizard_under_way(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        daemon.setups.gate = asyncio.Event()
        await in_wizard(pilot, Place.SETUP_RUN)
        await until(lambda: shows(pilot, "wizard-progress", "✓ made"))

    assert looks_right(FakeDaemon(a_fleet()), steps=steps)


def test_wizard_done(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await in_wizard(pilot, Place.SETUP_DONE)
        await until(lambda: shows(pilot, "wizard-progress", "First check"))

    assert looks_right(FakeDaemon(a_fleet()), steps=steps)


def test_wizard_failed_with_something_left(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        daemon.setups.fail_at = "ip_1"
        daemon.setups.stuck = {"profile": "Telnyx failed to delete it, 503. Try again later"}
        await in_wizard(pilot, Place.SETUP_FAILED)

    assert looks_right(FakeDaemon(a_fleet()), steps=steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_carrier_tab(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        daemon.setups.findings = [
            Finding(
                step="ip_1",
                kind="missing",
                carrier_id="00000000-0000-0000-28dd-8f2a2d3b1a15",
                message="00000000-0000-0000-28dd-8f2a2d3b1a15, made by the step 'ip_1', is not there any "
                "more: delete this provider with its trunk, and set it up again",
            )
        ]
        await pilot.press("slash", *"telnyx madrid", "enter", "enter")
        await on_screen(pilot, ProviderScreen)
        await pilot.press("s")
        await until(lambda: shows(pilot, "carrier-text", "What setup made"))
        await pilot.press("v")
        await until(lambda: shows(pilot, "carrier-text", "287.40"))

    assert looks_right(made_by_setup(), size, steps)


def test_replace_key(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("slash", *"telnyx madrid", "enter", "enter")
        await on_screen(pilot, ProviderScreen)
        await pilot.press("s")
        await until(lambda: shows(pilot, "carrier-text", "What setup made"))
        await pilot.press("k")
        await on_screen(pilot, ReplaceKey)
        await until(lambda: pilot.app.screen.query("#field-credentials-api_key"))
        await pilot.press(*"KEY0123")

    assert looks_right(made_by_setup(), steps=steps)


async def delete_madrid(pilot: Pilot[None]) -> None:
    await pilot.press("slash", *"telnyx madrid", "enter", "d")
    await on_screen(pilot, ConfirmDelete)
    await until(lambda: pilot.app.screen.query_one("#delete-trunk").display)
    await pilot.press(*"Telnyx Madrid")


def test_delete_with_the_trunk(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await delete_madrid(pilot)

    assert looks_right(made_by_setup(), steps=steps)


def test_what_is_left_of_a_deleted_trunk(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        daemon.setups.stuck = {"connection": "1 phone number is still on the trunk (+15550100): move it"}
        await delete_madrid(pilot)
        await pilot.press("enter")
        await on_screen(pilot, RemovalReport)
        for screen in pilot.app.screen_stack:  # a toast goes away by the clock
            await screen.query(Toast).remove()

    assert looks_right(made_by_setup(), steps=steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_setups(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("s")
        await on_screen(pilot, SetupsDialog)
        await until(lambda: shows(pilot, "setups-steps", "begun by"))
        await pilot.press("down")
        await until(lambda: shows(pilot, "setups-steps", "was kept"))

    known = made_by_setup()
    kept = a_setup("Porto", provider_id="id-porto", at=NOW - 5400)
    known.setups.by_id[kept.id] = kept
    assert looks_right(known, size, steps)
