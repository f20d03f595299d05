"""The routes: what is listed, what can be done with a route, and what it survives."""

import asyncio
import json

import pytest
from textual.widgets import Input

from provd.schema.errors import ErrorStatus
from provd.schema.events import EventType
from provd.schema.health import HealthStatus
from provd.schema.provider import Provider
from provd.schema.status import Role
from provtui.dialogs.confirm_route_delete import ConfirmRouteDelete
from provtui.dialogs.help import HelpDialog
from provtui.dialogs.matrix import MatrixDialog
from provtui.screens.fleet import FleetScreen
from provtui.screens.provider import ProviderScreen
from provtui.screens.routes import RoutesScreen
from provtui.widgets.banner import Banner
from provtui.widgets.filter_bar import FilterBar
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.route_table import RouteTable
from tests.fakes.fake_client import FakeDaemon, a_provider, api_error
from tests.fakes.fake_routes import a_route, an_id
from tests.unit.tui.driving import Driver, running

MADRID, LONDON, PARIS = an_id("Madrid"), an_id("London"), an_id("Paris")


def three() -> list[Provider]:
    return [
        a_provider("Madrid", id=MADRID),
        a_provider("London", id=LONDON),
        a_provider("Paris", id=PARIS, status=HealthStatus.UNHEALTHY),
    ]


def routed(role: Role = Role.ADMIN) -> FakeDaemon:
    daemon = FakeDaemon(three(), role=role)
    daemon.routes.add(
        a_route("everything", MADRID),
        a_route("spare", PARIS, priority=2, detail="only when Madrid fails"),
        a_route("UK", LONDON, "+44", weight=3),
        a_route("UK mobile", PARIS, "+447"),
        a_route("US", MADRID, "+1", enabled=False),
    )
    return daemon


async def open_routes(driver: Driver) -> RoutesScreen:
    await driver.press("2")
    await driver.on_screen(RoutesScreen)
    await driver.until(lambda: driver.app.session.routes.read)
    await driver.settle()
    screen = driver.app.screen
    assert isinstance(screen, RoutesScreen)
    return screen


def table(driver: Driver) -> RouteTable:
    return driver.app.screen.query_one(RouteTable)


def listed(driver: Driver) -> list[str]:
    return [driver.app.session.routes.routes[key].name for key in table(driver).ids]


def row(driver: Driver, name: str) -> str:
    return table(driver).render_line(listed(driver).index(name) + 1).text


def move_to(driver: Driver, name: str) -> None:
    table(driver).move_to(listed(driver).index(name))


async def test_the_longest_targets_come_first_then_the_lowest_priorities() -> None:
    async with running(routed()) as driver:
        await open_routes(driver)
        assert listed(driver) == ["UK mobile", "UK", "US", "everything", "spare"]


async def test_a_line_says_target_priority_weight_name_provider_its_state_and_whether_it_is_in_use() -> None:
    async with running(routed()) as driver:
        await open_routes(driver)
        assert row(driver, "UK").split() == ["+44", "1", "3", "UK", "London", "✓", "healthy", "yes"]
        assert row(driver, "UK mobile").split()[-3:] == ["✗", "unhealthy", "yes"]
        assert row(driver, "US").rstrip().endswith("– no")


async def test_routes_are_read_only_when_somebody_looks_at_them_and_kept_after_that() -> None:
    daemon = routed()
    async with running(daemon) as driver:
        assert "all_routes" not in daemon.calls
        await open_routes(driver)
        await driver.press("1")
        await driver.on_screen(FleetScreen)
        await open_routes(driver)
        assert len(listed(driver)) == 5
        assert daemon.calls.count("all_routes") == 1


async def test_what_happens_to_routes_shows_at_the_next_flush() -> None:
    daemon = routed()
    async with running(daemon) as driver:
        await open_routes(driver)
        daemon.routes.save_as("ben", an_id("UK"), name="Britain", target="+4")
        daemon.routes.store(a_route("Spain", MADRID, "+34"), EventType.ROUTE_CREATED, "ben")
        daemon.routes.store(daemon.routes.by_id[an_id("spare")], EventType.ROUTE_DELETED, "ben")
        await driver.settle()
        assert listed(driver) == ["UK mobile", "Spain", "US", "Britain", "everything"]


async def test_what_happens_while_the_list_is_read_is_not_lost() -> None:
    daemon = routed()
    daemon.routes_gate = asyncio.Event()
    async with running(daemon) as driver:
        await driver.press("2")
        await driver.on_screen(RoutesScreen)
        assert "Reading the routes" in await driver.text()
        daemon.routes.save_as("ben", an_id("UK"), name="Britain")
        daemon.routes.store(daemon.routes.by_id[an_id("spare")], EventType.ROUTE_DELETED, "ben")
        await driver.settle()
        daemon.routes_gate.set()
        await driver.until(lambda: driver.app.session.routes.read)
        await driver.settle()
        assert listed(driver) == ["UK mobile", "Britain", "US", "everything"]


async def test_the_state_of_a_provider_follows_the_fleet() -> None:
    async with running(routed()) as driver:
        await open_routes(driver)
        driver.daemon.change_health(LONDON, HealthStatus.UNHEALTHY)
        await driver.settle()
        assert "✗ unhealthy" in row(driver, "UK")


async def test_a_renamed_provider_is_found_by_its_new_name() -> None:
    async with running(routed()) as driver:
        await open_routes(driver)
        await driver.type_into("filter", "leeds")
        assert listed(driver) == []
        driver.daemon.save_as("ben", LONDON, name="Leeds")
        await driver.settle()
        assert listed(driver) == ["UK"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("+44", ["UK mobile", "UK"]),
        ("madrid", ["US", "everything", "spare"]),
        ("provider=madrid", ["US", "everything"]),
        ("target=+447,all paris", ["UK mobile", "spare"]),
        ("name=uk", ["UK mobile", "UK"]),
        ('"uk mobile"', ["UK mobile"]),
    ],
)
async def test_a_filter_leaves_what_fits(text: str, found: list[str]) -> None:
    async with running(routed()) as driver:
        await open_routes(driver)
        await driver.press("slash")
        await driver.type_into("filter", text)
        assert listed(driver) == found


async def test_a_wrong_key_in_a_filter_says_which_there_are_and_esc_drops_the_filter() -> None:
    async with running(routed()) as driver:
        await open_routes(driver)
        await driver.press("slash")
        await driver.type_into("filter", "odd=x")
        assert "no key 'odd': use target, name, provider" in driver.lines("#filter-count")
        await driver.type_into("filter", "zzz")
        await driver.press("enter")
        assert "Nothing fits the filter. esc clears it." in await driver.text()
        await driver.press("escape")
        assert len(listed(driver)) == 5
        assert not driver.app.screen.query_one(FilterBar).display


async def test_esc_without_a_filter_goes_back() -> None:
    async with running(routed()) as driver:
        await open_routes(driver)
        await driver.press("escape")
        await driver.on_screen(FleetScreen)


async def test_the_summary_says_which_numbers_and_how_the_provider_is() -> None:
    async with running(routed(), size=(110, 24)) as driver:
        await open_routes(driver)
        move_to(driver, "spare")
        await driver.settle()
        said = driver.lines("#route-summary")
        assert "spare  any number, priority 2, weight 1" in said
        assert "→ Paris  ✗ unhealthy" in said
        assert "only when Madrid fails" in said
        move_to(driver, "US")
        await driver.settle()
        assert "disabled: no call takes it" in driver.lines("#route-summary")


async def test_enter_opens_the_provider_and_esc_comes_back() -> None:
    async with running(routed()) as driver:
        await open_routes(driver)
        await driver.press("enter")
        await driver.on_screen(ProviderScreen)
        assert "Paris" in driver.lines("#title")
        await driver.press("escape")
        await driver.on_screen(RoutesScreen)


async def test_a_double_click_opens_the_provider() -> None:
    async with running(routed()) as driver:
        await open_routes(driver)
        await driver.pilot.click(RouteTable, offset=(20, 2), times=2)
        await driver.on_screen(ProviderScreen)
        assert "London" in driver.lines("#title")


async def test_1_and_2_lead_from_the_provider_to_fleet_and_routes_without_piling_up_screens() -> None:
    async with running(routed()) as driver:
        await open_routes(driver)
        await driver.press("enter")
        await driver.on_screen(ProviderScreen)
        await driver.press("2")
        await driver.on_screen(RoutesScreen)
        assert len(driver.app.screen_stack) == 2
        await driver.press("enter")
        await driver.on_screen(ProviderScreen)
        await driver.press("1")
        await driver.on_screen(FleetScreen)
        assert len(driver.app.screen_stack) == 1


async def test_x_disables_and_enables() -> None:
    async with running(routed()) as driver:
        await open_routes(driver)
        await driver.press("x")
        await driver.until(lambda: "UK mobile: disabled: no call takes it" in driver.said)
        assert not driver.daemon.routes.by_id[an_id("UK mobile")].enabled
        assert row(driver, "UK mobile").rstrip().endswith("– no")
        await driver.press("x")
        await driver.until(lambda: "UK mobile: enabled" in driver.said)
        assert driver.daemon.routes.by_id[an_id("UK mobile")].enabled


async def test_y_copies_it_as_json() -> None:
    async with running(routed()) as driver:
        await open_routes(driver)
        await driver.press("y")
        assert json.loads(driver.app.clipboard)["target"] == "+447"


async def test_d_deletes_only_after_a_question() -> None:
    async with running(routed()) as driver:
        await open_routes(driver)
        await driver.press("d")
        await driver.on_screen(ConfirmRouteDelete)
        assert "Numbers that begin with +447" in await driver.text()
        await driver.press("escape")
        await driver.on_screen(RoutesScreen)
        assert an_id("UK mobile") in driver.daemon.routes.by_id
        await driver.press("d")
        await driver.on_screen(ConfirmRouteDelete)
        await driver.press("enter")
        await driver.until(lambda: "UK mobile: deleted" in driver.said)
        await driver.settle()
        assert listed(driver) == ["UK", "US", "everything", "spare"]


@pytest.mark.parametrize("key", ["x", "d"])
async def test_what_someone_else_changed_meanwhile_is_left_alone(key: str) -> None:
    async with running(routed()) as driver:
        await open_routes(driver)
        held = driver.daemon.routes.by_id[an_id("UK mobile")]
        driver.daemon.routes.by_id[held.id] = held.model_copy(update={"revision": 7})
        await driver.press(key)
        if key == "d":
            await driver.on_screen(ConfirmRouteDelete)
            await driver.press("enter")
        await driver.until(lambda: any("someone else changed it meanwhile" in said for said in driver.said))
        assert driver.daemon.routes.by_id[held.id].enabled


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
async def test_who_is_no_admin_changes_no_route_and_is_told_why(role: Role) -> None:
    daemon = routed(role)
    async with running(daemon, size=(110, 24)) as driver:
        screen = await open_routes(driver)
        asked = daemon.asked
        await driver.press("a", "e", "d", "x")
        assert driver.app.screen is screen
        assert daemon.asked == asked
        assert f"Delete needs the admin role; provd says you are {role}" in driver.said
        drawn = screen.query_one(KeyBar).render()
        dimmed = {drawn.plain[s.start : s.end] for s in drawn.spans if s.style == ".ink--disabled"}
        assert dimmed == {"a Add", "e Edit", "d Delete", "x On/off"}


async def test_without_routes_it_says_what_a_route_is_and_which_key_adds_one() -> None:
    async with running(FakeDaemon(three())) as driver:
        await open_routes(driver)
        text = await driver.text()
        assert "A route says which provider carries which numbers" in text
        assert "a  Add a route" in text
        assert not table(driver).display
        assert "Edit" not in str(driver.app.screen.query_one(KeyBar).render())
        await driver.press("e", "d", "x", "y", "enter")
        assert isinstance(driver.app.screen, RoutesScreen)


async def test_a_viewer_without_routes_is_told_who_may_add_one() -> None:
    async with running(FakeDaemon(three(), role=Role.VIEWER)) as driver:
        await open_routes(driver)
        assert "Add needs the admin role; provd says you are viewer" in driver.lines("#no-routes")


async def test_the_first_route_of_another_user_ends_the_explanation() -> None:
    async with running(FakeDaemon(three())) as driver:
        await open_routes(driver)
        driver.daemon.routes.store(a_route("first", MADRID), EventType.ROUTE_CREATED, "ben")
        await driver.settle()
        assert table(driver).display
        assert not driver.app.screen.query_one("#no-routes").display
        assert driver.app.focused is table(driver)
        await driver.press("y")
        assert "first: copied as JSON" in driver.said


async def test_the_daemon_away_greys_the_list_and_all_is_read_anew_when_it_is_back() -> None:
    async with running(routed(), size=(120, 30)) as driver:
        await open_routes(driver)
        driver.daemon.go_away("no provd answers at /run/provd/provd.sock")
        await driver.until(lambda: driver.app.session.fleet.stale)
        await driver.settle()
        assert "no provd answers" in str(driver.app.screen.query_one(Banner).render())
        assert table(driver).stale
        assert len(listed(driver)) == 5
        driver.daemon.routes.add(a_route("Spain", MADRID, "+34"))
        driver.daemon.come_back()
        await driver.press("r")
        await driver.until(lambda: "Spain" in listed(driver))
        await driver.settle()
        assert not table(driver).stale


async def test_routes_that_are_not_read_say_why_and_r_reads_them() -> None:
    daemon = routed()
    daemon.refusals["all_routes"] = api_error(ErrorStatus.INTERNAL, "STORE", "The store can't be read.")
    async with running(daemon) as driver:
        await driver.press("2")
        await driver.until(lambda: driver.app.session.routes.error)
        await driver.settle()
        assert "Not read: The store can't be read. r reads it again." in await driver.text()
        del daemon.refusals["all_routes"]
        await driver.press("r")
        await driver.until(lambda: len(listed(driver)) == 5)


async def test_an_import_has_the_routes_read_anew() -> None:
    async with running(routed()) as driver:
        await open_routes(driver)
        driver.daemon.routes.add(a_route("imported", MADRID, "+34"))
        driver.daemon.import_as("ben")
        await driver.until(lambda: "imported" in listed(driver))


async def test_hostile_names_are_shown_as_text_and_keep_columns_aligned() -> None:
    hostile = "\x1b[31m[bold]x[/]\u202e\x07[@click=app.quit]"
    daemon = FakeDaemon([*three(), a_provider(hostile, id=an_id("h"))])
    daemon.routes.add(a_route(hostile, an_id("h"), detail=hostile), a_route("tame", MADRID))
    async with running(daemon) as driver:
        await open_routes(driver)
        rows = [table(driver).render_line(line).text for line in (1, 2)]
        assert rows[0].index("✓") == rows[1].index("✓")
        for keys in ((), ("d",), ("escape", "e")):
            await driver.press(*keys)
            if keys == ("escape", "e"):
                await driver.until(lambda: driver.app.screen.query(Input))
            text = await driver.text()
            assert "[bold]x" in text
            assert not set("\x1b\x07\u202e") & set(text)


async def test_a_route_to_a_provider_that_is_not_known_is_shown_with_its_id() -> None:
    daemon = FakeDaemon(three())
    daemon.routes.add(a_route("lost", "0b0e-gone"))
    async with running(daemon) as driver:
        await open_routes(driver)
        assert "0b0e-gone" in row(driver, "lost")
        await driver.press("enter")
        assert isinstance(driver.app.screen, RoutesScreen)
        assert "lost: its provider is not known here" in driver.said


@pytest.mark.parametrize("size", [(80, 24), (60, 15), (20, 6), (200, 60)])
async def test_it_works_at_every_size(size: tuple[int, int]) -> None:
    async with running(routed(), size=size) as driver:
        await open_routes(driver)
        assert "+447" in await driver.text()


async def test_ten_thousand_routes_are_lines_not_widgets() -> None:
    daemon = FakeDaemon(three())
    daemon.routes.add(*(a_route(f"R{n:05d}", MADRID, f"+{n + 10000}") for n in range(10_000)))
    async with running(daemon, size=(160, 48)) as driver:
        await open_routes(driver)
        assert len(listed(driver)) == 10_000
        assert not table(driver).children
        await driver.press("end")
        assert "R09999" in await driver.text()


async def test_the_help_lists_what_works_on_routes() -> None:
    async with running(routed(), size=(110, 40)) as driver:
        await open_routes(driver)
        await driver.press("question_mark")
        await driver.on_screen(HelpDialog)
        text = await driver.text()
        for part in ("Add a route", "Who would carry a number", "target=", "The fleet"):
            assert part in text
        assert "Check it now" not in text


async def test_the_world_shows_who_would_carry_each_country() -> None:
    async with running(routed()) as driver:
        await open_routes(driver)
        await driver.press("w")
        await driver.on_screen(MatrixDialog)
        await driver.until(lambda: "every other country" in driver.lines("#matrix-text"))
        said = driver.lines("#matrix-text")
        assert "London > Madrid > Paris (unhealthy)" in said
        assert "but +447" in said
        assert "1 codes: nobody" not in said
        assert "+990" in said
        await driver.press("escape")
        await driver.on_screen(RoutesScreen)


async def test_a_world_that_is_not_read_says_why() -> None:
    daemon = routed()
    daemon.refusals["route_matrix"] = api_error(ErrorStatus.INTERNAL, "STORE", "The store can't be read.")
    async with running(daemon) as driver:
        await open_routes(driver)
        await driver.press("w")
        await driver.on_screen(MatrixDialog)
        await driver.until(lambda: "Not read: The store can't be read." in driver.lines("#matrix-said"))
        del daemon.refusals["route_matrix"]
        await driver.press("r")
        await driver.until(lambda: "London" in driver.lines("#matrix-text"))
