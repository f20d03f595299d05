"""Beginning and ending maintenance, on the fleet and on a provider."""

import asyncio

import pytest
from textual.events import Paste
from textual.widgets import OptionList

from provd.schema.errors import ErrorStatus
from provd.schema.maintenance import Maintenance
from provd.schema.status import Role
from provd.schema.timestamps import NEVER
from provtui.dialogs.bulk import BulkDialog
from provtui.dialogs.maintenance import LiftDialog, MaintenanceDialog
from provtui.screens.fleet import FleetScreen
from provtui.screens.provider import ProviderScreen
from provtui.widgets.form_row import FormRow
from provtui.widgets.lines import Lines
from tests.fakes.fake_client import FakeDaemon, a_provider, api_error
from tests.unit.tui.driving import Driver, running

ID = "id-acme"


def acme(maintenance: Maintenance | None = None, role: Role = Role.OPERATOR) -> FakeDaemon:
    return FakeDaemon([a_provider("Acme", maintenance=maintenance)], role=role)


def in_force(driver: Driver) -> Maintenance | None:
    return driver.daemon.providers[ID].maintenance


async def open_dialog(driver: Driver) -> None:
    await driver.press("m")
    await driver.on_screen(MaintenanceDialog)


def problem_at(driver: Driver, field: str) -> str:
    row = next(row for row in driver.app.screen.query(FormRow) if row.field.path == field)
    lines = row.query_one(".form--problem", Lines)
    return str(lines.visual) if lines.display else ""


@pytest.mark.parametrize(
    ("downs", "until"),
    [
        (0, "2026-04-20 04:10:00.000000"),
        (1, "2026-04-20 07:10:00.000000"),
        (2, "2026-04-21 06:00:00.000000"),
        (3, NEVER),
    ],
)
async def test_the_usual_lengths_are_a_key_away(downs: int, until: str) -> None:
    async with running(acme()) as driver:
        await open_dialog(driver)
        await driver.press(*["down"] * downs, "enter")
        await driver.on_screen(FleetScreen)
        assert in_force(driver) == Maintenance(until=until, reason="", by="mara")
        assert "Acme: in maintenance" in driver.said
        await driver.settle()
        assert "◇ healthy" in driver.row(0)


async def test_a_reason_and_another_end_can_be_typed() -> None:
    async with running(acme()) as driver:
        await open_dialog(driver)
        await driver.type_into("field-until", "2026-12-01 06:00")
        await driver.type_into("field-reason", "  CHG-2214, ask Ana ")
        await driver.press("ctrl+s")
        await driver.on_screen(FleetScreen)
        wanted = Maintenance(until="2026-12-01 06:00:00.000000", reason="CHG-2214, ask Ana", by="mara")
        assert in_force(driver) == wanted


async def test_enter_in_the_reason_begins_it_too() -> None:
    async with running(acme()) as driver:
        await open_dialog(driver)
        await driver.type_into("field-reason", "works")
        await driver.press("enter")
        await driver.on_screen(FleetScreen)
        assert in_force(driver) is not None


async def test_what_is_typed_among_the_lengths_is_the_reason() -> None:
    async with running(acme()) as driver:
        driver.burst("m", "down", *"CHG-2214", "space", *"jk", "enter")
        await driver.until(lambda: in_force(driver))
        wanted = Maintenance(until="2026-04-20 07:10:00.000000", reason="CHG-2214 jk", by="mara")
        assert in_force(driver) == wanted


async def test_what_is_typed_among_the_lengths_comes_behind_the_reason_that_is_there() -> None:
    async with running(acme()) as driver:
        await open_dialog(driver)
        await driver.press(*"CHG-1", "shift+tab", "shift+tab")
        assert isinstance(driver.app.focused, OptionList)
        await driver.press("!", "!", "ctrl+s")
        await driver.on_screen(FleetScreen)
        assert in_force(driver).reason == "CHG-1!!"  # type: ignore[union-attr]


async def test_what_is_pasted_among_the_lengths_is_the_reason_too() -> None:
    async with running(acme()) as driver:
        await open_dialog(driver)
        driver.app.post_message(Paste("CHG-2214\nmore"))
        await driver.press("?", "enter")
        await driver.on_screen(FleetScreen)
        assert in_force(driver).reason == "CHG-2214?"  # type: ignore[union-attr]


async def test_a_reason_typed_at_once_for_several_is_taken_too() -> None:
    daemon = FakeDaemon([a_provider("Acme"), a_provider("Zeta")])
    async with running(daemon) as driver:
        driver.burst("M", "m", *"CHG-1", "ctrl+s")
        await driver.on_screen(BulkDialog)
        await driver.press("enter")
        await driver.on_screen(FleetScreen)
        reasons = [each.maintenance.reason for each in daemon.providers.values() if each.maintenance]
        assert reasons == ["CHG-1", "CHG-1"]


async def test_an_end_that_can_not_be_understood_is_said_and_nothing_is_asked() -> None:
    async with running(acme()) as driver:
        await open_dialog(driver)
        await driver.type_into("field-until", "next week")
        await driver.press("ctrl+s")
        assert "is not a time: write 2026-12-01 06:00" in problem_at(driver, "until")
        await driver.type_into("field-until", "03:09")
        assert problem_at(driver, "until") == ""
        await driver.type_into("field-until", "2026-04-20 03:09")
        await driver.press("ctrl+s")
        assert "is not in the future" in problem_at(driver, "until")
        assert "set_maintenance" not in driver.daemon.calls


async def test_a_reason_the_daemon_would_not_take_is_said_at_its_field() -> None:
    async with running(acme()) as driver:
        await open_dialog(driver)
        await driver.type_into("field-reason", "x" * 5000)
        await driver.press("ctrl+s")
        assert "at most 4096 characters" in problem_at(driver, "reason")
        assert "set_maintenance" not in driver.daemon.calls


async def test_backing_out_changes_nothing() -> None:
    async with running(acme()) as driver:
        await open_dialog(driver)
        await driver.press("escape")
        await driver.on_screen(FleetScreen)
        assert "set_maintenance" not in driver.daemon.calls


async def test_a_daemon_that_is_away_loses_no_input() -> None:
    async with running(acme()) as driver:
        await open_dialog(driver)
        await driver.type_into("field-reason", "works")
        driver.daemon.go_away("no provd answers")
        await driver.press("enter")
        await driver.until(lambda: "No provd answers" in driver.lines("#maintenance-said"))
        assert "your input is kept" in driver.lines("#maintenance-said")
        driver.daemon.come_back()
        await driver.press("enter")
        await driver.on_screen(FleetScreen)
        assert in_force(driver) is not None
        assert in_force(driver).reason == "works"  # type: ignore[union-attr]


async def test_it_is_asked_for_once_however_often_enter_is_pressed() -> None:
    daemon = acme()
    daemon.maintenance_gate = asyncio.Event()
    async with running(daemon) as driver:
        await open_dialog(driver)
        await driver.press("enter", "enter", "ctrl+s")
        assert "Asking provd…" in driver.lines("#maintenance-said")
        daemon.maintenance_gate.set()
        await driver.on_screen(FleetScreen)
        assert daemon.calls.count("set_maintenance") == 1


async def test_a_refusal_is_said_in_the_dialog() -> None:
    async with running(acme()) as driver:
        await open_dialog(driver)
        driver.daemon.refuse_next = api_error(
            ErrorStatus.NOT_FOUND, "NO_PROVIDER", "There is no such provider."
        )
        await driver.press("enter")
        await driver.until(lambda: "There is no such provider." in driver.lines("#maintenance-said"))


@pytest.mark.parametrize("opening", [(), ("enter",), ("enter", "t")])
async def test_the_same_key_ends_it_after_a_question(opening: tuple[str, ...]) -> None:
    works = Maintenance(until="2026-04-20 06:00:00.000000", reason="CHG-1", by="ana")
    async with running(acme(works)) as driver:
        for key in opening:
            await driver.press(key)
        await driver.press("m")
        await driver.on_screen(LiftDialog)
        said = str(driver.app.screen.query_one(Lines).visual)
        assert "In maintenance until 06:00 UTC, set by ana: CHG-1" in said
        await driver.press("enter")
        await driver.on_screen(ProviderScreen if opening else FleetScreen)
        await driver.until(lambda: in_force(driver) is None)
        await driver.until(lambda: "Acme: maintenance has ended" in driver.said)


async def test_the_question_can_be_declined() -> None:
    async with running(acme(Maintenance(by="ana"))) as driver:
        await driver.press("m")
        await driver.on_screen(LiftDialog)
        await driver.press("escape")
        await driver.on_screen(FleetScreen)
        assert in_force(driver) is not None


async def test_ending_it_without_the_daemon_says_that_it_goes_on() -> None:
    async with running(acme(Maintenance(by="ana"))) as driver:
        await driver.press("m")
        await driver.on_screen(LiftDialog)
        driver.daemon.away = "no provd answers"
        await driver.press("enter")
        await driver.until(lambda: "Acme: maintenance goes on, no provd answers" in driver.said)


@pytest.mark.parametrize("opening", [(), ("enter",), ("enter", "a")])
async def test_a_viewer_is_told_why_not(opening: tuple[str, ...]) -> None:
    async with running(acme(role=Role.VIEWER)) as driver:
        for key in opening:
            await driver.press(key)
        await driver.press("m")
        assert driver.said == ["Maint needs the operator role; provd says you are viewer"]
        assert not isinstance(driver.app.screen, MaintenanceDialog)


async def test_hostile_names_and_reasons_are_shown_as_text() -> None:
    daemon = acme(Maintenance(reason="[@click=app.quit]x[/]\x1b[31m", by="\x07ana"))
    held = daemon.providers[ID]
    daemon.providers[ID] = held.model_copy(update={"name": "[red]\x1b]0;x\x07"})
    async with running(daemon) as driver:
        await driver.press("m")
        await driver.on_screen(LiftDialog)
        said = str(driver.app.screen.query_one(Lines).visual)
        assert "[@click=app.quit]x[/][31m" in said
        assert "[red]]0;x" in said
        await driver.press("enter")
        await driver.until(lambda: daemon.providers[ID].maintenance is None)
        await driver.settle()
        await driver.press("m")
        await driver.on_screen(MaintenanceDialog)
        assert "[red]]0;x" in await driver.text()
        assert isinstance(driver.app.focused, OptionList)
