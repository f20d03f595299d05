"""The form of a route: what it refuses, what it saves, and what is never lost."""

import re

import pytest
from textual.widgets import Input, Select

from provd.schema.errors import ErrorDetail, ErrorStatus
from provtui.dialogs.conflict import ConflictDialog
from provtui.dialogs.route_form import RouteForm
from provtui.screens.routes import RoutesScreen
from provtui.widgets.form_row import FormRow
from provtui.widgets.lines import Lines
from provtui.widgets.route_table import RouteTable
from tests.fakes.fake_client import FakeDaemon, a_provider, api_error
from tests.fakes.fake_routes import a_route, an_id
from tests.unit.tui.driving import Driver, running

MADRID, LONDON = an_id("Madrid"), an_id("London")


def one(**fields: object) -> FakeDaemon:
    daemon = FakeDaemon([a_provider("Acme Madrid", id=MADRID), a_provider("Acme London", id=LONDON)])
    daemon.routes.add(a_route("UK", LONDON, "+44", **fields))
    return daemon


async def open_form(driver: Driver, key: str = "e") -> None:
    await driver.press("2")
    await driver.on_screen(RoutesScreen)
    await driver.until(lambda: driver.app.session.routes.read)
    await driver.settle()
    await driver.press(key)
    await driver.on_screen(RouteForm)


def problem_at(driver: Driver, path: str) -> str:
    row = next(row for row in driver.app.screen.query(FormRow) if row.field.path == path)
    lines = row.query_one(".form--problem", Lines)
    return str(lines.visual) if lines.display else ""


def texts(driver: Driver) -> dict[str, str]:
    form = driver.app.screen
    assert isinstance(form, RouteForm)
    return form.texts


async def fill(driver: Driver, **fields: str) -> None:
    for path, text in fields.items():
        await driver.type_into(f"field-{path}", text)


async def test_a_route_is_added_and_the_cursor_is_put_on_it() -> None:
    async with running(one()) as driver:
        await open_form(driver, "a")
        await fill(driver, name="Spain", provider_id="acme madrid", target="+34", weight="5")
        await driver.press("ctrl+s")
        await driver.on_screen(RoutesScreen)
        await driver.until(lambda: "Spain: saved" in driver.said)
        added = next(r for r in driver.daemon.routes.by_id.values() if r.name == "Spain")
        assert (added.provider_id, added.target, added.priority, added.weight, added.enabled) == (
            MADRID,
            "+34",
            1,
            5,
            True,
        )
        await driver.settle()
        assert driver.app.screen.query_one(RouteTable).chosen_id == added.id


async def test_the_beginning_of_a_name_offers_the_whole_and_the_arrow_takes_it() -> None:
    async with running(one()) as driver:
        await open_form(driver, "a")
        field = driver.app.screen.query_one("#field-provider_id", Input)
        field.focus()
        await driver.press(*"acme l")
        await driver.until(lambda: field._suggestion)
        await driver.press("right")
        assert field.value.casefold() == "acme london"
        assert problem_at(driver, "provider_id") == ""


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("name", " ", "Name is empty"),
        ("provider_id", "", "Provider is empty: give the name of the provider"),
        ("provider_id", "acme", "Provider is not the whole name: Acme London, Acme Madrid"),
        ("provider_id", "zzz", "Provider fits no name in the fleet"),
        ("target", "44", 'Target must be "all", or what the numbers begin with'),
        ("priority", "x", "Priority must be a whole number"),
        ("priority", "65536", "Priority: Input should be less than or equal to 65535"),
        ("weight", "0", "Weight: Input should be greater than or equal to 1"),
        ("detail", "x" * 4097, "Detail: String should have at most 4096 characters"),
    ],
)
async def test_it_is_checked_while_it_is_typed(path: str, text: str, said: str) -> None:
    async with running(one()) as driver:
        await open_form(driver)
        await fill(driver, **{path: text})
        assert said in problem_at(driver, path)
        await driver.press("ctrl+s")
        assert "1 field to put right" in driver.lines("#form-status")
        assert "patch_route" not in driver.daemon.calls


async def test_providers_of_one_name_are_told_apart_by_their_hostnames() -> None:
    daemon = FakeDaemon(
        [
            a_provider("Acme", id=MADRID, hostname="sip.one.example"),
            a_provider("acme", id=LONDON, hostname="sip.two.example"),
        ]
    )
    async with running(daemon) as driver:
        await open_form(driver, "a")
        await fill(driver, name="all", provider_id="acme")
        assert "Acme (sip.one.example)" in problem_at(driver, "provider_id")
        await fill(driver, provider_id="acme (sip.two.example)")
        await driver.press("ctrl+s")
        await driver.on_screen(RoutesScreen)
        assert [route.provider_id for route in daemon.routes.by_id.values()] == [LONDON]


async def test_an_edit_sends_only_what_changed() -> None:
    async with running(one(detail="base")) as driver:
        await open_form(driver)
        assert texts(driver)["provider_id"] == "Acme London"
        await fill(driver, priority="7")
        driver.app.screen.query_one("#field-enabled", Select).value = "no"
        await driver.pilot.pause()
        await driver.press("ctrl+s")
        await driver.on_screen(RoutesScreen)
        saved = driver.daemon.routes.by_id[an_id("UK")]
        assert (saved.priority, saved.enabled, saved.detail, saved.revision) == (7, False, "base", 2)


async def test_saving_without_a_change_asks_nothing_of_the_daemon() -> None:
    async with running(one()) as driver:
        await open_form(driver)
        await driver.press("ctrl+s")
        await driver.on_screen(RoutesScreen)
        assert "patch_route" not in driver.daemon.calls


async def test_leaving_with_changes_asks_once_more() -> None:
    async with running(one()) as driver:
        await open_form(driver)
        await fill(driver, name="Other")
        await driver.press("escape")
        assert "esc again drops your changes" in driver.lines("#form-status")
        await driver.press("escape")
        await driver.on_screen(RoutesScreen)
        assert driver.daemon.routes.by_id[an_id("UK")].name == "UK"


async def test_what_the_daemon_finds_wrong_is_shown_at_its_field() -> None:
    async with running(one()) as driver:
        await open_form(driver)
        await fill(driver, provider_id="Acme Madrid")
        details = [ErrorDetail(field="provider_id", message="was deleted just now")]
        driver.daemon.refuse_next = api_error(ErrorStatus.INVALID_ARGUMENT, "X", "Not possible.", details)
        await driver.press("ctrl+s")
        await driver.until(lambda: problem_at(driver, "provider_id"))
        assert problem_at(driver, "provider_id") == "✗ was deleted just now"
        assert "Not possible." in driver.lines("#form-status")


async def test_a_daemon_away_loses_no_input() -> None:
    async with running(one()) as driver:
        await open_form(driver, "a")
        await fill(driver, name="Spain", provider_id="Acme Madrid", target="+34")
        driver.daemon.go_away("no provd answers at /run/provd/provd.sock")
        await driver.press("ctrl+s")
        await driver.until(lambda: "your input is kept" in driver.lines("#form-status"))
        assert texts(driver)["target"] == "+34"
        driver.daemon.come_back()
        await driver.press("ctrl+s")
        await driver.on_screen(RoutesScreen)
        assert sorted(r.name for r in driver.daemon.routes.by_id.values()) == ["Spain", "UK"]


async def test_an_answer_that_was_lost_does_not_add_it_twice() -> None:
    async with running(one()) as driver:
        await open_form(driver, "a")
        await fill(driver, name="Spain", provider_id="Acme Madrid", target="+34")
        driver.daemon.lose_next_answer = True
        await driver.press("ctrl+s")
        await driver.until(lambda: "did not answer in time" in driver.lines("#form-status"))
        await driver.press("ctrl+s")
        await driver.on_screen(RoutesScreen)
        assert sorted(r.name for r in driver.daemon.routes.by_id.values()) == ["Spain", "UK"]


async def edited_by_two(driver: Driver) -> None:
    """Open the form, have ben save other things, and save ours over them."""
    await open_form(driver)
    await fill(driver, detail="ours", weight="9")
    driver.daemon.routes.save_as("ben", an_id("UK"), detail="theirs", provider_id=MADRID)
    await driver.press("ctrl+s")
    await driver.on_screen(ConflictDialog)


async def test_someone_elses_change_is_shown_field_by_field() -> None:
    async with running(one(detail="base")) as driver:
        await edited_by_two(driver)
        shown = "\n".join(str(lines.visual) for lines in driver.app.screen.query(Lines))
        assert re.search(r"Detail\nbase +theirs +ours", shown)
        for part in ("ben saved this route", "Acme Madrid"):
            assert part in shown
        assert "Target" not in shown


async def test_taking_theirs_drops_ours() -> None:
    async with running(one(detail="base")) as driver:
        await edited_by_two(driver)
        await driver.press("t")
        await driver.on_screen(RouteForm)
        now = texts(driver)
        assert (now["detail"], now["weight"], now["provider_id"]) == ("theirs", "1", "Acme Madrid")


async def test_overwriting_saves_ours_and_keeps_what_only_they_changed() -> None:
    async with running(one(detail="base")) as driver:
        await edited_by_two(driver)
        await driver.press("o")
        await driver.on_screen(RoutesScreen)
        saved = driver.daemon.routes.by_id[an_id("UK")]
        assert (saved.detail, saved.weight, saved.provider_id, saved.revision) == ("ours", 9, MADRID, 3)


async def test_a_route_deleted_while_it_was_edited_says_so() -> None:
    async with running(one()) as driver:
        await open_form(driver)
        await fill(driver, name="Other")
        del driver.daemon.routes.by_id[an_id("UK")]
        await driver.press("ctrl+s")
        await driver.until(lambda: "There is no such route" in driver.lines("#form-status"))
        assert texts(driver)["name"] == "Other"
