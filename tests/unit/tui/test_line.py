"""Commands that are typed after a colon: reading them, completing them, and what they do."""

import re
from pathlib import Path

import pytest
from textual.widgets import Input, TextArea

from provd.schema.errors import ErrorStatus
from provd.schema.redirect import Redirect
from provd.schema.route import Skipped
from provd.schema.status import RedirectStatus, Role
from provd.schema.timestamps import to_timestamp
from provd.schema.transfer import Became, FailedLine, FieldChange, ImportReport, LineChange
from provtui.command_line import LineError, completions, read_line
from provtui.commands import BY_ID, Argument, Place, commands_at
from provtui.dialogs.importing import ImportDialog
from provtui.dialogs.line import LineDialog
from provtui.dialogs.raw_record import RawRecord
from provtui.dialogs.report import ReportDialog
from provtui.screens.events import EventsScreen
from provtui.screens.fleet import FleetScreen
from provtui.screens.provider import ProviderScreen
from provtui.screens.routes import RoutesScreen
from tests.fakes.fake_client import NOW, FakeDaemon, a_provider, api_error
from tests.fakes.fake_routes import a_route, an_id
from tests.unit.tui.driving import Driver, running

FLEET = list(commands_at(Place.FLEET))


def some(argument: Argument, beginning: str) -> list[str]:
    return [name for name in ("dark", "light", "ansi") if name.startswith(beginning)]


@pytest.mark.parametrize(
    ("text", "command_id", "argument"),
    [
        ("routes", "routes", ""),
        (" :Events ", "events", ""),
        ("q", "quit", ""),
        ("theme light", "theme", "light"),
        ("theme", "theme", ""),
        ("provider Colt Lisbon", "provider", "Colt Lisbon"),
        ("sort-rtt", "sort:RTT", ""),
        ("filter state=unhealthy madrid", "filter", "state=unhealthy madrid"),
    ],
)
def test_a_line_is_a_command_and_its_argument(text: str, command_id: str, argument: str) -> None:
    line = read_line(text, FLEET)
    assert (line.command, line.argument) == (BY_ID[command_id], argument)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "type the name of a command"),
        ("rutes", "did you mean routes?"),
        ("zzzz", "tab shows which there are"),
        ("verify", "verify does not work here"),
        ("routes now", "routes stands alone"),
        ("provider", "write provider NAME"),
        ("export", "write export FORMAT FILE"),
    ],
)
def test_a_line_that_can_not_be_understood_says_what_to_write(text: str, said: str) -> None:
    with pytest.raises(LineError, match=re.escape(said)):
        read_line(text, FLEET)


def test_names_and_arguments_are_completed() -> None:
    assert completions("ev", FLEET, some) == ["events"]
    assert "routes" in completions("", FLEET, some)
    assert completions("theme l", FLEET, some) == ["theme light"]
    assert completions("routes x", FLEET, some) == []


async def type_line(driver: Driver, text: str) -> None:
    await driver.press("colon")
    await driver.on_screen(LineDialog)
    await driver.type_into("line", text)


async def run_line(driver: Driver, text: str) -> None:
    await type_line(driver, text)
    await driver.press("enter")
    await driver.until(lambda: not isinstance(driver.app.screen, LineDialog))


def two() -> FakeDaemon:
    return FakeDaemon([a_provider("Acme Madrid"), a_provider("Acme Porto")])


async def test_a_colon_opens_the_line_and_a_command_runs() -> None:
    async with running(two()) as driver:
        await run_line(driver, "routes")
        await driver.on_screen(RoutesScreen)
        await run_line(driver, "events")
        await driver.on_screen(EventsScreen)
        await run_line(driver, "fleet")
        await driver.on_screen(FleetScreen)


async def test_tab_completes_and_enter_runs() -> None:
    async with running(two()) as driver:
        await driver.press("colon")
        await driver.on_screen(LineDialog)
        await driver.press(*"even", "tab")
        assert driver.app.screen.query_one(Input).value == "events"
        await driver.press("enter")
        await driver.on_screen(EventsScreen)


async def test_tab_goes_as_far_as_there_is_one_way() -> None:
    async with running(two()) as driver:
        await type_line(driver, "provider acme")
        field = driver.app.screen.query_one(Input)
        await driver.press("tab")
        assert field.value == "provider Acme "
        assert "Acme Madrid  Acme Porto" in driver.lines("#line-said")
        await driver.press("p", "tab", "enter")
        await driver.on_screen(ProviderScreen)
        assert "Acme Porto" in driver.lines("#title")


async def test_an_unknown_command_stays_and_says_the_nearest() -> None:
    async with running(two()) as driver:
        await type_line(driver, "evnts")
        await driver.press("enter")
        assert isinstance(driver.app.screen, LineDialog)
        assert "did you mean events?" in driver.lines("#line-said")
        await driver.press("escape")
        await driver.on_screen(FleetScreen)


async def test_a_part_of_the_name_opens_the_provider_when_it_fits_one_alone() -> None:
    async with running(two()) as driver:
        await run_line(driver, "provider acme")
        assert any("is not the whole name: Acme Madrid, Acme Porto" in said for said in driver.said)
        await run_line(driver, "provider nobody")
        assert any("fits no name" in said for said in driver.said)
        await run_line(driver, "provider madrid")
        await driver.on_screen(ProviderScreen)


async def test_a_theme_is_chosen_by_its_name() -> None:
    async with running(two()) as driver:
        await run_line(driver, "theme light")
        assert driver.app.theme == "provtui-light"
        await run_line(driver, "theme pink")
        assert driver.app.theme == "provtui-light"
        assert any("no theme 'pink'" in said for said in driver.said)


async def test_a_filter_can_be_typed_there() -> None:
    async with running(two()) as driver:
        await run_line(driver, "filter porto")
        assert driver.names == ["Acme Porto"]


async def test_what_one_may_not_do_is_said_before_and_after() -> None:
    daemon = two()
    daemon.role = Role.VIEWER
    async with running(daemon) as driver:
        await type_line(driver, "import x.csv")
        assert "Import a file needs the admin role" in driver.lines("#line-said")
        await driver.press("enter")
        await driver.on_screen(FleetScreen)
        assert any("needs the admin role" in said for said in driver.said)


async def test_q_on_the_line_quits() -> None:
    async with running(two()) as driver:
        await type_line(driver, "q")
        await driver.press("enter")
        await driver.until(lambda: driver.app._exit)


async def test_the_status_is_shown_whole() -> None:
    async with running(two(), size=(100, 50)) as driver:
        await run_line(driver, "status")
        await driver.on_screen(ReportDialog)
        await driver.until(lambda: "0.1.0, API 1.0" in driver.lines("#report-text"))
        shown = driver.lines("#report-text")
        for part in (
            "mara (uid 1000), admin",
            "312.4/s",
            "2 healthy",
            "writable",
            "nowhere: [redirect] listen",
        ):
            assert part in shown
        await driver.press("escape")
        await driver.on_screen(FleetScreen)


async def test_a_report_that_is_not_read_says_why_and_r_reads_it() -> None:
    daemon = two()
    daemon.refusals["keyring"] = api_error(ErrorStatus.INTERNAL, "X", "The keyring is locked.")
    async with running(daemon) as driver:
        await run_line(driver, "keyring")
        await driver.until(lambda: "The keyring is locked." in driver.lines("#report-said"))
        del daemon.refusals["keyring"]
        await driver.press("r")
        await driver.until(lambda: "✓ works" in driver.lines("#report-text"))
        assert "an encrypted file" in driver.lines("#report-text")


async def test_redirected_calls_are_shown_with_the_listeners() -> None:
    daemon = two()
    daemon.redirecting = RedirectStatus(listening=["udp:127.0.0.1:5060"], redirects_total=7)
    passed = Skipped(
        route_id="r", route="UK", provider_id="p", provider="Acme Porto", reason="unhealthy", message=""
    )
    daemon.redirects = [
        Redirect(
            at=to_timestamp(NOW),
            source="127.0.0.1:5070",
            transport="udp",
            call_id="a",
            caller="1",
            destination="sip:+44@x",
            number="+442071838750",
            code=503,
            attempts=[],
            skipped=[passed],
            message="nobody is left",
        )
    ]
    async with running(daemon, size=(100, 40)) as driver:
        await run_line(driver, "redirects")
        await driver.until(lambda: "+442071838750" in driver.lines("#report-text"))
        shown = driver.lines("#report-text")
        for part in ("udp:127.0.0.1:5060", "7", "503", "not Acme Porto (unhealthy)", "nobody is left"):
            assert part in shown


CHANGE = LineChange(
    line=2,
    kind="provider",
    id="id-acme-porto",
    name="Acme Porto",
    became=Became.UPDATED,
    fields=[FieldChange(field="detail", before="", after="NOC")],
)


async def test_an_import_begins_with_a_dry_run_and_enter_does_it(tmp_path: Path) -> None:
    file = tmp_path / "carriers.csv"
    file.write_bytes(b"name,hostname\n")
    daemon = two()
    failed = [FailedLine(line=3, message="hostname is missing")]
    daemon.import_report = ImportReport(updated=1, failed=failed, failed_total=1, changes=[CHANGE])
    async with running(daemon, size=(100, 40)) as driver:
        await run_line(driver, f"import {file}")
        await driver.on_screen(ImportDialog)
        await driver.until(lambda: "A dry run" in driver.lines("#import-said"))
        shown = driver.lines("#import-text")
        for part in ("1 changed", "✗ line 3: hostname is missing", "~ Acme Porto", "  - (empty)\n  + NOC"):
            assert part in shown
        assert daemon.imports == [("csv", True, b"name,hostname\n")]
        await driver.press("enter")
        await driver.until(lambda: "✓ Imported." in driver.lines("#import-said"))
        assert daemon.imports[1:] == [("csv", False, b"name,hostname\n")]
        await driver.press("enter")
        assert len(daemon.imports) == 2


@pytest.mark.parametrize("given", ["nowhere.csv", "nowhere.dat csv"])
async def test_a_file_that_is_not_there_is_not_imported(given: str, tmp_path: Path) -> None:
    daemon = two()
    async with running(daemon) as driver:
        await run_line(driver, f"import {tmp_path}/{given}")
        await driver.on_screen(ImportDialog)
        await driver.until(lambda: "can't be read" in driver.lines("#import-said"))
        await driver.press("enter", "escape")
        await driver.on_screen(FleetScreen)
        assert daemon.imports == []


async def test_a_file_of_an_unknown_kind_wants_its_format() -> None:
    async with running(two()) as driver:
        await run_line(driver, "import carriers.dat")
        assert any("write its format after it" in said for said in driver.said)


async def test_an_export_writes_a_file_that_only_its_owner_may_read(tmp_path: Path) -> None:
    async with running(two()) as driver:
        await run_line(driver, f"export yaml {tmp_path}/all.yaml")
        await driver.until(lambda: driver.said)
        assert "every provider and route as yaml" in driver.said[0]
        assert (tmp_path / "all.yaml").read_text() == "all of it as yaml"
        assert (tmp_path / "all.yaml").stat().st_mode & 0o777 == 0o600


async def test_an_export_of_several_files_fills_a_folder(tmp_path: Path) -> None:
    async with running(two()) as driver:
        await run_line(driver, f"export opensips {tmp_path}/sip")
        await driver.until(lambda: driver.said)
        names = sorted(each.name for each in (tmp_path / "sip").iterdir())
        assert names == ["dr_gateways", "dr_rules", "provd"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("export docx /tmp/x", "no format 'docx'"),
        ("export yaml", "Write export yaml FILE"),
        ("export json /nowhere/x.json", "can't be written"),
    ],
)
async def test_an_export_that_can_not_be_done_says_why(text: str, said: str) -> None:
    async with running(two()) as driver:
        await run_line(driver, text)
        await driver.until(lambda: any(said in each for each in driver.said))


async def test_a_provider_is_edited_as_json_and_replaced_as_a_whole() -> None:
    daemon = FakeDaemon([a_provider("Acme", detail="old")])
    async with running(daemon) as driver:
        await driver.press("E")
        await driver.on_screen(RawRecord)
        area = driver.app.screen.query_one(TextArea)
        await driver.until(lambda: '"detail": "old"' in area.text)
        await driver.type_into("raw", area.text.replace('"old"', '"new"'))
        await driver.press("ctrl+s")
        await driver.on_screen(FleetScreen)
        await driver.until(lambda: "Acme: saved" in driver.said)
        assert daemon.providers["id-acme"].detail == "new"
        assert "replace_provider" in daemon.calls


async def test_json_that_is_wrong_stays_and_says_where() -> None:
    daemon = FakeDaemon([a_provider("Acme", detail="old")])
    async with running(daemon) as driver:
        await driver.press("E")
        await driver.on_screen(RawRecord)
        area = driver.app.screen.query_one(TextArea)
        await driver.until(lambda: '"detail": "old"' in area.text)
        whole = area.text
        for text, said in (
            ("{", "Line 1, column 2"),
            ("[]", "one object"),
            (whole.replace('"hostname"', '"host"'), "hostname: Field required"),
        ):
            await driver.type_into("raw", text)
            await driver.press("ctrl+s")
            await driver.until(lambda said=said: said in driver.lines("#raw-said"))  # type: ignore[misc]
        await driver.press("escape")
        assert "esc again drops your changes" in driver.lines("#raw-said")
        await driver.press("escape")
        await driver.on_screen(FleetScreen)
        assert daemon.providers["id-acme"].detail == "old"


async def test_a_route_is_edited_as_json() -> None:
    daemon = FakeDaemon([a_provider("Acme", id=an_id("Acme"))])
    daemon.routes.add(a_route("UK", an_id("Acme"), "+44"))
    async with running(daemon) as driver:
        await driver.press("2")
        await driver.until(lambda: driver.app.session.routes.read)
        await driver.settle()
        await driver.press("E")
        await driver.on_screen(RawRecord)
        area = driver.app.screen.query_one(TextArea)
        await driver.until(lambda: '"weight": 1' in area.text)
        await driver.type_into("raw", area.text.replace('"weight": 1', '"weight": 9'))
        await driver.press("ctrl+s")
        await driver.on_screen(RoutesScreen)
        await driver.until(lambda: "UK: saved" in driver.said)
        assert daemon.routes.by_id[an_id("UK")].weight == 9
