"""The audit log: its entries, one in full, verifying it, and undoing what an entry tells of."""

import pytest

from provd.schema.audit import Outcome
from provd.schema.maintenance import Maintenance
from provd.schema.status import Role
from provd.schema.timestamps import NEVER, to_timestamp
from provtui.dialogs.audit_entry import EntryDialog
from provtui.dialogs.confirm_undo import ConfirmUndo
from provtui.screens.audit import AuditScreen
from provtui.screens.fleet import FleetScreen
from provtui.widgets.log_pane import PAGE
from provtui.widgets.log_table import AuditTable
from tests.fakes.fake_audit import a_revision, an_entry
from tests.fakes.fake_client import NOW, FakeDaemon, a_provider
from tests.fakes.fake_routes import a_route, an_id
from tests.unit.tui.driving import Driver, running


def changed() -> FakeDaemon:
    """Acme was changed from "old" to "new" by Mara, and Ben was refused after that."""
    daemon = FakeDaemon([a_provider("Acme", detail="new", revision=2), a_provider("Zeta")])
    daemon.audit.revisions["id-acme"] = [a_revision(2, detail="new"), a_revision(1, detail="old")]
    daemon.note(an_entry(1, "provider.create", revision=1, before=None, after={"name": "Acme"}))
    daemon.note(an_entry(2, at=to_timestamp(NOW - 60)))
    refused = {"user": "ben", "uid": 1001, "outcome": Outcome.REFUSED, "message": "needs the admin role"}
    daemon.note(
        an_entry(3, "access.refused", name="DELETE /v1.0/providers/x", at=to_timestamp(NOW), **refused)
    )
    return daemon


async def open_audit(driver: Driver) -> AuditScreen:
    await driver.press("5")
    await driver.on_screen(AuditScreen)
    screen = driver.app.screen
    assert isinstance(screen, AuditScreen)
    await driver.until(lambda: screen.pane.state.read or screen.pane.state.error)
    await driver.settle()
    return screen


def row(driver: Driver, number: int) -> str:
    return driver.app.screen.query_one(AuditTable).render_line(number + 1).text


async def test_a_line_says_who_did_what_to_which_and_what_became_of_it() -> None:
    async with running(changed(), size=(120, 30)) as driver:
        await open_audit(driver)
        for part in ("03:10:00", "ben", "access.refused", "✗ refused", "needs the admin role"):
            assert part in row(driver, 0)
        for part in ("mara", "provider.update", "Acme", "✓ done", "detail: old → new"):
            assert part in row(driver, 1)


async def test_the_summary_names_uid_and_process() -> None:
    async with running(changed()) as driver:
        await open_audit(driver)
        await driver.press("down")
        assert "provider.update Acme by mara (uid 1000, process 4242)" in driver.lines("#log-summary")


async def test_new_entries_come_on_top() -> None:
    daemon = changed()
    async with running(daemon) as driver:
        screen = await open_audit(driver)
        daemon.note(an_entry(4, "provider.delete", after=None))
        await driver.settle()
        assert screen.pane.table.ids[0] == "4"


async def test_older_pages_are_read_as_one_scrolls() -> None:
    daemon = FakeDaemon([a_provider("Acme")])
    daemon.audit.entries = [an_entry(seq) for seq in range(2 * PAGE + 5, 0, -1)]
    async with running(daemon) as driver:
        screen = await open_audit(driver)
        while screen.pane.state.token:
            await driver.press("end")
            await driver.settle()
        assert len(screen.pane.table.ids) == 2 * PAGE + 5


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("user=ben", ["3"]),
        ("user=1000 action=provider.up", ["2"]),
        ("action=create", ["1"]),
        ("of=acme", ["2", "1"]),
        ("of=id-acme old", ["2"]),
        ("outcome=ref", ["3"]),
        ("admin", ["3"]),
    ],
)
async def test_a_filter_leaves_what_fits(text: str, found: list[str]) -> None:
    async with running(changed()) as driver:
        screen = await open_audit(driver)
        await driver.press("slash")
        await driver.type_into("filter", text)
        assert [key for key in screen.pane.table.ids if key != "3" or "of=" not in text] == found
        await driver.press("escape")
        await driver.press("escape")
        await driver.on_screen(FleetScreen)


async def test_enter_shows_all_of_an_entry_with_before_over_after() -> None:
    async with running(changed(), size=(100, 40)) as driver:
        await open_audit(driver)
        await driver.press("down", "enter")
        await driver.on_screen(EntryDialog)
        shown = driver.lines("#entry-text")
        for part in ("mara (uid 1000), admin", "4242", "provider.update (PATCH)", "id-acme", "r-2"):
            assert part in shown
        assert "What was changed\ndetail\n  - old\n  + new" in shown
        await driver.press("escape")
        await driver.on_screen(AuditScreen)


async def test_verifying_says_whether_the_log_is_as_it_was_written() -> None:
    daemon = changed()
    async with running(daemon) as driver:
        await open_audit(driver)
        await driver.press("v")
        await driver.until(lambda: "3 entries are as they were written" in driver.said)
        daemon.audit.broken_at = 2
        await driver.press("v")
        await driver.until(lambda: "Entry 2 is not as it was written" in driver.said)


@pytest.mark.parametrize("way", ["list", "entry"])
async def test_u_undoes_a_change_after_a_question(way: str) -> None:
    daemon = changed()
    async with running(daemon) as driver:
        await open_audit(driver)
        await driver.press("down")
        if way == "entry":
            await driver.press("enter")
            await driver.on_screen(EntryDialog)
        await driver.press("u")
        await driver.on_screen(ConfirmUndo)
        assert "detail\n  - new\n  + old" in driver.lines("#undo-text")
        await driver.press("enter")
        await driver.until(lambda: "The provider Acme is as it was at revision 1" in driver.said)
        assert daemon.providers["id-acme"].detail == "old"


async def test_esc_undoes_nothing() -> None:
    daemon = changed()
    async with running(daemon) as driver:
        await open_audit(driver)
        await driver.press("down", "u")
        await driver.on_screen(ConfirmUndo)
        await driver.press("escape")
        await driver.on_screen(AuditScreen)
        assert "restore_provider" not in daemon.calls


async def test_what_has_moved_on_since_is_left_alone() -> None:
    daemon = changed()
    async with running(daemon) as driver:
        await open_audit(driver)
        await driver.press("down", "u")
        await driver.on_screen(ConfirmUndo)
        daemon.save_as("ben", "id-acme", detail="newest")
        await driver.press("enter")
        await driver.until(lambda: any("Acme has been changed since entry 2" in said for said in driver.said))
        assert daemon.providers["id-acme"].detail == "newest"


async def test_what_can_not_be_undone_says_why() -> None:
    async with running(changed()) as driver:
        await open_audit(driver)
        await driver.press("home", "u")
        await driver.until(lambda: driver.said)
        assert driver.said == ["entry 3 changed nothing: it was refused"]


async def test_a_provider_deleted_with_its_routes_comes_back_with_them() -> None:
    daemon = FakeDaemon([a_provider("Acme", revision=2)])
    daemon.routes.add(a_route("UK", "id-acme", revision=2))
    daemon.audit.revisions = {
        "id-acme": [a_revision(2), a_revision(1, detail="there again")],
        an_id("UK"): [a_revision(2, an_id("UK"), "route"), a_revision(1, an_id("UK"), "route", detail="too")],
    }
    same = {"request_id": "r-9", "after": None}
    daemon.note(an_entry(1, "route.delete", object_id=an_id("UK"), name="UK", **same))
    daemon.note(an_entry(2, "provider.delete", **same))
    async with running(daemon) as driver:
        await open_audit(driver)
        await driver.press("u")
        await driver.on_screen(ConfirmUndo)
        assert "route.delete UK" in driver.lines("#undo-text")
        await driver.press("enter")
        await driver.until(lambda: len(driver.said) == 2)
        assert daemon.providers["id-acme"].detail == "there again"
        assert daemon.routes.by_id[an_id("UK")].detail == "too"


async def test_an_operator_may_undo_a_maintenance() -> None:
    works = Maintenance(until=NEVER, reason="CHG", by="mara")
    daemon = FakeDaemon([a_provider("Acme", maintenance=works)], role=Role.OPERATOR)
    daemon.note(
        an_entry(
            1, "maintenance.set", before={"maintenance": None}, after={"maintenance": works.model_dump()}
        )
    )
    async with running(daemon) as driver:
        await open_audit(driver)
        await driver.press("u")
        await driver.on_screen(ConfirmUndo)
        await driver.press("enter")
        await driver.until(lambda: daemon.providers["id-acme"].maintenance is None)


async def test_a_viewer_undoes_nothing_and_is_told_why() -> None:
    daemon = changed()
    daemon.role = Role.VIEWER
    async with running(daemon) as driver:
        screen = await open_audit(driver)
        await driver.press("down", "u")
        assert driver.app.screen is screen
        assert "Undo needs the operator role; provd says you are viewer" in driver.said
        await driver.press("enter")
        await driver.on_screen(EntryDialog)
        await driver.press("u")
        assert isinstance(driver.app.screen, EntryDialog)


async def test_an_entry_is_not_among_the_events() -> None:
    async with running(changed()) as driver:
        await driver.press("4")
        await driver.until(lambda: driver.app.screen.pane.state.read)  # type: ignore[attr-defined]
        assert not driver.app.screen.pane.table.ids  # type: ignore[attr-defined]
