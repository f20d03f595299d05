"""A provider that setup made: its carrier tab, its key, and its end."""

from provd.schema.errors import ErrorStatus
from provd.schema.setup import Finding, StepState
from provd.schema.status import Role
from provtui.dialogs.confirm_delete import ConfirmDelete
from provtui.dialogs.removal_report import RemovalReport
from provtui.dialogs.replace_key import ReplaceKey
from provtui.form_fields import Kind
from provtui.screens.fleet import FleetScreen
from provtui.screens.provider import ProviderScreen
from provtui.widgets.form_row import FormRow
from provtui.widgets.lines import Lines
from tests.fakes.fake_client import NOW, FakeDaemon, a_provider, api_error
from tests.fakes.fake_setups import KEY, a_setup
from tests.unit.tui.driving import Driver, running

OTHER_KEY = "KEY9999999999999999WXYZ"


def made() -> FakeDaemon:
    """Acme, which setup made, and Zeta, added by hand."""
    daemon = FakeDaemon([a_provider("Acme", carrier="telnyx"), a_provider("Zeta")])
    daemon.setups.by_id["set-acme"] = a_setup("Acme", provider_id="id-acme", at=NOW - 3 * 86400)
    daemon.setups.keys.add(OTHER_KEY)
    return daemon


async def open_tab(driver: Driver, text: str) -> None:
    await driver.press("enter")
    await driver.on_screen(ProviderScreen)
    await driver.press("s")
    await driver.until(lambda: text in driver.lines("#carrier-text"))


async def test_the_tab_shows_what_setup_made() -> None:
    async with running(made()) as driver:
        await open_tab(driver, "What setup made")
        shown = driver.lines("#carrier-text")
        for part in (
            "at telnyx by mara",
            "…KEY0, proved 3d ago",
            "✓ made      Create the IP connection  2944757397136082900",
            "→ Buy or move phone numbers",
            "v does it now",
        ):
            assert part in shown


async def test_of_a_provider_added_by_hand_it_says_so() -> None:
    async with running(made()) as driver:
        await driver.press("down")
        await open_tab(driver, "added by hand")
        await driver.press("v", "k")
        assert "verify_carrier" not in driver.daemon.calls
        assert all("added by hand" in said for said in driver.said)
        assert len(driver.said) == 2


async def test_a_journal_that_can_not_be_read_says_why() -> None:
    daemon = made()
    daemon.refusals["setup_of"] = api_error(ErrorStatus.UNAVAILABLE, "STORE", "the store is away")
    async with running(daemon) as driver:
        await open_tab(driver, "the store is away")


async def test_comparing_tells_the_differences_numbers_and_balance() -> None:
    daemon = made()
    daemon.setups.numbers = ["+15550100", "+15550101"]
    daemon.setups.findings = [
        Finding(step="ip_1", kind="missing", carrier_id="7", message="7 is not there any more"),
        Finding(step="connection", kind="changed", carrier_id="8", message="active of 8 is False now"),
        Finding(step="ip_1", kind="foreign", carrier_id="9", message="9 is on this trunk"),
    ]
    async with running(daemon) as driver:
        await open_tab(driver, "What setup made")
        await driver.press("v")
        await driver.until(lambda: "balance" in driver.lines("#carrier-text"))
        shown = driver.lines("#carrier-text")
        for part in (
            "✗ missing  7 is not there any more",
            "! changed  active of 8 is False now",
            "? foreign  9 is on this trunk",
            "+15550100, +15550101",
            "287.40 USD",
        ):
            assert part in shown


async def test_comparing_an_untouched_trunk_says_that_all_is_there() -> None:
    async with running(made()) as driver:
        await open_tab(driver, "What setup made")
        await driver.press("v")
        await driver.until(lambda: "Everything is there as it was made" in driver.lines("#carrier-text"))
        assert "none on the trunk" in driver.lines("#carrier-text")


async def test_a_comparison_that_failed_says_why() -> None:
    daemon = made()
    daemon.refusals["verify_carrier"] = api_error(
        ErrorStatus.CARRIER_TIMEOUT, "CARRIER_SILENT", "Telnyx is silent"
    )
    async with running(daemon) as driver:
        await open_tab(driver, "What setup made")
        await driver.press("v")
        await driver.until(lambda: "✗ Not compared: Telnyx is silent" in driver.lines("#carrier-text"))


async def test_an_operator_may_compare_but_not_replace_the_key() -> None:
    daemon = made()
    daemon.role = Role.OPERATOR
    async with running(daemon) as driver:
        await open_tab(driver, "What setup made")
        await driver.press("k")
        assert driver.said == ["Key needs the admin role; provd says you are operator"]
        await driver.press("v")
        await driver.until(lambda: "balance" in driver.lines("#carrier-text"))


async def test_the_key_is_replaced_once_the_new_one_is_proved() -> None:
    async with running(made()) as driver:
        await open_tab(driver, "What setup made")
        await driver.press("k")
        await driver.on_screen(ReplaceKey)
        await driver.until(lambda: driver.app.screen.query("#field-credentials-api_key"))
        await driver.type_into("field-credentials-api_key", "KEY-of-nobody")
        await driver.press("enter")
        await driver.until(lambda: "The old key stays" in driver.lines("#key-said"))
        await driver.type_into("field-credentials-api_key", OTHER_KEY)
        rows = [row for row in driver.app.screen.query(FormRow) if row.field.kind is Kind.MASKED]
        await driver.press("enter")
        await driver.on_screen(ProviderScreen)
        await driver.until(lambda: "…WXYZ, proved just now" in driver.lines("#carrier-text"))
        assert driver.said == ["Acme: the key was replaced"]
        assert {row.text for row in rows} == {""}


async def test_esc_keeps_the_old_key() -> None:
    async with running(made()) as driver:
        await open_tab(driver, "What setup made")
        await driver.press("k")
        await driver.on_screen(ReplaceKey)
        await driver.press("escape")
        await driver.on_screen(ProviderScreen)
        assert "replace_credentials" not in driver.daemon.calls


async def delete(driver: Driver, name: str) -> None:
    await driver.press("d")
    await driver.on_screen(ConfirmDelete)
    await driver.type_into("typed-name", name)


def offer(driver: Driver) -> FormRow:
    return driver.app.screen.query_one(FormRow)


async def test_deleting_removes_the_trunk_too_and_tells_what_was_removed() -> None:
    async with running(made()) as driver:
        await delete(driver, "Acme")
        await driver.until(lambda: "Setup made 3 things for it at telnyx" in driver.lines("#delete-made"))
        assert offer(driver).text == "yes"
        await driver.press("enter")
        await driver.on_screen(RemovalReport)
        shown = "\n".join(str(lines.visual) for lines in driver.app.screen.query(Lines))
        assert "Removed at telnyx" in shown
        assert shown.count("↶ undone") == 3
        await driver.press("escape")
        await driver.on_screen(FleetScreen)
        assert driver.names == ["Zeta"]


async def test_what_is_left_is_told_with_the_reason() -> None:
    daemon = made()
    daemon.setups.stuck = {"connection": "1 phone number is still on the trunk (+15550100)"}
    async with running(daemon) as driver:
        await driver.press("enter")
        await driver.on_screen(ProviderScreen)
        await delete(driver, "Acme")
        await driver.until(lambda: offer(driver).display)
        await driver.press("enter")
        await driver.on_screen(RemovalReport)
        shown = "\n".join(str(lines.visual) for lines in driver.app.screen.query(Lines))
        assert "Left at telnyx" in shown
        assert "! left      Create the IP connection" in shown
        assert "still on the trunk (+15550100)" in shown
        assert not any("no longer there" in said for said in driver.said)
        await driver.press("enter")
        await driver.on_screen(FleetScreen)
        await driver.until(lambda: driver.app.session.fleet.left == {"set-acme"})


async def test_the_trunk_stays_when_the_user_says_so() -> None:
    async with running(made()) as driver:
        await delete(driver, "Acme")
        await driver.until(lambda: offer(driver).display)
        driver.app.screen.query_one("#field-deprovision").focus()
        await driver.press("space")
        assert offer(driver).text == "no"
        driver.app.screen.query_one("#typed-name").focus()
        await driver.press("enter")
        await driver.until(lambda: driver.names == ["Zeta"])
        assert driver.said == ["Acme: deleted"]
        steps = driver.daemon.setups.by_id["set-acme"].steps
        assert {step.state for step in steps} == {StepState.DONE}


async def test_of_a_provider_added_by_hand_nothing_is_offered() -> None:
    async with running(made()) as driver:
        await driver.press("down")
        await delete(driver, "Zeta")
        await driver.until(lambda: "deletes it now" in driver.lines("#delete-said"))
        assert not driver.app.screen.query_one("#delete-trunk").display
        await driver.press("enter")
        await driver.until(lambda: driver.names == ["Acme"])


async def test_the_key_that_was_given_is_nowhere_on_the_screen() -> None:
    async with running(made()) as driver:
        await open_tab(driver, "What setup made")
        assert KEY not in await driver.text()
