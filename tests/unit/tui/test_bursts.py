"""Keys that come in one piece, as a slow line brings them, do what they would one by one."""

import pytest
from textual.widgets import Input, TextArea

from provtui.dialogs.channel_form import ChannelForm
from provtui.dialogs.confirm_delete import ConfirmDelete
from provtui.dialogs.line import LineDialog
from provtui.dialogs.maintenance import MaintenanceDialog
from provtui.dialogs.provider_form import ProviderForm
from provtui.dialogs.report import ReportDialog
from provtui.dialogs.resolve import ResolveDialog
from provtui.screens.alerts import AlertsScreen
from provtui.screens.fleet import FleetScreen
from provtui.screens.provider import ProviderScreen
from provtui.screens.routes import RoutesScreen
from provtui.widgets.form_section import FormSection, SectionHeading
from tests.fakes.fake_client import FakeDaemon, a_provider
from tests.unit.tui.driving import Driver, running

NAMES = ["Acme", "Delta", "Zeta"]


def three() -> FakeDaemon:
    fields = {"detail": "old", "tech_headers": {"X-A": "1"}}
    return FakeDaemon([a_provider(name, hostname="sip.example", **fields) for name in NAMES])


def value(driver: Driver, path: str) -> str:
    field = driver.app.screen.query_one(f"#field-{path}")
    assert isinstance(field, Input | TextArea)
    return field.text if isinstance(field, TextArea) else field.value


async def edit(driver: Driver) -> None:
    await driver.press("e")
    await driver.on_screen(ProviderForm)


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        (("end", "backspace"), "Acm"),
        (("home", "delete"), "cme"),
        (("home", "delete", "delete"), "me"),
        (("end", "left", "backspace"), "Ace"),
        (("end", "ctrl+u"), ""),
        (("home", "ctrl+k"), ""),
        (("end", "x", "backspace", "y"), "Acmey"),
    ],
    ids="+".join,
)
async def test_an_editing_key_before_tab_edits_the_field_that_it_was_typed_in(
    keys: tuple[str, ...] | str, name: str
) -> None:
    async with running(three()) as driver:
        await edit(driver)
        driver.burst(*keys, "tab", "z")
        await driver.until(lambda: value(driver, "hostname") == "z")
        assert value(driver, "name") == name
        assert value(driver, "detail") == "old"


async def test_an_editing_key_before_tab_edits_the_text_of_several_lines() -> None:
    async with running(three()) as driver:
        await edit(driver)
        driver.app.screen.query_one("#field-tech_headers").focus()
        await driver.settle_dialog()
        driver.burst("end", "backspace", "2", "shift+tab", "y")
        await driver.until(lambda: value(driver, "tech_postfix") == "y")
        assert value(driver, "tech_headers") == "X-A: 2"


async def test_a_choice_that_is_left_at_once_opens_no_list_over_what_is_typed_next() -> None:
    async with running(three()) as driver:
        await edit(driver)
        driver.burst("tab", "tab", "down", "tab", "down", "tab", "c", "o", "l", "t", "end", "backspace")
        await driver.until(lambda: value(driver, "carrier") == "col")
        await driver.settle_dialog()
        assert driver.app.focused is driver.app.screen.query_one("#field-carrier")


async def test_a_length_chosen_before_tab_is_the_one_that_is_taken() -> None:
    async with running(three()) as driver:
        await driver.press("m")
        await driver.on_screen(MaintenanceDialog)
        first = value(driver, "until")
        driver.burst("down", "down", "down", "tab", "tab", "x")
        await driver.until(lambda: value(driver, "reason") == "x")
        await driver.settle_dialog()
        assert first
        assert value(driver, "until") == ""


async def test_what_is_typed_after_tab_is_in_the_next_field_of_every_form() -> None:
    async with running(three()) as driver:
        await driver.press("3")
        await driver.on_screen(AlertsScreen)
        await driver.press("C")
        await driver.until(lambda: driver.app.screen.query("#list"))
        await driver.press("a")
        await driver.on_screen(ChannelForm)
        inputs = [each for each in driver.app.screen.query(Input) if each.focusable]
        inputs[0].focus()
        await driver.settle_dialog()
        driver.burst("o", "p", "s", "tab", "tab", "shift+tab", "shift+tab", "end", "x")
        await driver.until(lambda: inputs[0].value == "opsx")


@pytest.mark.parametrize("tail", [(), ("escape",)], ids=["open", "left"])
async def test_what_is_typed_behind_a_colon_is_on_the_line(tail: tuple[str, ...]) -> None:
    async with running(three()) as driver:
        driver.burst("colon", *"prob", *tail)
        if tail:
            await driver.settle()
            await driver.on_screen(FleetScreen)
        else:
            await driver.on_screen(LineDialog)
            await driver.until(lambda: driver.app.screen.query_one(Input).value == "prob")
        await driver.pilot.pause()
        assert driver.daemon.calls.count("check_provider") == 0
        assert driver.names == NAMES  # p alone would show the problems only


async def test_a_whole_command_in_one_piece_is_run() -> None:
    async with running(three()) as driver:
        driver.burst("colon", *"provider", "space", *"Zeta", "enter")
        await driver.on_screen(ProviderScreen)
        assert "Zeta" in driver.lines("#title")


async def test_a_command_that_is_completed_in_one_piece_is_run() -> None:
    async with running(three()) as driver:
        driver.burst("colon", *"statu", "tab", "enter")
        await driver.on_screen(ReportDialog)


async def test_completion_takes_what_was_typed_before_it_alone() -> None:
    async with running(three()) as driver:
        driver.burst("colon", *"provid", "tab", "backspace", "X")
        await driver.on_screen(LineDialog)
        await driver.until(lambda: driver.app.screen.query_one(Input).value == "provideX")


async def test_what_comes_behind_enter_is_not_of_the_command() -> None:
    async with running(three()) as driver:
        await driver.press("colon")
        await driver.on_screen(LineDialog)
        driver.burst(*"status", "enter", "x")
        await driver.on_screen(ReportDialog)


async def test_what_is_typed_behind_a_slash_is_the_filter() -> None:
    async with running(three()) as driver:
        driver.burst("slash", *"delta", "backspace", "enter")
        await driver.until(lambda: driver.app.focused is driver.table)
        await driver.settle()
        assert isinstance(driver.app.screen, FleetScreen)
        assert driver.fleet.query_one("#filter", Input).value == "delt"
        assert driver.names == ["Delta"]


async def test_what_is_typed_after_the_cursor_was_moved_is_about_the_new_place() -> None:
    async with running(three()) as driver:
        driver.burst("down", "down", "enter")
        await driver.on_screen(ProviderScreen)
        assert "Zeta" in driver.lines("#title")


async def test_what_is_typed_behind_the_key_of_a_form_is_in_its_fields() -> None:
    async with running(three()) as driver:
        driver.burst("a", *"Nova", "tab", *"sip.nova", "backspace")
        await driver.on_screen(ProviderForm)
        await driver.until(lambda: value(driver, "hostname") == "sip.nov")
        assert value(driver, "name") == "Nova"


async def test_what_is_typed_behind_delete_is_the_name_and_nothing_else() -> None:
    async with running(three()) as driver:
        driver.burst("d", *"Acm", "x", "backspace", "e")
        await driver.on_screen(ConfirmDelete)
        await driver.until(lambda: driver.app.screen.query_one(Input).value == "Acme")
        assert len(driver.daemon.providers) == 3


async def test_a_number_typed_behind_its_key_is_resolved() -> None:
    async with running(three()) as driver:
        driver.burst("2")
        await driver.on_screen(RoutesScreen)
        driver.burst("n", *"+4420")
        await driver.on_screen(ResolveDialog)
        await driver.until(lambda: value(driver, "destination") == "+4420")


async def test_keys_for_a_screen_that_another_key_opens_are_its_own() -> None:
    async with running(three()) as driver:
        driver.burst("down", "enter", "h", "escape", "enter", "t")
        await driver.on_screen(ProviderScreen)
        await driver.until(lambda: "Delta" in driver.lines("#title"))
        await driver.settle()
        assert driver.app.screen.place.value == "trace"  # type: ignore[attr-defined]


async def test_a_screen_that_is_left_in_the_same_piece_paints_no_more() -> None:
    async with running(three()) as driver:
        driver.burst("down", "enter", "h", "escape", "down")
        await driver.until(lambda: driver.table.cursor == 2)
        await driver.pilot.pause()
        assert isinstance(driver.app.screen, FleetScreen)


async def test_an_editing_key_in_a_group_of_the_form_is_not_typed_into_the_next_field() -> None:
    async with running(three()) as driver:
        await edit(driver)
        heading = driver.app.screen.query(SectionHeading).first()
        heading.focus()
        await driver.settle_dialog()
        section = heading.parent
        assert isinstance(section, FormSection)
        driver.burst("space", "shift+tab", "end", "x")
        await driver.until(lambda: value(driver, "tech_headers").endswith("x"))
        assert section.is_open
        assert " " not in value(driver, "tech_postfix")
