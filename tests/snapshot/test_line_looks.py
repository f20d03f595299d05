"""What the line of commands, and what is only there, look like."""

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from provd.schema.status import RedirectStatus
from provd.schema.transfer import Became, FailedLine, FieldChange, ImportReport, LineChange
from provtui.dialogs.conflict import ConflictDialog
from provtui.dialogs.importing import ImportDialog
from provtui.dialogs.line import LineDialog
from provtui.dialogs.raw_record import RawRecord
from provtui.dialogs.report import ReportDialog
from tests.fakes.fake_client import FakeClock, FakeDaemon, a_fleet
from tests.snapshot.steps import IDS, SIZES, LooksRight, on_screen, shows, until


async def type_line(pilot: Pilot[None], text: str) -> None:
    await pilot.press("colon")
    await on_screen(pilot, LineDialog)
    pilot.app.screen.query_one(Input).value = text
    await pilot.pause()


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_line(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await type_line(pilot, "")

    assert looks_right(FakeDaemon(a_fleet()), size, steps)


def test_line_with_names(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await type_line(pilot, "provider t")

    assert looks_right(FakeDaemon(a_fleet()), steps=steps)


def test_line_that_is_wrong(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await type_line(pilot, "evnts")
        await pilot.press("enter")

    assert looks_right(FakeDaemon(a_fleet()), steps=steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_status(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await type_line(pilot, "status")
        await pilot.press("enter")
        await on_screen(pilot, ReportDialog)
        await until(lambda: shows(pilot, "report-text", "uid 1000"))

    daemon = FakeDaemon(a_fleet())
    daemon.redirecting = RedirectStatus(listening=["udp:127.0.0.1:5060"], redirects_total=1234)
    assert looks_right(daemon, size, steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_import(looks_right: LooksRight, size: tuple[int, int], tmp_path: Path) -> None:
    file = tmp_path / "carriers.csv"
    file.write_bytes(b"name,hostname\n")

    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await type_line(pilot, f"import {file}")
        await pilot.press("enter")
        await on_screen(pilot, ImportDialog)
        await until(lambda: shows(pilot, "import-said", "dry run"))

    daemon = FakeDaemon(a_fleet())
    moved = FieldChange(field="hostname", before="sip.colt.example", after="sbc.colt.example")
    colt = LineChange(
        line=2, kind="provider", id="x", name="Colt Lisbon", became=Became.UPDATED, fields=[moved]
    )
    new = LineChange(line=4, kind="provider", id="y", name="Porto", became=Became.CREATED)
    failed = [FailedLine(line=3, message="hostname is missing")]
    daemon.import_report = ImportReport(
        created=1, updated=1, unchanged=12, failed=failed, failed_total=1, changes=[colt, new]
    )
    assert looks_right(daemon, size, steps)


def test_edit_as_json(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("E")
        await on_screen(pilot, RawRecord)
        await until(lambda: "Colt" in pilot.app.screen.query_one("#raw").text)  # type: ignore[attr-defined]

    assert looks_right(FakeDaemon(a_fleet()), steps=steps)


def test_conflict_as_json(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("E")
        await on_screen(pilot, RawRecord)
        area = pilot.app.screen.query_one(TextArea)
        await until(lambda: "Colt" in area.text)
        area.load_text(
            area.text.replace("Colt Lisbon", "Colt Lisbon (backup)").replace(
                'headers": {}', 'headers": {"X-A": "1"}'
            )
        )
        daemon.save_as("ben", "id-colt-lisbon", name="Colt Lisboa", carrier="colt-pt")
        await pilot.press("ctrl+s")
        await on_screen(pilot, ConflictDialog)

    assert looks_right(FakeDaemon(a_fleet()), steps=steps)
