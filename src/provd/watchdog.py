"""The watchdog: systemd hears that the daemon is well only while each of its parts goes on.

``Judge`` decides, and takes time as an argument; ``Watchdog`` asks the parts and tells systemd. It looks
from a thread of its own, so that it can also say where an event loop hangs that comes round no more.
"""

import asyncio
import logging
import sys
import threading
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from provd.systemd import Notifier

log = logging.getLogger(__name__)

LOOP, WRITER, PROBER = "the event loop", "the store's writer", "the prober"
_LOOKS = 16  # in a period
_LATE = 3  # times the time between two looks
_FRAMES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Look:
    """``feed``: tell systemd now. ``stalled`` are the parts for which that waits, though it is time."""

    feed: bool = False
    stalled: tuple[str, ...] = ()


class Judge:
    """Whether it is time for a sign of life, and every one of ``parts`` has gone on since the last one.

    ``every_s`` is between two of them, beginning at ``now``.
    """

    def __init__(self, parts: tuple[str, ...], every_s: float, now: float) -> None:
        self._parts = parts
        self._every_s = every_s
        self._due = now + every_s
        self._went_on: set[str] = set()

    def goes_on(self, part: str) -> None:
        """A part has made progress."""
        self._went_on.add(part)

    def look(self, now: float) -> Look:
        """What to do at ``now``."""
        if now < self._due:
            return Look()
        stalled = tuple(part for part in self._parts if part not in self._went_on)
        if stalled:
            return Look(stalled=stalled)
        self._went_on.clear()
        self._due = now + self._every_s
        return Look(feed=True)


class Progress:
    """Whether something goes on that says with ``state`` where it is, and when its next step is due."""

    def __init__(self, state: Callable[[], tuple[object, float]]) -> None:
        self._state = state
        self._was: object = None

    def made(self, now: float) -> bool:
        """It is elsewhere than at the last call, or its next step is not due yet."""
        was, (self._was, due) = self._was, self._state()
        return was != self._was or due > now


class Watchdog:
    """Tells ``notifier`` within ``period_s``, twice in it, while the parts go on.

    ``prove_writer`` goes through the store's writer and returns, or raises an Exception: that is no hang.
    ``prober`` is for Progress, on the clock of time.monotonic.
    """

    def __init__(
        self,
        notifier: Notifier,
        period_s: float,
        prove_writer: Callable[[], Awaitable[None]],
        prober: Callable[[], tuple[object, float]],
    ) -> None:
        self._notifier = notifier
        self._step_s = period_s / _LOOKS
        self._prove_writer = prove_writer
        self._prober = Progress(prober)
        self._judge = Judge((LOOP, WRITER, PROBER), period_s / 2, time.monotonic())
        self._stalled: tuple[str, ...] = ()
        self._ended = threading.Event()
        self._loop_thread = 0

    async def run(self) -> None:
        """Watch until cancelled."""
        self._loop_thread = threading.get_ident()
        watching = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        watching.start()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._ask_the_writer())
                while True:
                    self._judge.goes_on(LOOP)
                    if self._prober.made(time.monotonic()):
                        self._judge.goes_on(PROBER)
                    await asyncio.sleep(self._step_s)
        finally:
            self._ended.set()

    async def _ask_the_writer(self) -> None:
        while True:
            try:
                await self._prove_writer()
            except Exception as error:  # noqa: BLE001 - a writer that fails is not one that hangs
                log.debug("the store's writer fails: %s", error)
            self._judge.goes_on(WRITER)
            await asyncio.sleep(self._step_s)

    def _watch(self) -> None:
        before = time.monotonic()
        while not self._ended.wait(self._step_s):
            now = time.monotonic()
            if now - before < _LATE * self._step_s:  # else all of us stood still: the parts go first
                self._act(self._judge.look(now))
            before = now

    def _act(self, look: Look) -> None:
        if look.feed:
            self._notifier.alive()
            if self._stalled:
                log.warning("%s goes on again: the watchdog is fed", " and ".join(self._stalled))
                self._notifier.status("running")
                self._stalled = ()
        elif look.stalled and look.stalled != self._stalled:
            # the others wait for the loop: where it hangs is what matters
            named = (LOOP,) if LOOP in look.stalled else look.stalled
            if named == self._stalled:
                return
            self._stalled = named
            where = f":\n{self._where()}" if LOOP in named else ""
            log.critical("%s stalls: the watchdog is not fed%s", " and ".join(named), where)
            self._notifier.status(f"stalled: {' and '.join(named)}")

    def _where(self) -> str:
        """What the event loop's thread does at this moment, the innermost call last."""
        frame: Any = sys._current_frames().get(self._loop_thread)
        return (
            "".join(traceback.format_stack(frame, _FRAMES_SHOWN)).rstrip()
            if frame is not None
            else "it has no frame"
        )
