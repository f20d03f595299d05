"""What a test call and the login that it uses look like."""

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from provd.schema.test_calls import CallOutcome, LadderStep
from provtui.dialogs.sip_login import SipLoginDialog
from provtui.dialogs.test_call import TestCallDialog
from provtui.screens.provider import ProviderScreen
from provtui.widgets.toggle import Toggle
from tests.fakes.fake_client import FakeClock, FakeDaemon, a_provider
from tests.fakes.fake_test_calls import SOUND, a_test_call
from tests.snapshot.steps import IDS, SIZES, LooksRight, on_screen, shows, until

ANSWERED = a_test_call(
    CallOutcome.ANSWERED,
    code=200,
    reason="OK",
    cause_text="It was answered, and sound came back.",
    setup_ms=1900.0,
    talk_ms=10_000.0,
    rtp=SOUND,
    ladder=[
        LadderStep(at_ms=0.0, way="out", text="INVITE"),
        LadderStep(at_ms=31.0, way="in", text="100 Trying"),
        LadderStep(at_ms=812.0, way="in", text="180 Ringing"),
        LadderStep(at_ms=1900.0, way="in", text="200 OK"),
        LadderStep(at_ms=1901.0, way="out", text="ACK"),
        LadderStep(at_ms=11_900.0, way="out", text="BYE"),
        LadderStep(at_ms=11_932.0, way="in", text="200 OK"),
    ],
)


def one() -> FakeDaemon:
    return FakeDaemon([a_provider("Acme Madrid", id="id-acme")])


async def place(pilot: Pilot[None], daemon: FakeDaemon, *, talk: bool) -> None:
    """Place a call from the provider's screen that rings after 812 ms."""
    await pilot.press("enter")
    await on_screen(pilot, ProviderScreen)
    await pilot.press("i")
    await on_screen(pilot, TestCallDialog)
    pilot.app.screen.query_one(Toggle).value = talk
    pilot.app.screen.query_one("#field-destination", Input).focus()
    await pilot.press(*"+15550100", "enter")
    await until(lambda: bool(daemon.test_calls.placed))
    daemon.test_calls.step("out", "INVITE")
    daemon.test_calls.step("in", "100 Trying", 31.0)
    daemon.test_calls.step("in", "180 Ringing", 812.0)
    await until(lambda: shows(pilot, "test-call-text", "180 Ringing"))


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_a_call_under_way(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await place(pilot, daemon, talk=False)

    assert looks_right(one(), size, steps)


def test_a_call_with_sound(looks_right: LooksRight) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await place(pilot, daemon, talk=True)
        daemon.test_calls.end(ANSWERED)
        await until(lambda: shows(pilot, "test-call-text", "answered"))

    assert looks_right(one(), steps=steps)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_the_sip_login(looks_right: LooksRight, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None], daemon: FakeDaemon, clock: FakeClock) -> None:
        await pilot.press("enter")
        await on_screen(pilot, ProviderScreen)
        screen = pilot.app.screen
        assert isinstance(screen, ProviderScreen)
        await screen.action_run("sip_login")
        await on_screen(pilot, SipLoginDialog)
        await until(lambda: shows(pilot, "login-known", "no login"))
        pilot.app.screen.query_one("#field-username", Input).focus()
        await pilot.press(*"provd", "tab", *"hidden")

    assert looks_right(one(), size, steps)
