"""What the screens look like. Behaviour is asserted in tests/unit/tui; here a person judges a picture."""

import pytest
from textual.pilot import Pilot

from provd.schema.health import HealthStatus
from provd.schema.maintenance import Maintenance
from provd.schema.status import Role
from provd.schema.timestamps import to_timestamp
from provtui.dialogs.confirm_delete import ConfirmDelete
from provtui.dialogs.conflict import ConflictDialog
from provtui.dialogs.help import HelpDialog
from provtui.dialogs.maintenance import LiftDialog, MaintenanceDialog
from provtui.dialogs.provider_form import ProviderForm
from provtui.screens.provider import ProviderScreen
from provtui.widgets.form_section import SectionHeading
from tests.fakes.fake_client import NOW, FakeClock, FakeDaemon, a_fleet, a_provider
from tests.fakes.health_figures import an_exchange
from tests.snapshot.steps import IDS, OTHER_THEMES, SIZES, UP_TO_BIG, LooksRight, on_screen, shows, until


def acme() -> FakeDaemon:
    """One provider on two targets, of which one is down, with everything to remark that there is."""
    provider = a_provider(
        "Acme Madrid",
        hostname="trunk.acme.example",
        transport="tls",
        carrier="acme",
        for_s=5400,
        maintenance=Maintenance(until=to_timestamp(NOW + 10200), reason="CHG-2214, new SBC", by="ana"),
        warnings=["probe.tls_verify is false: any certificate is taken, so anyone could answer"],
        health={
            "targets_up": 1,
            "flapping": True,
            "tls_days_left": 9,
            "dns_problem": "the DNS servers did not answer in time",
            "resolved_age_s": 5400.0,
            "availability_24h_pct": 99.98,
        },
    )
    return FakeDaemon([provider])


async def open_tab(pilot: Pilot[None], key: str, widget_id: str, text: str) -> None:
    await pilot.press("enter")
    await on_screen(pilot, ProviderScreen)
    await pilot.press(key)
    await until(lambda: shows(pilot, widget_id, text))
    await pilot.pause()
    pilot.app.screen.flush()  # type: ignore[attr-defined]


@UP_TO_BIG
def test_fleet(looks_right: LooksRight, size: tuple[int, int]) -> None:
    assert looks_right(FakeDaemon(a_fleet()), size)


def test_fleet_wide(looks_right: LooksRight) -> None:
    assert looks_right(FakeDaemon(a_fleet()), (200, 30))


def test_fleet_light(looks_right: LooksRight) -> None:
    assert looks_right(FakeDaemon(a_fleet()), (120, 40), theme="provtui-light")


def test_fleet_ansi(looks_right: LooksRight) -> None:
    assert looks_right(FakeDaemon(a_fleet()), theme="provtui-ansi")


def test_fleet_without_colour(looks_right: LooksRight, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert looks_right(FakeDaemon(a_fleet()))


def test_fleet_marked_without_colour(looks_right: LooksRight, monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("M", "down")

    monkeypatch.setenv("NO_COLOR", "1")
    assert looks_right(FakeDaemon(a_fleet()), steps=steps)


def test_fleet_filtered_for_a_viewer(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("slash", *"state=u", "enter", "down")

    assert looks_right(FakeDaemon(a_fleet(), role=Role.VIEWER), steps=steps)


def test_welcome(looks_right: LooksRight) -> None:
    async def start_demo() -> None:
        pytest.fail("nobody asked for it")

    assert looks_right(FakeDaemon(), start_demo=start_demo)


def test_disconnected(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        daemon.go_away("no provd answers at /run/provd/provd.sock: start it (provd run)")
        await until(lambda: pilot.app.session.fleet.stale)  # type: ignore[attr-defined]
        clock.advance(130)
        pilot.app.screen.flush()  # type: ignore[attr-defined]

    assert looks_right(FakeDaemon(a_fleet()), steps=steps)


@UP_TO_BIG
def test_provider(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("enter")
        await on_screen(pilot, ProviderScreen)
        await until(lambda: "changed by ben" in str(pilot.app.screen.query_one("#events").visual))  # type: ignore[attr-defined]

    daemon = FakeDaemon(a_fleet())
    daemon.change_health("id-colt-lisbon", HealthStatus.HEALTHY)
    daemon.save_as("ben", "id-colt-lisbon", detail="NOC +351 21 000 00 00", tags=["emea", "gold"])
    daemon.change_health("id-colt-lisbon", HealthStatus.UNHEALTHY)
    assert looks_right(daemon, size, steps)


@OTHER_THEMES
def test_provider_in_other_themes(looks_right: LooksRight, theme: str) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("enter")
        await on_screen(pilot, ProviderScreen)

    assert looks_right(FakeDaemon(a_fleet()), steps=steps, theme=theme)


def test_provider_checked_now(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("enter")
        await on_screen(pilot, ProviderScreen)
        await pilot.press("c")
        await until(lambda: "203.0.113.10" in str(pilot.app.screen.query_one("#report").visual))  # type: ignore[attr-defined]

    assert looks_right(FakeDaemon(a_fleet()), steps=steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_edit_with_an_error(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("e")
        await on_screen(pilot, ProviderForm)
        await pilot.press("tab", "end", "-", "ctrl+s")

    assert looks_right(FakeDaemon(a_fleet()), size, steps)


def test_conflict(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("e")
        await on_screen(pilot, ProviderForm)
        await pilot.press("end", *" (backup)")
        daemon.save_as("ben", "id-colt-lisbon", name="Colt Lisboa", carrier="colt-pt")
        await pilot.press("ctrl+s")
        await on_screen(pilot, ConflictDialog)

    assert looks_right(FakeDaemon(a_fleet()), steps=steps)


def test_delete(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("d")
        await on_screen(pilot, ConfirmDelete)
        await pilot.press(*"Colt Lisbon")

    assert looks_right(FakeDaemon(a_fleet()), steps=steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_help(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("question_mark")
        await on_screen(pilot, HelpDialog)

    assert looks_right(FakeDaemon(a_fleet(), role=Role.OPERATOR), size, steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_uplink_suspected(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        daemon.suspect_uplink(True)
        await until(lambda: pilot.app.session.fleet.uplink)  # type: ignore[attr-defined]
        pilot.app.screen.flush()  # type: ignore[attr-defined]

    assert looks_right(FakeDaemon(a_fleet()), size, steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_provider_with_remarks(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_tab(pilot, "o", "events", "maintenance")

    daemon = acme()
    daemon.maintain("id-acme-madrid", daemon.providers["id-acme-madrid"].maintenance, "ana")
    assert looks_right(daemon, size, steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_targets(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_tab(pilot, "a", "targets-text", "sbc2")

    assert looks_right(acme(), size, steps)


@UP_TO_BIG
def test_history(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_tab(pilot, "h", "history-text", "Availability")
        await until(lambda: shows(pilot, "history-text", "18:02"))

    assert looks_right(acme(), size, steps)


@pytest.mark.parametrize("theme", ["provtui-light", "provtui-ansi"])
def test_history_over_a_week(looks_right: LooksRight, theme: str) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_tab(pilot, "h", "history-text", "18:02")
        await pilot.press("right_square_bracket")
        await until(lambda: shows(pilot, "history-text", "figures of hours"))

    assert looks_right(acme(), steps=steps, theme=theme)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_trace_followed(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_tab(pilot, "t", "trace-text", "OPTIONS")
        await pilot.press("f")
        await until(lambda: shows(pilot, "trace-head", "following live"))
        daemon.exchange(an_exchange("id-acme-madrid", NOW))
        await until(lambda: shows(pilot, "trace-list", "03:10:00"))
        await pilot.press("down")

    assert looks_right(acme(), size, steps)


def test_trace_disconnected(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_tab(pilot, "t", "trace-text", "OPTIONS")
        await pilot.press("f")
        await until(lambda: shows(pilot, "trace-head", "following live"))
        daemon.go_away("no provd answers at /run/provd/provd.sock: start it (provd run)")
        await until(lambda: shows(pilot, "trace-head", "no longer followed"))
        await until(lambda: pilot.app.session.fleet.stale)  # type: ignore[attr-defined]
        clock.advance(130)
        pilot.app.screen.flush()  # type: ignore[attr-defined]

    assert looks_right(acme(), steps=steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_maintenance(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("m")
        await on_screen(pilot, MaintenanceDialog)
        await pilot.press("down", "tab", "tab", *"CHG-2214")

    assert looks_right(FakeDaemon(a_fleet(), role=Role.OPERATOR), size, steps)


def test_maintenance_ended(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("m")
        await on_screen(pilot, LiftDialog)

    assert looks_right(acme(), steps=steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_edit_checks(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("e")
        await on_screen(pilot, ProviderForm)
        for heading in reversed(pilot.app.screen.query(SectionHeading)):
            heading.focus()
            await pilot.press("enter")

    assert looks_right(acme(), size, steps)
