import re

import pytest
from textual.widgets import Select

from provd.schema.errors import ErrorDetail, ErrorStatus
from provd.schema.probe import ProbeOverrides, RollUp
from provtui.dialogs.conflict import ConflictDialog
from provtui.dialogs.provider_form import ProviderForm
from provtui.form_fields import Section
from provtui.screens.fleet import FleetScreen
from provtui.widgets.banner import Banner
from provtui.widgets.form_row import FormRow
from provtui.widgets.form_section import FormSection, SectionHeading
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
        await driver.until(lambda: "No provd answers" in driver.lines("#form-status"))
        assert "your input is kept" in driver.lines("#form-status")
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
        assert re.search(r"WAS +THEIRS +YOURS", shown)
        assert re.search(r"Detail\nbase +theirs +ours", shown)
        assert re.search(r"Carrier\n\(empty\) +colt +as it was", shown)
        assert re.search(r"Codecs\n\(empty\) +as it was +\w+", shown)
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


def section_of(driver: Driver, section: Section) -> FormSection:
    return next(found for found in driver.app.screen.query(FormSection) if found.section is section)


def heading_of(driver: Driver, section: Section) -> str:
    return str(section_of(driver, section).query_one(SectionHeading).visual)


async def test_the_settings_of_checks_are_closed_groups_that_say_how_much_is_set() -> None:
    async with running(one(probe=ProbeOverrides(interval_s=30, codes="2xx", tls_verify=False))) as driver:
        await open_form(driver)
        assert not any(section.is_open for section in driver.app.screen.query(FormSection))
        assert heading_of(driver, Section.CHECKS) == "▸ When it is checked, and what counts  2 of 7 set"
        assert heading_of(driver, Section.CONNECTION) == "▸ TLS and connections of checks  1 of 3 set"
        assert heading_of(driver, Section.REQUEST) == "▸ What a check sends  8 fields, none set"
        text = await driver.text()
        assert "Headers" in text
        assert "What a check sends" in text  # all of it on 80x24


@pytest.mark.parametrize("key", ["enter", "space"])
async def test_a_group_opens_and_closes_where_the_focus_is(key: str) -> None:
    async with running(one()) as driver:
        await open_form(driver)
        section = section_of(driver, Section.CONNECTION)
        section.query_one(SectionHeading).focus()
        await driver.press(key)
        assert section.is_open
        assert heading_of(driver, Section.CONNECTION).startswith("▾")
        await driver.press("tab")
        assert driver.app.focused is section.rows[0]._control
        section.query_one(SectionHeading).focus()
        await driver.press(key)
        assert not section.is_open
        assert not section.rows[0].display


async def test_a_click_opens_a_group() -> None:
    async with running(one(), size=(120, 40)) as driver:
        await open_form(driver)
        await driver.pilot.pause()
        section = section_of(driver, Section.REQUEST)
        await driver.pilot.click(section.query_one(SectionHeading), offset=(3, 0))
        await driver.until(lambda: section.is_open)


async def test_enter_in_a_field_opens_no_group() -> None:
    async with running(one()) as driver:
        await open_form(driver)
        await driver.press("enter")
        assert not any(section.is_open for section in driver.app.screen.query(FormSection))


async def test_new_settings_of_checks_are_saved() -> None:
    async with running(one(probe=ProbeOverrides(fall=3))) as driver:
        await open_form(driver)
        await driver.type_into("field-probe-codes", "2xx,404")
        await driver.type_into("field-probe-headers", "X-Probe: 1")
        driver.app.screen.query_one("#field-probe-tls_verify", Select).value = "no"
        driver.app.screen.query_one("#field-probe-rollup", Select).value = "all"
        await driver.pilot.pause()
        await driver.press("ctrl+s")
        await driver.on_screen(FleetScreen)
        assert driver.daemon.providers["id-acme"].probe == ProbeOverrides(
            fall=3, codes="2xx,404", headers={"X-Probe": "1"}, tls_verify=False, rollup=RollUp.ALL
        )


async def test_what_is_wrong_in_a_closed_group_opens_it() -> None:
    async with running(one()) as driver:
        await open_form(driver)
        driver.app.screen.query_one("#field-probe-preset", Select).value = "teams"
        await driver.pilot.pause()
        await driver.press("ctrl+s")
        assert "preset teams needs contact" in problem_at(driver, "probe.contact")
        assert section_of(driver, Section.REQUEST).is_open
        assert driver.app.focused is not None
        assert driver.app.focused.id == "field-probe-contact"
        assert "patch_provider" not in driver.daemon.calls


async def test_warnings_are_shown_in_the_form_and_after_saving() -> None:
    warning = "probe.tls_sni has no effect with transport udp"
    async with running(one(warnings=[warning])) as driver:
        await open_form(driver)
        assert f"! {warning}" in await driver.text()
        await driver.type_into("field-detail", "new")
        await driver.press("ctrl+s")
        await driver.on_screen(FleetScreen)
        await driver.until(lambda: f"Acme: saved. Look at this: {warning}" in driver.said)


async def test_what_saving_would_change_is_shown_before_it_is_saved() -> None:
    async with running(one()) as driver:
        await open_form(driver)
        await driver.type_into("field-detail", "NOC +44")
        await driver.until(lambda: "Detail: (empty) → NOC +44" in driver.lines("#form-status"))
        await driver.type_into("field-name", "Acme [red]Two")
        await driver.until(lambda: "Name: Acme → Acme [red]Two" in driver.lines("#form-status"))
        assert "Detail: (empty) → NOC +44" in driver.lines("#form-status")
        await driver.type_into("field-detail", "")
        await driver.type_into("field-name", "Acme")
        await driver.until(lambda: driver.lines("#form-status") == "")


async def test_that_the_input_is_kept_is_said_before_what_there_is_no_room_for() -> None:
    async with running(one()) as driver:
        await open_form(driver)
        await driver.type_into("field-detail", "new")
        driver.daemon.go_away(f"no provd answers at {'/x' * 60}: start it")
        await driver.press("ctrl+s")
        await driver.until(lambda: "No provd answers" in driver.lines("#form-status"))
        assert "your input is kept: ^s tries again" in await driver.text()
