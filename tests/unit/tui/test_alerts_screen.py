"""The alerts: what is listed, how it follows the daemon, acknowledging, and the dialog of one."""

from textual.widgets import OptionList

from provd.schema.alerts import AlertState, DeliveryState, Severity
from provd.schema.errors import ErrorStatus
from provd.schema.events import EventType
from provd.schema.status import Role
from provd.schema.timestamps import to_timestamp
from provtui.commands import Place
from provtui.dialogs.acknowledge import AcknowledgeDialog
from provtui.dialogs.alert import AlertDialog
from provtui.dialogs.bulk import BulkDialog
from provtui.screens.alerts import AlertsScreen
from provtui.screens.fleet import FleetScreen
from provtui.screens.provider import ProviderScreen
from provtui.widgets.alert_table import AlertTable
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.log_pane import PAGE
from provtui.widgets.pulse import Pulse
from tests.fakes.fake_alerts import a_delivery, alerted, an_alert
from tests.fakes.fake_client import NOW, FakeDaemon, a_provider, api_error
from tests.unit.tui.driving import Driver, running


def ago(seconds: float) -> str:
    return to_timestamp(NOW - seconds)


def wrong(role: Role = Role.ADMIN) -> FakeDaemon:
    """A daemon with two open alerts and one that is over."""
    daemon = FakeDaemon([a_provider("Acme"), a_provider("Zeta")], role=role)
    alerts = [
        an_alert(1, ago(7200), "Old"),
        an_alert(2, ago(600), "Zeta", rule="drift", severity=Severity.WARNING, title="Zeta: 2 differences"),
        an_alert(3, ago(60), "Acme", "Zeta", providers_failing=1),
    ]
    for alert in alerts:
        daemon.alerts.by_id[alert.id] = alert
    daemon.alerts.resolve(alerts[0].id)
    return daemon


async def open_alerts(driver: Driver) -> AlertsScreen:
    await driver.press("3")
    await driver.on_screen(AlertsScreen)
    screen = driver.app.screen
    assert isinstance(screen, AlertsScreen)
    await driver.until(lambda: screen.alerts.state.read or screen.alerts.state.error)
    await driver.settle()
    return screen


def rows(driver: Driver) -> list[str]:
    table = driver.app.screen.query_one(AlertTable)
    return [table.render_line(line + 1).text for line in range(min(len(table.ids), table.size.height - 1))]


async def test_unresolved_alerts_are_listed_newest_first_with_all_that_tells_them_apart() -> None:
    async with running(wrong(), size=(120, 30)) as driver:
        await open_alerts(driver)
        first, second = rows(driver)
        for part in ("✗ critical", "open", "1m", "unhealthy", "1 of 2", "2 providers: unhealthy"):
            assert part in first
        for part in ("! warning", "10m", "drift", "Zeta: 2 differences"):
            assert part in second


async def test_resolved_ones_are_there_when_asked_for_and_gone_again() -> None:
    async with running(wrong()) as driver:
        await open_alerts(driver)
        await driver.press("A")
        await driver.until(lambda: len(rows(driver)) == 3)
        assert "resolved" in rows(driver)[2]
        await driver.press("A")
        assert len(rows(driver)) == 2


async def test_an_alert_that_opens_comes_on_top_and_one_that_is_over_goes() -> None:
    daemon = wrong()
    async with running(daemon) as driver:
        screen = await open_alerts(driver)
        daemon.alerts.tell(an_alert(4, ago(0), "Acme", title="Acme: impaired"))
        await driver.until(lambda: len(screen.alerts.state.entries) == 3)
        await driver.settle()
        assert "Acme: impaired" in rows(driver)[0]
        daemon.alerts.resolve(an_alert(2, ago(0), "Zeta").id)
        await driver.settle()
        assert [line for line in rows(driver) if "differences" in line] == []
        assert len(rows(driver)) == 2


async def test_nothing_wrong_is_said_so() -> None:
    async with running(FakeDaemon([a_provider()])) as driver:
        await open_alerts(driver)
        assert "No alerts" in await driver.text()


async def test_older_ones_are_read_as_one_scrolls() -> None:
    daemon = FakeDaemon([a_provider()])
    for number in range(PAGE + 30):
        alert = an_alert(number, ago(10_000 - number), "Acme")
        daemon.alerts.by_id[alert.id] = alert
    async with running(daemon) as driver:
        screen = await open_alerts(driver)
        assert len(screen.alerts.table.ids) == PAGE
        while screen.alerts.state.token:
            await driver.press("end")
            await driver.settle()
        assert len(screen.alerts.table.ids) == PAGE + 30


async def test_a_filter_narrows_by_state_severity_rule_and_words() -> None:
    async with running(wrong()) as driver:
        await open_alerts(driver)
        await driver.press("slash")
        await driver.type_into("filter", "state=open severity=warn rule=dri provider=zet differences")
        await driver.settle()
        assert len(rows(driver)) == 1
        assert "1 of 2" in driver.lines("#filter-count")
        await driver.type_into("filter", "severity=awful")
        assert "no severity 'awful': use info, warning, critical" in driver.lines("#filter-count")
        await driver.type_into("filter", "nonsense")
        await driver.settle()
        assert "Nothing that is not over fits the filter. A lists" in await driver.text()
        await driver.type_into("filter", "state=resolved")
        await driver.press("enter", "A")
        await driver.until(lambda: len(rows(driver)) == 1)


async def test_the_chosen_one_is_acknowledged_with_a_note() -> None:
    daemon = wrong()
    async with running(daemon) as driver:
        await open_alerts(driver)
        await driver.press("a")
        await driver.on_screen(AcknowledgeDialog)
        await driver.type_into("field-note", " called the carrier ")
        await driver.press("enter")
        await driver.on_screen(AlertsScreen)
        await driver.until(lambda: daemon.alerts.notes == ["called the carrier"])
        await driver.settle()
        assert "acked" in rows(driver)[0]
        assert any("acknowledged" in said for said in driver.said)


async def test_backing_out_acknowledges_nothing() -> None:
    daemon = wrong()
    async with running(daemon) as driver:
        await open_alerts(driver)
        await driver.press("a")
        await driver.on_screen(AcknowledgeDialog)
        await driver.press("escape")
        await driver.on_screen(AlertsScreen)
        assert daemon.alerts.notes == []


async def test_all_that_are_marked_are_acknowledged_and_marks_stay_where_it_failed() -> None:
    daemon = wrong()
    async with running(daemon) as driver:
        screen = await open_alerts(driver)
        await driver.press("A")
        await driver.until(lambda: len(rows(driver)) == 3)
        await driver.press("M")
        assert "3 marked" in driver.lines("#filter-count")
        await driver.press("a")
        await driver.on_screen(AcknowledgeDialog)
        await driver.press("enter")
        await driver.on_screen(BulkDialog)
        dialog = driver.app.screen
        assert isinstance(dialog, BulkDialog)
        await driver.press("enter")
        await driver.until(lambda: dialog.place is Place.BULK_DONE)
        await driver.settle_dialog()
        assert "nothing left to do about it" in " ".join(driver.lines("#bulk-text").split())
        await driver.press("enter")
        await driver.on_screen(AlertsScreen)
        assert daemon.alerts.notes == ["", ""]
        assert daemon.alerts.open == 0
        assert len(screen.alerts.table.marked) == 1


async def test_escape_takes_the_filter_then_the_marks_then_leaves() -> None:
    async with running(wrong()) as driver:
        screen = await open_alerts(driver)
        await driver.press("space", "slash")
        await driver.type_into("filter", "zeta")
        await driver.press("enter", "escape")
        assert screen.alerts.table.marked
        await driver.press("escape")
        assert not screen.alerts.table.marked
        await driver.press("escape")
        await driver.on_screen(FleetScreen)


async def test_a_viewer_is_told_why_nothing_can_be_acknowledged() -> None:
    daemon = wrong(Role.VIEWER)
    async with running(daemon) as driver:
        await open_alerts(driver)
        await driver.press("a")
        assert any("needs the operator role" in said for said in driver.said)
        bar = driver.app.screen.query_one(KeyBar).render()
        dimmed = [bar.plain[span.start : span.end] for span in bar.spans if span.style == ".ink--disabled"]
        assert "a Ack" in dimmed
        await driver.press("enter")
        await driver.on_screen(AlertDialog)
        await driver.press("a")
        assert "needs the operator role" in driver.lines("#alert-said")
        assert daemon.alerts.notes == []


async def test_what_the_daemon_refuses_is_told() -> None:
    daemon = wrong()
    refused = api_error(ErrorStatus.PERMISSION_DENIED, "ROLE", "this needs the operator role")
    daemon.refusals["alerts.acknowledge"] = refused
    async with running(daemon) as driver:
        await open_alerts(driver)
        await driver.press("a")
        await driver.on_screen(AcknowledgeDialog)
        await driver.press("enter")
        await driver.until(lambda: any("this needs the operator role" in said for said in driver.said))


async def test_a_lost_connection_greys_the_list_and_it_is_read_anew_afterwards() -> None:
    daemon = wrong()
    async with running(daemon) as driver:
        screen = await open_alerts(driver)
        daemon.go_away()
        await driver.until(lambda: driver.app.session.fleet.stale)
        await driver.settle()
        assert screen.alerts.table.stale
        assert len(rows(driver)) == 2
        for alert_id in list(daemon.alerts.by_id):
            daemon.alerts.resolve(alert_id)
        daemon.come_back()
        await driver.press("r")
        await driver.until(lambda: not driver.app.session.fleet.stale)
        await driver.until(lambda: not screen.alerts.state.entries)
        await driver.settle()
        assert "No alerts" in await driver.text()


async def test_why_the_alerts_could_not_be_read_is_said() -> None:
    daemon = wrong()
    daemon.refusals["alerts.page"] = api_error(ErrorStatus.INTERNAL, "STORE", "the store is not readable")
    async with running(daemon) as driver:
        await open_alerts(driver)
        assert "✗ Not read: the store is not readable. r reads it again." in await driver.text()


async def test_open_alerts_are_counted_on_the_pulse() -> None:
    async with running(wrong()) as driver:
        assert "▲ 2 alerts (3)" in str(driver.app.screen.query_one(Pulse).render())


async def test_where_the_pulse_has_little_room_its_words_go_before_its_counts() -> None:
    async with running(wrong(), size=(40, 12)) as driver:
        pulse = str(driver.app.screen.query_one(Pulse).render())
        assert "▲ 2 (3)" in pulse
        assert pulse.rstrip().endswith("● live")
        assert len(pulse) <= 40


async def test_the_dialog_tells_of_each_provider_the_history_and_the_messages() -> None:
    daemon = wrong()
    alert = daemon.alerts.by_id[an_alert(3, ago(0), "Acme").id]
    gone = {"cleared_at": ago(20), "cleared_why": "it is in maintenance"}
    providers = [alerted("Acme", alert.opened_at), alerted("Zeta", alert.opened_at, **gone)]
    daemon.alerts.by_id[alert.id] = alert.model_copy(update={"providers": providers})
    waiting = {"state": DeliveryState.WAITING, "error": "connection refused", "next_attempt_at": ago(-30)}
    failed = {"state": DeliveryState.FAILED, "error": "the channel was deleted", "attempts": 9}
    daemon.alerts.deliveries = [
        a_delivery(1, alert),
        a_delivery(2, alert, "chat", **waiting),
        a_delivery(3, alert, "old", **failed),
    ]
    async with running(daemon, size=(80, 40)) as driver:
        await open_alerts(driver)
        await driver.press("enter")
        await driver.on_screen(AlertDialog)
        await driver.until(lambda: "Messages" in driver.lines("#alert-text"))
        told = " ".join(driver.lines("#alert-text").split())
        for part in (
            "No answer to OPTIONS within 8 s",
            "→ Check that the firewall",
            "1 of 2 still so",
            "opened",
            "✓ sent",
            "◌ waiting",
            "connection refused (tried 1 time, again at 03:10:30 UTC)",
            "✗ given up",
            "the channel was deleted (tried 9 times)",
        ):
            assert part in told
        options = driver.app.screen.query_one(OptionList)
        assert "over since" in str(options.get_option_at_index(1).prompt)
        await driver.press("down")
        assert "over: it is in maintenance" in driver.lines("#alert-text")


async def test_from_the_dialog_enter_opens_the_provider() -> None:
    async with running(wrong()) as driver:
        await open_alerts(driver)
        await driver.press("enter")
        await driver.on_screen(AlertDialog)
        await driver.press("down", "enter")
        await driver.on_screen(ProviderScreen)
        assert "Zeta" in driver.lines("#title")
        await driver.press("escape")
        await driver.on_screen(AlertsScreen)


async def test_a_provider_that_was_deleted_is_said_to_be() -> None:
    daemon = wrong()
    daemon.alerts.tell(an_alert(9, ago(0), "Gone"))
    async with running(daemon) as driver:
        await open_alerts(driver)
        await driver.press("enter")
        await driver.on_screen(AlertDialog)
        await driver.press("enter")
        assert "Gone is no longer there" in driver.lines("#alert-said")


async def test_an_alert_is_acknowledged_from_its_dialog_which_follows_what_happens_to_it() -> None:
    daemon = wrong()
    async with running(daemon, size=(80, 40)) as driver:
        await open_alerts(driver)
        await driver.press("enter")
        await driver.on_screen(AlertDialog)
        await driver.press("a")
        await driver.on_screen(AcknowledgeDialog)
        await driver.type_into("field-note", "on it")
        await driver.press("enter")
        await driver.on_screen(AlertDialog)
        await driver.until(lambda: "acknowledged by mara: on it" in driver.lines("#alert-text"))
        dialog = driver.app.screen
        assert isinstance(dialog, AlertDialog)
        daemon.alerts.resolve(dialog.alert.id)
        await driver.until(lambda: dialog.alert.state is AlertState.RESOLVED)


async def test_hostile_text_in_titles_names_and_reasons_is_only_text() -> None:
    evil = "[red]x[/]\x1b[2J\u202e"
    daemon = FakeDaemon([a_provider()])
    alert = an_alert(1, ago(60), "Acme", title=f"{evil}title", rule="unhealthy")
    provider = alerted(f"{evil}name", alert.opened_at, explanation=f"{evil}why", next_step=evil)
    daemon.alerts.by_id[alert.id] = alert.model_copy(update={"providers": [provider]})
    daemon.alerts.deliveries = [a_delivery(1, alert, error=evil, state=DeliveryState.FAILED)]
    async with running(daemon, size=(120, 40)) as driver:
        await open_alerts(driver)
        await driver.press("a")
        await driver.on_screen(AcknowledgeDialog)
        await driver.press("escape", "enter")
        await driver.on_screen(AlertDialog)
        await driver.until(lambda: "Messages" in driver.lines("#alert-text"))
        text = await driver.text()
        assert "[red]x[/][2Jtitle" in text
        assert "[red]x[/][2Jwhy" in text
        assert "\x1b" not in text
        assert "\u202e" not in text


async def test_alerts_of_impairment_bring_the_fleet_up_to_date() -> None:
    daemon = FakeDaemon([a_provider("Acme")])
    async with running(daemon) as driver:
        held = daemon.providers["id-acme"]
        reason = "its checks succeed, but of the 40 calls of the last 15 min only 9 reached the called party"
        health = held.health.model_copy(update={"impaired": True, "impaired_reason": reason})
        daemon.providers["id-acme"] = held.model_copy(update={"health": health})
        alert = an_alert(1, ago(0), "Acme", rule="impaired", metric="impaired")
        daemon.alerts.tell(alert, EventType.ALERT_OPENED)
        await driver.until(lambda: driver.app.session.fleet.providers["id-acme"].health.impaired)
        await driver.settle()
        assert "≠ impaired" in driver.row(0)
        await driver.press("p")
        assert driver.names == ["Acme"]
        await driver.press("p", "slash")
        await driver.type_into("filter", "note=impaired")
        await driver.settle()
        assert driver.names == ["Acme"]
        await driver.press("enter", "enter")
        await driver.on_screen(ProviderScreen)
        assert "only 9 reached the called party" in " ".join((await driver.text()).split())
