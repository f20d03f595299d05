"""Revisions of providers and routes: what they were, how that differs from now, and back to it."""

from textual.containers import VerticalScroll

from provd.schema.errors import ErrorStatus
from provd.schema.status import Role
from provtui.commands import Place
from provtui.dialogs.confirm_restore import ConfirmRestore
from provtui.dialogs.route_revisions import RouteRevisions
from provtui.screens.provider import ProviderScreen
from provtui.screens.routes import RoutesScreen
from provtui.widgets.log_table import RevisionTable
from tests.fakes.fake_audit import a_revision
from tests.fakes.fake_client import FakeDaemon, a_provider, api_error
from tests.fakes.fake_routes import a_route, an_id
from tests.unit.tui.driving import Driver, running

THREE = [
    a_revision(3, name="Acme", detail="new", probe={"fall": 3}),
    a_revision(2, name="Acme", detail="old", probe={"fall": 3}),
    a_revision(1, name="Acme", detail="old", probe={"fall": 1}),
]


def acme(role: Role = Role.ADMIN) -> FakeDaemon:
    daemon = FakeDaemon([a_provider("Acme", detail="new", revision=3)], role=role)
    daemon.audit.revisions["id-acme"] = list(THREE)
    return daemon


async def open_revisions(driver: Driver) -> ProviderScreen:
    await driver.press("enter")
    await driver.on_screen(ProviderScreen)
    await driver.press("b")
    screen = driver.app.screen
    assert isinstance(screen, ProviderScreen)
    assert screen.place is Place.REVISIONS
    await driver.until(lambda: screen.revisions.list.state.read or screen.revisions.list.state.error)
    await driver.settle()
    return screen


async def test_revisions_are_listed_newest_first_with_what_changed() -> None:
    async with running(acme()) as driver:
        await open_revisions(driver)
        text = await driver.text()
        assert "This is what it is now." in text
        table = driver.app.screen.query_one(RevisionTable)
        assert table.render_line(1).text.split()[1:] == [
            "3",
            "1970-01-01",
            "00:03",
            "mara",
            "update",
            "detail",
        ]
        assert table.render_line(2).text.split()[-1] == "probe"
        assert table.render_line(3).text.split()[-1] == "create"


async def test_the_chosen_one_is_compared_with_what_is_now() -> None:
    async with running(acme()) as driver:
        await open_revisions(driver)
        await driver.press("end")
        shown = driver.lines("#revision-text")
        assert shown == ("From revision 1 to now, 3\ndetail\n  - old\n  + new\nprobe.fall\n  - 1\n  + 3")


async def test_enter_restores_after_a_question_that_says_what_would_change() -> None:
    daemon = acme()
    async with running(daemon) as driver:
        await open_revisions(driver)
        await driver.press("down", "enter")
        await driver.on_screen(ConfirmRestore)
        assert "detail\n  - new\n  + old" in driver.lines("#restore-text")
        await driver.press("enter")
        await driver.until(lambda: "Acme: as it was at revision 2" in driver.said)
        assert daemon.providers["id-acme"].detail == "old"
        assert daemon.providers["id-acme"].revision == 4


async def test_the_list_is_read_anew_when_someone_changes_the_provider() -> None:
    daemon = acme()
    async with running(daemon) as driver:
        screen = await open_revisions(driver)
        daemon.audit.revisions["id-acme"].insert(0, a_revision(4, name="Acme", detail="newest"))
        daemon.save_as("ben", "id-acme", detail="newest")
        await driver.until(lambda: "4" in screen.revisions.list.state.entries)


async def test_the_present_revision_is_not_restored_nor_anything_that_was_declined() -> None:
    daemon = acme()
    async with running(daemon) as driver:
        await open_revisions(driver)
        await driver.press("enter")
        assert "It is at that revision now: choose another one to restore" in driver.said
        await driver.press("down", "enter")
        await driver.on_screen(ConfirmRestore)
        await driver.press("escape")
        await driver.on_screen(ProviderScreen)
        assert "restore_provider" not in daemon.calls


async def test_a_restore_that_lost_a_race_says_so() -> None:
    daemon = acme()
    async with running(daemon) as driver:
        await open_revisions(driver)
        await driver.press("down", "enter")
        await driver.on_screen(ConfirmRestore)
        held = daemon.providers["id-acme"]
        daemon.providers["id-acme"] = held.model_copy(update={"revision": 9})
        await driver.press("enter")
        await driver.until(lambda: any("someone else changed it meanwhile" in said for said in driver.said))


async def test_a_viewer_sees_revisions_and_restores_none() -> None:
    async with running(acme(Role.VIEWER)) as driver:
        screen = await open_revisions(driver)
        await driver.press("down", "enter")
        assert driver.app.screen is screen
        assert "Restore needs the admin role; provd says you are viewer" in driver.said


async def test_revisions_that_are_not_read_say_why() -> None:
    daemon = acme()
    daemon.refusals["revisions"] = api_error(ErrorStatus.INTERNAL, "STORE", "The store can't be read.")
    async with running(daemon) as driver:
        await open_revisions(driver)
        assert "Not read: The store can't be read." in await driver.text()


async def test_hostile_values_are_shown_as_text() -> None:
    hostile = "\x1b[31m[bold]x[/]\u202e\x07"
    daemon = acme()
    daemon.audit.revisions["id-acme"][1] = a_revision(2, name=hostile, detail=hostile)
    async with running(daemon) as driver:
        await open_revisions(driver)
        await driver.press("down")
        text = await driver.text()
        assert "[bold]x" in text
        assert not set("\x1b\x07\u202e") & set(text)


def routed() -> FakeDaemon:
    daemon = FakeDaemon([a_provider("Acme")])
    daemon.routes.add(a_route("UK", "id-acme", "+44", revision=2, weight=5))
    key = an_id("UK")
    daemon.audit.revisions[key] = [
        a_revision(2, key, "route", name="UK", weight=5),
        a_revision(1, key, "route", name="UK", weight=1),
    ]
    return daemon


async def open_route_revisions(driver: Driver) -> RouteRevisions:
    await driver.press("2")
    await driver.on_screen(RoutesScreen)
    await driver.until(lambda: driver.app.session.routes.read)
    await driver.settle()
    await driver.press("b")
    await driver.on_screen(RouteRevisions)
    dialog = driver.app.screen
    assert isinstance(dialog, RouteRevisions)
    await driver.until(lambda: dialog.query_one(RevisionTable).ids)
    return dialog


async def test_a_route_is_restored_in_the_same_way() -> None:
    daemon = routed()
    async with running(daemon) as driver:
        await open_route_revisions(driver)
        await driver.press("down")
        assert "weight\n  - 1\n  + 5" in driver.lines("#revision-text")
        await driver.press("enter")
        await driver.on_screen(ConfirmRestore)
        await driver.press("enter")
        await driver.on_screen(RoutesScreen)
        await driver.until(lambda: "UK: as it was before" in driver.said)
        assert daemon.routes.by_id[an_id("UK")].weight == 1


async def test_a_route_that_moved_on_is_left_alone_and_esc_closes() -> None:
    daemon = routed()
    async with running(daemon) as driver:
        await open_route_revisions(driver)
        await driver.press("enter")
        assert "It is at that revision now" in driver.lines("#restore-said")
        await driver.press("down", "enter")
        await driver.on_screen(ConfirmRestore)
        daemon.routes.save_as("ben", an_id("UK"), weight=7)
        await driver.press("enter")
        await driver.until(lambda: "someone else changed it meanwhile" in driver.lines("#restore-said"))
        assert daemon.routes.by_id[an_id("UK")].weight == 7
        await driver.press("escape")
        await driver.on_screen(RoutesScreen)


async def test_a_long_question_scrolls() -> None:
    daemon = acme()
    many = {f"field {number}": number for number in range(40)}
    daemon.audit.revisions["id-acme"][2] = a_revision(1, name="Acme", probe=many)
    async with running(daemon) as driver:
        await open_revisions(driver)
        await driver.press("end", "enter")
        await driver.on_screen(ConfirmRestore)
        assert "It becomes revision 4" not in await driver.text()
        await driver.press("end")
        pane = driver.app.screen.query_one(VerticalScroll)
        await driver.until(lambda: pane.scroll_offset.y == pane.max_scroll_y > 0)
        assert "It becomes revision 4" in await driver.text()
