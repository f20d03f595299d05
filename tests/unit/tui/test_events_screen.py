"""The events: what is listed, how older ones are read, and where enter leads."""

import pytest

from provd.schema.errors import ErrorStatus
from provd.schema.events import EventType, HealthChanged, HealthFlapping
from provd.schema.health import Cause, HealthStatus
from provd.schema.timestamps import to_timestamp
from provtui.commands import Place
from provtui.screens.events import EventsScreen
from provtui.screens.fleet import FleetScreen
from provtui.screens.provider import ProviderScreen
from provtui.widgets.log_pane import PAGE
from provtui.widgets.log_table import EventTable
from tests.fakes.fake_client import NOW, FakeDaemon, a_provider, api_error
from tests.unit.tui.driving import Driver, running


def two() -> FakeDaemon:
    daemon = FakeDaemon([a_provider("Acme"), a_provider("Zeta")])
    daemon.change_health("id-zeta", HealthStatus.UNHEALTHY)
    daemon.save_as("ben", "id-acme", detail="NOC")
    return daemon


def eventful(count: int) -> FakeDaemon:
    """A daemon with so many events of Zeta, the oldest said to be number 1."""
    daemon = FakeDaemon([a_provider("Acme"), a_provider("Zeta")])
    for number in range(1, count + 1):
        said = f"change number {number}"
        event = HealthFlapping(
            provider_id="id-zeta", name="Zeta", at=to_timestamp(NOW), flapping=True, explanation=said
        )
        daemon.emit(EventType.HEALTH_FLAPPING, event, "id-zeta")
    return daemon


async def open_events(driver: Driver) -> EventsScreen:
    await driver.press("4")
    await driver.on_screen(EventsScreen)
    screen = driver.app.screen
    assert isinstance(screen, EventsScreen)
    await driver.until(lambda: screen.pane.state.read or screen.pane.state.error)
    await driver.settle()
    return screen


def rows(driver: Driver) -> list[str]:
    table = driver.app.screen.query_one(EventTable)
    return [table.render_line(line + 1).text for line in range(min(len(table.ids), table.size.height - 1))]


async def test_events_are_listed_newest_first_with_what_happened_and_to_whom() -> None:
    async with running(two(), size=(120, 30)) as driver:
        await open_events(driver)
        first, second = rows(driver)
        assert "03:10:00" in first
        assert "provider.updated" in first
        assert "Acme" in first
        assert "changed by ben" in first
        assert "✗ unhealthy: No answer to OPTIONS within 8 s." in second


async def test_what_happens_meanwhile_comes_on_top() -> None:
    async with running(two()) as driver:
        await open_events(driver)
        driver.daemon.change_health("id-zeta", HealthStatus.HEALTHY)
        driver.daemon.sample("id-zeta", 21.0)
        await driver.settle()
        assert len(rows(driver)) == 3
        assert "✓ healthy" in rows(driver)[0]


async def test_the_cursor_stays_on_its_event_when_others_come() -> None:
    async with running(two()) as driver:
        screen = await open_events(driver)
        await driver.press("down")
        driver.daemon.change_health("id-zeta", HealthStatus.HEALTHY)
        await driver.settle()
        assert screen.pane.table.cursor == 2
        assert "What to do" not in driver.lines("#log-summary")
        assert "→ Call the carrier." in driver.lines("#log-summary")


async def test_long_words_do_not_hide_what_to_do_and_end_with_a_sign_where_they_are_cut() -> None:
    daemon = two()
    said, advised = " ".join(f"said{number}" for number in range(99)), "advised " * 40
    event = HealthChanged(
        provider_id="id-zeta", name="Zeta", at=to_timestamp(NOW), previous=HealthStatus.HEALTHY,
        status=HealthStatus.UNHEALTHY, cause=Cause.TIMEOUT, explanation=said, next_step=advised,
    )  # fmt: skip
    daemon.emit(EventType.HEALTH_CHANGED, event, "id-zeta")
    async with running(daemon) as driver:
        await open_events(driver)
        lines = driver.lines("#log-summary").splitlines()
    assert [line[:3] for line in lines] == ["Zet", " ✗ ", " sa", " sa", " → ", "   ", "   "]
    assert [line[-1] for line in lines[3:]] == ["…", "d", "d", "…"]
    assert all(len(line) <= 78 for line in lines)


async def test_older_pages_are_read_as_one_scrolls_and_none_is_lost_or_repeated() -> None:
    count = 2 * PAGE + 30
    daemon = eventful(count)
    async with running(daemon) as driver:
        screen = await open_events(driver)
        assert len(screen.pane.table.ids) == PAGE
        assert daemon.calls.count("event_log") == 1
        while screen.pane.state.token:
            await driver.press("end")
            await driver.settle()
        await driver.press("end")
        assert list(screen.pane.table.ids) == [str(number) for number in range(count, 0, -1)]
        assert "change number 1" in driver.lines("#log-summary")


async def test_a_filter_reads_on_until_the_screen_is_full_or_the_log_ends() -> None:
    daemon = eventful(2 * PAGE + 30)
    async with running(daemon, size=(120, 24)) as driver:
        screen = await open_events(driver)
        await driver.press("slash")
        await driver.type_into("filter", "number 17 type=flapping provider=zet")
        await driver.until(lambda: not screen.pane.state.token)
        await driver.settle()
        assert rows(driver)[-1].rstrip().endswith("change number 17")
        await driver.type_into("filter", "type=nonsense")
        assert "no type 'nonsense'" in driver.lines("#filter-count")


async def test_enter_opens_the_provider_and_esc_comes_back() -> None:
    async with running(two()) as driver:
        await open_events(driver)
        await driver.press("down", "enter")
        await driver.on_screen(ProviderScreen)
        assert "Zeta" in driver.lines("#title")
        await driver.press("escape")
        await driver.on_screen(EventsScreen)
        await driver.press("escape")
        await driver.on_screen(FleetScreen)


async def test_a_double_click_opens_the_provider() -> None:
    async with running(two()) as driver:
        await open_events(driver)
        await driver.pilot.click(EventTable, offset=(20, 1), times=2)
        await driver.on_screen(ProviderScreen)


async def test_events_of_what_is_gone_or_of_no_provider_say_so() -> None:
    daemon = two()
    async with running(daemon, size=(110, 24)) as driver:
        await open_events(driver)
        daemon.suspect_uplink(True)
        await daemon.connect().delete_provider("id-zeta")
        await driver.settle()
        screen = driver.app.screen
        assert isinstance(screen, EventsScreen)
        await driver.press("home", "enter", "down", "enter")
        assert driver.said[-2:] == [
            "Zeta is no longer there: it was deleted",
            "This event is about no provider",
        ]
        assert driver.app.screen is screen


async def test_a_log_that_is_not_read_says_why_and_r_reads_it() -> None:
    daemon = two()
    daemon.refusals["event_log"] = api_error(ErrorStatus.INTERNAL, "STORE", "The store can't be read.")
    async with running(daemon) as driver:
        await open_events(driver)
        assert "Not read: The store can't be read. r reads it again." in await driver.text()
        del daemon.refusals["event_log"]
        await driver.press("r")
        await driver.until(lambda: len(rows(driver)) == 2)


async def test_after_the_daemon_was_away_nothing_is_missing() -> None:
    daemon = eventful(3)
    async with running(daemon) as driver:
        screen = await open_events(driver)
        daemon.go_away()
        await driver.until(lambda: driver.app.session.fleet.stale)
        daemon.change_health("id-acme", HealthStatus.UNHEALTHY)
        daemon.come_back()
        await driver.press("r")
        await driver.until(lambda: len(screen.pane.state.entries) == 4)


@pytest.mark.parametrize("size", [(80, 24), (60, 15), (20, 6), (200, 60)])
async def test_it_works_at_every_size(size: tuple[int, int]) -> None:
    async with running(two(), size=size) as driver:
        await open_events(driver)
        assert "03:10:00" in await driver.text()


async def test_the_numbers_lead_from_screen_to_screen_without_piling_them_up() -> None:
    async with running(two()) as driver:
        await open_events(driver)
        await driver.press("enter")
        await driver.on_screen(ProviderScreen)
        await driver.press("4")
        await driver.on_screen(EventsScreen)
        assert len(driver.app.screen_stack) == 2
        await driver.press("2")
        await driver.press("4")
        await driver.on_screen(EventsScreen)
        assert len(driver.app.screen_stack) == 2


async def test_hostile_words_are_shown_as_text() -> None:
    hostile = "\x1b[31m[bold]x[/]\u202e\x07"
    daemon = two()
    event = HealthFlapping(
        provider_id="id-zeta", name=hostile, at=to_timestamp(NOW), flapping=True, explanation=hostile
    )
    daemon.emit(EventType.HEALTH_FLAPPING, event, "id-zeta")
    async with running(daemon) as driver:
        await open_events(driver)
        text = await driver.text()
        assert "[bold]x" in text
        assert not set("\x1b\x07\u202e") & set(text)


async def test_the_events_tab_of_a_provider_has_its_events_alone_and_goes_on() -> None:
    daemon = two()
    async with running(daemon, size=(120, 30)) as driver:
        await driver.press("S", "enter")
        await driver.on_screen(ProviderScreen)
        screen = driver.app.screen
        assert isinstance(screen, ProviderScreen)
        name = driver.app.session.fleet.providers[screen.provider_id].name
        assert name == "Zeta"
        await driver.press("l")
        assert screen.place is Place.PROVIDER_EVENTS
        await driver.until(lambda: len(screen.event_log.state.entries) == 1)
        daemon.change_health("id-acme", HealthStatus.UNHEALTHY)
        daemon.change_health("id-zeta", HealthStatus.HEALTHY)
        await driver.settle()
        table = screen.query_one("#events-of-one", EventTable)
        assert len(table.ids) == 2
        assert "✓ healthy" in await driver.text()
