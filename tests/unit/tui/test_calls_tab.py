"""How a provider's calls went, reporting the calls of a file, and the figures for Prometheus."""

from pathlib import Path

import pytest

from provd.schema.calls import CallReport, FailedCall
from provd.schema.errors import ErrorStatus
from provd.schema.status import Role
from provtui.commands import Place
from provtui.dialogs.calls import CallsDialog
from provtui.dialogs.line import LineDialog
from provtui.dialogs.report import ReportDialog
from provtui.screens.provider import ProviderScreen
from provtui.widgets.tab_bar import TabBar
from tests.fakes.call_figures import some_calls
from tests.fakes.fake_client import FakeDaemon, a_provider, api_error
from tests.unit.tui.driving import Driver, running

SHOWN = "#provider-calls-text"


def called(role: Role = Role.ADMIN) -> FakeDaemon:
    daemon = FakeDaemon([a_provider("Acme")], role=role)
    daemon.call_figures["id-acme"] = some_calls("id-acme")
    return daemon


async def open_calls(driver: Driver) -> ProviderScreen:
    await driver.press("enter")
    await driver.on_screen(ProviderScreen)
    await driver.press("p")
    screen = driver.app.screen
    assert isinstance(screen, ProviderScreen)
    assert screen.place is Place.PROVIDER_CALLS
    await driver.until(lambda: screen.calls.value is not None or screen.calls.error)
    await driver.settle()
    return screen


async def test_figures_codes_and_countries_are_shown_beside_the_week_before() -> None:
    async with running(called(), size=(100, 50)) as driver:
        await open_calls(driver)
        text = " ".join(driver.lines(SHOWN).split())
        for part in (
            "attempts 1,240 1,180 +60",
            "ASR 41.9 % 51.7 % -9.8 %",
            "NER 65.4 % 85.6 % -20.2 %",
            "ACD 183 s 190 s -7 s",
            "PDD p50 1,450 ms",
            "PDD p95 4,300 ms 3,100 ms +1,200 ms",
            "MOS 4.12 4.20 -0.08",
            "loss 0.4 %",
            "503: 300",
            "GB 900 44.1 %",
            "unknown 40",
        ):
            assert part in text
        assert "█" in text


async def test_without_calls_it_is_said_how_to_report_them() -> None:
    async with running(FakeDaemon([a_provider("Acme")])) as driver:
        await open_calls(driver)
        text = " ".join((await driver.text()).split())
        assert "No calls were reported in this time" in text
        assert "provctl calls import" in text


async def test_the_brackets_choose_the_time_and_stop_at_its_ends() -> None:
    daemon = called()
    async with running(daemon) as driver:
        screen = await open_calls(driver)
        await driver.press("right_square_bracket")
        await driver.until(lambda: screen.calls.value is not None)
        assert screen.calls.value is not None
        assert screen.calls.value.from_[:10] == "2026-04-13"
        await driver.press(*["left_square_bracket"] * 5)
        assert screen.calls_over.label == "1 h"
        assert screen.span.label == "24 h"
        await driver.press(*["right_square_bracket"] * 5)
        assert screen.calls_over.label == "30 d"


async def test_they_are_read_anew_while_they_are_looked_at_but_not_all_the_time() -> None:
    daemon = called()
    async with running(daemon) as driver:
        await open_calls(driver)
        await driver.settle()
        assert daemon.calls.count("call_stats") == 1
        driver.clock.advance(31.0)
        await driver.settle()
        assert daemon.calls.count("call_stats") == 2


async def test_why_they_could_not_be_read_is_said_and_a_lost_daemon_leaves_what_was_known() -> None:
    daemon = called()
    async with running(daemon, size=(100, 40)) as driver:
        screen = await open_calls(driver)
        daemon.refusals["call_stats"] = api_error(ErrorStatus.INTERNAL, "STORE", "[b]broken[/]\x1b[0m")
        driver.clock.advance(31.0)
        await driver.settle()
        await driver.until(lambda: screen.calls.error)
        await driver.settle()
        assert "✗ Not read: [b]broken[/][0m. What is shown is older." in driver.lines(SHOWN)
        daemon.go_away()
        await driver.until(lambda: driver.app.session.fleet.stale)
        await driver.settle()
        assert "1,240" in driver.lines(SHOWN)
        assert screen.has_class("-stale")


async def test_all_tabs_are_on_a_line_of_80_columns() -> None:
    async with running(called()) as driver:
        for key in "oahtsnulbp":
            if driver.app.screen.__class__ is not ProviderScreen:
                await driver.press("enter")
                await driver.on_screen(ProviderScreen)
            await driver.press(key, *(["escape"] if key == "n" else []))
            await driver.settle()
            line = str(driver.app.screen.query_one(TabBar).render())
            assert len(line) <= 80
            assert "p Call" in line


async def type_line(driver: Driver, line: str) -> None:
    await driver.press("colon")
    await driver.on_screen(LineDialog)
    await driver.type_into("line", line)
    await driver.press("enter")


async def test_calls_of_a_file_are_sent_when_asked_with_a_report(tmp_path: Path) -> None:
    daemon = called(Role.OPERATOR)
    evil = "no provider [b]x[/]\x1b[2J"
    daemon.call_report = CallReport(
        created=2, duplicates=1, failed=[FailedCall(line=3, message=evil)], failed_total=1
    )
    file = tmp_path / "calls.ndjson"
    file.write_bytes(b'{"provider": "Acme", "code": 200}\n')
    async with running(daemon) as driver:
        await type_line(driver, f"calls {file}")
        await driver.on_screen(CallsDialog)
        assert "↵ sends them" in driver.lines("#calls-said")
        assert daemon.call_files == []
        await driver.press("enter")
        await driver.until(lambda: "Some were left out" in driver.lines("#calls-said"))
        text = driver.lines("#calls-text")
        assert "2 taken, 1 known already, 1 left out" in text
        assert "line 3: no provider [b]x[/][2J" in text
        assert daemon.call_files == [file.read_bytes()]
        await driver.press("enter")
        assert len(daemon.call_files) == 1


async def test_a_lost_daemon_is_told_and_sending_can_be_tried_again(tmp_path: Path) -> None:
    daemon = called()
    file = tmp_path / "calls.ndjson"
    file.write_bytes(b"{}\n")
    async with running(daemon) as driver:
        await type_line(driver, f"calls {file}")
        await driver.on_screen(CallsDialog)
        daemon.go_away()
        await driver.press("enter")
        await driver.until(lambda: "↵ tries again" in driver.lines("#calls-said"))
        daemon.come_back()
        await driver.press("enter")
        await driver.until(lambda: "✓ Reported." in driver.lines("#calls-said"))


async def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    async with running(called()) as driver:
        await type_line(driver, f"calls {tmp_path / 'none'}")
        await driver.on_screen(CallsDialog)
        assert "can't be read: No such file" in driver.lines("#calls-said")
        await driver.press("enter", "escape")
        await driver.until(lambda: not isinstance(driver.app.screen, CallsDialog))


async def test_a_viewer_is_told_why_no_calls_can_be_reported(tmp_path: Path) -> None:
    async with running(called(Role.VIEWER)) as driver:
        await type_line(driver, f"calls {tmp_path}")
        await driver.until(lambda: any("needs the operator role" in said for said in driver.said))


@pytest.mark.parametrize("lines", [1, 10_000])
async def test_figures_for_prometheus_are_shown_as_text_up_to_a_bound(lines: int) -> None:
    daemon = called()
    daemon.metrics = 'provd_up{name="[b]x[/]"} 1.0 and more of it\n' * lines
    async with running(daemon) as driver:
        await type_line(driver, "metrics")
        await driver.on_screen(ReportDialog)
        await driver.until(lambda: driver.lines("#report-text"))
        text = driver.lines("#report-text")
        assert 'provd_up{name="[b]x[/]"} 1.0' in text
        assert ("The first 200 kB" in text) is (lines > 1)
        assert len(text) < 210_000
