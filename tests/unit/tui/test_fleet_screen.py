from collections.abc import Iterable
from pathlib import Path

import pytest
from textual.geometry import Region
from textual.widgets import Input

from provd.schema.health import HealthStatus
from provd.schema.maintenance import Maintenance
from provd.schema.provider import Provider
from provtui.dialogs.importing import ImportDialog
from provtui.dialogs.line import LineDialog
from provtui.screens.fleet import FleetScreen
from provtui.screens.provider import ProviderScreen
from provtui.widgets.banner import Banner
from provtui.widgets.filter_bar import FilterBar
from provtui.widgets.fleet_table import FleetTable
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.pulse import Pulse
from provtui.widgets.summary import Summary
from provtui.widgets.welcome import Welcome
from tests.fakes.fake_client import FakeDaemon, a_fleet, a_provider
from tests.unit.tui.driving import Driver, running


def fleet(providers: Iterable[Provider] | None = None) -> FakeDaemon:
    return FakeDaemon(a_fleet() if providers is None else providers)


def repaints_of(driver: Driver) -> list[Region]:
    """Note which parts of the table are repainted from now on."""
    noted: list[Region] = []
    plain = driver.table.refresh

    def refresh(*regions: Region, **how: bool) -> FleetTable:
        noted.extend(regions or [driver.table.size.region])
        return plain(*regions, **how)

    driver.table.refresh = refresh  # type: ignore[method-assign]
    return noted


async def test_problems_come_first_with_state_cause_and_age() -> None:
    async with running(fleet()) as driver:
        assert driver.names[:2] == ["Colt Lisbon", "Orange Paris"]
        row = driver.row(0)
        for part in ("✗ unhealthy", "Colt Lisbon", "sip.colt", "×××", "timeout", "29m"):
            assert part in row


async def test_the_pulse_counts_and_says_that_it_is_live() -> None:
    async with running(fleet(), size=(120, 24)) as driver:
        pulse = str(driver.app.screen.query_one(Pulse).render())
        for part in (
            "3 unhealthy",
            "1 suspect",
            "1 unknown",
            "9 healthy",
            "1 maintenance",
            "1 disabled",
            "312 checks/s",
            "● live",
        ):
            assert part in pulse


async def test_the_summary_says_why_and_what_to_do_about_the_row_under_the_cursor() -> None:
    async with running(fleet()) as driver:
        await driver.press("down")
        said = str(driver.app.screen.query_one(Summary).visual)
        assert "Orange Paris" in said
        assert "since 01:05 UTC" in said
        assert "refuses UDP 5060" in said
        assert "→ Ask the carrier" in said


async def test_the_cursor_moves_by_line_by_page_and_to_the_ends() -> None:
    providers = [a_provider(f"P{number:03d}") for number in range(100)]
    async with running(fleet(providers)) as driver:
        await driver.press("down", "down", "up")
        assert driver.table.cursor == 1
        await driver.press("pagedown")
        assert driver.table.cursor == 17
        await driver.press("end")
        assert driver.table.cursor == 99
        assert "P099" in await driver.text()
        await driver.press("home")
        assert driver.table.cursor == 0
        assert "P000" in await driver.text()
        await driver.press("G", "k", "pageup")
        assert driver.table.cursor == 82


async def test_a_click_moves_the_cursor_and_a_double_click_opens() -> None:
    async with running(fleet()) as driver:
        await driver.pilot.click(FleetTable, offset=(20, 3))
        assert driver.table.cursor == 2
        await driver.pilot.click(FleetTable, offset=(20, 3), times=2)
        await driver.on_screen(ProviderScreen)


async def test_a_click_on_a_heading_sorts_and_another_reverses() -> None:
    async with running(fleet()) as driver:
        await driver.pilot.click(FleetTable, offset=(14, 0))
        assert driver.names[0].startswith("A carrier")
        assert "NAME▾" in driver.table.render_line(0).text
        await driver.pilot.click(FleetTable, offset=(14, 0))
        assert driver.names[-1].startswith("A carrier")
        assert "NAME▴" in driver.table.render_line(0).text


@pytest.mark.parametrize(
    ("key", "first"),
    [
        ("N", "A carrier"),
        ("H", "Orange"),
        ("R", "東京"),
        ("L", "Orange"),
        ("T", "Bandwidth East"),
        ("C", "Bandw"),
    ],
)
async def test_sort_keys_sort(key: str, first: str) -> None:
    async with running(fleet()) as driver:
        await driver.press(key)
        assert driver.names[0].startswith(first)


@pytest.mark.parametrize(
    ("key", "heading"), [("C", "CARRIER▾"), ("L", "LOSS▾"), ("V", "AVAIL▾"), ("A", "AGE▾"), ("T", "SINCE▾")]
)
async def test_the_column_sorted_by_is_shown_at_eighty_cells_and_leaves_with_the_order(
    key: str, heading: str
) -> None:
    async with running(fleet()) as driver:
        before = driver.table.render_line(0).text
        await driver.press(key)
        assert heading in driver.table.render_line(0).text
        await driver.press(key)
        assert heading.replace("▾", "▴") in driver.table.render_line(0).text
        await driver.press("S")
        assert driver.table.render_line(0).text == before


async def test_the_cursor_stays_on_its_provider_when_the_order_changes() -> None:
    async with running(fleet()) as driver:
        await driver.press("down", "N")
        assert driver.fleet.chosen().name == "Orange Paris"  # type: ignore[union-attr]
        driver.daemon.change_health("id-bt-london", HealthStatus.UNHEALTHY)
        await driver.settle()
        await driver.press("S")
        assert driver.names[0] == "BT London"
        assert driver.fleet.chosen().name == "Orange Paris"  # type: ignore[union-attr]


async def test_a_filter_is_applied_as_it_is_typed_and_esc_drops_it() -> None:
    async with running(fleet()) as driver:
        await driver.press("slash", "t")
        await driver.type_into("filter", "carrier=twilio")
        assert driver.names == ["Twilio Ashburn", "Twilio Frankfurt"]
        await driver.press("enter")
        assert driver.app.focused is driver.table
        assert "2 of 16" in driver.lines("#filter-count")
        await driver.press("escape")
        assert len(driver.names) == 16
        assert not driver.fleet.query_one(FilterBar).display


async def test_an_empty_result_says_how_to_get_the_list_back() -> None:
    async with running(fleet()) as driver:
        await driver.press("slash", *"zzz", "enter")
        await driver.settle()
        assert "Nothing fits the filter. esc clears it." in await driver.text()


@pytest.mark.parametrize("key", ["p", "ctrl+z"])
async def test_problems_only_and_back(key: str) -> None:
    async with running(fleet()) as driver:
        await driver.press(key)
        assert len(driver.names) == 5
        assert "problems only: 5 of 16" in driver.lines("#filter-count")
        await driver.press(key)
        assert len(driver.names) == 16


async def test_live_samples_show_at_the_next_flush_and_repaint_only_what_changed() -> None:
    async with running(fleet()) as driver:
        noted = repaints_of(driver)
        driver.daemon.sample("id-bt-london", 48.0)
        await driver.settle()
        assert "48ms" in next(driver.row(n) for n in range(16) if "BT London" in driver.row(n))
        assert noted
        assert all(region.height == 1 and region.x > 40 for region in noted)


async def test_what_is_not_visible_or_did_not_change_is_not_repainted() -> None:
    providers = [a_provider(f"P{number:03d}") for number in range(100)]
    async with running(fleet(providers)) as driver:
        noted = repaints_of(driver)
        driver.daemon.sample("id-p090", 48.0)
        await driver.settle()
        await driver.settle()
        assert noted == []


async def test_ages_are_repainted_only_when_their_text_changes() -> None:
    async with running(fleet([a_provider("A", age_s=22.0)]), size=(90, 24)) as driver:
        noted = repaints_of(driver)
        driver.clock.advance(3.0)
        await driver.settle()
        assert noted == []
        driver.clock.advance(10.0)
        await driver.settle()
        assert [region.width for region in noted] == [4]


async def test_rows_sorted_by_a_restless_figure_change_places_only_now_and_then() -> None:
    async with running(fleet([a_provider("A"), a_provider("B")])) as driver:
        await driver.press("R")
        driver.daemon.sample("id-b", 90.0)
        await driver.settle()
        assert driver.names == ["A", "B"]
        assert "90ms" in driver.row(1)
        driver.clock.advance(15.0)
        await driver.settle()
        assert driver.names == ["B", "A"]


async def test_a_covered_screen_does_not_repaint_and_catches_up() -> None:
    async with running(fleet()) as driver:
        await driver.press("enter")
        await driver.on_screen(ProviderScreen)
        timer = driver.fleet._timer
        assert timer is not None
        assert not timer._active.is_set()
        driver.daemon.change_health("id-bt-london", HealthStatus.UNHEALTHY)
        await driver.settle()
        await driver.press("escape")
        await driver.on_screen(FleetScreen)
        assert timer._active.is_set()
        assert "BT London" in driver.names[:4]


async def test_created_and_deleted_providers_appear_and_disappear() -> None:
    async with running(fleet()) as driver:
        held = driver.daemon.providers["id-bt-london"]
        driver.daemon.save_as("ben", held.id, name="BT Leeds")
        await driver.settle()
        assert "BT Leeds" in driver.names
        await driver.daemon.connect().delete_provider(held.id)
        await driver.settle()
        assert "BT Leeds" not in driver.names


async def test_an_empty_store_welcomes_and_offers_only_what_can_be_done() -> None:
    async with running(fleet([])) as driver:
        assert driver.app.screen.query_one(Welcome).display
        assert not driver.table.display
        said = str(driver.app.screen.query_one(Welcome).visual)
        assert "Set up a trunk" in said
        assert "Add one by hand" in said
        assert "demo" not in said
        assert "Edit" not in str(driver.app.screen.query_one(KeyBar).render())
        await driver.press("e", "d", "x", "c", "enter", "D")
        assert isinstance(driver.app.screen, FleetScreen)
        assert driver.said == []


async def test_the_welcome_offers_to_import_a_file(tmp_path: Path) -> None:
    file = tmp_path / "fleet.csv"
    file.write_text("name,hostname\nAcme,sip.acme.example\n")
    async with running(fleet([])) as driver:
        assert "  i  Import a file" in str(driver.app.screen.query_one(Welcome).visual)
        await driver.press("i")
        await driver.on_screen(LineDialog)
        assert driver.app.screen.query_one(Input).value == "import "
        await driver.type_into("line", f"import {file}")
        await driver.press("enter")
        await driver.on_screen(ImportDialog)
        await driver.until(lambda: "dry run" in driver.lines("#import-said"))


async def test_the_demo_fleet_is_loaded_from_the_welcome() -> None:
    daemon = fleet([])

    async def start_demo() -> None:
        daemon.providers = {provider.id: provider for provider in a_fleet()}

    async with running(daemon, start_demo=start_demo) as driver:
        assert "Load the demo fleet" in str(driver.app.screen.query_one(Welcome).visual)
        await driver.press("D")
        await driver.until(lambda: len(driver.names) == 16)
        await driver.settle()
        assert driver.table.display
        assert driver.app.focused is driver.table


async def test_a_demo_that_does_not_start_says_why() -> None:
    async def start_demo() -> None:
        raise OSError("no room left")

    async with running(fleet([]), start_demo=start_demo) as driver:
        await driver.press("D")
        await driver.until(lambda: any("no room left" in said for said in driver.said))


async def test_hostile_names_are_shown_as_text_and_keep_columns_aligned() -> None:
    hostile = a_provider(
        "\x1b[31m[bold]x[/]\u202e\x07\n[@click=app.quit]",
        id="h",
        hostname="h\x9b.example",
        status=HealthStatus.UNHEALTHY,
        health={"explanation": "[red]say[/red]\x1b]52;c;AAAA\x07", "next_step": "[link=x]\u2028go"},
    )
    async with running(fleet([hostile, a_provider("A")])) as driver:
        text = await driver.text()
        assert "[31m[bold]x" in text
        assert "[red]say[/red]]52;c;AAAA" in text
        assert not set("\x1b\x07\x9b\u202e\u2028") & set(text)
        assert driver.row(0).index("h.example") == driver.row(1).index("sip.acme")
        await driver.press("enter")
        await driver.on_screen(ProviderScreen)
        assert not set("\x1b\x07\x9b\u202e\u2028") & set(await driver.text())
        await driver.press("d")
        await driver.until(lambda: driver.app.screen.query(Input))
        assert "[bold]x[/]" in await driver.text()


@pytest.mark.parametrize("size", [(80, 24), (60, 15), (20, 6), (200, 60)])
async def test_it_works_at_every_size(size: tuple[int, int]) -> None:
    async with running(fleet(), size=size) as driver:
        assert "✗ unhealthy" in await driver.text()
        await driver.press("enter")
        await driver.on_screen(ProviderScreen)
        await driver.press("e")
        await driver.until(lambda: driver.app.screen.query(Input))
        await driver.press("escape", "escape")
        await driver.on_screen(FleetScreen)


async def test_ten_thousand_providers_are_lines_not_widgets() -> None:
    base = a_provider("P")
    providers = {
        f"id-{n}": base.model_copy(update={"id": f"id-{n}", "name": f"P{n:05d}"}) for n in range(10_000)
    }
    async with running(fleet(providers.values()), size=(160, 48)) as driver:
        assert len(driver.names) == 10_000
        assert not driver.table.children
        await driver.press("end")
        assert "P09999" in await driver.text()


async def test_the_daemon_away_greys_the_table_and_says_how_old_it_is() -> None:
    async with running(fleet(), size=(120, 30)) as driver:
        driver.daemon.go_away("no provd answers at /run/provd/provd.sock")
        await driver.until(lambda: driver.app.session.fleet.stale)
        driver.clock.advance(130)
        await driver.settle()
        banner = str(driver.app.screen.query_one(Banner).render())
        assert "no provd answers at /run/provd/provd.sock" in banner
        assert "heard 2m ago" in banner
        assert driver.table.stale
        assert "✗ unhealthy" in driver.row(0)
        assert "✗ provd away" in str(driver.app.screen.query_one(Pulse).render())


async def test_a_store_that_fails_is_said_above_the_table() -> None:
    daemon = fleet()
    daemon.store_error = "the store can't write: the disk is full: free some space"
    async with running(daemon, size=(120, 30)) as driver:
        banner = driver.app.screen.query_one(Banner)
        assert banner.display
        assert "keeps nothing: the store can't write: the disk is full" in str(banner.render())
        daemon.store_error = None
        await driver.press("r")
        await driver.until(lambda: driver.app.session.fleet.status.store.writable)
        await driver.settle()
        assert not banner.display


async def test_r_reconnects_at_once_and_everything_is_read_anew() -> None:
    async with running(fleet()) as driver:
        driver.daemon.go_away()
        await driver.until(lambda: driver.app.session.fleet.stale)
        driver.daemon.providers["id-n"] = a_provider("Nova", id="id-n")
        driver.daemon.come_back()
        await driver.press("r")
        await driver.until(lambda: "Nova" in driver.names)
        await driver.settle()
        assert not driver.table.stale
        assert not driver.app.screen.query_one(Banner).display


async def test_it_comes_back_by_itself() -> None:
    async with running(fleet()) as driver:
        driver.daemon.go_away()
        await driver.until(lambda: driver.app.session.fleet.stale)
        driver.daemon.come_back()
        await driver.until(lambda: not driver.app.session.fleet.stale)


async def test_a_daemon_that_was_never_there_is_waited_for() -> None:
    daemon = fleet()
    daemon.go_away()
    async with running(daemon) as driver:
        await driver.until(lambda: driver.app.session.fleet.stale)
        await driver.settle()
        assert "Nothing is known yet" in await driver.text()
        daemon.come_back()
        await driver.press("r")
        await driver.until(lambda: len(driver.names) == 16)


async def test_what_deserves_a_note_has_one_beside_the_state() -> None:
    async with running(fleet()) as driver:
        rows = {name: driver.row(line) for line, name in enumerate(driver.names)}
        for name, note in (
            ("BT London", "cert"),
            ("Bandwidth West", "busy"),
            ("Café Übertragung 📞", "stale"),
            ("Twilio Frankfurt", "flaps"),
            ("東京テレコム", "dns"),
            ("Vodafone Milan", "maint"),
        ):
            assert note in rows[name], name
        assert not any(note in rows["Telnyx Madrid"] for note in ("maint", "stale", "flaps", "busy", "cert"))


async def test_maintenance_takes_a_provider_off_the_problems_at_once_and_ending_it_brings_it_back() -> None:
    async with running(fleet()) as driver:
        driver.daemon.maintain("id-colt-lisbon", Maintenance(reason="works", by="ana"), "ana")
        await driver.settle()
        assert driver.names.index("Colt Lisbon") > driver.names.index("BT London")
        assert "◇ unhealthy" in driver.row(driver.names.index("Colt Lisbon"))
        await driver.press("p")
        assert "Colt Lisbon" not in driver.names
        driver.daemon.maintain("id-colt-lisbon", None, "")
        await driver.settle()
        assert driver.names[0] == "Colt Lisbon"


async def test_the_summary_says_who_set_maintenance_until_when_and_why() -> None:
    async with running(fleet(), size=(110, 24)) as driver:
        driver.table.move_to(driver.names.index("Vodafone Milan"))
        await driver.settle()
        said = str(driver.app.screen.query_one(Summary).visual)
        assert "◇ unhealthy for 10m, since 03:00 UTC, maintenance until 06:00 UTC" in said
        assert "In maintenance until 06:00 UTC, set by ana: CHG-2214, new SBC" in said


async def test_a_suspected_uplink_is_said_above_the_table_until_it_is_restored() -> None:
    async with running(fleet(), size=(120, 30)) as driver:
        banner = driver.app.screen.query_one(Banner)
        driver.daemon.suspect_uplink(True)
        await driver.settle()
        assert banner.display
        assert "12 providers failed" in str(banner.render())
        assert "our own connection is suspected" in str(banner.render())
        driver.daemon.suspect_uplink(False)
        await driver.settle()
        assert not banner.display


async def test_an_uplink_suspected_before_we_connected_is_said_too() -> None:
    daemon = fleet()
    daemon.uplink_suspect = True
    async with running(daemon, size=(120, 30)) as driver:
        assert "our own connection is suspected" in str(driver.app.screen.query_one(Banner).render())


async def test_an_import_shows_the_imported_providers() -> None:
    async with running(fleet()) as driver:
        driver.daemon.import_as("ben", a_provider("Imported One"), a_provider("Imported Two"))
        await driver.until(lambda: "Imported Two" in driver.names)
        await driver.settle()
        assert len(driver.names) == 18
