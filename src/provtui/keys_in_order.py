"""Keys act one after the other, however they come: a slow line brings many in one piece.

Textual hands a key to what has the cursor, and runs what it is bound to when it has come back from there. The
keys behind it are on their way by then: what is typed after the key that opens a dialog would go to what was
there before. So here a key waits until the one before it has been everywhere, and what came of that is there.
"""

import asyncio
from collections import deque
from contextlib import suppress
from typing import Any

from textual.app import App
from textual.events import Event, Key, Paste
from textual.message_pump import MessagePump

_PATIENCE_S = 1.0  # something that is being taken away may never say that it is through
_TIMES = 2  # what a key causes may send a message that way itself, as a field does whose text is given


class KeysInOrder(App[None]):
    """An application whose keys act in their order."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._typed: deque[Event] = deque()
        self._typing: asyncio.Task[None] | None = None

    async def on_event(self, event: Event) -> None:
        """Have what was typed wait for its turn."""
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        self._typed.append(event)
        if self._typing is None or self._typing.done():
            self._typing = asyncio.create_task(self._type())

    async def _type(self) -> None:
        try:
            while self._typed:
                event = self._typed.popleft()
                taker = self.focused or self.screen
                await super().on_event(event)
                for _ in range(_TIMES):
                    await _through(taker)
                await self._top_is_there()
        except Exception as error:  # noqa: BLE001  # as Textual does with what a handler raises
            self._handle_exception(error)

    async def _top_is_there(self) -> None:
        """Wait until the screen on top, whichever that is by then, has done what opening it takes."""
        top = None
        while self.is_running and top is not self.screen:
            top = self.screen
            await _through(top)


async def _through(taker: MessagePump) -> None:
    """Wait until ``taker``, and all that it is in, have worked off what they were sent."""
    pump: MessagePump | None = taker
    while pump is not None:
        through = asyncio.Event()
        if pump.call_later(through.set):
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE_S):
                    await through.wait()
        pump = pump._parent
