"""Test calls from the terminal: the ladder as it grows, the result, and the login that they use."""

import pytest
from textual.widgets import Input

from provd.schema.errors import ErrorStatus
from provd.schema.status import Role
from provd.schema.test_calls import CallMode, CallOutcome
from provtui.dialogs.sip_login import SipLoginDialog
from provtui.dialogs.test_call import TestCallDialog
from provtui.screens.provider import ProviderScreen
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.toggle import Toggle
from tests.fakes.fake_client import FakeDaemon, a_provider, api_error
from tests.fakes.fake_test_calls import SOUND, a_test_call
from tests.unit.tui.driving import Driver, running

NUMBER = "+15550100"


def one(role: Role = Role.ADMIN) -> FakeDaemon:
    return FakeDaemon([a_provider("Acme", id="id-acme")], role=role)


async def open_dialog(driver: Driver) -> None:
    await driver.press("enter")
    await driver.on_screen(ProviderScreen)
    await driver.press("i")
    await driver.on_screen(TestCallDialog)


async def call(driver: Driver, number: str = NUMBER) -> None:
    await driver.type_into("field-destination", number)
    driver.app.screen.query_one("#field-destination", Input).focus()
    await driver.press("enter")
    await driver.until(lambda: driver.daemon.test_calls.placed)
    await driver.settle_dialog()


async def test_no_call_is_said_to_be_free_of_charge_for_certain() -> None:
    async with running(one()) as driver:
        await open_dialog(driver)
        assert "usually at no charge" in driver.lines("#test-call-text")


def keys(driver: Driver) -> str:
    """What the key bar says."""
    return driver.app.screen.query_one(KeyBar).render().plain


def drawn(driver: Driver) -> str:
    return driver.lines("#test-call-text")


async def test_the_ladder_grows_and_the_result_is_told() -> None:
    daemon = one()
    async with running(daemon) as driver:
        await open_dialog(driver)
        await call(driver)
        daemon.test_calls.step("out", "INVITE")
        daemon.test_calls.step("in", "180 Ringing", 812.0)
        await driver.until(lambda: "180 Ringing" in drawn(driver))
        assert "──▶ INVITE" in drawn(driver)
        assert "812 ms ◀── 180 Ringing" in drawn(driver)
        daemon.test_calls.end(a_test_call(code=487, reason="Request Terminated"))
        await driver.until(lambda: "✓ ringing, 487 Request Terminated." in drawn(driver))
        assert "PDD 812ms" in drawn(driver)
        assert daemon.test_calls.placed[0].mode is CallMode.RING


async def test_with_talk_it_is_answered_and_the_sound_told() -> None:
    daemon = one()
    async with running(daemon) as driver:
        await open_dialog(driver)
        driver.app.screen.query_one(Toggle).value = True
        await driver.settle_dialog()
        await call(driver)
        assert daemon.test_calls.placed[0].mode is CallMode.ANSWER
        daemon.test_calls.end(
            a_test_call(
                CallOutcome.ANSWERED, code=200, reason="OK", setup_ms=1900.0, talk_ms=10_000.0, rtp=SOUND
            )
        )
        await driver.until(lambda: "✓ answered, 200 OK." in drawn(driver))
        words = " ".join(drawn(driver).split())
        assert "sound came back: 500 packets sent, 490 received, 2.0 % lost, jitter 1.5 ms" in words


async def test_escape_hangs_up_first_and_leaves_after_that() -> None:
    daemon = one()
    async with running(daemon) as driver:
        await open_dialog(driver)
        assert "esc Close" in keys(driver)
        await call(driver)
        assert "esc Hang up" in keys(driver)
        await driver.press("escape")
        assert "not begun yet" in driver.lines("#test-call-said")
        daemon.test_calls.step("out", "INVITE")
        await driver.until(lambda: "INVITE" in drawn(driver))
        await driver.press("escape")
        await driver.until(lambda: "✗ cancelled." in drawn(driver))
        assert daemon.test_calls.cancelled == ["call-1"]
        assert "esc Close" in keys(driver)
        await driver.press("escape")
        await driver.on_screen(ProviderScreen)


async def test_a_refusal_is_told_and_the_number_stays() -> None:
    daemon = one()
    message = "+15550100 is not among the destinations that [test_calls] allow has in provd's config"
    daemon.refusals["place"] = api_error(ErrorStatus.PERMISSION_DENIED, "NOT_ALLOWED", message)
    async with running(daemon) as driver:
        await open_dialog(driver)
        await driver.type_into("field-destination", NUMBER)
        driver.app.screen.query_one("#field-destination", Input).focus()
        await driver.press("enter")
        await driver.until(lambda: "not among the destinations" in driver.lines("#test-call-said"))
        assert driver.app.screen.query_one("#field-destination", Input).value == NUMBER


async def test_a_lost_connection_is_told_and_the_number_stays() -> None:
    daemon = one()
    async with running(daemon) as driver:
        await open_dialog(driver)
        await driver.type_into("field-destination", NUMBER)
        daemon.go_away()
        driver.app.screen.query_one("#field-destination", Input).focus()
        await driver.press("enter")
        await driver.until(lambda: "No provd answers" in driver.lines("#test-call-said"))
        assert driver.app.screen.query_one("#field-destination", Input).value == NUMBER


async def test_those_before_are_listed() -> None:
    daemon = one()
    failed = a_test_call(CallOutcome.REJECTED, code=503, schedule="hourly")
    daemon.test_calls.before = [failed, a_test_call()]
    async with running(daemon) as driver:
        await open_dialog(driver)
        await driver.until(lambda: "Before" in drawn(driver))
        assert "✗ 01-01 00:00  +15550100  rejected 503  hourly" in drawn(driver)
        assert "✓ 01-01 00:00  +15550100  ringing  mara" in drawn(driver)


async def test_a_viewer_may_not_call() -> None:
    async with running(one(Role.VIEWER)) as driver:
        await driver.press("enter")
        await driver.on_screen(ProviderScreen)
        await driver.press("i")
        assert isinstance(driver.app.screen, ProviderScreen)


async def test_what_a_peer_says_draws_nothing() -> None:
    daemon = one()
    async with running(daemon) as driver:
        await open_dialog(driver)
        await call(driver)
        daemon.test_calls.step("in", "503 \x1b[31m[bold]no\u202e")
        await driver.until(lambda: "503" in drawn(driver))
        assert "\x1b" not in drawn(driver)
        assert "\u202e" not in drawn(driver)
        assert "[bold]no" in drawn(driver)


async def open_login(driver: Driver) -> None:
    await driver.press("enter")
    await driver.on_screen(ProviderScreen)
    screen = driver.app.screen
    assert isinstance(screen, ProviderScreen)
    await screen.action_run("sip_login")
    await driver.on_screen(SipLoginDialog)
    await driver.until(lambda: "Asking" not in driver.lines("#login-known"))


async def test_a_login_is_given_and_forgotten_and_its_password_is_not_kept() -> None:
    daemon = one()
    async with running(daemon) as driver:
        await open_login(driver)
        assert "It has no login yet." in driver.lines("#login-known")
        await driver.type_into("field-username", "mara")
        await driver.type_into("field-password", "s3cret")
        await driver.press("ctrl+s")
        await driver.until(lambda: "mara, given by hand" in driver.lines("#login-known"))
        assert daemon.test_calls.passwords == ["s3cret"]
        assert driver.app.screen.query_one("#field-password", Input).value == ""
        await driver.press("ctrl+r")
        await driver.until(lambda: "It has no login yet." in driver.lines("#login-known"))


@pytest.mark.parametrize("field", ["username", "password"])
async def test_a_login_that_is_not_whole_is_not_sent(field: str) -> None:
    daemon = one()
    async with running(daemon) as driver:
        await open_login(driver)
        await driver.type_into(f"field-{field}", "x")
        await driver.press("ctrl+s")
        await driver.settle_dialog()
        assert daemon.test_calls.passwords == []
        assert "not empty" in await driver.text()
