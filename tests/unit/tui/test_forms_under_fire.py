"""Every form: the daemon goes away in the middle, a role is not enough, a role changes while it is open."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from textual.events import Key
from textual.widgets import Input, TextArea

from provd.schema.status import Role
from provd.schema.transfer import ImportReport
from provtui.commands import BY_ID, Place
from provtui.dialogs.base import Dialog
from provtui.dialogs.bulk import BulkDialog
from provtui.dialogs.bulk_maintenance import BulkMaintenance
from provtui.dialogs.conflict import ConflictDialog
from provtui.dialogs.importing import ImportDialog
from provtui.dialogs.maintenance import MaintenanceDialog
from provtui.dialogs.provider_form import ProviderForm
from provtui.dialogs.raw_record import RawRecord
from provtui.dialogs.replace_key import ReplaceKey
from provtui.dialogs.route_form import RouteForm
from provtui.dialogs.setup_wizard import SetupWizard
from provtui.feed import Reported
from provtui.screens.provider import ProviderScreen
from provtui.screens.routes import RoutesScreen
from provtui.widgets.key_bar import KeyBar
from tests.fakes.fake_client import NOW, FakeDaemon, a_provider
from tests.fakes.fake_routes import a_route, an_id
from tests.fakes.fake_setups import KEY, a_setup
from tests.unit.tui.driving import Driver, running

OTHER_KEY = "KEY9999999999999999WXYZ"
ACME, UK = an_id("Acme"), an_id("UK")


def everything() -> FakeDaemon:
    """A provider that setup made, with a route, for each form to have something to work on."""
    daemon = FakeDaemon([a_provider("Acme", id=ACME, carrier="telnyx", detail="old")])
    daemon.routes.add(a_route("UK", ACME, "+44"))
    daemon.setups.by_id["set-acme"] = a_setup("Acme", provider_id=ACME, at=NOW - 86400)
    daemon.setups.keys.add(OTHER_KEY)
    daemon.import_report = ImportReport(created=1)
    return daemon


@dataclass(frozen=True)
class Form:
    """``fill`` opens it and types something; ``command`` sends it, by ``keys``, as ``call``.

    What is said stands in the widget ``said``; ``taken`` tells that the daemon took what was typed. ``back``
    leads to where it can be sent again, if that is elsewhere; ``save_as_ben`` changes the record meanwhile.
    """

    name: str
    fill: Callable[[Driver], Awaitable[None]]
    command: str
    keys: tuple[str, ...]
    call: str
    said: str
    taken: Callable[[Driver], Any]
    needs: Role = Role.ADMIN
    back: Callable[[Driver], Awaitable[None]] | None = None
    save_as_ben: Callable[[FakeDaemon], object] | None = None


async def add_provider(driver: Driver) -> None:
    await driver.press("a")
    await driver.on_screen(ProviderForm)
    await driver.type_into("field-name", "Nova")
    await driver.type_into("field-hostname", "sip.nova.example")


async def edit_provider(driver: Driver) -> None:
    await driver.press("e")
    await driver.on_screen(ProviderForm)
    await driver.type_into("field-detail", "new")


async def routes(driver: Driver) -> None:
    await driver.press("2")
    await driver.on_screen(RoutesScreen)
    await driver.until(lambda: driver.app.session.routes.read)
    await driver.settle()


async def add_route(driver: Driver) -> None:
    await routes(driver)
    await driver.press("a")
    await driver.on_screen(RouteForm)
    for path, text in (("name", "Spain"), ("provider_id", "Acme"), ("target", "+34")):
        await driver.type_into(f"field-{path}", text)


async def edit_route(driver: Driver) -> None:
    await routes(driver)
    await driver.press("e")
    await driver.on_screen(RouteForm)
    await driver.type_into("field-weight", "9")


async def edit_json(driver: Driver, old: str, new: str) -> None:
    await driver.press("E")
    await driver.on_screen(RawRecord)
    area = driver.app.screen.query_one(TextArea)
    await driver.until(lambda: old in area.text)
    await driver.type_into("raw", area.text.replace(old, new))


async def edit_provider_as_json(driver: Driver) -> None:
    await edit_json(driver, '"detail": "old"', '"detail": "new"')


async def edit_route_as_json(driver: Driver) -> None:
    await routes(driver)
    await edit_json(driver, '"weight": 1', '"weight": 9')


async def begin_maintenance(driver: Driver) -> None:
    await driver.press("m")
    await driver.on_screen(MaintenanceDialog)
    await driver.type_into("field-reason", "CHG-1")


async def replace_key(driver: Driver) -> None:
    await driver.press("enter")
    await driver.on_screen(ProviderScreen)
    await driver.press("s")
    await driver.until(lambda: "What setup made" in driver.lines("#carrier-text"))
    await driver.press("k")
    await driver.on_screen(ReplaceKey)
    await driver.until(lambda: driver.app.screen.query("#field-credentials-api_key"))
    await driver.type_into("field-credentials-api_key", OTHER_KEY)


def at(driver: Driver, place: Place) -> bool:
    screen = driver.app.screen
    return isinstance(screen, SetupWizard) and screen.place is place


async def type_a_key(driver: Driver) -> None:
    await driver.press("n")
    await driver.on_screen(SetupWizard)
    await driver.until(lambda: "Telnyx" in str(driver.app.screen._carriers))  # type: ignore[attr-defined]
    await driver.press("enter")
    await driver.until(lambda: at(driver, Place.SETUP_KEY))
    await driver.settle_dialog()
    await driver.type_into("field-credentials-api_key", KEY)


async def plan_a_trunk(driver: Driver) -> None:
    await type_a_trunk(driver)
    await driver.press("ctrl+s")
    await driver.until(lambda: at(driver, Place.SETUP_PLAN))
    await driver.settle_dialog()
    wizard = driver.app.screen
    assert isinstance(wizard, SetupWizard)

    async def at_once(seconds: float) -> None:
        await asyncio.sleep(0)

    wizard._calls._sleep = at_once


async def plan_again(driver: Driver) -> None:
    """Go back to the settings, which are as they were typed, and from there to the plan."""
    await driver.until(lambda: at(driver, Place.SETUP_FAILED))
    await driver.settle_dialog()
    await driver.press("escape", "ctrl+s")
    await driver.until(lambda: at(driver, Place.SETUP_PLAN))
    await driver.settle_dialog()


async def ask_for_maintenance_of_all(driver: Driver) -> None:
    await driver.press("M", "m")
    await driver.on_screen(BulkMaintenance)
    await driver.type_into("field-reason", "CHG-1")


async def maintain_all(driver: Driver) -> None:
    await ask_for_maintenance_of_all(driver)
    await driver.press("ctrl+s")
    await driver.on_screen(BulkDialog)


async def be_asked_again(driver: Driver) -> None:
    """Read the report, and send what was typed once more."""
    await driver.press("enter")
    await driver.on_screen(BulkMaintenance)
    assert "Your input is kept" in driver.lines("#maintenance-said")
    await driver.press("ctrl+s")
    await driver.on_screen(BulkDialog)


async def type_a_trunk(driver: Driver) -> None:
    await type_a_key(driver)
    await driver.press("ctrl+s")
    await driver.until(lambda: at(driver, Place.SETUP_TRUNK))
    await driver.settle_dialog()
    await driver.type_into("field-name", "Madrid")


def provider_names(driver: Driver) -> list[str]:
    return [each.name for each in driver.daemon.providers.values()]


def route_names(driver: Driver) -> list[str]:
    return [each.name for each in driver.daemon.routes.by_id.values()]


SAVE = ("save", ("ctrl+s",))
FORMS = [
    Form(
        "add-provider",
        add_provider,
        *SAVE,
        "create_provider",
        "form-status",
        lambda driver: "Nova" in provider_names(driver),
    ),
    Form(
        "edit-provider",
        edit_provider,
        *SAVE,
        "patch_provider",
        "form-status",
        lambda driver: driver.daemon.providers[ACME].detail == "new",
        save_as_ben=lambda daemon: daemon.save_as("ben", ACME, carrier="colt"),
    ),
    Form(
        "add-route",
        add_route,
        *SAVE,
        "create_route",
        "form-status",
        lambda driver: "Spain" in route_names(driver),
    ),
    Form(
        "edit-route",
        edit_route,
        *SAVE,
        "patch_route",
        "form-status",
        lambda driver: driver.daemon.routes.by_id[UK].weight == 9,
        save_as_ben=lambda daemon: daemon.routes.save_as("ben", UK, priority=7),
    ),
    Form(
        "provider-as-json",
        edit_provider_as_json,
        *SAVE,
        "replace_provider",
        "raw-said",
        lambda driver: driver.daemon.providers[ACME].detail == "new",
        save_as_ben=lambda daemon: daemon.save_as("ben", ACME, carrier="colt"),
    ),
    Form(
        "route-as-json",
        edit_route_as_json,
        *SAVE,
        "replace_route",
        "raw-said",
        lambda driver: driver.daemon.routes.by_id[UK].weight == 9,
        save_as_ben=lambda daemon: daemon.routes.save_as("ben", UK, priority=7),
    ),
    Form(
        "maintenance",
        begin_maintenance,
        "begin",
        ("ctrl+s",),
        "set_maintenance",
        "maintenance-said",
        lambda driver: driver.daemon.providers[ACME].maintenance is not None,
        Role.OPERATOR,
    ),
    Form(
        "replace-key",
        replace_key,
        "replace",
        ("ctrl+s",),
        "replace_credentials",
        "key-said",
        lambda driver: driver.daemon.setups.by_id["set-acme"].key_ends == "WXYZ",
    ),
    Form(
        "setup-key",
        type_a_key,
        "next",
        ("ctrl+s",),
        "validate_credentials",
        "wizard-said",
        lambda driver: at(driver, Place.SETUP_TRUNK),
    ),
    Form(
        "setup-trunk",
        type_a_trunk,
        "next",
        ("ctrl+s",),
        "plan_setup",
        "wizard-said",
        lambda driver: at(driver, Place.SETUP_PLAN),
    ),
    Form(
        "setup-plan",
        plan_a_trunk,
        "build",
        ("ctrl+s",),
        "set_up",
        "wizard-progress",
        lambda driver: at(driver, Place.SETUP_DONE),
        back=plan_again,
    ),
    Form(
        "maintenance-of-many",
        maintain_all,
        "act",
        ("enter",),
        "set_maintenance",
        "bulk-text",
        lambda driver: driver.daemon.providers[ACME].maintenance is not None,
        Role.OPERATOR,
        be_asked_again,
    ),
]
each_form = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)


def typed(driver: Driver) -> list[str]:
    """What stands in the fields of all dialogs that are open."""
    found: list[str] = []
    for screen in driver.app.screen_stack[1:]:
        found += [each.value for each in screen.query(Input)] + [each.text for each in screen.query(TextArea)]
    return found


async def send(form: Form, driver: Driver) -> None:
    """Send it again."""
    if form.back is not None:
        await form.back(driver)
    await driver.press(*form.keys)
    await driver.until(lambda: form.taken(driver))


async def told_of_role(driver: Driver, role: Role) -> None:
    """Have the daemon say, as it does every few seconds, that the user has another role."""
    driver.daemon.role = role
    driver.app.post_message(Reported(await driver.app.session.client.status()))
    await driver.until(lambda: driver.app.session.role is role)
    await driver.settle_dialog()


def dimmed(driver: Driver) -> str:
    """What the key bar shows dimmed."""
    drawn = driver.app.screen.query_one(KeyBar).render()
    return " ".join(
        drawn.plain[span.start : span.end] for span in drawn.spans if "disabled" in str(span.style)
    )


@each_form
async def test_a_lost_connection_keeps_the_input_and_it_can_be_sent_once_provd_is_back(form: Form) -> None:
    async with running(everything()) as driver:
        await form.fill(driver)
        written = typed(driver)
        driver.daemon.go_away()
        await driver.until(lambda: driver.app.session.fleet.stale)
        await driver.press(*form.keys)
        await driver.until(lambda: "o provd answers" in driver.lines(f"#{form.said}"))  # or No
        assert typed(driver) == written
        driver.daemon.come_back()
        await send(form, driver)


@each_form
async def test_who_may_not_is_told_the_role_and_keeps_the_input(form: Form) -> None:
    async with running(everything()) as driver:
        await form.fill(driver)
        written = typed(driver)
        driver.daemon.role = Role.VIEWER  # what provtui has not heard of yet
        await driver.press(*form.keys)
        await driver.until(lambda: f"needs the {form.needs} role" in driver.lines(f"#{form.said}"))
        assert "viewer" in driver.lines(f"#{form.said}")
        assert typed(driver) == written
        assert not form.taken(driver)
        driver.daemon.role = Role.ADMIN
        await send(form, driver)


@pytest.mark.parametrize(
    "form", [form for form in FORMS if form.save_as_ben is not None], ids=lambda form: form.name
)
async def test_what_someone_else_saved_meanwhile_loses_no_input(form: Form) -> None:
    async with running(everything()) as driver:
        await form.fill(driver)
        written = typed(driver)
        assert form.save_as_ben is not None
        form.save_as_ben(driver.daemon)
        await driver.press(*form.keys)
        await driver.on_screen(ConflictDialog)
        await driver.press("escape")
        await driver.until(lambda: "someone else saved it meanwhile" in driver.lines(f"#{form.said}"))
        assert typed(driver) == written
        assert not form.taken(driver)
        await driver.press(*form.keys)
        await driver.on_screen(ConflictDialog)
        await driver.press("o")
        await driver.until(lambda: form.taken(driver))


@each_form
async def test_a_role_that_changes_meanwhile_dims_the_key_and_refuses(form: Form) -> None:
    async with running(everything()) as driver:
        await form.fill(driver)
        written, label = typed(driver), BY_ID[form.command].label
        assert label not in dimmed(driver)
        await told_of_role(driver, Role.VIEWER)
        assert label in dimmed(driver)
        driver.daemon.calls.clear()
        await driver.press(*form.keys)
        await driver.until(lambda: any(f"needs the {form.needs} role" in said for said in driver.said))
        assert form.call not in driver.daemon.calls
        assert typed(driver) == written
        await told_of_role(driver, Role.ADMIN)
        assert label not in dimmed(driver)
        await driver.press(*form.keys)
        await driver.until(lambda: form.taken(driver))


async def test_the_maintenance_of_many_is_not_even_asked_about_when_the_role_has_changed() -> None:
    async with running(everything()) as driver:
        await ask_for_maintenance_of_all(driver)
        written = typed(driver)
        await told_of_role(driver, Role.VIEWER)
        assert "Begin" in dimmed(driver)
        await driver.press("ctrl+s")
        await driver.until(lambda: any("needs the operator role" in said for said in driver.said))
        assert isinstance(driver.app.screen, BulkMaintenance)
        assert typed(driver) == written


async def test_keys_that_come_in_one_piece_go_where_they_would_one_by_one() -> None:
    async with running(everything()) as driver:
        await driver.press("a")
        await driver.on_screen(ProviderForm)
        for key in ("A", "tab", "b", "tab", "tab", "tab", "c", "shift+tab", "shift+tab", "shift+tab", "d"):
            driver.app.post_message(Key(key, key if len(key) == 1 else None))
        await driver.until(lambda: "d" in typed(driver))
        assert typed(driver)[:3] == ["A", "d", "c"]


async def open_import(driver: Driver, tmp_path: Path) -> Dialog[None]:
    file = tmp_path / "carriers.csv"
    file.write_bytes(b"name,hostname\n")
    await driver.press("colon")
    for character in f"import {file}":
        driver.app.screen.query_one(Input).insert_text_at_cursor(character)
    await driver.press("enter")
    await driver.on_screen(ImportDialog)
    dialog = driver.app.screen
    assert isinstance(dialog, ImportDialog)
    return dialog


async def test_an_import_that_lost_provd_after_its_dry_run_can_be_sent_again(tmp_path: Path) -> None:
    async with running(everything()) as driver:
        await open_import(driver, tmp_path)
        await driver.until(lambda: "A dry run" in driver.lines("#import-said"))
        driver.daemon.go_away()
        await driver.press("enter")
        await driver.until(lambda: "no provd answers" in driver.lines("#import-said"))
        driver.daemon.come_back()
        await driver.press("enter")
        await driver.until(lambda: "✓ Imported." in driver.lines("#import-said"))
        assert [dry_run for _, dry_run, _ in driver.daemon.imports] == [True, False]


async def test_an_import_that_lost_provd_at_its_dry_run_begins_with_that_again(tmp_path: Path) -> None:
    async with running(everything()) as driver:
        driver.daemon.away = "no provd answers"
        await open_import(driver, tmp_path)
        await driver.until(lambda: "no provd answers" in driver.lines("#import-said"))
        driver.daemon.come_back()
        await driver.press("enter")
        await driver.until(lambda: "A dry run" in driver.lines("#import-said"))
        assert [dry_run for _, dry_run, _ in driver.daemon.imports] == [True]


async def test_an_import_whose_user_may_no_more_is_refused(tmp_path: Path) -> None:
    async with running(everything()) as driver:
        await open_import(driver, tmp_path)
        await driver.until(lambda: "A dry run" in driver.lines("#import-said"))
        await told_of_role(driver, Role.VIEWER)
        assert "Import" in dimmed(driver)
        await driver.press("enter")
        await driver.until(lambda: any("needs the admin role" in said for said in driver.said))
        assert [dry_run for _, dry_run, _ in driver.daemon.imports] == [True]


async def test_what_is_asked_of_many_is_refused_when_the_role_has_changed() -> None:
    async with running(everything()) as driver:
        await driver.press("space", "c")
        await told_of_role(driver, Role.VIEWER)
        assert "Do it" in dimmed(driver)
        await driver.press("enter")
        await driver.until(lambda: any("needs the operator role" in said for said in driver.said))
        assert "check_provider" not in driver.daemon.calls
