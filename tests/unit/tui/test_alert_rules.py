"""The rules of alerts, the channels on which they are told, and the messages."""

import pytest
from textual.widgets import Input, OptionList

from provd.schema.alerts import DeliveryState
from provd.schema.errors import ErrorStatus
from provd.schema.status import Role
from provtui import channel_fields, rule_fields
from provtui.dialogs.channel_form import ChannelForm
from provtui.dialogs.channels import ChannelsDialog
from provtui.dialogs.confirm_record_delete import ConfirmRecordDelete
from provtui.dialogs.conflict import ConflictDialog
from provtui.dialogs.line import LineDialog
from provtui.dialogs.report import ReportDialog
from provtui.dialogs.rule_form import RuleForm
from provtui.dialogs.rules import RulesDialog
from provtui.dialogs.signing_secret import SigningSecret
from provtui.screens.alerts import AlertsScreen
from tests.fakes.fake_alerts import a_channel, a_delivery, a_rule, an_alert
from tests.fakes.fake_client import NOW, FakeDaemon, a_provider, api_error, to_timestamp
from tests.unit.tui.driving import Driver, running


def ruled(role: Role = Role.ADMIN) -> FakeDaemon:
    """Rules: night (of the configuration), slow (made over the API), unhealthy (built in)."""
    daemon = FakeDaemon([a_provider()], role=role)
    daemon.alerts.rules["slow"] = a_rule("slow", metric="rtt_p95_ms", above=250.0, detail="[b]hard[/]")
    daemon.alerts.rules["night"] = a_rule("night", "config", tags=["emea"])
    return daemon


async def open_list(driver: Driver, key: str, kind: type) -> None:
    await driver.press("3")
    await driver.on_screen(AlertsScreen)
    await driver.press(key)
    await driver.on_screen(kind)
    await driver.until(lambda: driver.lines("#list-said") != "Reading…")


def listed(driver: Driver) -> list[str]:
    options = driver.app.screen.query_one(OptionList)
    return [str(options.get_option_at_index(at).prompt) for at in range(options.option_count)]


async def said(driver: Driver, words: str) -> None:
    await driver.until(lambda: words in driver.lines("#list-said"))


async def test_rules_are_listed_with_when_they_hold_and_where_they_are_from() -> None:
    async with running(ruled()) as driver:
        await open_list(driver, "R", RulesDialog)
        night, slow, unhealthy = listed(driver)
        assert "config" in night
        assert "rtt_p95_ms above 250" in slow
        assert "✗ critical" in unhealthy
        assert "built-in" in unhealthy
        assert "with a tag of emea" in driver.lines("#list-detail")
        await driver.press("down")
        assert "[b]hard[/]" in driver.lines("#list-detail")


@pytest.mark.parametrize("key", ["e", "enter", "x", "d"])
async def test_a_rule_of_the_configuration_says_that_it_is_changed_there(key: str) -> None:
    async with running(ruled()) as driver:
        await open_list(driver, "R", RulesDialog)
        await driver.press(key)
        assert "night is of provd's configuration" in driver.lines("#list-said")


@pytest.mark.parametrize("key", ["a", "e", "x", "d"])
async def test_a_viewer_is_told_why_no_rule_can_be_changed(key: str) -> None:
    async with running(ruled(Role.VIEWER)) as driver:
        await open_list(driver, "R", RulesDialog)
        await driver.press("down", key)
        assert "needs the admin role" in driver.lines("#list-said")


async def test_a_rule_is_added_once_what_is_wrong_is_put_right() -> None:
    daemon = ruled()
    async with running(daemon, size=(100, 40)) as driver:
        await open_list(driver, "R", RulesDialog)
        await driver.press("a")
        await driver.on_screen(RuleForm)
        await driver.type_into("field-name", "certs")
        await driver.type_into("field-metric", "tls_days_left")
        await driver.press("ctrl+s")
        assert "tls_days_left is a number" in await driver.text()
        await driver.type_into("field-below", "7")
        await driver.type_into("field-for_s", "60")
        await driver.press("ctrl+s")
        await driver.on_screen(RulesDialog)
        await said(driver, "✓ certs: saved")
        made = daemon.alerts.rules["certs"]
        assert (made.below, made.for_s, made.above) == (7.0, 60.0, None)


async def test_a_rule_of_the_same_name_is_not_overwritten_by_adding() -> None:
    daemon = ruled()
    async with running(daemon, size=(100, 40)) as driver:
        await open_list(driver, "R", RulesDialog)
        await driver.press("a")
        await driver.on_screen(RuleForm)
        await driver.type_into("field-name", "slow")
        await driver.press("ctrl+s")
        await driver.until(lambda: "there is a rule slow already" in driver.lines("#form-status"))
        assert daemon.alerts.rules["slow"].revision == 1


async def test_a_rule_is_edited_and_one_built_in_gets_one_in_its_place() -> None:
    daemon = ruled()
    async with running(daemon, size=(100, 40)) as driver:
        await open_list(driver, "R", RulesDialog)
        await driver.press("down", "enter")
        await driver.on_screen(RuleForm)
        await driver.type_into("field-above", "300")
        await driver.press("ctrl+s")
        await driver.on_screen(RulesDialog)
        await said(driver, "✓ slow: saved")
        assert daemon.alerts.rules["slow"].above == 300.0
        await driver.press("down", "e")
        await driver.on_screen(RuleForm)
        await driver.type_into("field-severity", "warning")
        await driver.press("ctrl+s")
        await driver.on_screen(RulesDialog)
        await said(driver, "✓ unhealthy: saved")
        assert daemon.alerts.rules["unhealthy"].origin == "api"


async def test_someone_elses_change_of_a_rule_is_shown_beside_yours() -> None:
    daemon = ruled()
    async with running(daemon, size=(100, 40)) as driver:
        await open_list(driver, "R", RulesDialog)
        await driver.press("down", "e")
        await driver.on_screen(RuleForm)
        changed = {"above": 400.0, "revision": 2}
        daemon.alerts.rules["slow"] = daemon.alerts.rules["slow"].model_copy(update=changed)
        await driver.type_into("field-above", "300")
        await driver.press("ctrl+s")
        await driver.on_screen(ConflictDialog)
        assert "400" in await driver.text()
        await driver.press("o")
        await driver.on_screen(RulesDialog)
        assert daemon.alerts.rules["slow"].above == 300.0


async def test_a_rule_that_someone_made_in_place_of_a_built_in_one_is_not_overwritten() -> None:
    daemon = ruled()
    async with running(daemon) as driver:
        await open_list(driver, "R", RulesDialog)
        daemon.alerts.rules["unhealthy"] = a_rule("unhealthy", detail="made by ana")
        await driver.press("down", "down", "x")
        await said(driver, "✗ unhealthy: someone else changed it meanwhile")
        assert daemon.alerts.rules["unhealthy"].enabled


async def test_a_rule_is_switched_off_and_on() -> None:
    daemon = ruled()
    async with running(daemon) as driver:
        await open_list(driver, "R", RulesDialog)
        await driver.press("down", "down", "x")
        await said(driver, "✓ unhealthy: off")
        assert not daemon.alerts.rules["unhealthy"].enabled
        await driver.until(lambda: "– off" in listed(driver)[2])
        await driver.press("x")
        await said(driver, "✓ unhealthy: on")


async def test_a_rule_is_deleted_after_a_question_and_one_built_in_can_not_be() -> None:
    daemon = ruled()
    async with running(daemon) as driver:
        await open_list(driver, "R", RulesDialog)
        await driver.press("down", "down", "d")
        assert "x switches it off" in driver.lines("#list-said")
        await driver.press("up", "d")
        await driver.on_screen(ConfirmRecordDelete)
        await driver.press("escape")
        await driver.on_screen(RulesDialog)
        assert "slow" in daemon.alerts.rules
        await driver.press("d")
        await driver.on_screen(ConfirmRecordDelete)
        await driver.press("enter")
        await said(driver, "✓ slow: deleted")
        assert "slow" not in daemon.alerts.rules


async def test_a_lost_daemon_is_told_and_the_input_stays() -> None:
    daemon = ruled()
    async with running(daemon, size=(100, 40)) as driver:
        await open_list(driver, "R", RulesDialog)
        await driver.press("down", "e")
        await driver.on_screen(RuleForm)
        await driver.type_into("field-above", "300")
        daemon.go_away()
        await driver.press("ctrl+s")
        await driver.until(lambda: "your input is kept" in driver.lines("#form-status"))
        daemon.come_back()
        await driver.press("ctrl+s")
        await driver.on_screen(RulesDialog)
        assert daemon.alerts.rules["slow"].above == 300.0


def told(role: Role = Role.ADMIN) -> FakeDaemon:
    """Channels: chat (a message waits), ops, pager (of the configuration)."""
    daemon = FakeDaemon([a_provider()], role=role)
    daemon.alerts.channels = {
        "chat": a_channel("chat", kind="webhook", waiting=2, error="[b]502[/]\x1b[0m Bad Gateway"),
        "ops": a_channel("ops"),
        "pager": a_channel("pager", kind="command", origin="config", address="/usr/local/bin/page-me"),
    }
    return daemon


async def test_channels_are_listed_with_how_they_do_and_why() -> None:
    async with running(told()) as driver:
        await open_list(driver, "C", ChannelsDialog)
        chat, ops, pager = listed(driver)
        assert "✗ 2 waiting" in chat
        assert "✓ from info on" in ops
        assert "/usr/local" in pager
        assert "[b]502[/][0m Bad Gateway" in driver.lines("#list-detail")


async def test_no_channel_is_said_to_tell_nobody() -> None:
    async with running(FakeDaemon([a_provider()])) as driver:
        await open_list(driver, "C", ChannelsDialog)
        assert "Alerts are told nowhere yet" in driver.lines("#list-said")


async def test_a_webhook_is_added_with_its_address_hidden_and_its_secret_shown_once() -> None:
    daemon = told()
    async with running(daemon, size=(100, 40)) as driver:
        await open_list(driver, "C", ChannelsDialog)
        await driver.press("a")
        await driver.on_screen(ChannelForm)
        await driver.type_into("field-name", "hook")
        await driver.type_into("field-kind", "webhook")
        await driver.press("ctrl+s")
        assert "Address is needed" in await driver.text()
        await driver.type_into("field-url", "https://hooks.example.com/s3cret")
        assert driver.app.screen.query_one("#field-url", Input).password
        assert "s3cret" not in await driver.text()
        await driver.press("ctrl+s")
        await driver.on_screen(SigningSecret)
        assert "whsec_bm90IGEgc2VjcmV0" in driver.lines("#signing-secret")
        await driver.press("enter")
        await driver.on_screen(ChannelsDialog)
        await said(driver, "✓ hook: saved")
        assert daemon.alerts.secrets["hook"]["url"] == "https://hooks.example.com/s3cret"


async def test_a_channel_is_edited_without_its_address_and_keeps_it() -> None:
    daemon = told()
    daemon.alerts.secrets["ops"] = {"url": "mailto://kept"}
    async with running(daemon, size=(100, 40)) as driver:
        await open_list(driver, "C", ChannelsDialog)
        await driver.press("down", "e")
        await driver.on_screen(ChannelForm)
        await driver.type_into("field-min_severity", "critical")
        await driver.press("ctrl+s")
        await driver.on_screen(ChannelsDialog)
        await said(driver, "✓ ops: saved")
        assert daemon.alerts.channels["ops"].min_severity == "critical"
        assert daemon.alerts.secrets["ops"] == {"url": "mailto://kept"}


async def test_what_is_hidden_is_not_shown_by_a_conflict() -> None:
    daemon = told()
    async with running(daemon, size=(100, 40)) as driver:
        await open_list(driver, "C", ChannelsDialog)
        await driver.press("down", "e")
        await driver.on_screen(ChannelForm)
        daemon.alerts.channels["ops"] = a_channel("ops", revision=2, enabled=False)
        await driver.type_into("field-url", "mailto://s3cret")
        await driver.press("ctrl+s")
        await driver.on_screen(ConflictDialog)
        assert "s3cret" not in await driver.text()


async def test_a_test_message_tells_what_became_of_it() -> None:
    daemon = told()
    daemon.alerts.outcomes["pager"] = "it exited with 1"
    async with running(daemon) as driver:
        await open_list(driver, "C", ChannelsDialog)
        await driver.press("t")
        await said(driver, "✓ chat: a test message was sent in 41 ms")
        await driver.press("end", "t")
        await said(driver, "✗ pager: not sent: it exited with 1")


async def test_a_channel_is_switched_off_and_deleted() -> None:
    daemon = told()
    async with running(daemon) as driver:
        await open_list(driver, "C", ChannelsDialog)
        await driver.press("x")
        await said(driver, "✓ chat: off")
        assert not daemon.alerts.channels["chat"].enabled
        await driver.press("down", "d")
        await driver.on_screen(ConfirmRecordDelete)
        await driver.press("enter")
        await said(driver, "✓ ops: deleted")
        assert "ops" not in daemon.alerts.channels


@pytest.mark.parametrize("key", ["e", "x", "d"])
async def test_a_channel_of_the_configuration_says_that_it_is_changed_there(key: str) -> None:
    async with running(told()) as driver:
        await open_list(driver, "C", ChannelsDialog)
        await driver.press("end", key)
        assert "pager is of provd's configuration" in driver.lines("#list-said")


@pytest.mark.parametrize("key", ["a", "e", "x", "d", "t"])
async def test_a_viewer_is_told_why_no_channel_can_be_changed_or_tried(key: str) -> None:
    daemon = told(Role.VIEWER)
    async with running(daemon) as driver:
        await open_list(driver, "C", ChannelsDialog)
        await driver.press(key)
        assert "role; provd says you are viewer" in driver.lines("#list-said")


async def test_what_the_daemon_refuses_is_told_in_the_list() -> None:
    daemon = told()
    daemon.refusals["alerts.put_channel"] = api_error(ErrorStatus.PERMISSION_DENIED, "ROLE", "not by you")
    daemon.refusals["alerts.delete_channel"] = api_error(ErrorStatus.PRECONDITION, "REVISION", "at 3 now")
    async with running(daemon) as driver:
        await open_list(driver, "C", ChannelsDialog)
        await driver.press("x")
        await said(driver, "✗ chat: not by you")
        await driver.press("d")
        await driver.on_screen(ConfirmRecordDelete)
        await driver.press("enter")
        await said(driver, "✗ chat: someone else changed it meanwhile")


async def test_a_channel_that_rules_name_stays_and_they_are_told() -> None:
    daemon = told()
    why = "2 rules name this channel (drift, night): have them name another, or delete them"
    refusal = api_error(ErrorStatus.FAILED_PRECONDITION, "CHANNEL_IN_USE", why)
    daemon.refusals["alerts.delete_channel"] = refusal
    async with running(daemon) as driver:
        await open_list(driver, "C", ChannelsDialog)
        await driver.press("d")
        await driver.on_screen(ConfirmRecordDelete)
        await driver.press("enter")
        await driver.until(lambda: "chat: 2 rules" in driver.lines("#list-said"))
        assert why in " ".join(driver.lines("#list-said").split())
        assert "chat" in daemon.alerts.channels


async def test_a_list_that_can_not_be_read_says_why() -> None:
    daemon = told()
    daemon.refusals["alerts.channels"] = api_error(ErrorStatus.INTERNAL, "STORE", "the store is broken")
    async with running(daemon) as driver:
        await open_list(driver, "C", ChannelsDialog)
        assert "✗ Not read: the store is broken. r reads it again." in driver.lines("#list-said")
        del daemon.refusals["alerts.channels"]
        await driver.press("r")
        await driver.until(lambda: len(listed(driver)) == 3)


@pytest.mark.parametrize("name", ["rules", "channels", "deliveries"])
async def test_they_are_there_after_a_colon_everywhere(name: str) -> None:
    kinds = {"rules": RulesDialog, "channels": ChannelsDialog, "deliveries": ReportDialog}
    async with running(told()) as driver:
        for _ in range(2):
            await driver.press("colon")
            await driver.on_screen(LineDialog)
            await driver.type_into("line", name)
            await driver.press("enter")
            await driver.on_screen(kinds[name])
            await driver.press("escape", "3")


async def test_messages_are_listed_with_why_they_wait_or_were_given_up() -> None:
    daemon = told()
    alert = an_alert(1, to_timestamp(NOW - 60), "Acme")
    evil = "[b]refused[/]\x1b[2J"
    daemon.alerts.deliveries = [
        a_delivery(
            2, alert, "chat", state=DeliveryState.WAITING, error=evil, next_attempt_at=to_timestamp(NOW)
        ),
        a_delivery(1, alert),
    ]
    async with running(daemon) as driver:
        await driver.press("3")
        await driver.on_screen(AlertsScreen)
        await driver.press("D")
        await driver.on_screen(ReportDialog)
        await driver.until(lambda: driver.lines("#report-text"))
        text = driver.lines("#report-text")
        assert "[b]refused[/][2J (tried 1 time" in text
        assert "✓ sent" in text
        assert "ops  opened: [CRITICAL] Acme: unhealthy" in text


def test_a_rule_survives_the_form() -> None:
    rule = a_rule("r", metric="cause", one_of=["timeout", "refused"], tags=["a b", "c"], channels=["ops"])
    texts = rule_fields.texts_of(rule)
    assert rule_fields.problems(texts) == {}
    assert rule_fields.changes(rule, texts) == {}
    spec = rule_fields.to_spec(texts)
    assert spec.model_dump() == {name: getattr(rule, name) for name in type(spec).model_fields}


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("above", "much", "Above must be a number"),
        ("for_s", "nan", "For must be a number"),
        ("for_s", "-1", "For"),
        ("name", "a b", "Name: must be letters"),
        ("channels", "a b", "Channels, number 1"),
    ],
)
def test_what_is_wrong_with_a_field_of_a_rule_is_told(path: str, text: str, words: str) -> None:
    assert (rule_fields.problem(path, text) or "").startswith(words)


def test_a_secret_is_for_webhooks_alone() -> None:
    texts = {**channel_fields.texts_of(a_channel("c")), "secret": "whsec_x"}
    assert "webhooks alone" in channel_fields.problems(texts)["secret"]
    assert channel_fields.problems({**texts, "kind": "webhook"}) == {}
