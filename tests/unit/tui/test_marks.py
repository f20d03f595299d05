"""Marks, and what is done to all that are marked."""

import asyncio
import json

import pytest
from textual.widgets import Input

from provd.schema.errors import ErrorStatus
from provd.schema.health import HealthStatus
from provd.schema.maintenance import Maintenance
from provd.schema.status import Role
from provd.schema.timestamps import NEVER
from provtui.commands import Place
from provtui.dialogs.bulk import BulkDialog
from provtui.dialogs.bulk_maintenance import BulkMaintenance
from provtui.screens.fleet import FleetScreen
from provtui.screens.routes import RoutesScreen
from provtui.widgets.filter_bar import FilterBar
from provtui.widgets.route_table import RouteTable
from tests.fakes.fake_client import FakeDaemon, a_provider, api_error
from tests.fakes.fake_routes import a_route, an_id
from tests.unit.tui.driving import Driver, running

NAMES = ["Acme", "Beta", "Ceta", "Dora", "Emil"]


def five(role: Role = Role.ADMIN) -> FakeDaemon:
    return FakeDaemon([a_provider(name) for name in NAMES], role=role)


def marked(driver: Driver) -> set[str]:
    return {driver.app.session.fleet.providers[key].name for key in driver.table.marked}


async def mark(driver: Driver, *names: str) -> None:
    for name in names:
        driver.table.move_to(driver.names.index(name))
        await driver.press("space")


async def done(driver: Driver) -> BulkDialog:  # type: ignore[type-arg]
    """Confirm, and wait for the report or the end."""
    await driver.on_screen(BulkDialog)
    dialog = driver.app.screen
    assert isinstance(dialog, BulkDialog)
    if dialog.query(Input):
        await driver.type_into("bulk-count", dialog.query_one(Input).placeholder)
    await driver.press("enter")
    await driver.until(lambda: driver.app.screen is not dialog or dialog.place is Place.BULK_DONE)
    await driver.settle_dialog()
    return dialog


async def test_space_marks_and_goes_on_and_a_mark_is_seen_beside_the_name() -> None:
    async with running(five()) as driver:
        await driver.press("space", "space")
        assert marked(driver) == {"Acme", "Beta"}
        assert driver.table.cursor == 2
        assert [driver.row(number)[:3] for number in range(4)] == [" *✓", " *✓", "▌ ✓", "  ✓"]
        assert "2 marked" in driver.lines("#filter-count")
        await mark(driver, "Acme")
        assert marked(driver) == {"Beta"}


async def test_the_cursor_and_a_mark_are_both_seen_without_a_colour() -> None:
    async with running(five()) as driver:
        await driver.press("M")
        assert [driver.row(number)[:3] for number in range(3)] == ["▌*✓", " *✓", " *✓"]
        await driver.press("down", "space")
        assert [driver.row(number)[:3] for number in range(4)] == [" *✓", "  ✓", "▌*✓", " *✓"]


async def test_marks_have_a_cell_of_their_own_only_while_there_are_any() -> None:
    async with running(five()) as driver:
        before = [driver.table.render_line(number).text for number in range(6)]
        await driver.press("M")
        assert driver.table.render_line(0).text.startswith("  STATE")
        await driver.press("M")
        assert [driver.table.render_line(number).text for number in range(6)] == before
        await mark(driver, "Dora")
        await driver.daemon.connect().delete_provider("id-dora")
        await driver.settle()
        assert driver.table.render_line(0).text == before[0]
        assert driver.row(0).startswith(" ✓ healthy")


async def test_marks_survive_sorting_filtering_and_live_updates() -> None:
    async with running(five()) as driver:
        await mark(driver, "Acme", "Dora")
        await driver.press("N", "N")
        assert driver.names == NAMES[::-1]
        await driver.press("slash")
        await driver.type_into("filter", "beta")
        await driver.press("enter")
        driver.daemon.change_health("id-dora", HealthStatus.UNHEALTHY)
        driver.daemon.save_as("ben", "id-acme", name="Acme 2")
        await driver.settle()
        await mark(driver, "Beta")
        await driver.press("escape")
        assert marked(driver) == {"Acme 2", "Beta", "Dora"}


async def test_the_mark_of_what_is_deleted_is_gone() -> None:
    async with running(five()) as driver:
        await mark(driver, "Acme", "Dora")
        await driver.daemon.connect().delete_provider("id-dora")
        await driver.settle()
        assert marked(driver) == {"Acme"}


async def test_all_that_are_listed_are_marked_and_esc_takes_marks_away_once_no_filter_is_left() -> None:
    async with running(five()) as driver:
        await driver.press("slash")
        await driver.type_into("filter", "name=a")
        await driver.press("enter", "M")
        listed = set(driver.names)
        assert marked(driver) == listed == {"Acme", "Beta", "Ceta", "Dora"}
        await driver.press("escape")
        assert marked(driver) == listed
        await driver.press("escape")
        assert marked(driver) == set()
        assert not driver.app.screen.query_one(FilterBar).display
        await driver.press("M", "M")
        assert marked(driver) == set()


async def test_one_question_names_the_count_and_the_first_names() -> None:
    async with running(FakeDaemon([a_provider(f"P{number}") for number in range(9)])) as driver:
        await driver.press("M", "x")
        await driver.on_screen(BulkDialog)
        text = await driver.text()
        assert "Disable 9 providers" in text
        assert "P0, P1, P2, P3, P4 and 4 more" in text
        await driver.press("escape")
        await driver.on_screen(FleetScreen)
        assert "patch_provider" not in driver.daemon.calls
        assert len(driver.table.marked) == 9


async def test_x_disables_all_that_are_marked_and_enables_when_none_is_enabled() -> None:
    daemon = five()
    async with running(daemon) as driver:
        await mark(driver, "Acme", "Ceta")
        await driver.press("x")
        await done(driver)
        await driver.on_screen(FleetScreen)
        assert "2 of 2 disabled" in driver.said
        assert [each.name for each in daemon.providers.values() if not each.enabled] == ["Acme", "Ceta"]
        assert marked(driver) == set()
        await driver.settle()
        await mark(driver, "Acme", "Ceta")
        await driver.press("x")
        await done(driver)
        await driver.on_screen(FleetScreen)
        assert all(provider.enabled for provider in daemon.providers.values())


async def test_what_failed_is_told_with_why_and_stays_marked() -> None:
    daemon = five()
    async with running(daemon) as driver:
        await mark(driver, "Acme", "Ceta")
        held = daemon.providers["id-ceta"]
        daemon.providers["id-ceta"] = held.model_copy(update={"revision": 7})
        await driver.press("x")
        await done(driver)
        assert driver.lines("#bulk-text") == (
            "1 of 2 disabled.\n\n1 failed\n✗ Ceta: someone else changed it meanwhile"
        )
        await driver.press("enter")
        await driver.on_screen(FleetScreen)
        assert marked(driver) == {"Ceta"}


async def test_deleting_wants_the_number_typed_and_leaves_those_that_routes_lead_to() -> None:
    daemon = five()
    daemon.routes.add(a_route("UK", "id-beta"))
    async with running(daemon) as driver:
        await mark(driver, "Acme", "Beta", "Ceta")
        await driver.press("d")
        await driver.on_screen(BulkDialog)
        await driver.press("2", "enter")
        assert "Type 3, the number of them." in driver.lines("#bulk-said")
        await done(driver)
        assert "✗ Beta: 1 routes lead to this provider (UK)" in driver.lines("#bulk-text")
        await driver.press("escape")
        await driver.on_screen(FleetScreen)
        await driver.settle()
        assert sorted(driver.names) == ["Beta", "Dora", "Emil"]
        assert marked(driver) == {"Beta"}
        assert not any("deleted" in said for said in driver.said)


async def test_a_check_of_all_tells_how_many_are_healthy() -> None:
    ill = a_provider("Ill", status=HealthStatus.UNHEALTHY)
    daemon = FakeDaemon([a_provider("Acme"), a_provider("Beta"), ill])
    async with running(daemon) as driver:
        await driver.press("M", "c")
        await done(driver)
        told = driver.lines("#bulk-text")
        assert "3 of 3 checked." in told
        assert "2 healthy: Acme, Beta" in told
        assert "1 unhealthy: Ill" in told
        assert driver.app.session.checking == set()


async def test_at_most_eight_are_acted_on_at_once_and_esc_stops_before_the_others() -> None:
    daemon = FakeDaemon([a_provider(f"P{number:02d}") for number in range(20)])
    daemon.check_gate = asyncio.Event()
    async with running(daemon) as driver:
        await driver.press("M", "c")
        await driver.on_screen(BulkDialog)
        await driver.press("enter")
        dialog = driver.app.screen
        assert isinstance(dialog, BulkDialog)
        await driver.until(lambda: daemon.calls.count("check_provider") == 8)
        assert "Checking: 0 of 20" in driver.lines("#bulk-said")
        await driver.press("escape")
        daemon.check_gate.set()
        await driver.until(lambda: dialog.place is Place.BULK_DONE)
        assert daemon.calls.count("check_provider") == 8
        assert "8 of 20 checked." in driver.lines("#bulk-text")
        assert "✗ P19: not done: you stopped it" in driver.lines("#bulk-text")
        await driver.press("q")
        await driver.on_screen(FleetScreen)
        assert len(driver.table.marked) == 12


async def test_maintenance_of_all_asks_once_until_when() -> None:
    daemon = five(Role.OPERATOR)
    async with running(daemon) as driver:
        await mark(driver, "Acme", "Beta")
        await driver.press("m")
        await driver.on_screen(BulkMaintenance)
        assert "Maintenance of 2 providers" in await driver.text()
        await driver.press("tab")
        await driver.type_into("field-reason", "CHG-1")
        await driver.press("ctrl+s")
        await done(driver)
        await driver.on_screen(FleetScreen)
        reasons = [daemon.providers[key].maintenance for key in ("id-acme", "id-beta")]
        assert [each.reason for each in reasons if each] == ["CHG-1", "CHG-1"]
        assert daemon.providers["id-ceta"].maintenance is None


async def test_maintenance_of_one_that_is_marked_is_of_one_provider() -> None:
    async with running(five()) as driver:
        await mark(driver, "Acme")
        await driver.press("m")
        await driver.on_screen(BulkMaintenance)
        assert driver.app.screen.query_one(".dialog--box").border_title == "Maintenance of 1 provider"


async def test_leaving_the_question_leads_back_to_the_end_and_reason_that_were_typed() -> None:
    daemon = five()
    async with running(daemon) as driver:
        await mark(driver, "Acme", "Beta")
        await driver.press("m")
        await driver.on_screen(BulkMaintenance)
        await driver.type_into("field-reason", "CHG-1")
        await driver.press("ctrl+s")
        await driver.on_screen(BulkDialog)
        await driver.press("escape")
        await driver.on_screen(BulkMaintenance)
        assert driver.app.screen.query_one("#field-reason", Input).value == "CHG-1"
        await driver.press("escape")
        await driver.on_screen(FleetScreen)
        assert marked(driver) == {"Acme", "Beta"}
        assert "set_maintenance" not in daemon.calls


async def test_maintenance_that_failed_for_some_is_asked_again_for_those_alone() -> None:
    daemon = five()
    async with running(daemon) as driver:
        await mark(driver, "Acme", "Beta")
        held = daemon.providers.pop("id-beta")
        await driver.press("m")
        await driver.on_screen(BulkMaintenance)
        await driver.type_into("field-reason", "CHG-1")
        await driver.press("ctrl+s")
        await done(driver)
        await driver.press("enter")
        await driver.on_screen(BulkMaintenance)
        assert "Not begun for 1 of 2" in driver.lines("#maintenance-said")
        assert driver.app.screen.query_one("#field-reason", Input).value == "CHG-1"
        daemon.providers["id-beta"] = held
        await driver.press("ctrl+s")
        await driver.on_screen(BulkDialog)
        assert "Maintenance of 1 provider" in await driver.text()
        await done(driver)
        await driver.on_screen(FleetScreen)
        assert daemon.calls.count("set_maintenance") == 3
        assert all(daemon.providers[key].maintenance for key in ("id-acme", "id-beta"))
        assert marked(driver) == set()


async def test_who_gives_up_after_some_failed_keeps_only_their_marks() -> None:
    daemon = five()
    async with running(daemon) as driver:
        await mark(driver, "Acme", "Beta")
        del daemon.providers["id-beta"]
        await driver.press("m")
        await driver.on_screen(BulkMaintenance)
        await driver.press("ctrl+s")
        await done(driver)
        await driver.press("enter")
        await driver.on_screen(BulkMaintenance)
        await driver.press("escape")
        await driver.on_screen(FleetScreen)
        assert marked(driver) == {"Beta"}


async def test_maintenance_ends_when_all_that_are_marked_are_in_it() -> None:
    works = Maintenance(until=NEVER, reason="", by="ana")
    daemon = FakeDaemon([a_provider(name, maintenance=works) for name in NAMES])
    async with running(daemon) as driver:
        await driver.press("M", "m")
        await done(driver)
        await driver.on_screen(FleetScreen)
        assert all(provider.maintenance is None for provider in daemon.providers.values())


async def test_all_that_are_marked_are_copied_as_a_list() -> None:
    async with running(five()) as driver:
        await mark(driver, "Beta", "Dora")
        await driver.press("y")
        assert [each["name"] for each in json.loads(driver.app.clipboard)] == ["Beta", "Dora"]
        assert "2 providers: copied as JSON" in driver.said
        await mark(driver, "Dora")
        await driver.press("y")
        assert "1 provider: copied as JSON" in driver.said


async def test_a_viewer_may_mark_and_nothing_else() -> None:
    daemon = five(Role.VIEWER)
    async with running(daemon) as driver:
        await driver.press("M", "x", "d", "c", "m")
        assert isinstance(driver.app.screen, FleetScreen)
        assert len(driver.said) == 4


async def test_an_absent_daemon_fails_all_and_takes_no_mark() -> None:
    daemon = five()
    async with running(daemon) as driver:
        await mark(driver, "Acme", "Beta")
        daemon.away = "no provd answers"
        await driver.press("x")
        await done(driver)
        assert "✗ Acme: no provd answers" in driver.lines("#bulk-text")
        await driver.press("escape")
        assert marked(driver) == {"Acme", "Beta"}


def routed() -> FakeDaemon:
    daemon = FakeDaemon([a_provider("Acme")])
    daemon.routes.add(*(a_route(name, "id-acme", f"+{number}") for number, name in enumerate(NAMES, 1)))
    return daemon


async def open_routes(driver: Driver) -> RouteTable:
    await driver.press("2")
    await driver.on_screen(RoutesScreen)
    await driver.until(lambda: driver.app.session.routes.read)
    await driver.settle()
    return driver.app.screen.query_one(RouteTable)


async def test_routes_are_marked_disabled_copied_and_deleted_together() -> None:
    daemon = routed()
    async with running(daemon) as driver:
        table = await open_routes(driver)
        await driver.press("space", "space", "y")
        assert [each["name"] for each in json.loads(driver.app.clipboard)] == ["Acme", "Beta"]
        await driver.press("x")
        await done(driver)
        await driver.on_screen(RoutesScreen)
        assert [route.name for route in daemon.routes.by_id.values() if not route.enabled] == ["Acme", "Beta"]
        await driver.press("M", "d")
        await done(driver)
        await driver.on_screen(RoutesScreen)
        await driver.until(lambda: not daemon.routes.by_id)
        assert table.marked == set()


@pytest.mark.parametrize("key", ["x", "d"])
async def test_a_route_that_is_refused_stays_marked(key: str) -> None:
    daemon = routed()
    call = "patch_route" if key == "x" else "delete_route"
    daemon.refusals[call] = api_error(ErrorStatus.UNAVAILABLE, "STORE", "The store is full.")
    async with running(daemon) as driver:
        table = await open_routes(driver)
        await driver.press("space", key)
        await done(driver)
        assert "✗ Acme: The store is full." in driver.lines("#bulk-text")
        await driver.press("escape")
        await driver.on_screen(RoutesScreen)
        assert table.marked == {an_id("Acme")}
        await driver.press("escape")
        assert table.marked == set()
        assert isinstance(driver.app.screen, RoutesScreen)
