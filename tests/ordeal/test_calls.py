"""A hundred calls to each kind of callee, over each transport: the right outcome, and nothing rings on."""

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from provd.agent.calling.placing import Placed, Until
from provd.schema.provider import Transport
from tests.fakes.certificates import Authority
from tests.fakes.wire import Wire, wire
from tests.integration.calls import calling, place, wanted
from tests.integration.peers.callees import running_callee
from tests.integration.peers.sipp import PROGRAM
from tests.integration.test_call_peers import OUTCOMES

CALLS = int(os.environ.get("ORDEAL_CALLS", "100"))
AT_ONCE = 10
RING_S, TALK_S = 2.0, 1.0

pytestmark = [
    pytest.mark.timeout(900),
    *([] if PROGRAM else [pytest.mark.skip(reason="needs SIPp: the Debian package sip-tester")]),
    *([] if os.geteuid() == 0 else [pytest.mark.skip(reason="needs root, to capture loopback")]),
]


@pytest.mark.parametrize("transport", Transport)
@pytest.mark.parametrize("scenario", OUTCOMES)
async def test_each_of_a_hundred_calls_has_its_outcome_and_an_end(
    scenario: str, transport: Transport, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    authority = Authority(tmp_path)
    took: list[float] = []
    turn = asyncio.Semaphore(AT_ONCE)
    async with AsyncExitStack() as stack:
        caller = await stack.enter_async_context(calling(authority))
        callee = await stack.enter_async_context(running_callee(scenario, transport, tmp_path, authority))
        seen: Wire | None = None
        if transport is not Transport.TLS:
            seen = await stack.enter_async_context(wire(callee.port))
        call = wanted(callee.hostname, transport, until=Until.ANSWER, ring_s=RING_S, talk_s=TALK_S)

        async def one() -> Placed:
            async with turn:
                began = time.monotonic()
                placed = await place(caller, call)
                took.append(time.monotonic() - began)
                return placed

        placed = await asyncio.gather(*(one() for _ in range(CALLS)))
    assert {(each.end, each.code) for each in placed} == {OUTCOMES[scenario]}
    if seen is not None:
        assert len(seen.calls()) == CALLS
        assert seen.left_ringing() == []
    notes = "".join(each.read_text(errors="replace") for each in tmp_path.glob("*_errors.log"))
    assert "Aborting call" not in notes, notes
    bounds = f"it may ring {RING_S:g} s and talk {TALK_S:g} s"
    record_property(
        "figure", f"{scenario} over {transport.value}: {CALLS} calls, the longest {max(took):.1f} s; {bounds}"
    )
