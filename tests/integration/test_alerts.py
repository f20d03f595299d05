"""Alerts of a real daemon: raised by real checks, told to real sinks."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from provd.client import ApiError
from provd.demo.behaviour import Behaviour
from provd.demo.server import SimulatedCarrier
from provd.schema.alerts import Alert, AlertState, ChannelRequest, DeliveryState, RuleSpec
from provd.schema.events import EventType
from provd.schema.maintenance import MaintenanceRequest
from provd.schema.status import Status
from provd.store.engine import Store
from provd.store.errors import StoreError
from tests.fakes.daemon import RunningDaemon, eventually, running_daemon, temporary_folder
from tests.fakes.ports import free_port
from tests.fakes.sinks import Sink, running_mail_server, running_sink

from .announced import announced
from .conftest import StartCarrier
from .test_checks import is_healthy, is_unhealthy

ALERTS: dict[str, Any] = {
    "group_wait_s": 0.2,
    "clear_s": 0,
    "rules": {"unhealthy": {"metric": "health"}, "uplink": {"metric": "uplink"}},
    "built_in": False,
}
SILENT = Behaviour(silent=True)
EACH_SECOND = {"interval_s": 1, "timeout_s": 1}
ONCE_IN_A_WHILE = {"interval_s": 600, "timeout_s": 0.3}
NOWHERE = "127.0.0.1:9"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provd.services.alerts.keeper.TICK_S", 0.05)
    monkeypatch.setattr("provd.services.alerts.keeper.ROUND_EVERY_S", 0.5)


@asynccontextmanager
async def alerting(folder: Path, **alerts: Any) -> AsyncIterator[RunningDaemon]:
    sections = {"alerts": {**ALERTS, **alerts}, "keyring": {"backend": "file"}, "probe": EACH_SECOND}
    async with running_daemon(folder, **sections) as running:
        yield running


@pytest.fixture
async def daemon() -> AsyncIterator[RunningDaemon]:
    async with temporary_folder() as folder, alerting(folder) as running:
        yield running


async def webhook(daemon: RunningDaemon, sink: Sink, name: str = "hook", **fields: Any) -> None:
    wanted = ChannelRequest.model_validate({"kind": "webhook", "url": sink.url, **fields})
    await daemon.client.alerts.put_channel(name, wanted)


async def alerts(
    daemon: RunningDaemon, count: int, wanted: Callable[[list[Alert]], bool] = lambda _found: True
) -> list[Alert]:
    """All alerts, oldest first, once there are so many, and they are as wanted."""

    async def listed() -> list[Alert]:
        return list(reversed((await daemon.client.alerts.page()).result))

    return await eventually(listed, lambda found: len(found) == count and wanted(found))


def are(*states: AlertState) -> Callable[[list[Alert]], bool]:
    return lambda found: [each.state for each in found] == list(states)


async def told(sink: Sink, count: int) -> list[Any]:
    """The messages that a sink has, once there are so many."""

    async def received() -> list[Any]:
        return [each.json for each in sink.requests]

    return await eventually(received, lambda found: len(found) >= count)


async def all_sent(daemon: RunningDaemon) -> None:
    def done(status: Status) -> bool:
        return status.alerts.waiting == 0

    await eventually(daemon.client.status, done)


async def test_a_provider_that_fails_is_told_and_so_is_its_recovery(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    carrier, hostname = await start_carrier()
    async with running_sink() as sink:
        await webhook(daemon, sink)
        provider = await daemon.add(hostname, "Acme EU")
        await daemon.until(provider.id, is_healthy)
        carrier.behaviour = SILENT
        opened, *_ = await told(sink, 1)
        assert opened["type"] == "alert.opened"
        assert opened["title"] == "[WARNING] Acme EU: unhealthy: timeout"
        assert "Why: No answer within 1 s." in opened["text"]
        assert opened["data"]["providers"][0]["provider_id"] == provider.id
        carrier.behaviour = Behaviour()
        assert [each["type"] for each in await told(sink, 2)] == ["alert.opened", "alert.resolved"]
    (alert,) = await alerts(daemon, 1, are(AlertState.RESOLVED))
    assert [each.what for each in alert.history] == ["opened", "resolved"]
    assert alert.providers[0].explanation == "No answer within 1 s."
    seen = await announced(daemon, EventType.ALERT_RESOLVED, provider.id, at_least=1)
    assert seen[0].data["alert_id"] == alert.id


async def test_five_hundred_that_fail_together_are_one_alert_and_one_message(
    start_carrier: StartCarrier,
) -> None:
    carrier, hostname = await start_carrier()
    _, steady = await start_carrier()
    rules = {"unhealthy": {"metric": "health", "for_s": 2}}
    async with (
        temporary_folder() as folder,
        alerting(folder, rules=rules, group_wait_s=3) as daemon,
        running_sink() as sink,
    ):
        await webhook(daemon, sink)
        await daemon.add(steady, "steady", probe=EACH_SECOND)
        lines = [
            json.dumps({"name": f"gw {number}", "hostname": hostname, "probe": EACH_SECOND})
            for number in range(500)
        ]
        response = await daemon.http.post(
            "/v1.0/import", content="\n".join(lines), headers={"content-type": "application/x-ndjson"}
        )
        assert response.json()["created"] == 500

        def all_healthy(status: Status) -> bool:
            return status.providers.healthy == 501

        await eventually(daemon.client.status, all_healthy)
        carrier.behaviour = SILENT
        (alert,) = await alerts(daemon, 1)
        assert alert.providers_total == 500
        assert len((await daemon.client.alerts.get(alert.id)).providers) == 500
        carrier.behaviour = Behaviour()
        await alerts(daemon, 1, are(AlertState.RESOLVED))
        messages = await told(sink, 2)
        await all_sent(daemon)
    assert [each["type"] for each in messages] == ["alert.opened", "alert.resolved"]
    assert messages[0]["title"] == "[WARNING] 500 providers: unhealthy"


async def test_when_everything_fails_at_once_it_is_the_uplink_alone(start_carrier: StartCarrier) -> None:
    carrier, hostname = await start_carrier()
    rules = {"unhealthy": {"metric": "health", "for_s": 5}, "uplink": {"metric": "uplink"}}
    quick = {"interval_s": 1, "timeout_s": 0.3}
    async with temporary_folder() as folder, alerting(folder, rules=rules) as daemon:
        added = [await daemon.add(hostname, f"gw {number}", probe=quick) for number in range(8)]
        for provider in added:
            await daemon.until(provider.id, is_healthy)
        carrier.behaviour = SILENT
        (alert,) = await alerts(daemon, 1)
        assert alert.rule == "uplink"
        assert "our own uplink is suspect" in alert.title
        for provider in added:
            await daemon.until(provider.id, is_unhealthy)
        carrier.behaviour = Behaviour()
        await alerts(daemon, 1, are(AlertState.RESOLVED))


async def test_once_the_uplink_is_back_who_is_checked_rarely_is_not_blamed_before_its_turn(
    start_carrier: StartCarrier,
) -> None:
    carrier, hostname = await start_carrier()
    lost, elsewhere = await start_carrier()
    rules = {"unhealthy": {"metric": "health", "for_s": 2}}
    quick = {"interval_s": 1, "timeout_s": 0.3}
    async with temporary_folder() as folder, alerting(folder, rules=rules, group_wait_s=2) as daemon:
        added = [await daemon.add(hostname, f"gw {number}", probe=quick) for number in range(8)]
        away = await daemon.add(elsewhere, "away", probe=quick)
        rare = await daemon.add(hostname, "checked every ten minutes", probe=ONCE_IN_A_WHILE)
        for provider in (*added, away, rare):
            await daemon.until(provider.id, is_healthy)
        carrier.behaviour = lost.behaviour = SILENT
        await eventually(daemon.client.status, lambda status: status.monitor.uplink_suspect)
        await daemon.client.check_provider(rare.id)
        await daemon.until(rare.id, is_unhealthy)
        carrier.behaviour = Behaviour()
        (alert,) = await alerts(daemon, 1)
        assert [each.name for each in alert.providers] == ["away"]


async def test_a_restart_while_the_uplink_is_suspect_resolves_nothing_and_blames_nobody(
    start_carrier: StartCarrier,
) -> None:
    carrier, hostname = await start_carrier()
    rules = {"unhealthy": {"metric": "health", "for_s": 2}, "uplink": {"metric": "uplink"}}
    quick = {"interval_s": 1, "timeout_s": 0.3}
    async with temporary_folder() as folder:
        async with alerting(folder, rules=rules) as daemon:
            added = [await daemon.add(hostname, f"gw {number}", probe=quick) for number in range(8)]
            for provider in added:
                await daemon.until(provider.id, is_healthy)
            carrier.behaviour = SILENT
            await alerts(daemon, 1)
            for provider in added:
                await daemon.until(provider.id, is_unhealthy)
        async with alerting(folder, rules=rules) as daemon:
            for provider in added:
                before = (await daemon.client.provider(provider.id)).health_checked_at
                await daemon.until(provider.id, lambda now, before=before: now.health_checked_at != before)
            (alert,) = await alerts(daemon, 1)
            assert (alert.rule, alert.state) == ("uplink", AlertState.OPEN)
            assert (await daemon.client.status()).monitor.uplink_suspect
            carrier.behaviour = Behaviour()
            await alerts(daemon, 1, are(AlertState.RESOLVED))


async def test_a_flapping_provider_is_one_alert() -> None:
    async with temporary_folder() as folder, alerting(folder, clear_s=3) as daemon, running_sink() as sink:
        carrier = SimulatedCarrier(Behaviour(delay_s=0.001, jitter_s=0.001))
        port = await carrier.start("127.0.0.1", 0)
        try:
            await webhook(daemon, sink)
            provider = await daemon.add(f"127.0.0.1:{port}", probe={"interval_s": 1, "timeout_s": 0.3})
            for _ in range(3):
                await daemon.until(provider.id, is_healthy)
                carrier.behaviour = SILENT
                await daemon.until(provider.id, is_unhealthy)
                carrier.behaviour = Behaviour(delay_s=0.001, jitter_s=0.001)
            (alert,) = await alerts(daemon, 1, lambda found: found[0].title.endswith("flapping"))
            assert alert.state is AlertState.OPEN
            await all_sent(daemon)
            assert [each.json["type"] for each in sink.requests] == ["alert.opened"]
        finally:
            carrier.close()


async def test_a_sink_that_is_down_loses_nothing_and_gets_each_once_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # an hour at a thousandth of its length: a retry after 5 ms, and at last every 300 ms
    monkeypatch.setattr("provd.services.alerts.deliverer.FIRST_RETRY_S", 0.005)
    monkeypatch.setattr("provd.services.alerts.deliverer.LAST_RETRY_S", 0.3)
    port = free_port()
    sink = Sink(port)
    async with temporary_folder() as folder:
        async with alerting(folder) as daemon:
            await webhook(daemon, sink)
            for number in range(10):
                await daemon.add(NOWHERE, f"gw {number}", probe=ONCE_IN_A_WHILE)
                await alerts(daemon, number + 1)

            async def waiting() -> list[int]:
                found = await daemon.client.alerts.deliveries(filters={"channel": "hook"})
                return [each.attempts for each in found.result]

            tried = await eventually(waiting, lambda found: len(found) == 10 and found[-1] >= 10)
            assert tried[:-1] == [0] * 9  # the others wait for the first
            (channel,) = [
                each for each in (await daemon.client.alerts.channels()).result if each.name == "hook"
            ]
            assert channel.waiting == 10
            assert "can't be reached" in channel.error
        async with alerting(folder) as daemon:  # what waits survives a restart
            assert (await daemon.client.status()).alerts.waiting == 10
            async with running_sink(port) as up:
                await all_sent(daemon)
                titles = [each.json["title"] for each in up.requests]
                assert titles == [f"[WARNING] gw {number}: unhealthy: refused" for number in range(10)]
                assert len({each.headers["webhook-id"] for each in up.requests}) == 10


async def test_an_alert_outlives_a_restart_without_being_told_again() -> None:
    async with temporary_folder() as folder, running_sink() as sink:
        async with alerting(folder) as daemon:
            await webhook(daemon, sink)
            provider = await daemon.add(NOWHERE, probe=ONCE_IN_A_WHILE)
            (before,) = await alerts(daemon, 1)
            await told(sink, 1)
        async with alerting(folder) as daemon:
            await daemon.client.check_provider(provider.id)
            (after,) = await alerts(daemon, 1)
            assert (after.id, after.state) == (before.id, AlertState.OPEN)
            await daemon.client.delete_provider(provider.id)
            await alerts(daemon, 1, are(AlertState.RESOLVED))
            messages = await told(sink, 2)
    assert [each["type"] for each in messages] == ["alert.opened", "alert.resolved"]
    assert "it was deleted" in messages[1]["text"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"probe": {"enabled": False}}, "it is no longer checked"), ({"enabled": False}, "it is disabled")],
)
async def test_a_provider_that_is_not_checked_any_more_is_not_told_as_well_again(
    daemon: RunningDaemon, changes: dict[str, Any], why: str
) -> None:
    async with running_sink() as sink:
        await webhook(daemon, sink)
        provider = await daemon.add(NOWHERE, "Acme", probe=ONCE_IN_A_WHILE)
        await told(sink, 1)
        await daemon.client.patch_provider(provider.id, changes)
        _, message = await told(sink, 2)
    assert f"{why}: Acme" in message["text"].splitlines()
    (alert,) = await alerts(daemon, 1, are(AlertState.RESOLVED))
    assert alert.providers[0].cleared_why == why


async def test_maintenance_keeps_quiet(daemon: RunningDaemon) -> None:
    provider = await daemon.add(NOWHERE, probe=ONCE_IN_A_WHILE)
    await alerts(daemon, 1, are(AlertState.OPEN))
    await daemon.client.set_maintenance(provider.id, MaintenanceRequest())
    (alert,) = await alerts(daemon, 1, are(AlertState.RESOLVED))
    assert alert.providers[0].cleared_why == "it is in maintenance"
    await daemon.client.lift_maintenance(provider.id)
    await alerts(daemon, 2, are(AlertState.RESOLVED, AlertState.OPEN))


async def test_who_acknowledges_stops_reminders_and_is_named(daemon: RunningDaemon) -> None:
    await daemon.add(NOWHERE, probe=ONCE_IN_A_WHILE)
    (alert,) = await alerts(daemon, 1)
    taken = await daemon.client.alerts.acknowledge(alert.id, "called them")
    assert (taken.state, taken.acknowledged_by != "") == (AlertState.ACKNOWLEDGED, True)
    assert taken.history[-1].note == "called them"
    again = await daemon.client.alerts.acknowledge(alert.id, "me too")
    assert len(again.history) == len(taken.history)
    status = await daemon.client.status()
    assert (status.alerts.open, status.alerts.acknowledged) == (0, 1)
    (entry,) = (await daemon.client.audit(filters={"action": "alert."})).result
    assert (entry.action, entry.object_id, entry.after) == (
        "alert.acknowledge",
        alert.id,
        {"note": "called them"},
    )
    with pytest.raises(ApiError) as error:
        await daemon.client.alerts.acknowledge("00000000-0000-0000-0000-000000000000")
    assert error.value.http_code == 404


async def test_what_is_over_can_not_be_acknowledged(daemon: RunningDaemon) -> None:
    provider = await daemon.add(NOWHERE, probe=ONCE_IN_A_WHILE)
    await alerts(daemon, 1)
    await daemon.client.delete_provider(provider.id)
    (alert,) = await alerts(daemon, 1, are(AlertState.RESOLVED))
    with pytest.raises(ApiError, match="there is nothing left to do about it"):
        await daemon.client.alerts.acknowledge(alert.id)


async def test_an_alert_that_nobody_takes_on_goes_higher_up() -> None:
    async with (
        temporary_folder() as folder,
        running_sink() as usual,
        running_sink() as boss,
        alerting(folder, escalate_after_min=0.02, escalate_to=["boss"]) as daemon,
    ):
        await webhook(daemon, usual)
        await webhook(daemon, boss, "boss")
        provider = await daemon.add(NOWHERE, probe=ONCE_IN_A_WHILE)
        (escalated, *_) = await told(boss, 1)
        assert escalated["type"] == "alert.escalated"
        assert "NOT ACKNOWLEDGED" in escalated["title"]
        await daemon.client.delete_provider(provider.id)
        assert [each["type"] for each in await told(boss, 2)] == ["alert.escalated", "alert.resolved"]
        assert [each["type"] for each in await told(usual, 2)] == ["alert.opened", "alert.resolved"]


async def test_a_rule_names_its_channels_and_a_channel_its_severity(daemon: RunningDaemon) -> None:
    async with running_sink() as loud, running_sink() as quiet, running_sink() as other:
        await webhook(daemon, loud, "loud")
        await webhook(daemon, quiet, "quiet", min_severity="critical")
        await webhook(daemon, other, "other")
        spec = RuleSpec.model_validate(
            {"metric": "cause", "one_of": ["refused"], "channels": ["loud", "quiet"]}
        )
        await daemon.client.alerts.put_rule("refused", spec)
        await daemon.add(NOWHERE, "gw", probe=ONCE_IN_A_WHILE, tags=["x"])
        await alerts(daemon, 2)
        await all_sent(daemon)
        assert sorted(each.json["data"]["rule"] for each in loud.requests) == ["refused", "unhealthy"]
        assert [each.json["data"]["rule"] for each in other.requests] == ["unhealthy"]
        assert quiet.requests == []


async def test_mail_and_a_program_are_told_too(tmp_path: Path) -> None:
    program = tmp_path / "page"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$PROVD_ALERT_TITLE" >> {tmp_path}/paged\n')
    program.chmod(0o755)
    commands = {"pager": {"run": [str(program)]}}
    async with temporary_folder() as folder, alerting(folder, commands=commands) as daemon:
        with running_mail_server() as server:
            wanted = ChannelRequest.model_validate(
                {"kind": "apprise", "url": f"{server.url}&to=ops@example.com"}
            )
            await daemon.client.alerts.put_channel("mail", wanted)
            await daemon.add(NOWHERE, "Acme", probe=ONCE_IN_A_WHILE)
            await alerts(daemon, 1)
            await all_sent(daemon)
    assert [each["subject"] for each in server.mails] == ["[WARNING] Acme: unhealthy: refused"]
    assert (tmp_path / "paged").read_text() == "[WARNING] Acme: unhealthy: refused\n"


async def test_rules_are_made_changed_and_deleted(daemon: RunningDaemon) -> None:
    calls = daemon.client.alerts
    slow = RuleSpec.model_validate({"metric": "rtt_p95_ms", "above": 250})
    made = await calls.put_rule("slow", slow)
    assert (made.revision, made.origin) == (1, "api")
    changed = await calls.put_rule("slow", slow.model_copy(update={"above": 300}), revision=1)
    assert (changed.revision, changed.above) == (2, 300)
    with pytest.raises(ApiError) as stale:
        await calls.put_rule("slow", slow, revision=1)
    assert stale.value.http_code == 412
    with pytest.raises(ApiError, match=r"\[alerts.rules.unhealthy\] in provd's config"):
        await calls.put_rule("unhealthy", slow)
    assert [each.name for each in (await calls.rules()).result] == ["slow", "unhealthy", "uplink"]
    await calls.delete_rule("slow")
    with pytest.raises(ApiError) as gone:
        await calls.rule("slow")
    assert gone.value.http_code == 404
    actions = [each.action for each in (await daemon.client.audit(filters={"action": "alert_rule"})).result]
    assert actions == ["alert_rule.delete", "alert_rule.put", "alert_rule.put"]


async def test_a_built_in_rule_is_switched_off_by_one_of_its_name() -> None:
    async with temporary_folder() as folder, running_daemon(folder, alerts={"group_wait_s": 0}) as daemon:
        calls = daemon.client.alerts
        with pytest.raises(ApiError, match="built in"):
            await calls.delete_rule("drift")
        off = RuleSpec.model_validate({"metric": "drift", "enabled": False})
        await calls.put_rule("drift", off)
        assert not (await calls.rule("drift")).enabled
        await calls.delete_rule("drift")
        assert (await calls.rule("drift")).origin == "built-in"


async def test_a_rule_that_is_deleted_takes_its_alerts_with_it(daemon: RunningDaemon) -> None:
    spec = RuleSpec.model_validate({"metric": "cause", "one_of": ["refused"]})
    await daemon.client.alerts.put_rule("refused", spec)
    await daemon.add(NOWHERE, probe=ONCE_IN_A_WHILE)
    await alerts(daemon, 2)
    await daemon.client.alerts.delete_rule("refused")
    found = await alerts(daemon, 2, lambda all_of: {each.state for each in all_of} == {"open", "resolved"})
    assert {each.rule: each.state for each in found} == {"refused": "resolved", "unhealthy": "open"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "metric"),
        ({"metric": "luck"}, "metric"),
        ({"metric": "asr"}, "either above or below"),
        ({"metric": "health", "abov": 3}, "abov"),
        ({"metric": "health", "channels": ["a b"]}, "channels"),
    ],
)
async def test_a_rule_that_makes_no_sense_changes_nothing(
    daemon: RunningDaemon, body: dict[str, Any], said: str
) -> None:
    response = await daemon.http.put("/v1.0/alerts/rules/bad", json=body)
    assert response.status_code == 400
    assert said in response.text
    assert "bad" not in [each.name for each in (await daemon.client.alerts.rules()).result]


async def test_an_address_is_in_the_keyring_and_nowhere_else(
    daemon: RunningDaemon, caplog: pytest.LogCaptureFixture
) -> None:
    calls = daemon.client.alerts
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    url = f"http://127.0.0.1:{free_port()}/T0KEN-in-the-path"
    wanted = ChannelRequest.model_validate({"kind": "webhook", "url": url, "secret": secret})
    made = await calls.put_channel("hook", wanted)
    assert made.secret is None
    mail = "mailto://mara:s3cr3t-pw@127.0.0.1:9?from=provd@example.com&to=ops@example.com"
    await calls.put_channel("mail", ChannelRequest.model_validate({"kind": "apprise", "url": mail}))
    for name in ("hook", "mail"):
        tested = await calls.test_channel(name)
        assert (tested.sent, tested.error != "") == (False, True)
    shown = [
        (await daemon.http.get(path)).text
        for path in (
            "/v1.0/alerts/channels",
            "/v1.0/audit",
            "/v1.0/events/log",
            "/v1.0/alerts/deliveries",
            "/v1.0/export?format=json",
        )
    ]
    kept = [each.read_bytes() for each in daemon.state_dir.rglob("*") if each.is_file()]
    for hidden in ("T0KEN-in-the-path", secret, "s3cr3t-pw"):
        assert not [text for text in (*shown, caplog.text, tested.error) if hidden in text]
        assert not [data for data in kept if hidden.encode() in data]


async def test_a_channel_is_changed_and_deleted(daemon: RunningDaemon) -> None:
    calls = daemon.client.alerts
    async with running_sink() as first, running_sink() as second:
        wanted = ChannelRequest.model_validate({"kind": "webhook", "url": first.url})
        made = await calls.put_channel("hook", wanted)
        assert (made.secret or "").startswith("whsec_")
        quiet = ChannelRequest.model_validate({"kind": "webhook", "min_severity": "critical"})
        changed = await calls.put_channel("hook", quiet, revision=made.revision)
        assert (changed.revision, changed.secret, changed.min_severity) == (2, None, "critical")
        assert (await calls.test_channel("hook")).sent
        elsewhere = ChannelRequest.model_validate({"kind": "webhook", "url": second.url})
        await calls.put_channel("hook", elsewhere)
        assert (await calls.test_channel("hook")).sent
        assert (len(first.requests), len(second.requests)) == (1, 1)
    with pytest.raises(ApiError) as stale:
        await calls.delete_channel("hook", revision=1)
    assert stale.value.http_code == 412
    await calls.delete_channel("hook")
    with pytest.raises(ApiError) as gone:
        await calls.test_channel("hook")
    assert gone.value.http_code == 404
    with pytest.raises(ApiError, match="is of provd's config"):
        await calls.delete_channel("journal")


async def test_a_channel_that_rules_name_is_not_deleted() -> None:
    rules = {"night": {"metric": "health", "channels": ["ops"]}}
    async with (
        temporary_folder() as folder,
        running_sink() as sink,
        alerting(folder, rules=rules) as daemon,
    ):
        calls = daemon.client.alerts
        await webhook(daemon, sink, "ops")
        await webhook(daemon, sink, "hook")
        off = {"metric": "drift", "channels": ["hook", "ops"], "enabled": False}
        await calls.put_rule("drift", RuleSpec.model_validate(off))
        with pytest.raises(ApiError) as refused:
            await calls.delete_channel("ops")
        assert (refused.value.http_code, refused.value.body.reason) == (409, "CHANNEL_IN_USE")
        names = "drift, night in provd's config"
        said = f"2 rules name this channel ({names}): have them name another, or delete them"
        assert str(refused.value) == said
        with pytest.raises(ApiError, match=r"^1 rule names this channel \(drift\): have it name another"):
            await calls.delete_channel("hook")
        assert (await calls.test_channel("ops")).sent
        await calls.delete_rule("drift")
        await calls.delete_channel("hook")
        assert [each.name for each in (await calls.channels()).result] == ["journal", "ops"]


async def test_of_many_rules_that_name_a_channel_the_first_are_told() -> None:
    rules = {f"r{number:02}": {"metric": "health", "channels": ["ops"]} for number in range(30)}
    async with temporary_folder() as folder, alerting(folder, rules=rules) as daemon:
        await webhook(daemon, Sink(free_port()), "ops")
        with pytest.raises(ApiError, match=r"^30 rules .*, r09 in provd's config, \.\.\.\): have them"):
            await daemon.client.alerts.delete_channel("ops")


async def test_what_waits_for_a_deleted_channel_is_given_up(daemon: RunningDaemon) -> None:
    await webhook(daemon, Sink(free_port()))
    await daemon.add(NOWHERE, probe=ONCE_IN_A_WHILE)
    await alerts(daemon, 1)
    await daemon.client.alerts.delete_channel("hook")

    async def hooks() -> list[DeliveryState]:
        found = await daemon.client.alerts.deliveries(filters={"channel": "hook"})
        return [each.state for each in found.result]

    await eventually(hooks, lambda states: states == [DeliveryState.FAILED])
    (alert,) = await alerts(daemon, 1)
    assert alert.undelivered == 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"kind": "webhook"}, "url is missing"),
        ({"kind": "webhook", "url": "http://example.com/x"}, "must be https"),
        ({"kind": "webhook", "url": "https://example.com/x", "secret": "short"}, "whsec_"),
        ({"kind": "apprise", "url": "nonsense://x"}, "is no URL that Apprise understands"),
        ({"kind": "apprise", "url": "json://127.0.0.1", "secret": "x"}, "for webhooks alone"),
        ({"kind": "command", "url": "/bin/sh"}, "kind"),
    ],
)
async def test_a_channel_that_can_not_work_changes_nothing(
    daemon: RunningDaemon, body: dict[str, Any], said: str
) -> None:
    response = await daemon.http.put("/v1.0/alerts/channels/bad", json=body)
    assert response.status_code == 400
    assert said in response.text
    assert [each.name for each in (await daemon.client.alerts.channels()).result] == ["journal"]


async def test_without_a_keyring_a_channel_is_refused_and_nothing_is_kept() -> None:
    async with temporary_folder() as folder:
        keyring = {"backend": "keyring.backends.fail.Keyring"}
        async with running_daemon(folder, keyring=keyring) as daemon:
            body = {"kind": "webhook", "url": "https://example.com/x"}
            response = await daemon.http.put("/v1.0/alerts/channels/hook", json=body)
            assert (response.status_code, response.json()["error"]["reason"]) == (503, "KEYRING_UNAVAILABLE")
            assert [each.name for each in (await daemon.client.alerts.channels()).result] == ["journal"]


async def test_acknowledgements_that_come_together_are_each_in_the_audit_log() -> None:
    rules = {f"r{number}": {"metric": "health"} for number in range(6)}
    async with temporary_folder() as folder, alerting(folder, rules=rules) as daemon:
        await daemon.add(NOWHERE, probe=ONCE_IN_A_WHILE)
        found = await alerts(daemon, 6)
        await asyncio.gather(*(daemon.client.alerts.acknowledge(each.id, "mine") for each in found))
        await alerts(daemon, 6, are(*[AlertState.ACKNOWLEDGED] * 6))
        entries = (await daemon.client.audit(filters={"action": "alert."})).result
    assert sorted(each.object_id for each in entries) == sorted(each.id for each in found)


async def test_an_acknowledgement_that_is_kept_later_is_in_the_audit_log_too(
    daemon: RunningDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    await daemon.add(NOWHERE, probe=ONCE_IN_A_WHILE)
    (alert,) = await alerts(daemon, 1)

    def fails(_store: Store) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(Store, "write", fails)
        with pytest.raises(ApiError) as refused:
            await daemon.client.alerts.acknowledge(alert.id, "mine")
    assert refused.value.http_code == 503
    await alerts(daemon, 1, are(AlertState.ACKNOWLEDGED))
    (entry,) = (await daemon.client.audit(filters={"action": "alert."})).result
    assert entry.object_id == alert.id


async def test_an_escalation_to_a_channel_that_is_off_is_told_on_all() -> None:
    async with (
        temporary_folder() as folder,
        running_sink() as usual,
        running_sink() as boss,
        alerting(folder, escalate_after_min=0.02, escalate_to=["boss"]) as daemon,
    ):
        await webhook(daemon, usual)
        await webhook(daemon, boss, "boss", enabled=False)
        await daemon.add(NOWHERE, probe=ONCE_IN_A_WHILE)
        assert [each["type"] for each in await told(usual, 2)] == ["alert.opened", "alert.escalated"]
        await all_sent(daemon)
        assert boss.requests == []


@pytest.mark.parametrize("how", ["missing", "off"])
async def test_a_rule_whose_channels_are_all_missing_or_off_is_told_on_all(
    how: str, caplog: pytest.LogCaptureFixture
) -> None:
    rules = {"down": {"metric": "health", "channels": ["ops"]}}
    async with (
        temporary_folder() as folder,
        running_sink() as ops,
        running_sink() as other,
        alerting(folder, rules=rules) as daemon,
    ):
        if how == "off":
            await webhook(daemon, ops, "ops", enabled=False)
        await webhook(daemon, other, "other")
        for number in range(2):
            await daemon.add(NOWHERE, f"gw {number}", probe=ONCE_IN_A_WHILE)
            await told(other, number + 1)
        assert ops.requests == []
    (line,) = [each for each in caplog.messages if "names only channels" in each]
    assert "(ops)" in line


async def test_pages_of_alerts_lose_and_repeat_none(daemon: RunningDaemon) -> None:
    for number in range(5):
        await daemon.add(NOWHERE, f"gw {number}", probe=ONCE_IN_A_WHILE)
        await alerts(daemon, number + 1)
    seen, token = list[str](), ""
    while True:
        page = await daemon.client.alerts.page(page_size=2, page_token=token)
        seen += [each.title for each in page.result]
        token = page.next_page_token
        if not token:
            break
    assert seen == [f"gw {number}: unhealthy: refused" for number in reversed(range(5))]


async def test_what_no_event_tells_of_is_found_too(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier(Behaviour(delay_s=0.05))
    slow = RuleSpec.model_validate({"metric": "rtt_p95_ms", "above": 10, "tags": ["emea"]})
    await daemon.client.alerts.put_rule("slow", slow)
    wanted = await daemon.add(hostname, "far", tags=["emea"])
    await daemon.add(hostname, "farther", tags=["apac"])
    (alert,) = await alerts(daemon, 1)
    assert [each.provider_id for each in alert.providers] == [wanted.id]
    assert alert.title.startswith("far: RTT p95 is ")


async def test_causes_loss_and_availability_are_told_in_the_log_too(
    start_carrier: StartCarrier, caplog: pytest.LogCaptureFixture
) -> None:
    rules = {
        "refused": {"metric": "cause", "one_of": ["refused"], "severity": "critical"},
        "lossy": {"metric": "loss_pct", "above": 50},
        "absent": {"metric": "availability", "below": 99},
        "silent": {"metric": "cause", "one_of": ["timeout"]},
    }
    _, hostname = await start_carrier()
    async with temporary_folder() as folder, alerting(folder, rules=rules) as daemon:
        await daemon.until((await daemon.add(hostname, "well")).id, is_healthy)
        failing = await daemon.add(NOWHERE, "Acme EU")
        found = {each.rule: each for each in await alerts(daemon, 3)}
        await all_sent(daemon)
    assert set(found) == {"refused", "lossy", "absent"}
    assert {provider.provider_id for each in found.values() for provider in each.providers} == {failing.id}
    (line,) = [each for each in caplog.records if each.name == "provd.alerts" and "refused" in each.message]
    assert (line.levelname, "Acme EU" in line.message) == ("CRITICAL", True)


async def test_calls_that_fail_through_a_healthy_provider_are_told(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    for name, fields in (("impaired", {}), ("asr", {"below": 50}), ("pdd", {"above": 3000})):
        await daemon.client.alerts.put_rule(name, RuleSpec.model_validate({"metric": name, **fields}))
    _, hostname = await start_carrier()
    provider = await daemon.add(hostname, "Acme")
    await daemon.until(provider.id, is_healthy)
    call = {"provider": "Acme", "destination": "+442071838750", "code": 503, "pdd_ms": 4000}
    response = await daemon.http.post("/v1.0/calls", json=[call] * 40)
    assert response.json()["created"] == 40
    found = {each.rule: each for each in await alerts(daemon, 3)}
    assert "40 ended with 503" in found["impaired"].providers[0].explanation
    assert found["asr"].title == "Acme: ASR of 15 min is 0 %"
    assert found["pdd"].providers[0].value.startswith("PDD p95 of 15 min is ")


async def test_a_trunk_that_differs_and_an_account_that_runs_out_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("provd.services.setups.trunks._LOOK_EVERY_S", 0.1)
    rules = {"drift": {"metric": "drift"}, "credit": {"metric": "balance", "below": 20}}
    async with temporary_folder() as folder, alerting(folder, rules=rules) as daemon:
        provider = await daemon.add("192.0.2.1", "Telnyx", probe={"enabled": False})
        setup = {
            "id": "3", "carrier": "telnyx", "name": "Telnyx", "state": "done", "provider_id": provider.id,
            "uid": 0, "by": "root", "drift": json.dumps([{"kind": "missing"}]), "balance": 12.5,
        }  # fmt: skip
        rest = {"draft": "{}", "by_hand": "[]", "tm_create": "x", "tm_update": "x", "detail": "", "error": ""}
        row = {**setup, **rest, "request_hash": "", "verified_at": "9998", "balance_at": "9998"}
        names, places = ", ".join(row), ", ".join("?" * len(row))
        await daemon.edit_store(
            f"INSERT INTO setup ({names}) VALUES ({places})", parameters=list(row.values())
        )
        found = {each.rule: each for each in await alerts(daemon, 2)}
        await daemon.edit_store("UPDATE setup SET balance_at = '2020'")  # it is asked for; there is no key
        with closing(sqlite3.connect(daemon.state_dir / "provd.db")) as store:

            async def asked() -> tuple[str, float | None]:
                when, balance = store.execute("SELECT balance_at, balance FROM setup").fetchone()
                return when, balance

            _, balance = await eventually(asked, lambda row: row[0] != "2020")
        await daemon.edit_store("UPDATE setup SET state = 'undone'")
        over = await alerts(daemon, 2, are(AlertState.RESOLVED, AlertState.RESOLVED))
    assert balance == 12.5
    assert [each.providers[0].cleared_why for each in over] == [
        "it is not set up at its carrier any more"
    ] * 2
    assert found["drift"].title == "Telnyx: 1 difference"
    assert found["credit"].title == "Telnyx: balance is 12.5"
