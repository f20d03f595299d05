"""What the events, the audit log and revisions look like."""

import pytest
from textual.pilot import Pilot

from provd.schema.audit import Outcome
from provd.schema.events import DaemonEvent, EventType
from provd.schema.health import HealthStatus
from provd.schema.maintenance import Maintenance
from provd.schema.timestamps import to_timestamp
from provtui.dialogs.audit_entry import EntryDialog
from provtui.dialogs.confirm_restore import ConfirmRestore
from provtui.dialogs.confirm_undo import ConfirmUndo
from provtui.screens.audit import AuditScreen
from provtui.screens.events import EventsScreen
from provtui.screens.provider import ProviderScreen
from tests.fakes.fake_audit import a_revision, an_entry
from tests.fakes.fake_client import NOW, FakeClock, FakeDaemon, a_fleet
from tests.snapshot.steps import IDS, OTHER_THEMES, SIZES, UP_TO_BIG, LooksRight, on_screen, until


def eventful() -> FakeDaemon:
    """A fleet to which some things have happened."""
    daemon = FakeDaemon(a_fleet())
    started = DaemonEvent(at=to_timestamp(NOW - 90000), version="0.1.0")
    daemon.emit(EventType.DAEMON_STARTED, started)
    daemon.change_health("id-colt-lisbon", HealthStatus.HEALTHY, at=NOW - 7200)
    daemon.save_as("ben", "id-colt-lisbon", detail="NOC +351 21 000 00 00")
    works = Maintenance(until=to_timestamp(NOW + 10200), reason="CHG-2214, new SBC", by="ana")
    daemon.maintain("id-vodafone-milan", works, "ana")
    daemon.suspect_uplink(True)
    daemon.suspect_uplink(False)
    daemon.change_health("id-東京テレコム", HealthStatus.UNHEALTHY, at=NOW - 60)
    daemon.change_health("id-colt-lisbon", HealthStatus.UNHEALTHY, at=NOW - 30)
    return daemon


@UP_TO_BIG
def test_events(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("4")
        await on_screen(pilot, EventsScreen)
        await until(lambda: pilot.app.screen.pane.state.read)  # type: ignore[attr-defined]
        await pilot.pause()

    assert looks_right(eventful(), size, steps)


@OTHER_THEMES
def test_events_in_other_themes(looks_right: LooksRight, theme: str) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("4")
        await on_screen(pilot, EventsScreen)
        await until(lambda: pilot.app.screen.pane.state.read)  # type: ignore[attr-defined]
        await pilot.pause()

    assert looks_right(eventful(), steps=steps, theme=theme)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_events_of_a_provider(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("slash", *"lisbon", "enter", "enter")
        await on_screen(pilot, ProviderScreen)
        await pilot.press("l")
        await until(lambda: pilot.app.screen.event_log.state.read)  # type: ignore[attr-defined]
        await pilot.pause()

    assert looks_right(eventful(), size, steps)


def audited() -> FakeDaemon:
    """A fleet in which people have changed things."""
    daemon = FakeDaemon(a_fleet())
    lisbon = {"object_id": "id-colt-lisbon", "name": "Colt Lisbon", "at": to_timestamp(NOW - 7200)}
    daemon.note(an_entry(1, "provider.create", before=None, after={"name": "Colt Lisbon"}, **lisbon))
    daemon.note(
        an_entry(2, before={"hostname": "sip.colt.pt"}, after={"hostname": "sip.colt.example"}, **lisbon)
    )
    probe = {"before": {"probe": {"fall": 1}, "tags": []}, "after": {"probe": {"fall": 3}, "tags": ["emea"]}}
    daemon.note(an_entry(3, **probe, **lisbon))
    ben = {
        "user": "ben",
        "uid": 1001,
        "role": "viewer",
        "before": None,
        "after": None,
        "at": to_timestamp(NOW),
    }
    refused = {"outcome": Outcome.REFUSED, "message": "this needs the admin role; you are viewer"}
    daemon.note(an_entry(4, "access.refused", name="DELETE /v1.0/providers/id-colt-lisbon", **refused, **ben))
    daemon.audit.revisions["id-colt-lisbon"] = [
        a_revision(
            3,
            "id-colt-lisbon",
            name="Colt Lisbon",
            hostname="sip.colt.example",
            probe={"fall": 3},
            tags=["emea"],
        ),
        a_revision(
            2, "id-colt-lisbon", name="Colt Lisbon", hostname="sip.colt.example", probe={"fall": 1}, tags=[]
        ),
        a_revision(
            1, "id-colt-lisbon", name="Colt Lisbon", hostname="sip.colt.pt", probe={"fall": 1}, tags=[]
        ),
    ]
    return daemon


async def open_audit(pilot: Pilot[None]) -> None:
    await pilot.press("5")
    await on_screen(pilot, AuditScreen)
    await until(lambda: pilot.app.screen.pane.state.read)  # type: ignore[attr-defined]
    await pilot.pause()
    await pilot.press("down")


@UP_TO_BIG
def test_audit(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_audit(pilot)

    assert looks_right(audited(), size, steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_audit_entry(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_audit(pilot)
        await pilot.press("enter")
        await on_screen(pilot, EntryDialog)

    assert looks_right(audited(), size, steps)


def test_undo(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_audit(pilot)
        await pilot.press("u")
        await on_screen(pilot, ConfirmUndo)

    assert looks_right(audited(), steps=steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_revisions(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("slash", *"lisbon", "enter", "enter")
        await on_screen(pilot, ProviderScreen)
        await pilot.press("b")
        await until(lambda: pilot.app.screen.revisions.list.state.read)  # type: ignore[attr-defined]
        await pilot.pause()
        await pilot.press("end")

    assert looks_right(audited(), size, steps)


def test_restore(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("slash", *"lisbon", "enter", "enter")
        await on_screen(pilot, ProviderScreen)
        await pilot.press("b")
        await until(lambda: pilot.app.screen.revisions.list.state.read)  # type: ignore[attr-defined]
        await pilot.pause()
        await pilot.press("end", "enter")
        await on_screen(pilot, ConfirmRestore)

    assert looks_right(audited(), steps=steps)
