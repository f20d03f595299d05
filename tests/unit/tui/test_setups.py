"""The list of setups, and what the pulse says of those that left something at a carrier."""

from provd.schema.errors import ErrorStatus
from provd.schema.setup import SetupState, StepState
from provd.schema.status import Role
from provtui import setup_progress
from provtui.dialogs.setups import SetupsDialog
from provtui.screens.fleet import FleetScreen
from provtui.setup_progress import SetupProgress
from provtui.widgets.pulse import Pulse
from tests.fakes.fake_client import NOW, FakeDaemon, a_provider, api_error
from tests.fakes.fake_setups import FakeSetups, a_plan, a_setup
from tests.unit.tui.driving import Driver, running

WHY = "Telnyx failed to delete it, 503. Try again later"


def with_setups() -> FakeDaemon:
    daemon = FakeDaemon([a_provider("Acme")])
    left = a_setup(
        "Old Madrid",
        state=SetupState.LEFT,
        steps=StepState.LEFT,
        note=WHY,
        at=NOW - 7200,
        error="the name is taken",
    )
    done = a_setup("Acme", provider_id="id-acme", at=NOW - 60)
    undone = a_setup("Lisbon", state=SetupState.UNDONE, steps=StepState.UNDONE, at=NOW - 30)
    daemon.setups.by_id = {each.id: each for each in (left, done, undone)}
    return daemon


async def open_setups(driver: Driver) -> SetupsDialog:
    await driver.press("s")
    await driver.on_screen(SetupsDialog)
    screen = driver.app.screen
    assert isinstance(screen, SetupsDialog)
    await driver.until(lambda: screen._setups or "No trunk" in driver.lines("#setups-said"))
    await driver.settle_dialog()
    return screen


async def test_those_that_need_attention_come_first_with_what_is_left_and_why() -> None:
    async with running(with_setups()) as driver:
        screen = await open_setups(driver)
        assert [each.name for each in screen._setups] == ["Old Madrid", "Lisbon", "Acme"]
        shown = await driver.text()
        assert "! left     Old Madrid" in shown
        assert "3 left" in shown
        steps = driver.lines("#setups-steps")
        assert "begun by mara at 01:10 UTC" in steps
        assert "Telnyx failed to delete it, 503." in steps
        assert "✗ the name is taken" in steps


async def test_without_any_it_says_how_to_begin() -> None:
    async with running(FakeDaemon([a_provider("Acme")])) as driver:
        await open_setups(driver)
        assert "No trunk was set up yet" in driver.lines("#setups-said")


async def test_undoing_is_asked_twice_and_then_done() -> None:
    async with running(with_setups()) as driver:
        screen = await open_setups(driver)
        await driver.press("u")
        assert "u again removes what Old Madrid has at telnyx" in driver.lines("#setups-said")
        assert "roll_back_setup" not in driver.daemon.calls
        await driver.press("u")
        await driver.until(lambda: driver.said)
        assert driver.said == ["Old Madrid: nothing is left"]
        await driver.until(lambda: screen._setups[0].state is SetupState.UNDONE)


async def test_what_could_not_be_undone_is_said_again() -> None:
    daemon = with_setups()
    daemon.setups.stuck = {"profile": WHY}
    async with running(daemon) as driver:
        await open_setups(driver)
        await driver.press("u", "u")
        await driver.until(lambda: driver.said)
        assert driver.said == ["Old Madrid: 1 thing could not be removed"]


async def test_moving_away_forgets_that_undoing_was_asked_for() -> None:
    async with running(with_setups()) as driver:
        await open_setups(driver)
        await driver.press("u", "down", "up", "u")
        assert "roll_back_setup" not in driver.daemon.calls


async def test_going_on_makes_the_provider() -> None:
    async with running(with_setups()) as driver:
        await open_setups(driver)
        await driver.press("g")
        await driver.until(lambda: driver.said)
        assert driver.said == ["Old Madrid: set up, and checked from now on"]
        await driver.press("escape")
        await driver.on_screen(FleetScreen)
        await driver.until(lambda: "Old Madrid" in driver.names)


async def test_a_refusal_is_shown_in_place() -> None:
    daemon = with_setups()
    message = "the setup is running right now: wait for its end"
    daemon.refusals["resume_setup"] = api_error(ErrorStatus.FAILED_PRECONDITION, "SETUP_BUSY", message)
    async with running(daemon) as driver:
        await open_setups(driver)
        await driver.press("g")
        await driver.until(lambda: message in driver.lines("#setups-said"))
        await driver.settle_dialog()
        assert message in driver.lines("#setups-said")


async def test_what_has_ended_is_left_alone() -> None:
    async with running(with_setups()) as driver:
        await open_setups(driver)
        await driver.press("down", "g")
        assert "Nothing of it is left" in driver.lines("#setups-said")
        await driver.press("down", "u", "u")
        assert "It is done" in driver.lines("#setups-said")
        assert not {"roll_back_setup", "resume_setup"} & set(driver.daemon.calls)


def with_a_kept_trunk() -> FakeDaemon:
    """Of Porto the provider was deleted, and the trunk was not."""
    daemon = with_setups()
    kept = a_setup("Porto", provider_id="id-porto", at=NOW - 90)
    daemon.setups.by_id[kept.id] = kept
    return daemon


async def test_a_trunk_that_was_kept_when_its_provider_was_deleted_can_be_removed() -> None:
    async with running(with_a_kept_trunk()) as driver:
        screen = await open_setups(driver)
        assert [each.name for each in screen._setups] == ["Old Madrid", "Porto", "Lisbon", "Acme"]
        await driver.press("down")
        shown = (await driver.text()).splitlines()
        assert [("no provider" in line) for line in shown if "Porto  " in line and "done" in line] == [True]
        assert not any("no provider" in line for line in shown if "Acme" in line)
        assert "Its provider is gone, and its trunk was kept" in driver.lines("#setups-steps")
        await driver.press("u")
        assert "u again removes what Porto has at telnyx" in driver.lines("#setups-said")
        assert "roll_back_setup" not in driver.daemon.calls
        await driver.press("u")
        await driver.until(lambda: driver.said)
        assert driver.said == ["Porto: nothing is left"]
        assert driver.daemon.setups.by_id["set-porto"].state is SetupState.UNDONE


async def test_going_on_with_a_kept_trunk_is_refused_with_what_can_be_done() -> None:
    async with running(with_a_kept_trunk()) as driver:
        await open_setups(driver)
        await driver.press("down", "g")
        assert "u removes its trunk" in driver.lines("#setups-said")
        assert "resume_setup" not in driver.daemon.calls


async def test_a_trunk_can_be_removed_though_its_provider_was_deleted_only_now() -> None:
    async with running(with_setups()) as driver:
        await open_setups(driver)
        await driver.press("end")
        assert "Its provider is gone" not in driver.lines("#setups-steps")
        await driver.daemon.connect().delete_provider("id-acme")
        await driver.until(lambda: not driver.app.session.fleet.providers)
        await driver.press("u")
        assert "u again removes what Acme has at telnyx" in driver.lines("#setups-said")


async def test_a_viewer_may_look_and_is_told_why_no_more() -> None:
    daemon = with_setups()
    daemon.role = Role.VIEWER
    async with running(daemon) as driver:
        await open_setups(driver)
        await driver.press("u")
        assert "Undo needs the admin role" in driver.lines("#setups-said")


def pulse(driver: Driver) -> str:
    return str(driver.fleet.query_one(Pulse).render())


async def test_the_pulse_says_that_something_is_left_at_a_carrier() -> None:
    async with running(with_setups()) as driver:
        assert "! 1 setup left (s)" in pulse(driver)
        old = driver.daemon.setups.by_id["set-old-madrid"]
        driver.daemon.setups.put(old.model_copy(update={"state": SetupState.UNDONE}))
        await driver.until(lambda: not driver.app.session.fleet.left)
        await driver.settle()
        assert "setup left" not in pulse(driver)


async def test_the_pulse_tells_of_one_that_is_left_from_now_on() -> None:
    async with running(FakeDaemon([a_provider("Acme")])) as driver:
        driver.daemon.setups.put(a_setup("Madrid", state=SetupState.LEFT))
        await driver.until(lambda: driver.app.session.fleet.left)
        await driver.settle()
        assert "! 1 setup left (s)" in pulse(driver)


def test_a_step_that_the_plan_did_not_have_comes_last() -> None:
    heard: list[object] = []
    setups = FakeSetups(NOW, lambda kind, event: heard.append(event))
    setups.by_id["x"] = a_setup("Madrid").model_copy(update={"id": "x"})
    setups.step("x", "ip_1", StepState.DONE, "noted")
    whole = setup_progress.planned(a_plan("Madrid"))
    known = setup_progress.after(whole, heard[0])  # type: ignore[arg-type]
    assert [step.state.value for step in known.steps] == ["planned", "planned", "done"]
    fresh = setup_progress.after(SetupProgress(whole.steps[:1]), heard[0])  # type: ignore[arg-type]
    assert [(step.step, step.note) for step in fresh.steps] == [("profile", ""), ("ip_1", "noted")]
