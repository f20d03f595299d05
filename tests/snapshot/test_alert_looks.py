"""What the alerts, their rules and channels, and a provider's calls look like."""

import pytest
from textual.pilot import Pilot

from provd.schema.alerts import AlertState, AlertStep, DeliveryState, Severity
from provd.schema.health import HealthStatus
from provd.schema.timestamps import to_timestamp
from provtui.dialogs.alert import AlertDialog
from provtui.dialogs.channel_form import ChannelForm
from provtui.dialogs.channels import ChannelsDialog
from provtui.dialogs.rule_form import RuleForm
from provtui.dialogs.rules import RulesDialog
from provtui.screens.alerts import AlertsScreen
from provtui.screens.provider import ProviderScreen
from tests.fakes.call_figures import some_calls
from tests.fakes.fake_alerts import a_channel, a_delivery, a_rule, alerted, an_alert
from tests.fakes.fake_client import NOW, FakeClock, FakeDaemon, a_fleet, a_provider
from tests.snapshot.steps import IDS, SIZES, LooksRight, on_screen, shows, until


def ago(seconds: float) -> str:
    return to_timestamp(NOW - seconds)


def wrong() -> FakeDaemon:
    """A fleet with alerts of all kinds, rules and channels."""
    daemon = FakeDaemon(a_fleet())
    refused = {"value": "refused", "explanation": "203.0.113.77 refuses UDP 5060: nothing listens there."}
    lisbon, paris = alerted("Colt Lisbon", ago(1740)), alerted("Orange Paris", ago(1735), **refused)
    milan = alerted(
        "Vodafone Milan", ago(1730), cleared_at=ago(600), cleared_why="it is in maintenance by ana"
    )
    names = ("Colt Lisbon", "Orange Paris", "Vodafone Milan")
    outage = an_alert(4, ago(1730), *names, providers=[lisbon, paris, milan], providers_failing=2)
    acked = AlertStep(at=ago(3000), what="acknowledged", by="ana", note="asked Colt")
    certificate = an_alert(
        3,
        ago(3600),
        "BT London",
        rule="certificate",
        metric="tls_days_left",
        severity=Severity.WARNING,
        title="BT London: its certificate ends in 9 days",
        state=AlertState.ACKNOWLEDGED,
        acknowledged_at=ago(3000),
        acknowledged_by="ana",
        history=[AlertStep(at=ago(3600), what="opened"), acked],
    )
    many = an_alert(2, ago(90000), "A", title="500 providers: unhealthy", providers_total=500)
    many = many.model_copy(update={"providers_failing": 480})
    info = an_alert(1, ago(190000), "東京テレコム", rule="slow", severity=Severity.INFO, title="東京: 310 ms")
    for alert in (info, many, certificate, outage):
        daemon.alerts.by_id[alert.id] = alert
    waiting = {"state": DeliveryState.WAITING, "attempts": 3, "next_attempt_at": ago(-120)}
    daemon.alerts.deliveries = [
        a_delivery(2, outage, "chat", error="the server answered 502 Bad Gateway", **waiting),
        a_delivery(1, outage),
    ]
    daemon.alerts.rules |= {
        "certificate": a_rule(
            "certificate", "built-in", metric="tls_days_left", below=14, severity="warning", for_s=0
        ),
        "night": a_rule("night", "config", tags=["emea"], channels=["pager"], severity="critical"),
        "slow": a_rule("slow", metric="rtt_p95_ms", above=250, for_s=120, detail="Slow for two minutes."),
        "lossy": a_rule("lossy", metric="loss_pct", above=5, enabled=False),
    }
    daemon.alerts.channels = {
        "chat": a_channel(
            "chat",
            kind="webhook",
            address="https://hooks.example.com/…",
            waiting=1,
            error="the server answered 502 Bad Gateway",
        ),
        "ops": a_channel("ops", min_severity="warning", last_sent_at=ago(1700)),
        "pager": a_channel("pager", kind="command", origin="config", address="/usr/local/bin/page-me"),
    }
    return daemon


async def open_alerts(pilot: Pilot[None]) -> None:
    await pilot.press("3")
    await on_screen(pilot, AlertsScreen)
    await until(lambda: pilot.app.screen.alerts.state.read)  # type: ignore[attr-defined]
    await pilot.pause()


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_alerts(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_alerts(pilot)
        await pilot.press("space")

    assert looks_right(wrong(), size, steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_no_alert(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_alerts(pilot)

    assert looks_right(FakeDaemon(a_fleet()), size, steps)


def test_alerts_while_provd_is_away(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_alerts(pilot)
        daemon.go_away()
        clock.advance(150.0)
        await until(lambda: pilot.app.session.fleet.stale)  # type: ignore[attr-defined]
        pilot.app.screen.flush()  # type: ignore[attr-defined]

    assert looks_right(wrong(), steps=steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_alert(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_alerts(pilot)
        await pilot.press("enter")
        await on_screen(pilot, AlertDialog)
        await until(lambda: shows(pilot, "alert-text", "Messages"))

    assert looks_right(wrong(), size, steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_rules(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_alerts(pilot)
        await pilot.press("R")
        await on_screen(pilot, RulesDialog)
        await until(lambda: not shows(pilot, "list-said", "Reading"))
        await pilot.press("down", "down", "down")

    assert looks_right(wrong(), size, steps)


def test_rule_form(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_alerts(pilot)
        await pilot.press("R")
        await on_screen(pilot, RulesDialog)
        await pilot.press("a")
        await on_screen(pilot, RuleForm)

    assert looks_right(wrong(), steps=steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_channels(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_alerts(pilot)
        await pilot.press("C")
        await on_screen(pilot, ChannelsDialog)
        await until(lambda: not shows(pilot, "list-said", "Reading"))

    assert looks_right(wrong(), size, steps)


def test_channel_form(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await open_alerts(pilot)
        await pilot.press("C")
        await on_screen(pilot, ChannelsDialog)
        await pilot.press("a")
        await on_screen(pilot, ChannelForm)

    assert looks_right(wrong(), steps=steps)


def called() -> FakeDaemon:
    """Two providers, one of them impaired, with calls."""
    reason = (
        "its checks succeed, but of the 40 calls of the last 15 min only 9 reached the called party "
        "(NER 22 %, and less than 50 % is too little): 25 ended with 503"
    )
    impaired = {"impaired": True, "impaired_reason": reason}
    daemon = FakeDaemon([a_provider("Acme", health=impaired), a_provider("Zeta")])
    daemon.call_figures["id-acme"] = some_calls("id-acme")
    return daemon


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_calls(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("enter")
        await on_screen(pilot, ProviderScreen)
        await pilot.press("p")
        await until(lambda: pilot.app.screen.calls.value is not None)  # type: ignore[attr-defined]

    assert looks_right(called(), size, steps)


def test_no_calls(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("enter")
        await on_screen(pilot, ProviderScreen)
        await pilot.press("p")
        await until(lambda: pilot.app.screen.calls.value is not None)  # type: ignore[attr-defined]

    assert looks_right(FakeDaemon([a_provider("Acme", status=HealthStatus.HEALTHY)]), steps=steps)


def test_impaired(looks_right: LooksRight) -> None:
    assert looks_right(called())
