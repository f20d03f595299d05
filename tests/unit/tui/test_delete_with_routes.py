"""Deleting a provider that routes lead to: they are named, and deleted with it once its name is typed."""

from provd.schema.errors import ErrorStatus
from provtui.dialogs.confirm_delete import ConfirmDelete
from provtui.screens.fleet import FleetScreen
from tests.fakes.fake_client import FakeDaemon, a_provider, api_error
from tests.fakes.fake_routes import a_route
from tests.unit.tui.driving import Driver, running


def routed(*names: str) -> FakeDaemon:
    daemon = FakeDaemon([a_provider("Acme"), a_provider("Zeta")])
    daemon.routes.add(a_route("elsewhere", "id-zeta"), *(a_route(name, "id-acme", "+44") for name in names))
    return daemon


async def ask(driver: Driver) -> None:
    await driver.press("d")
    await driver.on_screen(ConfirmDelete)
    await driver.until(lambda: driver.app.screen._routes is not None)  # type: ignore[attr-defined]


async def test_the_routes_are_named_and_deleted_with_it() -> None:
    daemon = routed("UK", "UK spare")
    async with running(daemon) as driver:
        await ask(driver)
        said = driver.lines("#delete-routes")
        assert said == "! 2 routes lead to it, and are deleted with it: UK (+44), UK spare (+44)"
        await driver.type_into("typed-name", "Acme")
        await driver.press("enter")
        await driver.until(lambda: "Acme: deleted" in driver.said)
        assert [route.name for route in daemon.routes.by_id.values()] == ["elsewhere"]


async def test_many_routes_are_counted() -> None:
    async with running(routed(*(f"R{number}" for number in range(8)))) as driver:
        await ask(driver)
        assert "8 routes lead to it" in driver.lines("#delete-routes")
        assert "and 3 more" in driver.lines("#delete-routes")


async def test_without_routes_nothing_is_said_of_them_nor_deleted() -> None:
    daemon = routed()
    async with running(daemon) as driver:
        await ask(driver)
        assert not driver.app.screen.query_one("#delete-routes").display
        await driver.type_into("typed-name", "Acme")
        daemon.routes.add(a_route("added meanwhile", "id-acme"))
        await driver.press("enter")
        await driver.until(lambda: any("routes lead to this provider" in said for said in driver.said))
        assert "id-acme" in daemon.providers
        assert len(daemon.routes.by_id) == 2


async def test_esc_deletes_neither() -> None:
    daemon = routed("UK")
    async with running(daemon) as driver:
        await ask(driver)
        await driver.press("escape")
        await driver.on_screen(FleetScreen)
        assert len(daemon.providers) == len(daemon.routes.by_id) == 2


async def test_routes_that_can_not_be_read_are_said_not_to_be_known_and_are_not_deleted() -> None:
    daemon = routed("UK")
    daemon.refusals["all_routes"] = api_error(ErrorStatus.INTERNAL, "STORE", "The store can't be read")
    async with running(daemon) as driver:
        await ask(driver)
        assert "Which routes lead to it is not known: The store can't be read." in driver.lines(
            "#delete-routes"
        )
        await driver.type_into("typed-name", "Acme")
        await driver.press("enter")
        await driver.until(lambda: any("routes lead to this provider" in said for said in driver.said))
        assert len(daemon.routes.by_id) == 2
