"""What the routes, the resolve box, the form of a route and the tab Dial look like."""

import pytest
from textual.pilot import Pilot

from provd.schema.health import HealthStatus
from provd.schema.maintenance import Maintenance
from provd.schema.status import Role
from provd.schema.timestamps import to_timestamp
from provtui.dialogs.confirm_route_delete import ConfirmRouteDelete
from provtui.dialogs.help import HelpDialog
from provtui.dialogs.matrix import MatrixDialog
from provtui.dialogs.resolve import ResolveDialog
from provtui.dialogs.route_form import RouteForm
from provtui.screens.provider import ProviderScreen
from provtui.screens.routes import RoutesScreen
from tests.fakes.fake_client import NOW, FakeClock, FakeDaemon, a_provider
from tests.fakes.fake_routes import a_route, an_id
from tests.snapshot.steps import IDS, SIZES, UP_TO_BIG, LooksRight, on_screen, shows, until

UK = "+442071838750"


def routed(role: Role = Role.ADMIN) -> FakeDaemon:
    """Five providers in different states, and routes to them."""
    unhealthy = HealthStatus.UNHEALTHY
    works = Maintenance(until=to_timestamp(NOW + 10200), reason="CHG-2214, new SBC", by="ana")
    daemon = FakeDaemon(
        [
            a_provider(
                "Telnyx Madrid",
                id=an_id("madrid"),
                hostname="sip.telnyx.eu",
                tech_prefix="0011#",
                tech_headers={"X-Account": "42"},
            ),
            a_provider("BT London", id=an_id("london"), hostname="[2001:db8::17]:5061", transport="tls"),
            a_provider("Colt Lisbon", id=an_id("lisbon"), status=unhealthy, for_s=1740),
            a_provider("Vodafone Milan", id=an_id("milan"), maintenance=works),
            a_provider("東京テレコム", id=an_id("tokyo"), hostname="sip.tokyo.example"),
        ],
        role=role,
    )
    daemon.routes.add(
        a_route("everything", an_id("madrid"), detail="agreed with Ana until the end of the year"),
        a_route("everything, spare", an_id("tokyo"), priority=2),
        a_route("UK", an_id("london"), "+44", weight=3, detail="CHG-2214"),
        a_route("UK shared", an_id("madrid"), "+44"),
        a_route("UK mobile, a name that is rather long", an_id("lisbon"), "+447"),
        a_route("UK by Milan", an_id("milan"), "+44", priority=2),
        a_route("Portugal", an_id("lisbon"), "+351"),
        a_route("日本", an_id("tokyo"), "+81", enabled=False),
    )
    return daemon


async def open_routes(pilot: Pilot[None]) -> None:
    await pilot.press("2")
    await on_screen(pilot, RoutesScreen)
    await until(lambda: pilot.app.session.routes.read)  # type: ignore[attr-defined]
    await pilot.pause()
    pilot.app.screen.flush()  # type: ignore[attr-defined]
    await pilot.pause()


@UP_TO_BIG
def test_routes(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_routes(pilot)
        await pilot.press("down", "down")

    assert looks_right(routed(), size, steps)


@pytest.mark.parametrize("theme", ["provtui-light", "provtui-ansi"])
def test_routes_in_other_themes(looks_right: LooksRight, theme: str) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_routes(pilot)

    assert looks_right(routed(), steps=steps, theme=theme)


def test_routes_filtered_for_a_viewer(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_routes(pilot)
        await pilot.press("slash", *"uk", "enter")

    assert looks_right(routed(Role.VIEWER), steps=steps)


def test_no_routes(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_routes(pilot)

    daemon = routed()
    daemon.routes.by_id.clear()
    assert looks_right(daemon, steps=steps)


def test_routes_disconnected(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_routes(pilot)
        daemon.go_away("no provd answers at /run/provd/provd.sock: start it (provd run)")
        await until(lambda: pilot.app.session.fleet.stale)  # type: ignore[attr-defined]
        clock.advance(130)
        pilot.app.screen.flush()  # type: ignore[attr-defined]

    assert looks_right(routed(), steps=steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_resolved(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_routes(pilot)
        await pilot.press("n")
        await on_screen(pilot, ResolveDialog)
        await pilot.press(*UK)
        await until(lambda: shows(pilot, "resolved-text", f"{UK}  GB"))

    assert looks_right(routed(), size, steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_world(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_routes(pilot)
        await pilot.press("w")
        await on_screen(pilot, MatrixDialog)
        await until(lambda: shows(pilot, "matrix-text", "every other country"))

    assert looks_right(routed(), size, steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_route_form_with_an_error(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_routes(pilot)
        await pilot.press("a")
        await on_screen(pilot, RouteForm)
        await pilot.press(*"Italy", "tab", *"Vodafone Milan", "tab", *"39", "ctrl+s")
        await until(lambda: shows(pilot, "form-status", "put right"))

    assert looks_right(routed(), size, steps)


def test_route_delete(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_routes(pilot)
        await pilot.press("d")
        await on_screen(pilot, ConfirmRouteDelete)

    assert looks_right(routed(), steps=steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_routes_help(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_routes(pilot)
        await pilot.press("question_mark")
        await on_screen(pilot, HelpDialog)

    assert looks_right(routed(), size, steps)


async def open_madrid(pilot: Pilot[None], key: str) -> None:
    await pilot.press("slash", *"madrid", "enter", "enter")
    await on_screen(pilot, ProviderScreen)
    await pilot.press(key)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_dial(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_madrid(pilot, "n")
        await pilot.press(*UK)
        await until(lambda: shows(pilot, "dial-text", f"INVITE sip:0011%23{UK}@"))

    assert looks_right(routed(), size, steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_routes_of_a_provider(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_madrid(pilot, "u")
        await until(lambda: shows(pilot, "routes-said", "2 routes lead to it"))

    assert looks_right(routed(), size, steps)
