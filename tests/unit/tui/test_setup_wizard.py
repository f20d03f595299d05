"""The wizard that sets a trunk up at a carrier."""

import asyncio
from uuid import UUID

from textual.widgets import Input, Select

from provd.schema.errors import ErrorStatus
from provd.schema.setup import SetupState, StepState
from provd.schema.status import Role
from provtui.commands import Place
from provtui.dialogs.provider_form import ProviderForm
from provtui.dialogs.route_form import RouteForm
from provtui.dialogs.setup_wizard import SetupWizard
from provtui.form_fields import Kind
from provtui.screens.fleet import FleetScreen
from provtui.screens.provider import ProviderScreen
from provtui.widgets.drawn_form import DrawnForm
from provtui.widgets.form_row import FormRow
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines
from tests.fakes.fake_client import FakeDaemon, a_provider, api_error
from tests.fakes.fake_setups import KEY
from tests.unit.tui.driving import Driver, running

WRONG = "KEY-of-nobody-0123456789"


def daemon() -> FakeDaemon:
    return FakeDaemon([a_provider("Acme")])


def wizard(driver: Driver) -> SetupWizard:
    screen = driver.app.screen
    assert isinstance(screen, SetupWizard)
    return screen


async def at(driver: Driver, place: Place) -> None:
    await driver.until(lambda: isinstance(driver.app.screen, SetupWizard) and wizard(driver).place is place)
    await driver.settle_dialog()


async def open_wizard(driver: Driver) -> None:
    await driver.press("n")
    await driver.on_screen(SetupWizard)
    await driver.until(lambda: "Telnyx" in str(wizard(driver)._carriers))


async def give_key(driver: Driver, key: str = KEY) -> None:
    await open_wizard(driver)
    await driver.press("enter")
    await at(driver, Place.SETUP_KEY)
    await driver.type_into("field-credentials-api_key", key)
    await driver.press("enter")


async def plan(driver: Driver, name: str = "Telnyx Madrid") -> None:
    await give_key(driver)
    await at(driver, Place.SETUP_TRUNK)
    await driver.type_into("field-name", name)
    await driver.press("enter")
    await at(driver, Place.SETUP_PLAN)


def progress(driver: Driver) -> str:
    """How the setup goes on, on one line."""
    return " ".join(driver.lines("#wizard-progress").split())


def problem_at(driver: Driver, path: str) -> str:
    row = next(row for row in wizard(driver).query(FormRow) if row.field.path == path)
    lines = row.query_one(".form--problem", Lines)
    return str(lines.visual) if lines.display else ""


def masked(driver: Driver) -> list[str]:
    rows = [row for row in wizard(driver).query(FormRow) if row.field.kind is Kind.MASKED]
    return [row.text for row in rows]


async def test_it_leads_from_a_key_to_a_provider_that_is_checked() -> None:
    async with running(daemon()) as driver:
        await plan(driver)
        shown = driver.lines("#wizard-calls")
        for part in (
            "3 calls to Telnyx",
            "POST https://api.telnyx.com/v2/ip_connections",
            "name: Telnyx Madrid p4f2a",
            "outbound_voice_profile_id: <profile>",
            "Telnyx Madrid  sip.telnyx.com  udp",
            "→ Buy or move phone numbers",
        ):
            assert part in shown
        assert "set_up" not in driver.daemon.calls
        await driver.press("ctrl+s")
        await at(driver, Place.SETUP_DONE)
        await driver.until(lambda: "First check" in driver.lines("#wizard-progress"))
        shown = driver.lines("#wizard-progress")
        assert shown.count("✓ made") == 3
        assert "Telnyx Madrid leads to sip.telnyx.com" in shown
        assert "203.0.113.9:5060 answered 200 in 23ms" in shown
        await driver.press("enter")
        await driver.on_screen(ProviderScreen)
        assert "Telnyx Madrid" in driver.lines("#title")


async def test_from_the_end_esc_goes_to_the_list_with_the_cursor_on_it() -> None:
    async with running(daemon()) as driver:
        await plan(driver)
        await driver.press("ctrl+s")
        await at(driver, Place.SETUP_DONE)
        await driver.press("escape")
        await driver.on_screen(FleetScreen)
        await driver.settle()
        assert driver.fleet.chosen().name == "Telnyx Madrid"  # type: ignore[union-attr]


async def test_at_the_end_a_route_to_the_provider_is_offered() -> None:
    async with running(daemon()) as driver:
        await plan(driver)
        await driver.press("ctrl+s")
        await at(driver, Place.SETUP_DONE)
        bar = str(wizard(driver).query_one(KeyBar).render())
        assert bar == " ↵ Open it  r Add a route  esc To the list"
        await driver.press("r")
        await driver.on_screen(RouteForm)
        form = driver.app.screen
        assert isinstance(form, RouteForm)
        assert form.texts["provider_id"] == "Telnyx Madrid"
        assert form.texts["target"] == "all"
        await driver.type_into("field-name", "Everything")
        await driver.press("ctrl+s")
        await at(driver, Place.SETUP_DONE)
        assert "Everything: saved" in driver.said
        (route,) = driver.daemon.routes.by_id.values()
        made = next(each for each in driver.daemon.providers.values() if each.name == "Telnyx Madrid")
        assert route.provider_id == made.id


async def test_a_route_that_is_not_wanted_after_all_costs_no_question() -> None:
    async with running(daemon()) as driver:
        await plan(driver)
        await driver.press("ctrl+s")
        await at(driver, Place.SETUP_DONE)
        await driver.press("r")
        await driver.on_screen(RouteForm)
        await driver.press("escape")
        await at(driver, Place.SETUP_DONE)
        assert not driver.daemon.routes.by_id


async def test_the_account_is_told_before_anything_else_is_asked() -> None:
    async with running(daemon()) as driver:
        await give_key(driver)
        await at(driver, Place.SETUP_TRUNK)
        assert driver.lines("#wizard-told") == "✓ Telnyx takes the key, balance 300.00 USD."
        assert driver.app.focused is not None
        assert driver.app.focused.id == "field-name"


async def test_a_wrong_key_is_said_in_place_and_can_be_put_right() -> None:
    async with running(daemon()) as driver:
        await give_key(driver, WRONG)
        await driver.until(lambda: "did not accept the key" in driver.lines("#wizard-said"))
        assert wizard(driver).place is Place.SETUP_KEY
        await driver.type_into("field-credentials-api_key", KEY)
        await driver.press("enter")
        await at(driver, Place.SETUP_TRUNK)


async def test_a_missing_key_is_not_asked_about() -> None:
    async with running(daemon()) as driver:
        await give_key(driver, "")
        assert problem_at(driver, "credentials.api_key") == "✗ API key is needed"
        assert "1 field to put right" in driver.lines("#wizard-said")
        assert "validate_credentials" not in driver.daemon.calls


async def test_secrets_are_masked_and_described() -> None:
    async with running(daemon()) as driver:
        await give_key(driver, WRONG)
        assert WRONG not in await driver.text()
        key = wizard(driver).query_one("#field-credentials-api_key", Input)
        assert key.password
        assert "it begins with KEY" in driver.lines("#wizard-about")


async def test_the_defaults_are_filled_in_and_only_what_differs_is_sent() -> None:
    async with running(daemon()) as driver:
        await give_key(driver)
        await at(driver, Place.SETUP_TRUNK)
        await driver.type_into("field-name", "Madrid")
        assert wizard(driver).query_one("#field-settings-region", Select).value == "us"
        await driver.type_into("field-settings-region", "eu")
        await driver.type_into("field-settings-whitelisted_destinations", "ES, PT")
        await driver.type_into("field-settings-channel_limit", "30")
        await driver.press("ctrl+s")
        await at(driver, Place.SETUP_PLAN)
        (asked,) = driver.daemon.setups.requests
        body = asked.model_dump(mode="json", exclude_unset=True)
        assert UUID(body.pop("setup_id"))
        assert body == {
            "carrier": "telnyx",
            "name": "Madrid",
            "credentials": {"api_key": KEY},
            "settings": {"region": "eu", "whitelisted_destinations": ["ES", "PT"], "channel_limit": 30},
        }


async def test_what_is_wrong_with_settings_is_said_at_the_fields() -> None:
    async with running(daemon()) as driver:
        await give_key(driver)
        await at(driver, Place.SETUP_TRUNK)
        await driver.type_into("field-settings-channel_limit", "many")
        await driver.press("ctrl+s")
        assert problem_at(driver, "name") == "✗ Name is needed"
        assert problem_at(driver, "settings.channel_limit") == "✗ Calls at once must be a whole number"
        assert "2 fields to put right" in driver.lines("#wizard-said")
        assert "plan_setup" not in driver.daemon.calls


async def test_an_error_about_the_key_leads_back_to_its_field_and_loses_nothing() -> None:
    async with running(daemon()) as driver:
        await give_key(driver)
        await at(driver, Place.SETUP_TRUNK)
        await driver.type_into("field-name", "Madrid")
        await driver.type_into("field-settings-connection", "credential")
        await driver.press("ctrl+s")
        await at(driver, Place.SETUP_KEY)
        assert "SIP user name is missing" in problem_at(driver, "credentials.sip_username")
        await driver.type_into("field-credentials-sip_username", "acme")
        await driver.press("enter")
        await at(driver, Place.SETUP_TRUNK)
        assert wizard(driver).query_one("#wizard-trunk", DrawnForm).texts["name"] == "Madrid"
        await driver.press("ctrl+s")
        await at(driver, Place.SETUP_PLAN)


async def test_each_step_of_the_setup_shows_as_it_comes() -> None:
    known = daemon()
    known.setups.gate = asyncio.Event()
    async with running(known) as driver:
        await plan(driver)
        await driver.press("ctrl+s")
        await driver.until(lambda: "✓ made" in driver.lines("#wizard-progress"))
        shown = driver.lines("#wizard-progress")
        assert (shown.count("✓ made"), shown.count("· to do")) == (1, 2)
        assert "It goes on in provd if you leave" in shown
        known.setups.gate.set()
        await at(driver, Place.SETUP_DONE)


async def test_setups_of_others_are_not_mixed_in() -> None:
    known = daemon()
    known.setups.gate = asyncio.Event()
    async with running(known) as driver:
        await plan(driver)
        await driver.press("ctrl+s")
        await driver.until(lambda: "✓ made" in driver.lines("#wizard-progress"))
        mine = next(iter(known.setups.by_id.values()))
        known.setups.put(mine.model_copy(update={"id": "other"}))
        known.setups.step("other", "ip_1", StepState.DONE)
        await driver.settle_dialog()
        assert driver.lines("#wizard-progress").count("✓ made") == 1


async def test_a_failed_setup_shows_what_was_undone_and_goes_back_to_the_settings() -> None:
    known = daemon()
    known.setups.fail_at = "connection"
    async with running(known) as driver:
        await plan(driver)
        await driver.press("ctrl+s")
        await at(driver, Place.SETUP_FAILED)
        await driver.until(lambda: "The name is taken" in driver.lines("#wizard-progress"))
        shown = driver.lines("#wizard-progress")
        assert shown.count("↶ undone") == 2
        assert "✗ Telnyx refused to create the IP connection" in shown
        await driver.press("escape")
        await at(driver, Place.SETUP_TRUNK)
        known.setups.fail_at = ""
        await driver.press("ctrl+s")
        await at(driver, Place.SETUP_PLAN)
        await driver.press("ctrl+s")
        await at(driver, Place.SETUP_DONE)
        ids = {each.setup_id for each in known.setups.requests}
        assert len(ids) == 2  # each try is a setup of its own


async def test_what_could_not_be_undone_is_said_with_the_reason_and_the_way_on() -> None:
    known = daemon()
    known.setups.fail_at = "ip_1"
    known.setups.stuck = {"profile": "Telnyx refused to delete it: it is in use"}
    async with running(known) as driver:
        await plan(driver)
        await driver.press("ctrl+s")
        await at(driver, Place.SETUP_FAILED)
        shown = progress(driver)
        assert "! left" in shown
        assert "it is in use" in shown
        assert "s in the list shows it" in shown


async def test_leaving_while_it_runs_says_that_it_goes_on() -> None:
    known = daemon()
    known.setups.gate = asyncio.Event()
    async with running(known) as driver:
        await plan(driver)
        await driver.press("ctrl+s")
        await at(driver, Place.SETUP_RUN)
        await driver.press("escape")
        await driver.on_screen(FleetScreen)
        assert any("goes on in provd" in said for said in driver.said)


async def test_leaving_while_it_is_not_known_whether_it_began_says_so() -> None:
    known = daemon()
    async with running(known) as driver:
        await plan(driver)
        known.go_away()
        await driver.press("ctrl+s")
        await driver.until(lambda: "If provd had begun it" in progress(driver))
        await driver.press("escape")
        await driver.on_screen(FleetScreen)
        assert any("Whether provd had begun the setup is not known" in said for said in driver.said)
        assert not any("goes on in provd" in said for said in driver.said)


async def test_a_daemon_that_goes_away_meanwhile_is_asked_what_became_of_it() -> None:
    known = daemon()
    known.setups.gate = asyncio.Event()
    async with running(known) as driver:
        await plan(driver)

        async def at_once(seconds: float) -> None:
            await asyncio.sleep(0)

        wizard(driver)._calls._sleep = at_once
        await driver.press("ctrl+s")
        await driver.until(lambda: "✓ made" in driver.lines("#wizard-progress"))
        known.go_away()
        known.setups.gate.set()
        await driver.until(lambda: "It is asked again and again" in progress(driver))
        setup = next(iter(known.setups.by_id.values()))
        made = a_provider("Telnyx Madrid", hostname="sip.telnyx.com")
        known.providers[made.id] = made
        known.setups.by_id[setup.id] = setup.model_copy(
            update={"state": SetupState.DONE, "provider_id": made.id}
        )
        known.come_back()
        await at(driver, Place.SETUP_DONE)


async def test_by_hand_opens_the_form() -> None:
    async with running(daemon()) as driver:
        await open_wizard(driver)
        await driver.press("end", "enter")
        await driver.on_screen(ProviderForm)


async def test_enter_does_nothing_until_the_carriers_are_there() -> None:
    known = daemon()
    known.setups.carriers_gate = asyncio.Event()
    async with running(known) as driver:
        driver.burst("n", "enter")
        await driver.on_screen(SetupWizard)
        await driver.press("enter", "ctrl+s")
        assert wizard(driver).place is Place.SETUP_CARRIER
        assert "Asking provd which carriers it knows" in driver.lines("#wizard-said")
        known.setups.carriers_gate.set()
        await driver.until(lambda: "Telnyx" in str(wizard(driver)._carriers))
        await driver.settle_dialog()
        assert driver.lines("#wizard-said") == ""
        await driver.press("enter")
        await at(driver, Place.SETUP_KEY)


async def test_by_hand_is_offered_though_the_carriers_are_not_known() -> None:
    known = daemon()
    known.refusals["carriers"] = api_error(ErrorStatus.INTERNAL, "INTERNAL", "something broke")
    async with running(known) as driver:
        await driver.press("n")
        await driver.on_screen(SetupWizard)
        await driver.until(lambda: "something broke" in driver.lines("#wizard-said"))
        await driver.press("enter")
        await driver.on_screen(ProviderForm)


async def test_esc_goes_back_step_by_step_and_keeps_what_was_typed() -> None:
    async with running(daemon()) as driver:
        await plan(driver)
        for place in (Place.SETUP_TRUNK, Place.SETUP_KEY, Place.SETUP_CARRIER):
            await driver.press("escape")
            await at(driver, place)
        assert masked(driver)[0] == KEY
        assert "set_up" not in driver.daemon.calls


async def back_at_the_carriers(driver: Driver) -> None:
    """With a key that was typed."""
    await give_key(driver)
    await at(driver, Place.SETUP_TRUNK)
    await driver.press("escape", "escape")
    await at(driver, Place.SETUP_CARRIER)


async def test_leaving_with_something_typed_is_asked_once_more() -> None:
    async with running(daemon()) as driver:
        await back_at_the_carriers(driver)
        await driver.press("escape")
        assert wizard(driver).place is Place.SETUP_CARRIER
        said = "Not set up yet. esc again drops what you typed for Telnyx."
        assert driver.lines("#wizard-said") == said
        await driver.press("enter")
        await at(driver, Place.SETUP_KEY)
        assert masked(driver)[0] == KEY
        await driver.press("escape", "escape")
        assert driver.lines("#wizard-said") == said  # it is asked anew
        await driver.press("escape")
        await driver.on_screen(FleetScreen)


async def test_by_hand_is_asked_once_more_when_something_was_typed() -> None:
    async with running(daemon()) as driver:
        await back_at_the_carriers(driver)
        await driver.press("end", "enter")
        assert driver.lines("#wizard-said") == "Not set up yet. ↵ again drops what you typed for Telnyx."
        await driver.press("escape")
        assert "esc again" in driver.lines("#wizard-said")
        await driver.press("enter", "enter")
        await driver.on_screen(ProviderForm)


async def test_another_carrier_is_asked_once_more_when_something_was_typed() -> None:
    known = daemon()
    known.setups.carriers.append(known.setups.carriers[0].model_copy(update={"name": "other"}))
    async with running(known) as driver:
        await back_at_the_carriers(driver)
        await driver.press("down", "enter")
        assert wizard(driver).place is Place.SETUP_CARRIER
        assert "↵ again drops what you typed for Telnyx" in driver.lines("#wizard-said")
        await driver.press("up")
        assert driver.lines("#wizard-said") == ""
        await driver.press("down", "enter", "enter")
        await at(driver, Place.SETUP_KEY)
        assert set(masked(driver)) == {""}


async def test_leaving_with_nothing_typed_is_not_asked() -> None:
    async with running(daemon()) as driver:
        await give_key(driver, "")
        await driver.press("escape")
        await at(driver, Place.SETUP_CARRIER)
        await driver.press("escape")
        await driver.on_screen(FleetScreen)


async def test_no_field_keeps_the_key_when_the_wizard_is_left_or_done() -> None:
    async with running(daemon()) as driver:
        await plan(driver)
        left = wizard(driver)
        await driver.press("ctrl+s")
        await at(driver, Place.SETUP_DONE)
        assert set(masked(driver)) == {""}
        await driver.press("escape")
        await driver.on_screen(FleetScreen)
        await give_key(driver)
        await at(driver, Place.SETUP_TRUNK)
        left = wizard(driver)
        rows = [row for row in left.query(FormRow) if row.field.kind is Kind.MASKED]
        assert rows[0].text == KEY
        for _ in range(4):
            await driver.press("escape")
        await driver.on_screen(FleetScreen)
        assert {row.text for row in rows} == {""}
        assert KEY not in repr(vars(left))


async def test_an_operator_is_told_why_not() -> None:
    known = daemon()
    known.role = Role.OPERATOR
    async with running(known) as driver:
        await driver.press("n")
        assert isinstance(driver.app.screen, FleetScreen)
        assert driver.said == ["New needs the admin role; provd says you are operator"]


async def test_the_key_bar_says_what_works_in_each_step() -> None:
    async with running(daemon()) as driver:
        await open_wizard(driver)
        assert str(wizard(driver).query_one(KeyBar).render()) == " ↵ Next  esc Leave"
        await driver.press("escape")
        await driver.on_screen(FleetScreen)
        await plan(driver)
        assert str(wizard(driver).query_one(KeyBar).render()) == " ^s Set it up  esc Back"


async def test_a_plan_is_not_begun_by_enter() -> None:
    async with running(daemon()) as driver:
        await plan(driver)
        await driver.press("enter", "enter")
        assert wizard(driver).place is Place.SETUP_PLAN
        assert "set_up" not in driver.daemon.calls
