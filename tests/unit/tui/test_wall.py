"""The wall: problems first and large, the others small, at every size."""

import pytest

from provd.schema.health import HealthStatus
from provtui.panels.wall import wall_lines
from provtui.screens.fleet import FleetScreen
from provtui.screens.wall import WallScreen
from provtui.text import width
from provtui.widgets.wall_grid import WallGrid
from tests.fakes.fake_client import NOW, FakeDaemon, a_fleet, a_provider
from tests.unit.tui.driving import running

SIZES = [(80, 22), (120, 38), (200, 58), (60, 12), (20, 6), (10, 3)]
ILL = HealthStatus.UNHEALTHY


def texts(providers: list, cells: int, rows: int) -> list[str]:  # type: ignore[type-arg]
    return ["".join(text for text, _ in line) for line in wall_lines(providers, NOW, cells, rows)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", [0, 1, 16, 500])
def test_it_never_takes_more_room_than_there_is(size: tuple[int, int], count: int) -> None:
    fleet = (a_fleet() * count)[:count]
    lines = texts(fleet, *size)
    assert len(lines) <= size[1]
    if size[0] >= 38:
        assert all(width(line) <= size[0] for line in lines)


def test_a_problem_says_what_since_when_why_and_what_to_do() -> None:
    shown = "\n".join(texts([a_provider("Colt Lisbon", status=ILL, for_s=1740)], 80, 22))
    for part in (
        "✗ Colt Lisbon",
        "unhealthy for 29m, since 02:41 UTC",
        "No answer to OPTIONS",
        "→ Check that",
    ):
        assert part in shown


def test_the_worst_come_first_of_those_the_newest_and_the_others_last() -> None:
    fleet = [
        a_provider("Well"),
        a_provider("Old", status=ILL, for_s=9000),
        a_provider("New", status=ILL, for_s=60),
        a_provider("Not yet", status=HealthStatus.UNKNOWN),
    ]
    shown = "\n".join(texts(fleet, 40, 30))
    places = [shown.index(name) for name in ("✗ New", "✗ Old", "? Not yet", "Well")]
    assert places == sorted(places)


def test_without_problems_it_says_so() -> None:
    assert "✓ No problems among 2" in "\n".join(texts([a_provider("A"), a_provider("B")], 80, 22))


def test_many_problems_have_one_line_each_and_the_rest_is_counted() -> None:
    fleet = [a_provider(f"P{number:03d}", status=ILL) for number in range(200)] + [a_provider("Well")]
    shown = texts(fleet, 80, 22)
    assert "and 160 more problems" in "\n".join(shown)
    assert "Well" in shown[-1]


async def test_w_shows_it_live_and_esc_goes_back() -> None:
    daemon = FakeDaemon([a_provider("Acme"), a_provider("Zeta")])
    async with running(daemon) as driver:
        await driver.press("w")
        await driver.on_screen(WallScreen)
        assert "✓ No problems among 2" in await driver.text()
        daemon.change_health("id-zeta", ILL)
        await driver.settle()
        assert "✗ Zeta" in await driver.text()
        await driver.press("escape")
        await driver.on_screen(FleetScreen)


async def test_only_lines_that_differ_are_painted_again() -> None:
    daemon = FakeDaemon([a_provider(f"P{number:02d}") for number in range(40)])
    async with running(daemon) as driver:
        await driver.press("w")
        await driver.on_screen(WallScreen)
        await driver.text()
        painted: list[int] = []
        grid = driver.app.screen.query_one(WallGrid)
        render = grid.render_line
        grid.render_line = lambda y: painted.append(y) or render(y)  # type: ignore[method-assign,func-returns-value,assignment]
        daemon.sample("id-p00", 99.0)
        await driver.settle()
        await driver.text()
        assert "99ms" in await driver.text()
        assert set(painted) == {3}


async def test_it_is_one_widget_whatever_the_number_of_providers() -> None:
    daemon = FakeDaemon([a_provider(f"P{number:04d}", status=ILL) for number in range(3000)])
    async with running(daemon, size=(200, 60)) as driver:
        await driver.press("w")
        await driver.on_screen(WallScreen)
        assert not driver.app.screen.query_one(WallGrid).children
        assert "more problems" in await driver.text()


async def test_hostile_names_are_shown_as_text() -> None:
    hostile = "\x1b[31m[bold]x[/]\u202e\x07"
    daemon = FakeDaemon([a_provider(hostile, id="h", status=ILL, health={"explanation": hostile})])
    async with running(daemon) as driver:
        await driver.press("w")
        await driver.on_screen(WallScreen)
        text = await driver.text()
        assert "[bold]x" in text
        assert not set("\x1b\x07\u202e") & set(text)
