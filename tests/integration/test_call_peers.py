"""Calls to peers that no one here wrote: SIPp in every mood, baresip, pyVoIP's phone. Nothing rings on."""

import os
from pathlib import Path

import pytest

from provd.agent.calling.placing import End, Placed, Until
from provd.schema.provider import Transport
from tests.fakes.certificates import Authority
from tests.fakes.wire import wire

from .calls import calling, place, wanted
from .peers import baresip, callees
from .peers.callees import Callee, running_callee
from .peers.pyvoip_phone import running_phone
from .peers.sipp import PROGRAM as SIPP

HERE = pytest.mark.skipif(False, reason="it is here")
# skip, as skipif is not counted in one line at the end
needs_sipp = HERE if SIPP else pytest.mark.skip(reason="needs SIPp: the Debian package sip-tester")
needs_baresip = (
    HERE if baresip.PROGRAM else pytest.mark.skip(reason="needs baresip: the Debian package baresip")
)
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to capture loopback")

OUTCOMES = {
    "answers": (End.ANSWERED, 200),
    "answers_in_pcma": (End.ANSWERED, 200),
    "early_media": (End.ANSWERED, 200),
    "reliable": (End.ANSWERED, 200),
    "busy": (End.BUSY, 486),
    "forbidden": (End.REJECTED, 403),
    "not_found": (End.REJECTED, 404),
    "unavailable": (End.FAILED, 503),
    "asks_who_we_are": (End.ANSWERED, 200),
    "asks_as_a_proxy": (End.ANSWERED, 200),
    "progress_for_ever": (End.NO_ANSWER, 487),
    "rings_for_ever": (End.NO_ANSWER, 487),
    "hangs_up_at_once": (End.ANSWERED, 200),
    "answers_twice": (End.ANSWERED, 200),
    "forks": (End.ANSWERED, 200),
    "re_invites": (End.ANSWERED, 200),
}


def steps(placed: Placed, way: str) -> list[str]:
    return [each.text for each in placed.rungs if each.way == way]


async def all_went_as_the_scenario_says(callee: Callee) -> None:
    """SIPp notes each call that did otherwise."""
    notes = [each.read_text(errors="replace") for each in callee.folder.glob("*_errors.log")]
    assert [each for each in notes if "Aborting call" in each] == []


def test_every_scenario_is_in_these_tests() -> None:
    assert set(OUTCOMES) == set(callees.SCENARIOS)


@needs_sipp
@pytest.mark.parametrize("transport", Transport)
@pytest.mark.parametrize("scenario", OUTCOMES)
async def test_a_call_has_its_outcome_and_an_end(scenario: str, transport: Transport, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with (
        calling(authority) as caller,
        running_callee(scenario, transport, tmp_path, authority) as callee,
    ):
        placed = await place(caller, wanted(callee.hostname, transport))
        await all_went_as_the_scenario_says(callee)
    assert (placed.end, placed.code) == OUTCOMES[scenario]
    if placed.end is End.ANSWERED and scenario != "hangs_up_at_once":
        assert placed.sound.audio == "sound"
        assert placed.sound.loss_pct == 0.0
        assert placed.setup_ms is not None
        assert placed.talk_ms is not None


@needs_sipp
@needs_root
@pytest.mark.parametrize("transport", [Transport.UDP, Transport.TCP])
@pytest.mark.parametrize("until", Until)
@pytest.mark.parametrize("scenario", OUTCOMES)
async def test_a_capture_shows_that_nothing_is_left_ringing(
    scenario: str, until: Until, transport: Transport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # where a scenario knows of no CANCEL, SIPp does not confirm it: two seconds in the place of eight
    monkeypatch.setattr("provd.agent.calling.conductor.LEAVE_S", 1.5)
    monkeypatch.setattr("provd.agent.calling.caller.STOP_S", 0.5)
    async with calling() as caller, running_callee(scenario, transport, tmp_path) as callee:
        async with wire(callee.port) as seen:
            placed = await place(caller, wanted(callee.hostname, transport, until=until))
        assert len(seen.calls()) == 1
        assert seen.left_ringing() == []
    assert steps(placed, "out")[0] == "INVITE"


@needs_sipp
@pytest.mark.parametrize("transport", Transport)
@pytest.mark.parametrize("scenario", ["rings_for_ever", "progress_for_ever"])
async def test_a_call_that_only_rings_is_hung_up_at_the_first_sign(
    scenario: str, transport: Transport, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    async with (
        calling(authority) as caller,
        running_callee(scenario, transport, tmp_path, authority) as callee,
    ):
        placed = await place(caller, wanted(callee.hostname, transport, until=Until.RING, ring_s=30.0))
        await all_went_as_the_scenario_says(callee)
    assert (placed.end, placed.code) == (End.RINGING, 487)
    assert "CANCEL" in steps(placed, "out")
    assert placed.pdd_ms is not None
    assert placed.talk_ms is None


@needs_sipp
async def test_five_percent_that_are_dropped_show_as_four_to_six(tmp_path: Path) -> None:
    async with (
        calling() as caller,
        running_callee("answers", Transport.UDP, tmp_path, drops=lambda number: number % 20 == 7) as callee,
    ):
        placed = await place(caller, wanted(callee.hostname, Transport.UDP, talk_s=4.0))
    assert placed.sound.loss_pct is not None
    assert 4.0 <= placed.sound.loss_pct <= 6.0
    assert placed.sound.received > 100


@needs_sipp
async def test_digits_come_back_from_an_echo(tmp_path: Path) -> None:
    async with calling() as caller, running_callee("answers", Transport.UDP, tmp_path) as callee:
        placed = await place(caller, wanted(callee.hostname, Transport.UDP, digits="1#", talk_s=1.5))
    assert (placed.sound.digits_sent, placed.sound.digits_heard) == ("1#", "1#")


@needs_sipp
async def test_a_wrong_password_is_refused_by_sipp_itself(tmp_path: Path) -> None:
    async with calling() as caller, running_callee("asks_who_we_are", Transport.UDP, tmp_path) as callee:
        call = wanted(callee.hostname, Transport.UDP, login=callees.WRONG_LOGIN)
        placed = await place(caller, call)
    assert (placed.end, placed.code) == (End.REJECTED, 403)


@needs_baresip
@pytest.mark.parametrize("transport", Transport)
async def test_baresip_answers_and_sends_back_what_it_hears(transport: Transport, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with (
        calling(authority) as caller,
        baresip.running_baresip(transport, tmp_path, authority) as hostname,
    ):
        placed = await place(caller, wanted(hostname, transport, talk_s=1.5, ring_s=10.0))
    assert (placed.end, placed.code) == (End.ANSWERED, 200)
    assert placed.sound.audio == "sound"
    assert placed.pdd_ms is not None
    assert steps(placed, "in")[-1] == "200 OK (BYE)"


async def test_pyvoips_phone_answers_and_sends_back_what_it_hears(tmp_path: Path) -> None:
    async with calling() as caller, running_phone(tmp_path) as hostname:
        call = wanted(hostname, Transport.UDP, uri=f"sip:phone@{hostname}", talk_s=1.5, ring_s=10.0)
        placed = await place(caller, call)
    assert (placed.end, placed.code) == (End.ANSWERED, 200)
    assert placed.sound.audio == "sound"
    assert steps(placed, "in")[-1] == "200 OK (BYE)"
