"""The tabs of the provider screen: what they show, follow, and survive."""

import pytest

from provd.schema.errors import ErrorStatus
from provd.schema.health import HealthStatus
from provd.schema.maintenance import Maintenance
from provd.schema.status import Role
from provd.schema.timestamps import to_timestamp
from provd.schema.trace import Trace
from provtui.commands import TABS
from provtui.reader import HistoryRead
from provtui.screens.fleet import FleetScreen
from provtui.screens.provider import ProviderScreen
from provtui.span import Asked, Span
from provtui.trace_view import Follow
from provtui.widgets.banner import Banner
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.tab_bar import TabBar
from provtui.widgets.trace_pane import ExchangeList
from tests.fakes.fake_client import NOW, FakeDaemon, a_provider, api_error
from tests.fakes.health_figures import a_history, an_exchange
from tests.unit.tui.driving import Driver, running

ID = "id-acme"


def acme(role: Role = Role.ADMIN) -> FakeDaemon:
    return FakeDaemon([a_provider("Acme")], role=role)


async def open_tab(driver: Driver, *keys: str) -> ProviderScreen:
    await driver.press("enter")
    await driver.on_screen(ProviderScreen)
    await driver.press(*keys)
    await driver.settle()
    screen = driver.app.screen
    assert isinstance(screen, ProviderScreen)
    return screen


def shown(screen: ProviderScreen) -> list[str]:
    return [
        place.value
        for place in TABS
        if screen.query(f"#{place.value}") and screen.query_one(f"#{place.value}").display
    ]


@pytest.mark.parametrize(
    ("key", "tab"),
    [
        ("o", "provider"),
        ("a", "targets"),
        ("h", "history"),
        ("t", "trace"),
        ("n", "dial"),
        ("u", "provider-routes"),
    ],
)
async def test_each_tab_has_a_key(key: str, tab: str) -> None:
    async with running(acme()) as driver:
        screen = await open_tab(driver, key)
        assert shown(screen) == [tab]


async def test_the_arrows_go_round_the_tabs() -> None:
    async with running(acme()) as driver:
        screen = await open_tab(driver)
        seen = []
        for _ in TABS:
            await driver.press("right")
            seen += shown(screen)
        assert seen == [tab.value for tab in (*TABS[1:], TABS[0])]
        await driver.press("left")
        assert shown(screen) == [TABS[-1].value]


async def test_a_click_on_a_tab_opens_it() -> None:
    async with running(acme()) as driver:
        screen = await open_tab(driver)
        bar = str(screen.query_one(TabBar).render())
        await driver.pilot.click(TabBar, offset=(bar.index("Hist") + 1, 0))
        await driver.until(lambda: shown(screen) == ["history"])


async def test_t_on_the_fleet_opens_the_trace_at_once() -> None:
    async with running(acme()) as driver:
        await driver.press("t")
        await driver.on_screen(ProviderScreen)
        assert shown(driver.app.screen) == ["trace"]  # type: ignore[arg-type]
        await driver.until(lambda: "203.0.113.10:5060" in driver.lines("#trace-list"))


async def test_the_tab_bar_says_how_many_targets_are_up() -> None:
    async with running(acme()) as driver:
        screen = await open_tab(driver)
        assert "Targ 2/2" in str(screen.query_one(TabBar).render())


@pytest.mark.parametrize(
    ("key", "there", "elsewhere"),
    [("h", "[ Shorter", "f Follow"), ("t", "f Follow", "[ Shorter"), ("a", "m Maint", "f Follow")],
)
async def test_the_key_bar_offers_what_works_on_the_tab(key: str, there: str, elsewhere: str) -> None:
    async with running(acme(), size=(120, 30)) as driver:
        screen = await open_tab(driver, key)
        bar = str(screen.query_one(KeyBar).render())
        assert there in bar
        assert elsewhere not in bar


async def test_targets_are_read_when_they_are_looked_at_and_again_when_a_check_was_made() -> None:
    daemon = acme()
    async with running(daemon) as driver:
        await open_tab(driver)
        assert "health" not in daemon.calls
        await driver.press("a")
        await driver.until(lambda: "203.0.113.9:5061" in driver.lines("#targets-text"))
        before = daemon.calls.count("health")
        daemon.sample(ID, 30.0)
        await driver.until(lambda: daemon.calls.count("health") > before)


async def test_what_the_daemon_refuses_is_said_on_the_tab() -> None:
    daemon = acme()
    daemon.refusals["health"] = api_error(ErrorStatus.INTERNAL, "STORE", "The store can't be read.")
    async with running(daemon) as driver:
        await open_tab(driver, "a")
        await driver.until(lambda: "Not read: The store can't be read." in driver.lines("#targets-text"))
        del daemon.refusals["health"]
        await driver.press("r")
        await driver.until(lambda: "203.0.113.9:5061" in driver.lines("#targets-text"))


async def test_the_history_is_read_over_the_chosen_range() -> None:
    async with running(acme()) as driver:
        screen = await open_tab(driver, "h")
        await driver.until(lambda: "22 min" in driver.lines("#history-text"))
        await driver.press("left_square_bracket")
        await driver.until(lambda: "single checks" in driver.lines("#history-text"))
        await driver.press("right_square_bracket", "right_square_bracket")
        await driver.until(lambda: "figures of hours" in driver.lines("#history-text"))
        assert screen.span.label == "7 d"


async def test_a_range_that_is_chosen_already_is_not_read_twice() -> None:
    daemon = acme()
    async with running(daemon) as driver:
        await open_tab(driver, "h", "left_square_bracket", "left_square_bracket")
        await driver.until(lambda: "single checks" in driver.lines("#history-text"))
        before = daemon.calls.count("history")
        await driver.press("left_square_bracket")
        await driver.settle()
        assert daemon.calls.count("history") == before


async def test_the_history_is_read_anew_when_a_point_has_gone_by_or_the_state_changed() -> None:
    daemon = acme()
    async with running(daemon) as driver:
        await open_tab(driver, "h")
        await driver.until(lambda: "22 min" in driver.lines("#history-text"))
        before = daemon.calls.count("history")
        driver.clock.advance(600)
        await driver.settle()
        assert daemon.calls.count("history") == before
        driver.clock.advance(1200)
        await driver.settle()
        assert daemon.calls.count("history") == before + 1
        daemon.change_health(ID, HealthStatus.UNHEALTHY)
        await driver.until(lambda: daemon.calls.count("history") > before + 1)


async def test_reloading_reads_the_history_anew() -> None:
    daemon = acme()
    async with running(daemon) as driver:
        await open_tab(driver, "h")
        await driver.until(lambda: "22 min" in driver.lines("#history-text"))
        before = daemon.calls.count("history")
        await driver.press("r")
        await driver.until(lambda: daemon.calls.count("history") > before)


async def test_an_answer_about_a_range_that_was_left_is_not_shown() -> None:
    async with running(acme()) as driver:
        screen = await open_tab(driver, "h")
        await driver.until(lambda: "22 min" in driver.lines("#history-text"))
        late = Asked(Span.HOUR, 60, None, NOW)
        screen.post_message(HistoryRead(late, a_history(ID, NOW - 3600, NOW, 60)))
        await driver.settle()
        assert "22 min" in driver.lines("#history-text")


async def test_the_trace_shows_the_newest_exchange_and_the_one_that_is_moved_to() -> None:
    async with running(acme()) as driver:
        await open_tab(driver, "t")
        await driver.until(lambda: "OPTIONS sip:203.0.113.9:5060" in driver.lines("#trace-text"))
        await driver.press("down")
        assert "OPTIONS sip:203.0.113.10:5060" in driver.lines("#trace-text")
        assert "No answer came." in driver.lines("#trace-text")
        await driver.press("G", "k")
        assert "03:07:26" in driver.lines("#trace-text")
        await driver.press("home")
        assert "03:09:56" in driver.lines("#trace-text")


async def test_a_click_on_an_exchange_shows_it() -> None:
    async with running(acme()) as driver:
        screen = await open_tab(driver, "t")
        await driver.until(lambda: screen.trace.exchanges)
        await driver.settle()
        await driver.pilot.pause()
        await driver.pilot.click(ExchangeList, offset=(10, 2))
        await driver.until(lambda: screen.trace.chosen == 2)
        assert "03:09:26" in driver.lines("#trace-text")


async def test_pages_scroll_the_messages() -> None:
    async with running(acme()) as driver:
        screen = await open_tab(driver, "t")
        await driver.until(lambda: screen.trace.exchanges)
        await driver.settle()
        await driver.pilot.pause()
        messages = screen.query_one("#trace-message")
        await driver.press("pagedown")
        await driver.until(lambda: messages.scroll_y > 0)
        await driver.press("down")
        await driver.until(lambda: messages.scroll_y == 0)
        await driver.press("pagedown", "pageup")
        await driver.until(lambda: messages.scroll_y == 0)


async def test_following_shows_exchanges_as_they_happen_until_f_is_pressed_again() -> None:
    daemon = acme()
    async with running(daemon) as driver:
        screen = await open_tab(driver, "t")
        await driver.until(lambda: screen.trace.read)
        daemon.exchange(an_exchange(ID, NOW + 1))
        await driver.settle()
        assert len(screen.trace.exchanges) == 12
        await driver.press("f")
        await driver.until(lambda: screen.trace.follow is Follow.LIVE)
        await driver.settle()
        assert "● following live" in driver.lines("#trace-head")
        daemon.exchange(an_exchange(ID, NOW + 2))
        daemon.exchange(an_exchange("id-other", NOW + 3))
        await driver.until(lambda: len(screen.trace.exchanges) == 13)
        assert "03:10:02" in driver.lines("#trace-text")
        await driver.press("f")
        await driver.until(lambda: not daemon.follows_trace(ID))
        assert "f follows live" in driver.lines("#trace-head")


async def test_exchanges_that_were_lost_while_following_are_read_anew() -> None:
    daemon = acme()
    async with running(daemon) as driver:
        screen = await open_tab(driver, "t", "f")
        await driver.until(lambda: screen.trace.follow is Follow.LIVE)
        daemon.traces[ID] = Trace(result=[an_exchange(ID, NOW + 9)])
        daemon.resync_followers_of(ID)
        await driver.until(lambda: len(screen.trace.exchanges) == 1)
        assert screen.trace.follow is Follow.LIVE


async def test_exchanges_are_followed_only_while_they_are_looked_at() -> None:
    daemon = acme()
    async with running(daemon) as driver:
        screen = await open_tab(driver, "t", "f")
        await driver.until(lambda: daemon.follows_trace(ID))
        await driver.press("o")
        await driver.until(lambda: not daemon.follows_trace(ID))
        await driver.press("t")
        await driver.until(lambda: daemon.follows_trace(ID))
        await driver.until(lambda: screen.trace.follow is Follow.LIVE)
        await driver.press("escape")
        await driver.on_screen(FleetScreen)
        await driver.until(lambda: not daemon.follows_trace(ID))


async def test_a_lost_connection_keeps_the_trace_and_following_goes_on_by_itself() -> None:
    daemon = acme()
    async with running(daemon, size=(120, 40)) as driver:
        screen = await open_tab(driver, "t", "f")
        await driver.until(lambda: screen.trace.follow is Follow.LIVE)
        daemon.go_away("no provd answers")
        await driver.until(lambda: screen.trace.follow is Follow.LOST)
        await driver.until(lambda: driver.app.session.fleet.stale)
        await driver.settle()
        assert screen.query_one(Banner).display
        assert "✗ no longer followed" in driver.lines("#trace-head")
        assert "OPTIONS sip:" in driver.lines("#trace-text")
        daemon.come_back()
        await driver.press("r")
        await driver.until(lambda: screen.trace.follow is Follow.LIVE)
        await driver.settle()
        assert not screen.query_one(Banner).display


async def test_following_that_was_refused_can_be_tried_again() -> None:
    daemon = acme()
    async with running(daemon, size=(120, 40)) as driver:
        screen = await open_tab(driver, "t")
        await driver.until(lambda: screen.trace.read)
        daemon.refusals["events"] = api_error(
            ErrorStatus.RESOURCE_EXHAUSTED, "TOO_MANY_READERS", "64 clients follow events already"
        )
        await driver.press("f")
        await driver.until(lambda: screen.trace.follow is Follow.LOST)
        assert "64 clients follow events already. f tries again." in driver.lines("#trace-head")
        del daemon.refusals["events"]
        await driver.press("f")
        await driver.until(lambda: screen.trace.follow is Follow.LIVE)


@pytest.mark.parametrize(("key", "lines"), [("a", "#targets-text"), ("h", "#history-text")])
async def test_a_lost_connection_keeps_what_was_read_and_a_new_one_reads_it_anew(
    key: str, lines: str
) -> None:
    daemon = acme()
    async with running(daemon) as driver:
        await open_tab(driver, key)
        await driver.until(lambda: "203.0.113.9" in driver.lines(lines))
        daemon.go_away("no provd answers")
        await driver.until(lambda: driver.app.session.fleet.stale)
        await driver.settle()
        assert driver.app.screen.query_one(Banner).display
        assert "203.0.113.9" in driver.lines(lines)
        before = daemon.calls.count("health")
        daemon.come_back()
        await driver.press("r")
        await driver.until(lambda: daemon.calls.count("health") > before)


async def test_a_tab_opened_while_the_daemon_is_away_says_why_it_is_empty_and_fills_when_it_is_back() -> None:
    daemon = acme()
    async with running(daemon) as driver:
        await open_tab(driver)
        daemon.go_away("no provd answers")
        await driver.until(lambda: driver.app.session.fleet.stale)
        await driver.press("a")
        await driver.until(lambda: "✗ Not read: no provd answers" in driver.lines("#targets-text"))
        daemon.come_back()
        await driver.press("r")
        await driver.until(lambda: "203.0.113.9:5061" in driver.lines("#targets-text"))


async def test_a_viewer_may_look_at_everything() -> None:
    async with running(acme(Role.VIEWER)) as driver:
        screen = await open_tab(driver, "a")
        await driver.until(lambda: screen.health.value is not None)
        await driver.press("h")
        await driver.until(lambda: screen.history.value is not None)
        await driver.press("t", "f")
        await driver.until(lambda: screen.trace.follow is Follow.LIVE)
        assert driver.said == []


async def test_hostile_messages_reach_the_terminal_as_text() -> None:
    daemon = acme()
    hostile = "SIP/2.0 200 [bold]OK[/]\x1b]52;c;AAAA\x07\r\nX: [@click=app.quit]quit[/]\u202e\r\n"
    daemon.traces[ID] = Trace(result=[an_exchange(ID, NOW, sent="OPTIONS sip:a SIP/2.0", received=hostile)])
    async with running(daemon, size=(120, 40)) as driver:
        screen = await open_tab(driver, "t")
        await driver.until(lambda: screen.trace.read)
        await driver.settle()
        text = await driver.text()
        assert "SIP/2.0 200 [bold]OK[/]]52;c;AAAA" in text
        assert "X: [@click=app.quit]quit[/]" in text
        assert not set("\x1b\x07\u202e") & set(text)
        row = next(y for y, line in enumerate(text.splitlines()) if "[@click" in line)
        await driver.pilot.click(offset=(text.splitlines()[row].index("quit[/]"), row))
        assert driver.app.is_running


async def test_a_trace_of_nothing_says_so() -> None:
    daemon = acme()
    daemon.traces[ID] = Trace(result=[])
    async with running(daemon) as driver:
        await open_tab(driver, "t")
        await driver.until(lambda: "No check has been traced yet." in driver.lines("#trace-list"))
        await driver.press("down", "pagedown", "end")
        assert driver.said == []


async def test_the_overview_shows_the_remarks_and_warnings() -> None:
    daemon = FakeDaemon(
        [
            a_provider(
                "Acme",
                warnings=["probe.tls_sni has no effect with transport udp"],
                health={
                    "dns_problem": "the DNS servers did not answer in time",
                    "resolved_age_s": 7300.0,
                    "busy_until": to_timestamp(NOW + 120),
                    "tls_days_left": 9,
                },
            )
        ]
    )
    async with running(daemon, size=(120, 40)) as driver:
        await open_tab(driver)
        verdict = driver.lines("#verdict")
        for part in (
            "probe.tls_sni has no effect",
            "Its addresses are 2h old.",
            "until 03:12 UTC",
            "Its certificate ends in 9 days.",
        ):
            assert part in verdict


async def test_maintenance_by_someone_else_shows_at_once() -> None:
    daemon = acme()
    async with running(daemon, size=(120, 40)) as driver:
        await open_tab(driver)
        daemon.maintain(ID, Maintenance(reason="works", by="ben"), "ben")
        await driver.until(lambda: "maintenance by ben" in driver.lines("#events"))
        assert "In maintenance without end, set by ben: works" in driver.lines("#verdict")
