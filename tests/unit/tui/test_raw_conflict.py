"""Editing as JSON what somebody else saves meanwhile: three columns, and the ways to go on."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from textual.widgets import TextArea

from provtui.dialogs.conflict import ConflictDialog
from provtui.dialogs.raw_record import RawRecord
from provtui.screens.fleet import FleetScreen
from provtui.screens.routes import RoutesScreen
from provtui.widgets.lines import Lines
from tests.fakes.fake_client import FakeDaemon, a_provider
from tests.fakes.fake_routes import a_route, an_id
from tests.unit.tui.driving import Driver, running

ACME, UK = an_id("Acme"), an_id("UK")


def everything() -> FakeDaemon:
    daemon = FakeDaemon([a_provider("Acme", id=ACME, detail="base", carrier="telnyx")])
    daemon.routes.add(a_route("UK", ACME, "+44", detail="base"))
    return daemon


@dataclass(frozen=True)
class Kind:
    """A record as JSON: ``change`` is what we do to it, ``other`` what only ben does, beside ``detail``."""

    what: str
    change: dict[str, Any]
    other: dict[str, Any]
    held: Callable[[FakeDaemon], Any]
    save_as: Callable[..., Any]
    screen: type


KINDS = [
    Kind(
        "provider",
        {"codecs": "PCMU"},
        {"carrier": "colt"},
        lambda daemon: daemon.providers[ACME],
        lambda daemon, **fields: daemon.save_as("ben", ACME, **fields),
        FleetScreen,
    ),
    Kind(
        "route",
        {"weight": 9},
        {"priority": 7},
        lambda daemon: daemon.routes.by_id[UK],
        lambda daemon, **fields: daemon.routes.save_as("ben", UK, **fields),
        RoutesScreen,
    ),
]
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.what)


def area(driver: Driver) -> TextArea:
    return driver.app.screen.query_one(TextArea)


def shown(driver: Driver) -> str:
    return "\n".join(str(lines.visual) for lines in driver.app.screen.query(Lines))


async def opened(driver: Driver, kind: Kind) -> dict[str, Any]:
    """Open the record as JSON, and give what stands there."""
    if kind.screen is RoutesScreen:
        await driver.press("2")
        await driver.until(lambda: driver.app.session.routes.read)
        await driver.settle()
    await driver.press("E")
    await driver.on_screen(RawRecord)
    await driver.until(lambda: '"base"' in area(driver).text)
    fields: dict[str, Any] = json.loads(area(driver).text)
    return fields


async def edited_by_two(driver: Driver, kind: Kind) -> str:
    """Have ben save meanwhile, and save ours; give what we typed."""
    fields = await opened(driver, kind)
    typed = json.dumps(fields | kind.change | {"detail": "ours"})
    await driver.type_into("raw", typed)
    kind.save_as(driver.daemon, detail="theirs", **kind.other)
    await driver.press("ctrl+s")
    await driver.on_screen(ConflictDialog)
    return typed


def values(record: Any, kind: Kind) -> dict[str, Any]:
    return {name: getattr(record, name) for name in ("detail", *kind.change, *kind.other)}


@each_kind
async def test_what_someone_else_saved_stands_beside_what_was_and_yours(kind: Kind) -> None:
    async with running(everything()) as driver:
        await edited_by_two(driver, kind)
        said = shown(driver)
        assert f"ben saved this {kind.what}" in said
        assert re.search(r"WAS +THEIRS +YOURS", said)
        assert re.search(r'detail\n"base" +"theirs" +"ours"', said)
        for (name, theirs), (own, ours) in zip(kind.other.items(), kind.change.items(), strict=True):
            assert re.search(rf"{name}\n\S+ +{json.dumps(theirs)} +as it was", said)
            assert re.search(rf"{own}\n\S+ +as it was +{json.dumps(ours)}", said)
        assert "hostname" not in said
        assert "target" not in said


@each_kind
async def test_overwriting_saves_ours_and_keeps_what_only_they_changed(kind: Kind) -> None:
    async with running(everything()) as driver:
        await edited_by_two(driver, kind)
        await driver.press("o")
        await driver.on_screen(kind.screen)
        saved = kind.held(driver.daemon)
        assert values(saved, kind) == {"detail": "ours", **kind.change, **kind.other}
        assert saved.revision == 3


@each_kind
async def test_taking_theirs_drops_ours_and_goes_on_from_there(kind: Kind) -> None:
    async with running(everything()) as driver:
        await edited_by_two(driver, kind)
        before = values(kind.held(driver.daemon), kind)
        await driver.press("t")
        await driver.on_screen(RawRecord)
        now = json.loads(area(driver).text)
        assert {name: now[name] for name in before} == before
        assert "This is theirs, revision 2." in driver.lines("#raw-said")
        await driver.type_into("raw", area(driver).text.replace('"theirs"', '"both"'))
        await driver.press("ctrl+s")
        await driver.on_screen(kind.screen)
        assert values(kind.held(driver.daemon), kind) == before | {"detail": "both"}


@each_kind
async def test_going_back_keeps_the_text_as_it_was_typed(kind: Kind) -> None:
    async with running(everything()) as driver:
        typed = await edited_by_two(driver, kind)
        await driver.press("escape")
        await driver.on_screen(RawRecord)
        assert area(driver).text == typed
        assert "someone else saved it meanwhile" in driver.lines("#raw-said")
        await driver.press("ctrl+s")
        await driver.on_screen(ConflictDialog)  # it is still theirs that is saved
        assert kind.held(driver.daemon).detail == "theirs"


@each_kind
async def test_who_saves_once_more_meanwhile_is_shown_again(kind: Kind) -> None:
    async with running(everything()) as driver:
        await edited_by_two(driver, kind)
        kind.save_as(driver.daemon, detail="theirs again")
        await driver.press("o")
        await driver.until(lambda: "theirs again" in shown(driver))
        assert re.search(r'"theirs" +"theirs again" +"ours"', shown(driver))
        await driver.press("o")
        await driver.on_screen(kind.screen)
        assert values(kind.held(driver.daemon), kind) == {"detail": "ours", **kind.change, **kind.other}


@each_kind
async def test_a_connection_lost_at_the_conflict_keeps_what_was_put_together(kind: Kind) -> None:
    async with running(everything()) as driver:
        await edited_by_two(driver, kind)
        driver.daemon.go_away()
        await driver.press("o")
        await driver.on_screen(RawRecord)
        await driver.until(lambda: "Your text is kept" in driver.lines("#raw-said"))
        driver.daemon.come_back()
        await driver.press("ctrl+s")
        await driver.on_screen(kind.screen)
        assert values(kind.held(driver.daemon), kind) == {"detail": "ours", **kind.change, **kind.other}


@each_kind
async def test_what_is_typed_while_it_is_sent_is_yours_too(kind: Kind) -> None:
    async with running(everything()) as driver:
        fields = await opened(driver, kind)
        await driver.type_into("raw", json.dumps(fields | {"detail": "ours"}))
        kind.save_as(driver.daemon, detail="theirs")
        driver.app.screen.action_run("save")  # type: ignore[attr-defined]
        area(driver).load_text(json.dumps(fields | {"detail": "ours, later"}))
        await driver.on_screen(ConflictDialog)
        assert '"ours, later"' in shown(driver)


@each_kind
async def test_half_a_line_typed_while_it_is_sent_is_kept(kind: Kind) -> None:
    async with running(everything()) as driver:
        fields = await opened(driver, kind)
        whole = json.dumps(fields | {"detail": "ours"})
        await driver.type_into("raw", whole)
        kind.save_as(driver.daemon, detail="theirs")
        driver.app.screen.action_run("save")  # type: ignore[attr-defined]
        area(driver).load_text(whole + ",")
        await driver.until(lambda: "Someone else saved it meanwhile" in driver.lines("#raw-said"))
        assert "Line 1" in driver.lines("#raw-said")
        assert area(driver).text == whole + ","
        await driver.type_into("raw", whole)
        await driver.press("ctrl+s")
        await driver.on_screen(ConflictDialog)


@each_kind
async def test_what_saving_would_change_is_said_while_it_is_typed(kind: Kind) -> None:
    async with running(everything()) as driver:
        fields = await opened(driver, kind)
        as_read = area(driver).text
        (changed, value), *_ = kind.change.items()
        typed = {name: value for name, value in fields.items() if name != "detail"} | kind.change
        await driver.type_into("raw", json.dumps(typed))
        before = json.dumps(fields[changed])
        said = driver.lines("#raw-said")
        assert 'detail: "base" → (not there)' in said
        assert f"{changed}: {before} → {json.dumps(value)}" in said
        await driver.type_into("raw", '{"detail": "base",')
        assert driver.lines("#raw-said").startswith("Line 1, column 19:")
        await driver.type_into("raw", as_read)
        assert driver.lines("#raw-said") == ""


async def test_what_was_deleted_while_it_was_edited_says_so_and_keeps_the_text() -> None:
    async with running(everything()) as driver:
        await opened(driver, KINDS[0])
        await driver.type_into("raw", area(driver).text.replace("base", "ours"))
        del driver.daemon.providers[ACME]
        await driver.press("ctrl+s")
        await driver.until(lambda: "There is no such provider" in driver.lines("#raw-said"))
        assert '"ours"' in area(driver).text
