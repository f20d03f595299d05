"""What the events, the audit log and revisions look like."""

import pytest
from textual.pilot import Pilot

from provd.schema.events import DaemonEvent, EventType
from provd.schema.health import HealthStatus
from provd.schema.maintenance import Maintenance
from provd.schema.timestamps import to_timestamp
from provtui.screens.events import EventsScreen
from provtui.screens.provider import ProviderScreen
from tests.fakes.fake_client import NOW, FakeClock, FakeDaemon, a_fleet
from tests.snapshot.steps import IDS, SIZES, LooksRight, on_screen, until


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


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_events(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("4")
        await on_screen(pilot, EventsScreen)
        await until(lambda: pilot.app.screen.pane.state.read)  # type: ignore[attr-defined]
        await pilot.pause()

    assert looks_right(eventful(), size, steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_events_of_a_provider(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("slash", *"lisbon", "enter", "enter")
        await on_screen(pilot, ProviderScreen)
        await pilot.press("l")
        await until(lambda: pilot.app.screen.event_log.state.read)  # type: ignore[attr-defined]
        await pilot.pause()

    assert looks_right(eventful(), size, steps)
