import asyncio
import json

from textual.command import CommandPalette

from provd.schema.errors import ErrorStatus
from provd.schema.events import EventType
from provd.schema.health import HealthStatus
from provd.schema.status import Role
from provtui.commands import Place, commands_at
from provtui.dialogs.confirm_delete import ConfirmDelete
from provtui.dialogs.help import HelpDialog
from provtui.dialogs.provider_form import ProviderForm
from provtui.screens.fleet import FleetScreen
from provtui.screens.provider import ProviderScreen
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines
from provtui.widgets.summary import Summary
from tests.fakes.fake_client import FakeDaemon, a_fleet, a_provider, api_error
from tests.unit.tui.driving import running


def acme() -> FakeDaemon:
    return FakeDaemon([a_provider("Acme"), a_provider("Zeta", status=HealthStatus.UNHEALTHY)])


async def test_enter_opens_the_provider_and_esc_goes_back() -> None:
    async with running(acme()) as driver:
        await driver.press("enter")
        await driver.on_screen(ProviderScreen)
        await driver.settle()
        for part in ("Zeta", "No answer to OPTIONS", "→ Check that the firewall", "p50, p95", "0 of 2 up"):
            assert part in await driver.text()
        await driver.press("escape")
        await driver.on_screen(FleetScreen)


async def test_the_provider_screen_shows_all_facts_and_past_events() -> None:
    provider = a_provider(
        "Acme",
        carrier="telnyx",
        tags=["emea", "gold"],
        tech_prefix="00",
        tech_postfix="#@x.example",
        tech_headers={"X-Account": "42"},
        codecs="PCMU,opus",
        transport="tls",
        detail="call Ana first",
    )
    daemon = FakeDaemon([provider])
    daemon.change_health("id-acme", HealthStatus.UNHEALTHY)
    daemon.save_as("ben", "id-acme", detail="call Ana first")
    async with running(daemon, size=(140, 50)) as driver:
        await driver.press("enter")
        await driver.on_screen(ProviderScreen)
        await driver.until(lambda: "changed by ben" in driver.lines("#events"))
        assert "✗ unhealthy: No answer to OPTIONS" in driver.lines("#events")
        facts = driver.lines("#facts")
        for part in ("tls", "telnyx", "emea, gold", "00", "#@x.example", "X-Account: 42", "PCMU,opus", "Ana"):
            assert part in facts
        for part in ("Kamailio 5.8", "2 of 2 up", "23ms", "23ms, 23ms", "1.2ms"):
            assert part in facts


async def test_the_provider_screen_follows_what_happens() -> None:
    async with running(acme()) as driver:
        await driver.press("enter")
        await driver.on_screen(ProviderScreen)
        driver.daemon.change_health("id-zeta", HealthStatus.HEALTHY)
        await driver.until(lambda: driver.app.session.provider("id-zeta").health_status == "healthy")  # type: ignore[union-attr]
        await driver.settle()
        assert "It answers again." in driver.lines("#verdict")
        await driver.until(lambda: "It answers again." in driver.lines("#events"))


async def test_a_provider_deleted_by_someone_else_is_left() -> None:
    async with running(acme()) as driver:
        await driver.press("enter")
        await driver.on_screen(ProviderScreen)
        await driver.daemon.connect().delete_provider("id-zeta")
        await driver.until(lambda: "id-zeta" not in driver.app.session.fleet.providers)
        driver.app.screen.flush()  # type: ignore[attr-defined]
        await driver.on_screen(FleetScreen)
        assert any("Zeta is no longer there" in said for said in driver.said)


async def test_check_now_says_that_it_is_under_way_and_then_what_came_of_it() -> None:
    daemon = acme()
    daemon.check_gate = asyncio.Event()
    async with running(daemon) as driver:
        await driver.press("c", "c")
        assert "checking…" in str(driver.app.screen.query_one(Summary).visual)
        daemon.check_gate.set()
        await driver.until(lambda: driver.said)
        assert daemon.calls.count("check_provider") == 1
        assert "Zeta: unhealthy, 200 in 23ms, 1 of 2 answered" in driver.said
        await driver.settle()
        assert "checking…" not in str(driver.app.screen.query_one(Summary).visual)


async def test_check_now_on_the_provider_screen_shows_each_target() -> None:
    async with running(acme()) as driver:
        await driver.press("enter")
        await driver.on_screen(ProviderScreen)
        await driver.press("c")
        await driver.until(lambda: "203.0.113.10:5060" in driver.lines("#report"))
        report = driver.lines("#report")
        for part in (
            "200 OK",
            "dns 2.1ms",
            "sip 23ms",
            "No answer within 8 s.",
            "→ Ask the carrier",
            "sent again 6x",
        ):
            assert part in report


async def test_delete_wants_the_name() -> None:
    async with running(acme()) as driver:
        await driver.press("d")
        await driver.on_screen(ConfirmDelete)
        await driver.type_into("typed-name", "Acme")
        await driver.press("enter")
        assert isinstance(driver.app.screen, ConfirmDelete)
        assert "not its name" in driver.lines("#delete-said")
        await driver.type_into("typed-name", "Zeta")
        await driver.press("enter")
        await driver.until(lambda: driver.names == ["Acme"])
        assert "Zeta: deleted" in driver.said
        assert list(driver.daemon.providers) == ["id-acme"]


async def test_esc_keeps_the_provider() -> None:
    async with running(acme()) as driver:
        await driver.press("d")
        await driver.on_screen(ConfirmDelete)
        await driver.press("escape")
        await driver.on_screen(FleetScreen)
        assert "delete_provider" not in driver.daemon.calls


async def test_delete_from_the_provider_screen_goes_back_to_the_fleet() -> None:
    async with running(acme()) as driver:
        await driver.press("enter")
        await driver.on_screen(ProviderScreen)
        await driver.press("d")
        await driver.on_screen(ConfirmDelete)
        await driver.type_into("typed-name", "Zeta")
        await driver.press("enter")
        await driver.on_screen(FleetScreen)
        await driver.settle()
        assert driver.names == ["Acme"]
        assert driver.said == ["Zeta: deleted"]


async def test_disable_and_enable() -> None:
    async with running(acme()) as driver:
        await driver.press("x")
        await driver.until(lambda: not driver.daemon.providers["id-zeta"].enabled)
        await driver.settle()
        assert driver.names == ["Acme", "Zeta"]
        assert "– disabled" in driver.row(1)
        await driver.press("x")
        await driver.until(lambda: driver.daemon.providers["id-zeta"].enabled)


async def test_a_change_that_lost_a_race_says_so_and_changes_nothing() -> None:
    async with running(acme()) as driver:
        driver.daemon.refuse_next = api_error(
            ErrorStatus.PRECONDITION, "REVISION", "It is at revision 2 now."
        )
        await driver.press("x")
        await driver.until(lambda: driver.said)
        assert "someone else changed it meanwhile" in driver.said[0]
        assert driver.daemon.providers["id-zeta"].enabled


async def test_copy_puts_json_on_the_clipboard() -> None:
    async with running(acme()) as driver:
        await driver.press("y")
        assert json.loads(driver.app.clipboard)["id"] == "id-zeta"


async def test_a_viewer_is_told_why_and_nothing_is_asked_of_the_daemon() -> None:
    daemon = acme()
    daemon.role = Role.VIEWER
    async with running(daemon) as driver:
        asked = daemon.asked
        await driver.press("e", "d", "x", "c", "a")
        assert isinstance(driver.app.screen, FleetScreen)
        assert daemon.asked == asked
        assert len(driver.said) == 5
        assert "Edit needs the admin role; provd says you are viewer" in driver.said
        assert "Check needs the operator role; provd says you are viewer" in driver.said


async def test_what_one_may_not_do_is_dimmed_in_the_key_bar() -> None:
    daemon = acme()
    daemon.role = Role.OPERATOR
    async with running(daemon, size=(90, 24)) as driver:
        drawn = driver.app.screen.query_one(KeyBar).render()
        dimmed = {drawn.plain[s.start : s.end] for s in drawn.spans if s.style == ".ink--disabled"}
        assert dimmed == {"n New", "e Edit", "d Delete"}


async def test_readonly_treats_an_admin_as_a_viewer() -> None:
    async with running(acme(), readonly=True) as driver:
        await driver.press("e")
        assert "--readonly" in driver.said[0]


async def test_a_refusal_by_the_daemon_is_shown() -> None:
    async with running(acme()) as driver:
        driver.daemon.role = Role.VIEWER  # since the last status
        await driver.press("x")
        await driver.until(lambda: driver.said)
        assert "This needs the admin role" in driver.said[0]


async def test_an_absent_daemon_is_said_when_something_is_asked_of_it() -> None:
    async with running(acme()) as driver:
        driver.daemon.away = "no provd answers"
        await driver.press("e")
        await driver.until(lambda: driver.said)
        assert driver.said == ["Zeta: no provd answers"]


async def test_the_help_lists_exactly_what_works_here() -> None:
    async with running(FakeDaemon(a_fleet()), size=(100, 60)) as driver:
        for place, opening in ((Place.FLEET, ()), (Place.PROVIDER, ("enter",))):
            await driver.press(*opening)
            await driver.press("question_mark")
            await driver.on_screen(HelpDialog)
            dialog = driver.app.screen
            assert isinstance(dialog, HelpDialog)
            assert dialog.commands == list(commands_at(place, demo=False))
            shown = "\n".join(str(lines.visual) for lines in dialog.query(Lines))
            assert all(command.help in shown and command.key_text in shown for command in dialog.commands)
            await driver.press("escape")


async def test_the_welcome_has_its_own_help() -> None:
    async with running(FakeDaemon()) as driver:
        await driver.press("question_mark")
        await driver.on_screen(HelpDialog)
        assert isinstance(driver.app.screen, HelpDialog)
        assert driver.app.screen.commands == list(commands_at(Place.WELCOME, demo=False))


async def test_the_palette_offers_the_same_commands() -> None:
    async with running(acme()) as driver:
        offered = {entry.title for entry in driver.app.get_system_commands(driver.fleet)}
        assert {"Check it now", "Edit it", "Sort: Name", "Quit"} <= offered
        await driver.press("ctrl+p")
        await driver.on_screen(CommandPalette)
        await driver.press("escape")


async def test_a_click_on_the_key_bar_runs_the_command() -> None:
    async with running(acme()) as driver:
        bar = str(driver.app.screen.query_one(KeyBar).render())
        await driver.pilot.click(KeyBar, offset=(bar.index("? Help"), 0))
        await driver.on_screen(HelpDialog)


async def test_themes_go_round() -> None:
    async with running(acme()) as driver:
        seen = []
        for _ in range(3):
            await driver.press("ctrl+t")
            seen.append(driver.app.theme)
        assert seen == ["provtui-light", "provtui-ansi", "provtui-dark"]


async def test_q_quits_and_closes_the_connection() -> None:
    async with running(acme()) as driver:
        client = driver.app.session.client
        await driver.press("q")
        await driver.until(lambda: not driver.app.is_running or driver.app._exit)
    assert client.closed  # type: ignore[attr-defined]


async def test_unknown_kinds_of_events_are_shown_by_name() -> None:
    daemon = acme()
    daemon.save_as("ben", "id-zeta", name="Zeta")
    daemon.log[0] = daemon.log[0].model_copy(update={"type": EventType.HEALTH_CHANGED, "data": {}})
    async with running(daemon) as driver:
        await driver.press("enter")
        await driver.on_screen(ProviderScreen)
        await driver.until(lambda: "health.changed" in driver.lines("#events"))


async def test_control_q_quits_from_a_screen_and_costs_no_form_what_was_typed() -> None:
    async with running(acme()) as driver:
        await driver.press("a")
        await driver.on_screen(ProviderForm)
        await driver.type_into("field-name", "Nova")
        await driver.press("ctrl+q")
        assert driver.app.is_running
        assert isinstance(driver.app.screen, ProviderForm)
        assert driver.said == ["esc leaves this; q quits then."]
        await driver.press("escape", "escape", "ctrl+c")
        assert driver.said[-1] == "q quits."
        await driver.press("ctrl+q")
        await driver.until(lambda: driver.app._exit)
