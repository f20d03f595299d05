"""``provctl test-call``, ``test-calls`` and ``sip-login``, as commands that people run."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.fakes.daemon import RunningDaemon, eventually, temporary_folder
from tests.fakes.phone import Mood, running_phone
from tests.fakes.programs import Programs

from .calls import NUMBER
from .test_provctl import PROVCTL, Command, done, run
from .test_test_calls import calling

SOON_S = 20.0
"""Well before the callee would have been given up."""


@pytest.fixture
async def daemon() -> AsyncIterator[RunningDaemon]:
    async with temporary_folder() as folder, calling(folder) as running:
        yield running


@pytest.fixture
def provctl(programs: Programs, daemon: RunningDaemon) -> Command:
    """Run provctl against the daemon."""

    async def against_the_daemon(*arguments: str, answer: str | None = None, **environment: str) -> Any:
        return await run(
            programs, PROVCTL, *arguments, answer=answer, PROVD_SOCKET=daemon.socket, **environment
        )

    return against_the_daemon


async def test_the_ladder_is_drawn_and_what_came_of_it_told(daemon: RunningDaemon, provctl: Command) -> None:
    async with running_phone() as phone:
        await daemon.add(phone.hostname, "Acme EU")
        said = await done(provctl("test-call", "Acme EU", NUMBER, "--mode", "answer", "--max", "1"))
    ladder, _, facts = said.partition("\n\n")
    assert [line.split("  ")[-1].strip() for line in ladder.splitlines()][1:] == [
        "--> INVITE",
        "<-- 100 Trying",
        "<-- 180 Ringing",
        "<-- 200 OK (INVITE)",
        "--> ACK",
        "--> BYE",
        "<-- 200 OK (BYE)",
    ]
    assert "It was answered. Sound came back." in facts
    assert "0 % lost" in facts
    listed = await done(provctl("test-calls", "Acme EU"))
    assert "answered" in listed
    call_id = listed.split()[-1]
    shown = await done(provctl("test-calls", "Acme EU", call_id))
    assert "--> INVITE" in shown
    assert json.loads(await done(provctl("test-calls", "Acme EU", call_id, "-o", "json")))["id"] == call_id


async def test_a_call_that_does_not_get_through_exits_with_1(daemon: RunningDaemon, provctl: Command) -> None:
    async with running_phone(Mood.BUSY) as phone:
        await daemon.add(phone.hostname, "Acme EU")
        ran = await provctl("test-call", "Acme EU", NUMBER, "-o", "json")
    assert ran.code == 1
    assert json.loads(ran.out)["outcome"] == "busy"
    assert "DTMF" not in ran.err


async def test_what_is_refused_says_why(daemon: RunningDaemon, provctl: Command) -> None:
    await daemon.add("127.0.0.1:9", "Acme EU")
    emergency = await provctl("test-call", "Acme EU", "112")
    assert (emergency.code, "emergency" in emergency.err) == (3, True)
    bad = await provctl("test-call", "Acme EU", NUMBER, "--dtmf", "x")
    assert (bad.code, "keys" in bad.err) == (2, True)


async def test_ctrl_c_hangs_up(daemon: RunningDaemon, programs: Programs) -> None:
    async with running_phone(Mood.RINGS) as phone:
        await daemon.add(phone.hostname, "Acme EU")
        command = (PROVCTL, "test-call", "Acme EU", NUMBER, "--mode", "answer")

        async def methods() -> list[str]:
            return phone.methods

        async with programs.started(*command, PROVD_SOCKET=daemon.socket) as running:
            await eventually(methods, lambda found: found == ["INVITE"])
            running.send_signal(signal.SIGINT)
            async with asyncio.timeout(SOON_S):
                await running.wait()
        await eventually(methods, lambda found: "CANCEL" in found)


async def test_a_login_is_set_shown_and_removed(daemon: RunningDaemon, provctl: Command) -> None:
    await daemon.add("127.0.0.1:9", "Acme EU")
    assert await done(provctl("sip-login", "Acme EU")) == "it has no login\n"
    given = json.dumps({"username": "alice", "password": "correct horse"})
    set_ = await provctl("sip-login", "Acme EU", "--set", "--credentials", "-", answer=given)
    assert (set_.code, set_.out) == (0, "alice, given by hand\n")
    assert "correct horse" not in await done(provctl("sip-login", "Acme EU", "-o", "json"))
    assert await done(provctl("sip-login", "Acme EU", "--remove")) == "forgotten: alice, given by hand\n"
    assert (await provctl("sip-login", "Acme EU", "--remove")).code == 4
    assert (await provctl("sip-login", "Acme EU", "--set", "--remove")).code == 2
