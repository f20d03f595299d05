"""The process that a call's sound is in: it answers, it is killed, and what it does harms nobody."""

import os
import sys
from typing import TypeVar

import pytest

from provd.agent.media.process import NoSound, SoundProcess
from provd.sip.sdp import Sound
from tests.fakes.daemon import eventually
from tests.fakes.rtp_echo import rtp_echo

T = TypeVar("T")

READY = "print('{\"port\": 4000}', flush=True)"


def script(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def answer(value: T) -> T:
    return value


async def test_a_tone_and_digits_come_back_from_an_echo() -> None:
    async with rtp_echo() as echo, SoundProcess("127.0.0.1", 20) as made:
        made.send_digits("1#")
        made.speak(Sound("127.0.0.1", echo.port, (8,), 101))
        await eventually(lambda: answer(echo.heard), lambda heard: heard > 40)
        result = await made.stop()
    assert (result.audio, result.note) == ("sound", "")
    assert result.digits_sent == result.digits_heard == "1#"
    assert result.sent > 30
    assert result.first_packet_ms is not None


async def test_dropped_packets_show_as_loss() -> None:
    async with rtp_echo(lambda number: number % 10 == 3) as echo, SoundProcess("127.0.0.1", 20) as made:
        made.speak(Sound("127.0.0.1", echo.port, (0,)))
        await eventually(lambda: answer(echo.heard), lambda heard: heard > 100)
        result = await made.stop()
    assert result.loss_pct is not None
    assert 8 <= result.loss_pct <= 12


async def test_the_process_is_gone_at_the_end() -> None:
    async with SoundProcess("127.0.0.1", 20) as made:
        pid = made.process.pid
        assert is_there(pid)
    assert not is_there(pid)


async def test_a_process_that_can_not_be_started_says_so() -> None:
    with pytest.raises(NoSound, match="can't be started"):
        async with SoundProcess("127.0.0.1", 20, ["/nowhere/program"]):
            pass
    with pytest.raises(NoSound, match=r"can't be started.*no codec here"):
        async with SoundProcess("127.0.0.1", 20, script("raise SystemExit('no codec here')")):
            pass


async def test_an_address_that_is_not_ours_is_an_error_and_no_hang() -> None:
    with pytest.raises(NoSound, match="can't be started"):
        async with SoundProcess("192.0.2.1", 20):
            pass


async def test_a_process_that_crashes_leaves_a_note() -> None:
    async with SoundProcess("127.0.0.1", 20, script(f"{READY}; raise SystemExit('codec burst')")) as made:
        result = await made.stop()
    assert (result.audio, result.received) == ("none", 0)
    assert "ended by itself: codec burst" in result.note


async def test_a_process_that_is_stuck_is_given_up_and_killed() -> None:
    stuck = script(f"import signal, time; signal.signal(15, signal.SIG_IGN); {READY}; time.sleep(600)")
    async with SoundProcess("127.0.0.1", 20, stuck, result_s=0.2) as made:
        pid = made.process.pid
        result = await made.stop()
    assert "got stuck" in result.note
    assert not is_there(pid)


async def test_the_kernel_ends_a_process_whose_daemon_does_not() -> None:
    async with SoundProcess("127.0.0.1", 1) as made:
        pid = made.process.pid
        await made.process.wait()
        assert "ended by itself" in (await made.stop()).note
    assert not is_there(pid)


async def test_a_process_ends_when_its_daemon_is_gone() -> None:
    async with SoundProcess("127.0.0.1", 30) as made:
        assert made.process.stdin is not None
        made.process.stdin.close()
        assert await made.process.wait() == 0


async def test_a_sigterm_to_all_of_the_service_leaves_the_sound_for_the_daemon_to_end() -> None:
    async with SoundProcess("127.0.0.1", 20) as made:
        made.process.terminate()
        result = await made.stop()
    assert (result.audio, result.note) == ("none", "")
