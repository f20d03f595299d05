"""The resolve box, and the tabs Dial and Routes of a provider."""

import pytest
from textual.widgets import Input

from provd.schema.events import EventType
from provd.schema.health import HealthStatus
from provd.schema.maintenance import Maintenance
from provd.schema.status import Role
from provtui.commands import BY_ID, TABS
from provtui.dialogs.resolve import ResolveDialog
from provtui.screens.fleet import FleetScreen
from provtui.screens.provider import ProviderScreen
from provtui.screens.routes import RoutesScreen
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.route_table import RouteTable
from provtui.widgets.tab_bar import TabBar
from tests.fakes.fake_client import FakeDaemon, a_provider
from tests.fakes.fake_routes import a_route, an_id
from tests.unit.tui.driving import Driver, running

MADRID, LONDON, PARIS = an_id("Madrid"), an_id("London"), an_id("Paris")
UK = "+442071838750"


def routed(role: Role = Role.ADMIN) -> FakeDaemon:
    works = Maintenance(until="2026-04-20 06:00:00.000000", reason="works", by="ana")
    daemon = FakeDaemon(
        [
            a_provider("Madrid", id=MADRID, tech_prefix="0011#", tech_headers={"X-Account": "42"}),
            a_provider("London", id=LONDON, maintenance=works),
            a_provider("Paris", id=PARIS, hostname="sip.paris.example", status=HealthStatus.UNHEALTHY),
        ],
        role=role,
    )
    daemon.routes.add(
        a_route("everything", MADRID),
        a_route("UK", LONDON, "+44"),
        a_route("UK spare", PARIS, "+44", priority=2),
        a_route("France", PARIS, "+33", detail="by night"),
    )
    return daemon


async def ask(driver: Driver, number: str) -> None:
    await driver.press("2")
    await driver.on_screen(RoutesScreen)
    await driver.until(lambda: driver.app.session.routes.read)
    await driver.settle()
    await driver.press("n")
    await driver.on_screen(ResolveDialog)
    await driver.type_into("field-destination", number)


async def open_tab(driver: Driver, name: str, key: str) -> ProviderScreen:
    driver.table.move_to(driver.names.index(name))
    await driver.press("enter")
    await driver.on_screen(ProviderScreen)
    await driver.press(key)
    await driver.settle()
    screen = driver.app.screen
    assert isinstance(screen, ProviderScreen)
    return screen


async def test_a_number_gives_the_attempts_in_order_and_who_is_passed_over_and_why() -> None:
    async with running(routed()) as driver:
        await ask(driver, UK)
        await driver.until(lambda: "Tried in this order" in driver.lines("#resolved-text"))
        said = driver.lines("#resolved-text")
        assert "+442071838750  GB" in said
        assert " 1  Madrid  ✓ healthy" in said
        assert "route everything: all, priority 1, weight 1" in said
        assert "INVITE sip:0011%23+442071838750@sip.acme.example" in said
        assert "X-Account: 42" in said
        assert "! 0011#+442071838750 has a + within it" in said
        tried, passed = said.split("Passed over")
        assert "London" not in tried
        assert "London  ◇ maintenance" in passed
        assert "Paris  ✗ unhealthy" in passed


async def test_when_only_unhealthy_ones_are_left_they_are_the_last_resort() -> None:
    async with running(routed()) as driver:
        driver.daemon.routes.by_id.pop(an_id("everything"))
        await ask(driver, UK)
        await driver.until(lambda: "as a last resort" in driver.lines("#resolved-text"))
        assert " 1  Paris  ✗ unhealthy, last resort" in driver.lines("#resolved-text")


async def test_a_number_without_a_route_says_how_to_add_one() -> None:
    async with running(routed()) as driver:
        driver.daemon.routes.by_id.pop(an_id("everything"))
        await ask(driver, "+15551234567")
        await driver.until(lambda: "No route is for this number" in driver.lines("#resolved-text"))


async def test_rubbish_is_answered_with_what_the_daemon_says_of_it() -> None:
    async with running(routed()) as driver:
        await ask(driver, "+44x")
        await driver.until(lambda: "has 'x': a number has the digits 0-9" in driver.lines("#resolved-text"))
        await driver.type_into("field-destination", "9" * 300)
        await driver.until(lambda: "too long for a number" in driver.lines("#resolved-text"))
        await driver.type_into("field-destination", "")
        assert "Type the number that is called" in driver.lines("#resolved-text")


async def test_the_box_survives_the_daemon_and_enter_asks_again() -> None:
    async with running(routed()) as driver:
        driver.daemon.go_away("no provd answers at /run/provd/provd.sock")
        await driver.until(lambda: driver.app.session.fleet.stale)
        await driver.press("2")
        await driver.on_screen(RoutesScreen)
        await driver.press("n")
        await driver.on_screen(ResolveDialog)
        await driver.type_into("field-destination", UK)
        await driver.until(lambda: "No provd answers" in driver.lines("#resolved-text"))
        driver.daemon.come_back()
        await driver.press("enter")
        await driver.until(lambda: "Madrid" in driver.lines("#resolved-text"))
        await driver.press("escape")
        await driver.on_screen(RoutesScreen)


async def test_a_viewer_may_ask_too() -> None:
    async with running(routed(Role.VIEWER)) as driver:
        await ask(driver, UK)
        await driver.until(lambda: "Madrid" in driver.lines("#resolved-text"))


async def test_dial_shows_what_would_be_sent_and_to_whom() -> None:
    async with running(routed()) as driver:
        await open_tab(driver, "Madrid", "n")
        assert "Type the number that is called" in driver.lines("#dial-text")
        await driver.press(*UK)
        await driver.until(lambda: "INVITE" in driver.lines("#dial-text"))
        said = driver.lines("#dial-text")
        for part in (
            "number    0011#+442071838750",
            "request   INVITE sip:0011%23+442071838750@sip.acme.example",
            "sent to   sip.acme.example/udp (by DNS)",
            "country   GB",
            "header    X-Account: 42",
            "! 0011#+442071838750 has a + within it",
        ):
            assert part in said


async def test_dial_without_a_warning_says_so() -> None:
    async with running(routed()) as driver:
        await open_tab(driver, "Paris", "n")
        await driver.type_into("field-caller", "+34911234567")
        await driver.type_into("field-destination", UK)
        await driver.until(lambda: "Nothing about it looks wrong" in driver.lines("#dial-text"))


async def test_a_viewer_sees_no_values_of_headers() -> None:
    async with running(routed(Role.VIEWER)) as driver:
        await open_tab(driver, "Madrid", "n")
        await driver.type_into("field-destination", UK)
        await driver.until(lambda: "X-Account: ***" in driver.lines("#dial-text"))


async def test_rubbish_on_dial_is_answered_with_what_the_daemon_says_of_it() -> None:
    async with running(routed()) as driver:
        await open_tab(driver, "Madrid", "n")
        await driver.type_into("field-destination", "bob")
        await driver.until(lambda: "Destination 'bob' has 'b'" in driver.lines("#dial-text"))


async def test_keys_go_into_the_number_until_esc_leaves_it() -> None:
    async with running(routed()) as driver:
        screen = await open_tab(driver, "Madrid", "n")
        await driver.press("1", "2", "q", "d")
        assert driver.app.screen is screen
        assert screen.query_one("#field-destination", Input).value == "12qd"
        await driver.press("escape")
        assert not isinstance(driver.app.focused, Input)
        await driver.press("enter")
        assert isinstance(driver.app.focused, Input)
        await driver.press("escape", "escape")
        await driver.on_screen(FleetScreen)


async def test_the_arrows_pass_over_dial_without_stopping_in_its_fields() -> None:
    async with running(routed()) as driver:
        screen = await open_tab(driver, "Madrid", "s")
        await driver.press("right", "right")
        assert screen.tab.value == "provider-routes"


async def test_dial_is_asked_again_when_the_provider_changes_or_the_daemon_comes_back() -> None:
    async with running(routed()) as driver:
        await open_tab(driver, "Paris", "n")
        await driver.type_into("field-destination", UK)
        await driver.until(lambda: f"sip:{UK}" in driver.lines("#dial-text"))
        driver.daemon.save_as("ben", PARIS, tech_prefix="99")
        await driver.until(lambda: f"99{UK}" in driver.lines("#dial-text"))
        driver.daemon.go_away()
        await driver.until(lambda: driver.app.session.fleet.stale)
        await driver.settle()
        assert f"99{UK}" in driver.lines("#dial-text")


async def test_routes_shows_those_that_lead_to_the_provider_in_their_order() -> None:
    async with running(routed()) as driver:
        screen = await open_tab(driver, "Paris", "u")
        await driver.until(lambda: "2 routes lead to it" in driver.lines("#routes-said"))
        table = screen.query_one(RouteTable)
        assert [driver.app.session.routes.routes[key].name for key in table.ids] == ["France", "UK spare"]
        driver.daemon.routes.store(a_route("Italy", PARIS, "+39"), EventType.ROUTE_CREATED, "ben")
        await driver.until(lambda: "3 routes lead to it" in driver.lines("#routes-said"))
        await driver.press("G")
        assert table.cursor == 2


async def test_a_provider_without_routes_says_where_to_add_one() -> None:
    daemon = FakeDaemon([a_provider("Acme", id=MADRID)])
    async with running(daemon) as driver:
        await open_tab(driver, "Acme", "u")
        await driver.until(lambda: "No route leads to it" in driver.lines("#routes-said"))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_all_tabs_are_to_be_seen(size: tuple[int, int]) -> None:
    async with running(routed(), size=size) as driver:
        screen = await open_tab(driver, "Madrid", "t")
        await driver.press("f")
        for here in TABS:
            screen.do_tab(here.value)
            await driver.settle()
            bar = str(screen.query_one(TabBar).render())
            assert all(f" {BY_ID[f'tab:{tab.value}'].first_key} " in bar for tab in TABS)
            assert len(bar) <= size[0]


async def test_while_a_number_is_typed_the_bar_has_no_key_that_would_go_into_it() -> None:
    async with running(routed()) as driver:
        screen = await open_tab(driver, "Madrid", "n")
        bar = screen.query_one(KeyBar)
        assert "c Check" not in str(bar.render())
        assert "esc Back" in str(bar.render())
        await driver.press("escape")
        await driver.until(lambda: "c Check" in str(bar.render()))
        assert isinstance(driver.app.screen, ProviderScreen)
        await driver.press("enter")
        await driver.until(lambda: "c Check" not in str(bar.render()))
