"""Who is fed when: the judge, on a time of its own, and the watchdog with parts that stand still."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from provd.systemd import Notifier
from provd.watchdog import Judge, Look, Progress, Watchdog
from tests.fakes.service_manager import FakeServiceManager

PARTS = ("loop", "writer")


def test_nothing_is_due_before_its_time() -> None:
    judge = Judge(PARTS, 30.0, now=100.0)
    assert judge.look(129.9) == Look()


def test_it_is_fed_when_every_part_has_gone_on() -> None:
    judge = Judge(PARTS, 30.0, now=100.0)
    judge.goes_on("loop")
    judge.goes_on("writer")
    assert judge.look(130.0) == Look(feed=True)


def test_progress_from_before_the_last_feed_does_not_count() -> None:
    judge = Judge(PARTS, 30.0, now=100.0)
    for part in PARTS:
        judge.goes_on(part)
    assert judge.look(130.0).feed
    judge.goes_on("loop")
    assert judge.look(159.0) == Look()
    assert judge.look(160.0) == Look(stalled=("writer",))


def test_a_part_that_goes_on_again_in_time_saves_the_feed() -> None:
    judge = Judge(PARTS, 30.0, now=0.0)
    judge.goes_on("loop")
    assert judge.look(30.0).stalled == ("writer",)
    judge.goes_on("writer")
    assert judge.look(34.0) == Look(feed=True)
    assert judge.look(63.0) == Look()


def test_all_that_stall_are_named() -> None:
    assert Judge(PARTS, 1.0, now=0.0).look(1.0).stalled == PARTS


@pytest.mark.parametrize(
    ("states", "made"),
    [
        ([("a", 10.0), ("a", 10.0)], [True, True]),  # nothing is due at 5
        ([("a", 4.0), ("b", 4.0)], [True, True]),  # late, but it goes on
        ([("a", 4.0), ("a", 4.0)], [True, False]),
        ([("a", 4.0), ("a", 4.0), ("a", 6.0)], [True, False, True]),
    ],
)
def test_progress_is_made_by_moving_or_by_having_nothing_to_do(
    states: list[tuple[str, float]], made: list[bool]
) -> None:
    coming = iter(states)
    progress = Progress(lambda: next(coming))
    assert [progress.made(5.0) for _ in states] == made


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[FakeServiceManager]:
    listening = FakeServiceManager(tmp_path / "notify")
    yield listening
    listening.close()


class Parts:
    """A writer that can be held up, and a prober that can stop."""

    def __init__(self) -> None:
        self.writer_goes = asyncio.Event()
        self.writer_goes.set()
        self.error: Exception | None = None
        self.due = float("inf")

    async def prove_writer(self) -> None:
        await self.writer_goes.wait()
        if self.error is not None:
            raise self.error

    def checking(self) -> tuple[object, float]:
        return "here", self.due

    def watchdog(self, manager: FakeServiceManager) -> Watchdog:
        return Watchdog(Notifier(manager.address), 0.8, self.prove_writer, self.checking)


async def test_it_is_fed_while_all_goes_on(manager: FakeServiceManager) -> None:
    running = asyncio.create_task(Parts().watchdog(manager).run())
    for _ in range(3):
        await manager.hear_until("WATCHDOG")
    running.cancel()
    await asyncio.wait({running})


async def test_a_writer_that_fails_is_no_hang(manager: FakeServiceManager) -> None:
    parts = Parts()
    parts.error = OSError("the disk is full")
    running = asyncio.create_task(parts.watchdog(manager).run())
    for _ in range(3):
        await manager.hear_until("WATCHDOG")
    running.cancel()
    await asyncio.wait({running})


async def test_a_writer_that_hangs_is_named_and_nothing_is_fed_until_it_goes_on(
    manager: FakeServiceManager, caplog: pytest.LogCaptureFixture
) -> None:
    parts = Parts()
    running = asyncio.create_task(parts.watchdog(manager).run())
    await manager.hear_until("WATCHDOG")
    parts.writer_goes.clear()
    await manager.hear_until("STATUS", "stalled: the store's writer")
    assert manager.heard() == []
    parts.writer_goes.set()
    assert (await manager.hear_until("STATUS", "running"))[-2:] == [{"WATCHDOG": "1"}, {"STATUS": "running"}]
    messages = [record.getMessage() for record in caplog.records]
    assert [message for message in messages if "writer" in message] == [
        "the store's writer stalls: the watchdog is not fed",
        "the store's writer goes on again: the watchdog is fed",
    ]
    running.cancel()
    await asyncio.wait({running})


async def test_a_prober_that_stops_is_named(manager: FakeServiceManager) -> None:
    parts = Parts()
    running = asyncio.create_task(parts.watchdog(manager).run())
    await manager.hear_until("WATCHDOG")
    parts.due = 0.0
    await manager.hear_until("STATUS", "stalled: the prober")
    running.cancel()
    await asyncio.wait({running})


async def test_of_a_loop_that_hangs_it_is_said_where(
    manager: FakeServiceManager, caplog: pytest.LogCaptureFixture
) -> None:
    running = asyncio.create_task(Parts().watchdog(manager).run())
    await manager.hear_until("WATCHDOG")

    def hang_until_noticed() -> None:
        while manager.hear_blocking().get("STATUS") != "stalled: the event loop":
            pass

    hang_until_noticed()
    message = next(each for each in caplog.messages if "hang_until_noticed" in each)
    assert message.startswith("the event loop stalls: the watchdog is not fed")
    running.cancel()
    await asyncio.wait({running})
