"""How the daemon's background parts end."""

import asyncio

import pytest

from provd.daemon import end
from tests.fakes.daemon import eventually


async def test_a_part_that_does_not_end_when_it_is_told_to_is_named_and_waited_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told, let_go = asyncio.Event(), asyncio.Event()

    async def works_on() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            told.set()
            await let_go.wait()

    async def ends() -> None:
        await asyncio.Event().wait()

    parts = [asyncio.create_task(works_on(), name="the history"), asyncio.create_task(ends(), name="alerts")]
    await asyncio.sleep(0)
    ending = asyncio.create_task(end(parts, slow_after_s=0.01))
    await told.wait()

    async def said() -> list[str]:
        return [record.getMessage() for record in caplog.records]

    assert await eventually(said, bool) == ["the history has not ended within 0.01 s: the stop waits for it"]
    assert not ending.done()
    let_go.set()
    await ending
    assert all(part.cancelled() for part in parts)


async def test_nothing_is_said_of_parts_that_end_in_time(caplog: pytest.LogCaptureFixture) -> None:
    parts = [asyncio.create_task(asyncio.Event().wait(), name="alerts") for _ in range(3)]
    await end(parts)
    assert all(part.cancelled() for part in parts)
    assert caplog.records == []
