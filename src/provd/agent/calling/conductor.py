"""A call that is under way: its messages to the line, its sound to the process, its time to the loop."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from provd.agent.calling.line import Line
from provd.agent.calling.places import Places
from provd.agent.calling.placing import OnRung, Rung, Until, Wanted
from provd.agent.media.process import SoundProcess
from provd.probe.address import SocketAddress
from provd.sip.calls.call import Call, CallState
from provd.sip.calls.effects import Send
from provd.sip.errors import SipParseError
from provd.sip.parser import parse_message
from provd.sip.uri import Uri

LEAVE_S = 5.0
"""How long the end of a call waits for its confirmation; after that it is awaited in the background."""

_LINGER_S = 40.0
_EARLY = (CallState.CALLING, CallState.RINGING)
_HANGS_UP_AT = frozenset({180, 183})


class Conductor:
    """``connect`` is told where messages come from; then ``conduct`` runs the call until it is
    left, ``confirm`` until that is sure, and ``linger`` until nothing can follow.
    ``unreachable`` has what the network said before any answer; ``broken`` tells that the call was given up
    before its answer because the peer closed the connection, or a message could not be sent."""

    def __init__(
        self,
        call: Call,
        line: Line,
        places: Places,
        sound: SoundProcess,
        on_rung: OnRung,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.call = call
        self.rungs: list[Rung] = []
        self.left_at: float | None = None
        self.cancelled = False
        self.out_of_time = False
        self.unreachable = ""
        self.broken = False
        self._line = line
        self._places = places
        self._sound = sound
        self._on_rung = on_rung
        self._clock = clock
        self._until = Until.ANSWER
        self._heard = False
        self._told = 0
        self._pumping = False
        self._timer: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()

    async def conduct(self, wanted: Wanted) -> None:
        """Place the call, and hang up when it is time."""
        self._until = wanted.until
        if self.cancelled:
            self.call.fail("", self._clock())
            return
        self.call.start(self._clock())
        self._pump()
        if not await self._while(lambda: self.call.state in _EARLY, wanted.ring_s):
            self.out_of_time = True
            self.hang_up()
        if self.call.state is CallState.ANSWERED:
            if wanted.digits:
                self._sound.send_digits(wanted.digits)
            await self._while(lambda: self.call.state is CallState.ANSWERED, wanted.talk_s)
            self.hang_up()

    async def confirm(self) -> None:
        """Wait until the peer has confirmed that we left, up to LEAVE_S."""
        await self._while(lambda: self.call.state is CallState.LEAVING, LEAVE_S)

    async def linger(self) -> None:
        """Answer what the peer sends again, until nothing can follow; then close the line."""
        try:
            await self._while(lambda: self._waits_for_more, _LINGER_S)
        finally:
            self.close()

    async def settle(self, within_s: float) -> None:
        """Hang up, and wait until that is confirmed."""
        self.hang_up()
        await self._while(lambda: not self.call.is_settled, within_s)

    def cancel(self) -> None:
        """Give the call up because somebody wants it so."""
        if self.call.state in (*_EARLY, CallState.ANSWERED):
            self.cancelled = True
            self.hang_up()

    def hang_up(self) -> None:
        """Leave the call."""
        self._leave()
        self._pump()

    def receive(self, data: bytes, source: SocketAddress) -> None:
        """Take a message that came over the line; what is none is dropped."""
        try:
            message = parse_message(data)
        except SipParseError:
            return
        self._heard = True
        self.call.receive(message, source, self._clock())
        self._pump()

    def failed(self, problem: str) -> None:
        """The line can't send, or the network said so: what may ring is cancelled. Over UDP that may be of
        one message alone, so what talks, or is being cancelled, goes on."""
        if not self._heard:
            self.unreachable = self.unreachable or problem
        elif self.call.state in _EARLY:
            self._break_off(problem)
            return
        elif not self._line.reliable and self._may_go_on:
            return
        self.call.fail(problem, self._clock())
        self._pump()

    def lost(self, problem: str) -> None:
        """The peer has closed the connection: what may ring is cancelled over another, what talks goes on."""
        self.note(problem)
        if not self._heard:
            self.failed(problem)
        elif self.call.state in _EARLY:
            self._break_off(problem)

    def note(self, text: str) -> None:
        """Put a note of ours on the ladder."""
        self._climb(Rung(self._since(self._clock()), "note", text))

    def close(self) -> None:
        """Stop all that runs, and close the line."""
        if self._timer is not None:
            self._timer.cancel()
        for task in self._sending:
            task.cancel()
        self._line.close()

    @property
    def _waits_for_more(self) -> bool:
        """Whether a transaction may still see something; over a stream, only what we wait for ourselves."""
        if self._line.reliable:
            return not self.call.is_settled
        return not self.call.is_settled or self.call.next_at < float("inf")

    @property
    def _may_go_on(self) -> bool:
        """Whether it talks, or is being cancelled: an answer may have crossed that."""
        state = self.call.state
        return state is CallState.ANSWERED or (state is CallState.LEAVING and self.call.answered_at is None)

    async def _while(self, condition: Callable[[], bool], within_s: float) -> bool:
        """Wait as long as a condition holds; False when that was longer than ``within_s``."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while condition():
                    self._changed.clear()
                    await self._changed.wait()
        return not condition()

    def _break_off(self, problem: str) -> None:
        """Cancel what may ring."""
        self.broken, self.call.problem = True, problem
        self.hang_up()

    def _leave(self) -> None:
        now = self._clock()
        if self.left_at is None and self.call.state is not CallState.OVER:
            self.left_at = now
        self.call.hang_up(now)

    def _pump(self) -> None:
        """Do what the call wants done, tell its new steps, and set the timer."""
        if self._pumping:
            return
        self._pumping = True
        try:
            self._hang_up_when_it_rings()
            while effects := self.call.take():
                for effect in effects:
                    if isinstance(effect, Send):
                        self._send(effect)
                    else:
                        self._sound.speak(effect.sound)
        finally:
            self._pumping = False
        for step in self.call.steps[self._told :]:
            self._climb(Rung(self._since(step.at), "out" if step.outgoing else "in", step.line))
        self._told = len(self.call.steps)
        self._set_timer()
        self._changed.set()

    def _hang_up_when_it_rings(self) -> None:
        ringing = self.call.ringing
        rings = ringing is not None and ringing.code in _HANGS_UP_AT and self.call.state is CallState.RINGING
        if self._until is Until.RING and (rings or self.call.state is CallState.ANSWERED):
            self._leave()

    def _send(self, effect: Send) -> None:
        if effect.source is not None:
            self._line.send(effect.data, effect.source)
            return
        to = self._places.now(effect.uri)
        if to is not None:
            self._line.send(effect.data, to)
            return
        task = asyncio.create_task(self._look_up_and_send(effect.data, effect.uri))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _look_up_and_send(self, data: bytes, uri: Uri | None) -> None:
        self._line.send(data, await self._places.later(uri))

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self.call.next_at < float("inf"):
            wait_s = max(0.0, self.call.next_at - self._clock())
            self._timer = asyncio.get_running_loop().call_later(wait_s, self._tick)

    def _tick(self) -> None:
        self.call.tick(self._clock())
        self._pump()

    def _since(self, at: float) -> float:
        return round(max(0.0, 1000.0 * (at - self.call.began_at)), 1) if self.call.began_at else 0.0

    def _climb(self, rung: Rung) -> None:
        self.rungs.append(rung)
        self._on_rung(rung)
