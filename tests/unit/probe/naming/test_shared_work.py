"""The same work asked for by many is done once."""

import asyncio

import pytest

from provd.probe.naming.shared_work import SharedWork


class Work:
    """Work that lasts until it is let go, and counts how often it was begun."""

    def __init__(self) -> None:
        self.begun = 0
        self.cancelled = 0
        self.begins = asyncio.Event()
        self.may_end = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self) -> int:
        self.begun += 1
        self.begins.set()
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.error is not None:
            raise self.error
        return self.begun


async def test_those_who_ask_meanwhile_share_it_and_the_next_one_begins_anew() -> None:
    shared, work = SharedWork[int](), Work()
    asking = [asyncio.create_task(shared.do("a", work)) for _ in range(100)]
    await work.begins.wait()
    work.may_end.set()
    assert await asyncio.gather(*asking) == [1] * 100
    assert await shared.do("a", work) == 2


async def test_other_work_is_not_shared() -> None:
    shared, work = SharedWork[int](), Work()
    work.may_end.set()
    assert sorted(await asyncio.gather(shared.do("a", work), shared.do("b", work))) == [1, 2]


async def test_who_gives_up_leaves_it_to_the_others() -> None:
    shared, work = SharedWork[int](), Work()
    first, second = (asyncio.create_task(shared.do("a", work)) for _ in range(2))
    await work.begins.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    work.may_end.set()
    assert await second == 1
    assert work.cancelled == 0


async def test_when_all_give_up_it_ends_and_is_begun_anew_for_the_next() -> None:
    shared, work = SharedWork[int](), Work()
    asking = [asyncio.create_task(shared.do("a", work)) for _ in range(3)]
    await work.begins.wait()
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    work.may_end.set()
    assert await shared.do("a", work) == 2
    assert work.cancelled == 1


async def test_an_error_reaches_everybody() -> None:
    shared, work = SharedWork[int](), Work()
    work.error = ValueError("no")
    work.may_end.set()
    results = await asyncio.gather(*(shared.do("a", work) for _ in range(3)), return_exceptions=True)
    assert [type(result) for result in results] == [ValueError] * 3
