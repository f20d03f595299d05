"""``provctl alerts``, as commands that people run."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from provd.schema.alerts import RuleSpec
from tests.fakes.daemon import RunningDaemon, running_daemon, temporary_folder
from tests.fakes.programs import Programs
from tests.fakes.sinks import running_sink

from .test_alerts import NOWHERE, ONCE_IN_A_WHILE, alerting, alerts, all_sent
from .test_provctl import PROVCTL, Command, Ended, done, first_words, run


@pytest.fixture
async def daemon() -> AsyncIterator[RunningDaemon]:
    async with temporary_folder() as folder, alerting(folder) as running:
        yield running


@pytest.fixture
def provctl(programs: Programs, daemon: RunningDaemon) -> Command:
    """Run provctl against the daemon."""

    async def against_the_daemon(*arguments: str, answer: str | None = None, **environment: str) -> Any:
        return await run(
            programs, PROVCTL, *arguments, answer=answer, PROVD_SOCKET=daemon.socket, **environment
        )

    return against_the_daemon


async def test_what_is_wrong_is_listed_shown_and_taken_on(daemon: RunningDaemon, provctl: Command) -> None:
    assert await done(provctl("alerts", "list")) == "nothing is wrong\n"
    provider = await daemon.add(NOWHERE, "Acme EU", probe=ONCE_IN_A_WHILE)
    (alert,) = await alerts(daemon, 1)
    listed = await provctl("alerts", "list")
    assert listed.code == 1
    assert "Acme EU: unhealthy: refused" in listed.out
    shown = await done(provctl("alerts", "show", alert.id[:8]))
    assert "Check the port" in shown
    taken = await done(provctl("alerts", "ack", alert.id[:8], "--note", "called them"))
    assert "acknowledged" in taken
    assert "called them" in await done(provctl("alerts", "show", alert.id))
    assert first_words(await done(provctl("alerts", "list", "--provider", "Acme EU"))) == [
        "ALERT",
        alert.id[:8],
    ]
    assert await done(provctl("alerts", "list", "--severity", "critical")) == "nothing is wrong\n"
    assert "0 open, 1 acknowledged" in await done(provctl("status"))
    await daemon.client.delete_provider(provider.id)
    await alerts(daemon, 1, lambda found: found[0].state == "resolved")
    assert await done(provctl("alerts", "list")) == "nothing is wrong\n"
    assert "resolved" in await done(provctl("alerts", "list", "--all"))
    assert re.search(r", over since 20.* \(it was deleted\)", await done(provctl("alerts", "show", alert.id)))
    assert (await provctl("alerts", "show", "ffff")).code == 4
    refused = await provctl("alerts", "ack", alert.id)
    assert (refused.code, "nothing left to do" in refused.err) == (6, True)


async def test_a_rule_is_made_and_deleted(provctl: Command) -> None:
    made = await done(
        provctl("alerts", "rule", "set", "slow", "--metric", "rtt_p95_ms", "--above", "250", "--for", "2m")
    )
    assert "rtt_p95_ms above 250" in made
    assert "120 s" in made
    assert first_words(await done(provctl("alerts", "rules"))) == ["RULE", "slow", "unhealthy", "uplink"]
    await done(provctl("alerts", "rule", "delete", "slow"))
    assert (await provctl("alerts", "rule", "delete", "slow")).code == 4
    for wrong in (["--for", "soon"], ["--above", "1", "--below", "2"], []):
        bad = await provctl("alerts", "rule", "set", "slow", "--metric", "rtt_p95_ms", *wrong)
        assert bad.code == 2


async def test_a_rule_that_is_built_in_is_switched_off_by_that_alone(programs: Programs) -> None:
    async with temporary_folder() as folder, running_daemon(folder) as daemon:

        async def changed(*options: str) -> Ended:
            command = ("alerts", "rule", "set", *options)
            return await run(programs, PROVCTL, *command, PROVD_SOCKET=daemon.socket)

        async def rule() -> dict[str, Any]:
            return (await daemon.client.alerts.rule("unhealthy")).model_dump(
                include=set(RuleSpec.model_fields)
            )

        built_in = await rule()
        assert "off" in await done(changed("unhealthy", "--off"))
        assert await rule() == {**built_in, "enabled": False}
        await done(changed("unhealthy", "--severity", "info"))
        await done(changed("unhealthy", "--on"))
        assert await rule() == {**built_in, "severity": "info"}
        nothing = await changed("slow", "--off")
        assert (nothing.code, nothing.out) == (2, "")
        assert "there is no rule slow yet: say with --metric" in nothing.err


async def test_a_rule_keeps_what_is_not_given_and_is_compared_anew_as_a_whole(
    daemon: RunningDaemon, provctl: Command
) -> None:
    new = ("--metric", "rtt_p95_ms", "--above", "250", "--for", "2m", "--tag", "emea", "--detail", "far")
    await done(provctl("alerts", "rule", "set", "slow", *new))
    await done(provctl("alerts", "rule", "set", "slow", "--below", "5"))
    rule = await daemon.client.alerts.rule("slow")
    assert (rule.above, rule.below, rule.for_s, rule.tags, rule.detail) == (None, 5, 120, ["emea"], "far")
    await done(provctl("alerts", "rule", "set", "slow", "--metric", "health", "--tag", "", "--for", "0s"))
    rule = await daemon.client.alerts.rule("slow")
    assert (rule.metric, rule.below, rule.for_s, rule.tags, rule.detail) == ("health", None, 0, [], "far")


async def test_a_channel_keeps_what_is_not_given_with_its_address(
    daemon: RunningDaemon, provctl: Command, tmp_path: Path
) -> None:
    (tmp_path / "url").write_text("https://hooks.example.com/very-secret")
    new = ("--kind", "webhook", "--min-severity", "critical", "--url-file", f"{tmp_path}/url")
    await done(provctl("alerts", "channel", "set", "hook", *new))
    await done(provctl("alerts", "channel", "set", "hook", "--keep-url", "--off"))
    channel = await daemon.client.alerts.channel("hook")
    assert (channel.kind, channel.min_severity, channel.enabled) == ("webhook", "critical", False)
    nothing = await provctl("alerts", "channel", "set", "ops", "--keep-url", "--off")
    assert (nothing.code, nothing.err) == (
        4,
        "provctl: there is no channel ops: provctl alerts channels lists them\n",
    )


async def test_a_channel_is_made_tested_and_deleted(
    daemon: RunningDaemon, provctl: Command, tmp_path: Path
) -> None:
    async with running_sink() as sink:
        (tmp_path / "url").write_text(sink.url + "/very-secret\n")
        made = await done(
            provctl("alerts", "channel", "set", "hook", "--kind", "webhook", "--url-file", f"{tmp_path}/url")
        )
        assert "signing secret, shown this once: whsec_" in made
        assert "very-secret" not in made
        tested = await done(provctl("alerts", "test"))
        assert [line.split(":")[0] for line in tested.splitlines()] == ["hook", "journal"]
        await daemon.add(NOWHERE, "Acme", probe=ONCE_IN_A_WHILE)
        await alerts(daemon, 1)
        await all_sent(daemon)
        sent = json.loads(await done(provctl("-o", "json", "alerts", "deliveries", "--channel", "hook")))
        assert [(each["what"], each["state"]) for each in sent] == [("opened", "sent")]
        quiet = await done(provctl("alerts", "channel", "set", "hook", "--keep-url", "--off"))
        assert "off" in quiet
    failed = await provctl("alerts", "test", "hook")
    assert failed.code == 1
    assert "NOT sent" in failed.out
    spec = ("--metric", "pdd", "--above", "9", "--channel", "hook")
    await done(provctl("alerts", "rule", "set", "slow", *spec))
    refused = await provctl("alerts", "channel", "delete", "hook")
    assert (refused.code, "1 rule names this channel (slow): have it name" in refused.err) == (6, True)
    await done(provctl("alerts", "rule", "delete", "slow"))
    await done(provctl("alerts", "channel", "delete", "hook"))
    assert first_words(await done(provctl("alerts", "channels"))) == ["CHANNEL", "journal"]


async def test_an_address_is_asked_for_at_a_terminal_alone(provctl: Command) -> None:
    told = await provctl("alerts", "channel", "set", "ops")
    assert told.code == 2
    assert "--url-file" in told.err
    bad = await provctl("alerts", "channel", "set", "ops", "--url-file", "-", answer="nonsense")
    assert bad.code == 3
    assert "no URL that Apprise understands" in bad.err
