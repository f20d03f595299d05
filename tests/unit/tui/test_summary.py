"""What is said under the lists: in few lines, but never cut without a sign."""

import pytest

from provd.schema.health import Cause, HealthStatus
from provd.schema.maintenance import Maintenance
from provd.schema.provider import Provider
from provd.schema.timestamps import to_timestamp
from provtui.panels.alert import alert_summary
from provtui.screens.alerts import AlertsScreen
from provtui.text import width
from provtui.widgets.lines import Lines
from provtui.widgets.summary import Summary
from tests.fakes.fake_alerts import alerted, an_alert
from tests.fakes.fake_client import NOW, FakeDaemon, a_provider
from tests.unit.tui.driving import Driver, running

AT = to_timestamp(NOW - 1740)
WHY = "No answer within 2 s."
LOST = (
    "The packets are lost or dropped. Check the carrier's status page, our firewall, and that our IP is "
    "on the carrier's allow-list: some drop unknown sources in silence."
)


def silent(name: str = "Acme", *, maintenance: bool = False, **health: object) -> Provider:
    """Make one that does not answer, which is the commonest outage."""
    works = Maintenance(until=to_timestamp(NOW + 10200), reason="CHG-2214", by="ana")
    told = {"cause": Cause.TIMEOUT, "explanation": WHY, "next_step": LOST, **health}
    return a_provider(
        name,
        status=HealthStatus.UNHEALTHY,
        maintenance=works if maintenance else None,
        for_s=1740,
        health=told,
    )


def lines_of(driver: Driver, shown: Lines) -> list[str]:
    """Give what stands on the terminal where ``shown`` is."""
    area = shown.content_region
    strips = driver.app.screen._compositor.render_strips()
    return [strip.text[area.x : area.right].rstrip() for strip in strips[area.y : area.bottom]]


async def summary(driver: Driver) -> list[str]:
    await driver.settle()
    await driver.text()
    return lines_of(driver, driver.app.screen.query_one(Summary))


async def test_what_to_do_about_the_commonest_outage_is_whole_at_eighty_cells() -> None:
    async with running(FakeDaemon([silent()])) as driver:
        said = await summary(driver)
        assert said[:2] == ["Acme  ✗ unhealthy for 29m, since 02:41 UTC", WHY]
        assert " ".join(said[2:]) == f"→ {LOST}"


async def test_remarks_come_before_what_to_do_which_is_cut_with_a_sign() -> None:
    async with running(FakeDaemon([silent(flapping=True, maintenance=True)])) as driver:
        said = await summary(driver)
        assert said[2].startswith("◇ In maintenance until 06:00 UTC, set by ana: CHG-2214")
        assert said[3].startswith("! It is flapping")
        assert said[4].startswith("→ The packets are lost")
        assert said[4].endswith("… enter shows all")


async def test_remarks_that_do_not_fit_are_told_of_too() -> None:
    left_out = silent(
        flapping=True, maintenance=True, dns_problem="no answer", resolved_age_s=60.0, stale=True
    )
    async with running(FakeDaemon([left_out])) as driver:
        said = await summary(driver)
        assert len(said) == 5
        assert said[-1].endswith("… enter shows all")


@pytest.mark.parametrize(("height", "lines"), [(12, 4), (23, 4), (24, 5), (60, 5)])
async def test_a_low_terminal_has_a_line_less_and_the_sign(height: int, lines: int) -> None:
    async with running(FakeDaemon([silent()]), size=(80, height)) as driver:
        said = await summary(driver)
        assert len(said) == lines
        assert said[-1].endswith("enter shows all") is (lines == 4)


async def test_a_long_name_leaves_room_for_the_state_and_the_check_under_way() -> None:
    async with running(FakeDaemon([silent("A carrier with quite a long name that does not fit")])) as driver:
        driver.app.session.checking.add(driver.fleet.chosen().id)  # type: ignore[union-attr]
        head, *_ = await summary(driver)
        assert head.startswith("A carrier with quite a long")
        assert "✗ unhealthy for 29m, since 02:41 UTC  checking…" in head


async def test_the_table_gets_back_the_line_that_is_not_needed() -> None:
    async with running(FakeDaemon([silent(), a_provider("Beta")])) as driver:
        assert len(await summary(driver)) == 5
        height = driver.table.size.height
        await driver.press("down")
        said = await summary(driver)
        assert said[0].startswith("Beta")
        assert len(said) == 4
        assert driver.table.size.height == height + 1


async def test_the_row_under_the_cursor_stays_in_sight_when_the_summary_takes_a_line_more() -> None:
    fleet = [a_provider(f"A{number:02d}") for number in range(16)]
    async with running(FakeDaemon([*fleet, silent("Silent")])) as driver:
        await driver.press("N", "end")
        said = await summary(driver)
        assert said[0].startswith("Silent")
        assert len(said) == 5
        assert any(each.startswith("▌✗") for each in (await driver.text()).splitlines())


async def test_an_empty_store_has_no_summary() -> None:
    async with running(FakeDaemon([])) as driver:
        await driver.settle()
        assert not driver.app.screen.query_one(Summary).display


@pytest.mark.parametrize("most", [3, 4, 5])
def test_what_to_do_about_an_alert_is_cut_with_a_sign(most: int) -> None:
    alert = an_alert(1, AT, "Acme", providers=[alerted("Acme", AT, explanation=WHY, next_step=LOST)])
    said = alert_summary(alert, NOW, 78, most).plain.splitlines()
    assert len(said) == most
    assert all(width(line) <= 78 for line in said)
    assert said[-1].endswith("… enter shows all") is (most < 5)


async def test_an_alert_has_two_lines_for_what_to_do_at_eighty_by_twenty_four() -> None:
    daemon = FakeDaemon([silent()])
    alert = an_alert(1, AT, "Acme", providers=[alerted("Acme", AT, explanation=WHY, next_step=LOST)])
    daemon.alerts.by_id[alert.id] = alert
    async with running(daemon) as driver:
        await driver.press("3")
        await driver.on_screen(AlertsScreen)
        screen = driver.app.screen
        assert isinstance(screen, AlertsScreen)
        await driver.until(lambda: screen.alerts.state.read)
        await driver.settle()
        await driver.text()
        said = lines_of(driver, screen.query_one("#log-summary", Lines))
        assert len(said) == 4
        assert said[2].startswith(" → The packets are lost or dropped.")
        assert said[3].endswith("… enter shows all")
