"""What is said of a future that is set too late."""

import asyncio

import pytest

from provd.client.late_wakeups import pass_over_late_wakeups


async def told_of(callback: object, *arguments: object, caplog: pytest.LogCaptureFixture) -> str:
    asyncio.get_running_loop().call_soon(callback, *arguments)  # type: ignore[arg-type]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return caplog.text


async def test_nothing_when_its_reader_was_cancelled(caplog: pytest.LogCaptureFixture) -> None:
    reading = asyncio.get_running_loop().create_future()
    reading.cancel()
    assert "Exception in callback" in await told_of(reading.set_result, None, caplog=caplog)
    caplog.clear()
    pass_over_late_wakeups()
    assert await told_of(reading.set_result, None, caplog=caplog) == ""


async def test_everything_else_is_told(caplog: pytest.LogCaptureFixture) -> None:
    pass_over_late_wakeups()
    assert "ZeroDivisionError" in await told_of(lambda: 1 // 0, caplog=caplog)
