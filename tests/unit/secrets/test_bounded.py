"""Blocking calls: one at a time, and never waited for without end."""

import asyncio
import subprocess
import sys
import threading

import pytest

from provd.secrets.bounded import BoundedCalls
from tests.fakes.daemon import PATIENCE_S


async def test_a_call_gives_what_it_returns_or_raises() -> None:
    calls = BoundedCalls(PATIENCE_S)
    assert await calls.run(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        await calls.run(lambda: 1 // 0)
    assert await calls.run(lambda: 8) == 8


async def test_calls_are_made_one_after_the_other_and_the_loop_goes_on() -> None:
    calls = BoundedCalls(PATIENCE_S)
    running, most = 0, 0
    loop_thread = threading.get_ident()

    def work() -> None:
        nonlocal running, most
        assert threading.get_ident() != loop_thread
        running += 1
        most = max(most, running)
        running -= 1

    await asyncio.gather(*(calls.run(work) for _ in range(50)))
    assert most == 1


async def test_a_call_that_hangs_is_given_up_and_so_are_those_behind_it_until_it_ends() -> None:
    calls = BoundedCalls(0.01)
    released = threading.Event()
    made: list[str] = []
    with pytest.raises(TimeoutError):
        await calls.run(released.wait)
    with pytest.raises(TimeoutError):
        await calls.run(lambda: made.append("while the first one hangs"))
    released.set()
    calls.patience_s = PATIENCE_S
    await calls.run(lambda: made.append("afterwards"))
    assert made == ["afterwards"]


async def test_a_cancelled_caller_leaves_its_call_to_end_first() -> None:
    calls = BoundedCalls(PATIENCE_S)
    begun, released = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()
    made: list[str] = []
    complaints: list[object] = []
    loop.set_exception_handler(lambda _loop, context: complaints.append(context))

    def slow() -> None:
        loop.call_soon_threadsafe(begun.set)
        released.wait()
        made.append("slow")

    caller = asyncio.create_task(calls.run(slow))
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    behind = asyncio.create_task(calls.run(lambda: made.append("behind")))
    released.set()
    await behind
    assert (made, complaints) == (["slow", "behind"], [])


def test_a_call_that_never_ends_keeps_no_process_from_ending() -> None:
    program = (
        "import asyncio, threading\n"
        "from provd.secrets.bounded import BoundedCalls\n"
        "try: asyncio.run(BoundedCalls(0.01).run(threading.Event().wait))\n"
        "except TimeoutError: print('given up')\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=PATIENCE_S
    )
    assert (ran.stdout, ran.stderr) == ("given up\n", "")
