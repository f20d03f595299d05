from textual.widgets import Select

from provd.schema.errors import ErrorDetail, ErrorStatus
from provtui.dialogs.conflict import ConflictDialog
from provtui.dialogs.provider_form import ProviderForm
from provtui.screens.fleet import FleetScreen
from provtui.widgets.banner import Banner
from provtui.widgets.form_row import FormRow
from provtui.widgets.lines import Lines
from tests.fakes.fake_client import FakeDaemon, a_provider, api_error
from tests.unit.tui.driving import Driver, running


def one(**fields: object) -> FakeDaemon:
    return FakeDaemon([a_provider("Acme", **fields)])  # type: ignore[arg-type]


async def open_form(driver: Driver, key: str = "e") -> None:
    await driver.press(key)
    await driver.on_screen(ProviderForm)


def problem_at(driver: Driver, path: str) -> str:
    row = next(row for row in driver.app.screen.query(FormRow) if row.field.path == path)
    lines = row.query_one(".form--problem", Lines)
    return str(lines.visual) if lines.display else ""


async def test_a_provider_is_added_and_the_cursor_is_put_on_it() -> None:
    async with running(one()) as driver:
        await open_form(driver, "a")
        await driver.type_into("field-name", "Nova")
        await driver.type_into("field-hostname", "sip.nova.example")
        await driver.type_into("field-tags", "emea, gold")
        await driver.type_into("field-probe-interval_s", "30")
        await driver.press("ctrl+s")
        await driver.on_screen(FleetScreen)
        added = next(p for p in driver.daemon.providers.values() if p.name == "Nova")
        assert (added.hostname, added.tags, added.probe.interval_s) == (
            "sip.nova.example",
            ["emea", "gold"],
            30,
        )
        await driver.until(lambda: "Nova" in driver.names)
        await driver.settle()
        assert driver.fleet.chosen().name == "Nova"  # type: ignore[union-attr]
        assert "Nova: saved" in driver.said


async def test_it_is_checked_while_it_is_typed() -> None:
    async with running(one()) as driver:
        await open_form(driver, "a")
        await driver.type_into("field-hostname", "a.b-")
        assert "is not a DNS name" in problem_at(driver, "hostname")
        await driver.press("end", "c")
        assert problem_at(driver, "hostname") == ""
        assert problem_at(driver, "name") == ""  # nobody has been there yet


async def test_what_is_wrong_is_not_sent() -> None:
    async with running(one()) as driver:
        await open_form(driver, "a")
        await driver.press("ctrl+s")
        assert problem_at(driver, "name") == "✗ Name is empty: give some text"
        assert "2 fields to put right" in driver.lines("#form-status")
        assert driver.app.focused is not None
        assert driver.app.focused.id == "field-name"
        assert "create_provider" not in driver.daemon.calls


async def test_an_edit_sends_only_what_changed() -> None:
    async with running(one(tags=["x"], tech_headers={"X-A": "1"})) as driver:
        await open_form(driver)
        await driver.type_into("field-detail", "call Ana")
        driver.app.screen.query_one("#field-transport", Select).value = "tls"
        await driver.pilot.pause()
        await driver.press("ctrl+s")
        await driver.on_screen(FleetScreen)
        saved = driver.daemon.providers["id-acme"]
        assert (saved.detail, saved.transport, saved.revision) == ("call Ana", "tls", 2)
        assert saved.tech_headers == {"X-A": "1"}


async def test_saving_without_a_change_asks_nothing_of_the_daemon() -> None:
    async with running(one()) as driver:
        await open_form(driver)
        await driver.press("ctrl+s")
        await driver.on_screen(FleetScreen)
        assert "patch_provider" not in driver.daemon.calls


async def test_the_form_shows_the_provider_as_it_is_now_not_as_the_list_has_it() -> None:
    async with running(one()) as driver:
        held = driver.daemon.providers["id-acme"]
        driver.daemon.providers["id-acme"] = held.model_copy(update={"detail": "new", "revision": 7})
        await open_form(driver)
        assert driver.app.screen.texts["detail"] == "new"  # type: ignore[attr-defined]


async def test_leaving_with_changes_asks_once_more() -> None:
    async with running(one()) as driver:
        await open_form(driver)
        await driver.press("x", "escape")
        assert isinstance(driver.app.screen, ProviderForm)
        assert "esc again drops your changes" in driver.lines("#form-status")
        await driver.press("escape")
        await driver.on_screen(FleetScreen)


async def test_leaving_without_changes_just_leaves() -> None:
    async with running(one()) as driver:
        await open_form(driver)
        await driver.press("escape")
        await driver.on_screen(FleetScreen)


async def test_what_the_daemon_finds_wrong_is_shown_at_its_field() -> None:
    async with running(one()) as driver:
        await open_form(driver)
        await driver.type_into("field-name", "Taken")
        details = [
            ErrorDetail(field="name", message="is taken by another provider"),
            ErrorDetail(field="quota", message="is used up"),
        ]
        driver.daemon.refuse_next = api_error(ErrorStatus.ALREADY_EXISTS, "NAME", "Not possible.", details)
        await driver.press("ctrl+s")
        await driver.until(lambda: problem_at(driver, "name"))
        assert problem_at(driver, "name") == "✗ is taken by another provider"
        status = driver.lines("#form-status")
        assert "Not possible." in status
        assert "quota: is used up" in status
        await driver.press("ctrl+s")
        await driver.on_screen(FleetScreen)
        assert driver.daemon.providers["id-acme"].name == "Taken"


async def test_a_daemon_away_in_the_middle_of_adding_loses_no_input() -> None:
    async with running(one()) as driver:
        await open_form(driver, "a")
        await driver.type_into("field-name", "Nova")
        await driver.type_into("field-hostname", "sip.nova.example")
        driver.daemon.go_away("no provd answers at /run/provd/provd.sock")
        await driver.press("ctrl+s")
        await driver.until(lambda: "no provd answers" in driver.lines("#form-status"))
        assert "Your input is kept" in driver.lines("#form-status")
        driver.daemon.come_back()
        await driver.press("ctrl+s")
        await driver.on_screen(FleetScreen)
        assert [p.name for p in driver.daemon.providers.values()] == ["Acme", "Nova"]


async def test_an_answer_that_was_lost_does_not_add_it_twice() -> None:
    async with running(one()) as driver:
        await open_form(driver, "a")
        await driver.type_into("field-name", "Nova")
        await driver.type_into("field-hostname", "sip.nova.example")
        driver.daemon.lose_next_answer = True
        await driver.press("ctrl+s")
        await driver.until(lambda: "did not answer in time" in driver.lines("#form-status"))
        await driver.press("ctrl+s")
        await driver.on_screen(FleetScreen)
        assert [p.name for p in driver.daemon.providers.values()] == ["Acme", "Nova"]


async def edited_by_two(driver: Driver) -> None:
    """Open the form, have ben save other things, and save ours over them."""
    await open_form(driver)
    await driver.type_into("field-detail", "ours")
    await driver.type_into("field-codecs", "PCMU")
    driver.daemon.save_as("ben", "id-acme", detail="theirs", carrier="colt")
    await driver.press("ctrl+s")
    await driver.on_screen(ConflictDialog)


async def test_someone_elses_change_is_shown_field_by_field() -> None:
    async with running(one(detail="base")) as driver:
        await edited_by_two(driver)
        shown = "\n".join(str(lines.visual) for lines in driver.app.screen.query(Lines))
        assert "ben saved this provider" in shown
        for part in (
            "Detail",
            "base    base",
            "theirs  theirs",
            "yours   ours",
            "Carrier",
            "theirs  colt",
            "Codecs",
        ):
            assert part in shown
        assert "Hostname" not in shown


async def test_taking_theirs_drops_ours_and_goes_on_from_there() -> None:
    async with running(one(detail="base")) as driver:
        await edited_by_two(driver)
        await driver.press("t")
        await driver.on_screen(ProviderForm)
        texts = driver.app.screen.texts  # type: ignore[attr-defined]
        assert (texts["detail"], texts["carrier"], texts["codecs"]) == ("theirs", "colt", "")
        await driver.press("escape")
        await driver.on_screen(FleetScreen)
        assert driver.daemon.providers["id-acme"].detail == "theirs"


async def test_overwriting_saves_ours_and_keeps_what_only_they_changed() -> None:
    async with running(one(detail="base")) as driver:
        await edited_by_two(driver)
        await driver.press("o")
        await driver.on_screen(FleetScreen)
        saved = driver.daemon.providers["id-acme"]
        assert (saved.detail, saved.codecs, saved.carrier, saved.revision) == ("ours", "PCMU", "colt", 3)


async def test_going_back_from_the_conflict_keeps_the_form_as_it_was() -> None:
    async with running(one(detail="base")) as driver:
        await edited_by_two(driver)
        await driver.press("escape")
        await driver.on_screen(ProviderForm)
        assert driver.app.screen.texts["detail"] == "ours"  # type: ignore[attr-defined]
        assert driver.daemon.providers["id-acme"].detail == "theirs"


async def test_a_provider_deleted_while_it_was_edited_says_so() -> None:
    async with running(one()) as driver:
        await open_form(driver)
        await driver.press("x")
        del driver.daemon.providers["id-acme"]
        await driver.press("ctrl+s")
        await driver.until(lambda: "There is no such provider" in driver.lines("#form-status"))


async def test_the_banner_appears_under_an_open_form() -> None:
    async with running(one()) as driver:
        await open_form(driver, "a")
        driver.daemon.go_away()
        await driver.until(lambda: driver.fleet.query_one(Banner).display)
