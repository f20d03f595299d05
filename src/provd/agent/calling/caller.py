"""Places calls: finds the peer, opens the line and the process for the sound, and says what came of it."""

import asyncio
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import replace

from provd.agent.calling.conductor import LEAVE_S, Conductor
from provd.agent.calling.line import Line, LineError, StreamLine, UdpLine, hop, local_host
from provd.agent.calling.places import Places, Resolve
from provd.agent.calling.placing import End, OnRung, Placed, Rung, Until, Wanted
from provd.agent.media.process import NoSound, SoundProcess, SoundResult
from provd.probe.address import SocketAddress, address_text
from provd.probe.resolver import Resolver
from provd.probe.stream.route import Route
from provd.probe.stream.tls import TlsFiles
from provd.schema.hostname import HostPort
from provd.schema.provider import Transport
from provd.sip.calls.call import Call
from provd.sip.calls.effects import CallOrder
from provd.sip.host import format_host
from provd.sip.octets import printable
from provd.sip.sdp import EVENTS, PCMA, PCMU, Sound

RESOLVE_S = 5.0
CONNECT_S = 5.0
STOP_S = 3.0
MAX_ADDRESSES = 4
"""How many of a provider's addresses are tried before the call counts as failed."""

_MARGIN_S = 15
_TOKEN_BYTES = 12
_BUSY = frozenset({486, 600})
_NOBODY = frozenset({408, 480, 487})

OpenSound = Callable[[str, int], SoundProcess]


class Handle:
    """A call that is wanted: ``cancel`` gives it up, whatever it does at the moment."""

    def __init__(self) -> None:
        self.cancelled = False
        self._conductor: Conductor | None = None

    def attach(self, conductor: Conductor) -> None:
        """It is being placed."""
        self._conductor = conductor
        if self.cancelled:
            conductor.cancel()

    def cancel(self) -> None:
        """Hang up."""
        self.cancelled = True
        if self._conductor is not None:
            self._conductor.cancel()


class Caller:
    """Any number of calls at a time. ``stop`` hangs up what is left of them."""

    def __init__(self, resolver: Resolver, tls: TlsFiles, open_sound: OpenSound = SoundProcess) -> None:
        self._resolver = resolver
        self._tls = tls
        self._open_sound = open_sound
        self._conductors: set[Conductor] = set()
        self._lingering: set[asyncio.Task[None]] = set()

    async def place(self, wanted: Wanted, handle: Handle, on_rung: OnRung) -> Placed:
        """Place a call and wait for its end; what follows that is seen to in the background."""
        resolution = await self._resolver.resolve(wanted.host, RESOLVE_S, wanted.transport)
        addresses = sorted(resolution.addresses, key=lambda each: each not in wanted.preferred)
        if not addresses:
            why = resolution.reason or resolution.cause.value
            return Placed(End.FAILED, problem=f"{wanted.host} leads nowhere: {why}")
        notes: list[Rung] = []
        placed = Placed(End.FAILED)
        for address in addresses[:MAX_ADDRESSES]:
            if handle.cancelled:
                return Placed(End.CANCELLED, rungs=tuple(notes))
            try:
                placed, unreachable = await self._place_at(address, wanted, handle, on_rung)
            except (LineError, NoSound) as error:
                placed, unreachable = Placed(End.FAILED, problem=str(error), address=address), str(error)
            if not unreachable:
                break
            notes.append(Rung(0.0, "note", f"{address_text(address)} can't be reached: {unreachable}"))
            on_rung(notes[-1])
        return replace(placed, rungs=(*notes, *placed.rungs))

    async def stop(self) -> None:
        """Hang up every call, and wait for that to be confirmed, up to STOP_S."""
        if self._conductors:
            await asyncio.gather(*(each.settle(STOP_S) for each in self._conductors))
        for task in self._lingering:
            task.cancel()
        await asyncio.gather(*self._lingering, return_exceptions=True)

    async def _place_at(
        self, peer: SocketAddress, wanted: Wanted, handle: Handle, on_rung: OnRung
    ) -> tuple[Placed, str]:
        """Place the call at one address: what came of it, and why the address can't be reached at all."""
        host = local_host(peer, wanted.bind)
        limit_s = int(wanted.ring_s + wanted.talk_s + LEAVE_S) + _MARGIN_S
        async with self._open_sound(host, limit_s) as sound:
            conductor = await self._open(peer, host, wanted, sound, on_rung)
            self._conductors.add(conductor)
            try:
                conductor.note(f"from {host} to {address_text(peer)} over {wanted.transport.value.upper()}")
                handle.attach(conductor)
                await conductor.conduct(wanted)
                result = await sound.stop() if conductor.call.sound is not None else SoundResult()
                await conductor.confirm()
                if result.note:
                    conductor.note(result.note)
            finally:
                conductor.hang_up()
                self._linger(conductor)
        return _outcome(conductor, wanted, result, peer), conductor.unreachable

    async def _open(
        self, peer: SocketAddress, host: str, wanted: Wanted, sound: SoundProcess, on_rung: OnRung
    ) -> Conductor:
        line, listeners = await self._line(peer, host, wanted)
        place = Places(peer, wanted.transport.value, self._first_address(wanted.transport))
        order = _order(wanted, line, Sound(host, sound.port, (PCMU, PCMA), EVENTS))
        call = Call(order, _token, random.SystemRandom().randrange(2**31), reliable=line.reliable)
        conductor = Conductor(call, line, place, sound, on_rung)
        listeners.append(conductor)
        return conductor

    async def _line(self, peer: SocketAddress, host: str, wanted: Wanted) -> tuple[Line, list[Conductor]]:
        """The line, and the list that its conductor is to be put into."""
        listeners: list[Conductor] = []

        def took(data: bytes, source: SocketAddress) -> None:
            for each in listeners:
                each.receive(data, source)

        def failed(problem: str) -> None:
            for each in listeners:
                each.failed(problem)

        def lost(problem: str) -> None:
            for each in listeners:
                each.lost(problem)

        if wanted.transport is Transport.UDP:
            return UdpLine(host, took, failed), listeners
        name = wanted.server_name or wanted.host.host
        route = Route(wanted.transport, peer, name, wanted.verify, bind=(host, 0))
        line = StreamLine(route, self._tls, took, failed, lost)
        try:
            async with asyncio.timeout(CONNECT_S):
                await line.open()
        except TimeoutError:
            raise LineError(f"no connection to {address_text(peer)} within {CONNECT_S:g} s") from None
        return line, listeners

    def _first_address(self, transport: Transport) -> Resolve:
        async def first(host: HostPort) -> SocketAddress | None:
            resolution = await self._resolver.resolve(host, RESOLVE_S, transport)
            return resolution.addresses[0] if resolution.addresses else None

        return first

    def _linger(self, conductor: Conductor) -> None:
        async def see_to_the_end() -> None:
            try:
                await conductor.linger()
            finally:
                self._conductors.discard(conductor)

        task = asyncio.create_task(see_to_the_end())
        self._lingering.add(task)
        task.add_done_callback(self._lingering.discard)


def _token() -> str:
    return secrets.token_hex(_TOKEN_BYTES)


def _order(wanted: Wanted, line: Line, sound: Sound) -> CallOrder:
    ours = format_host(*line.local)
    said = "" if wanted.transport is Transport.UDP else f";transport={wanted.transport.value}"
    return CallOrder(
        uri=wanted.uri,
        from_=f"<sip:{wanted.user}@{format_host(wanted.host.host, None)}>",
        to=f"<{wanted.uri.partition(';')[0]}>",
        contact=f"sip:{wanted.user}@{ours}{said}",
        hop=hop(wanted.transport, line.local),
        sound=sound,
        user_agent=wanted.user_agent,
        headers=wanted.headers,
        login=wanted.login,
    )


def _outcome(conductor: Conductor, wanted: Wanted, sound: SoundResult, peer: SocketAddress) -> Placed:
    call, final = conductor.call, conductor.call.final
    answered, left = call.answered_at, conductor.left_at
    over = min(each for each in (left, call.over_at, time.monotonic()) if each is not None)
    return Placed(
        end=_end(conductor, wanted),
        code=None if final is None else final.code,
        reason=None if final is None else printable(final.reason),
        problem=call.problem,
        pdd_ms=_ms(call.began_at, call.rang_at),
        setup_ms=_ms(call.began_at, answered),
        talk_ms=_ms(answered, over) if answered is not None else None,
        codec=None if call.sound is None else call.sound.codec,
        sound=sound,
        address=peer,
        rungs=tuple(conductor.rungs),
    )


def _ms(since: float | None, at: float | None) -> float | None:
    return None if since is None or at is None else round(max(0.0, 1000.0 * (at - since)), 1)


def _end(conductor: Conductor, wanted: Wanted) -> End:
    call = conductor.call
    if conductor.cancelled:
        return End.CANCELLED
    if conductor.broken:
        return End.FAILED
    if call.answered_at is not None:
        return End.ANSWERED if call.sound is not None else End.FAILED
    if wanted.until is Until.RING and conductor.left_at is not None and call.rang_at is not None:
        return End.NO_ANSWER if conductor.out_of_time else End.RINGING
    if conductor.out_of_time:
        return End.TIMEOUT if call.rang_at is None else End.NO_ANSWER
    if call.timed_out:
        return End.TIMEOUT
    if call.final is None or call.final.code < 300:
        return End.FAILED
    return _refusal(call.final.code)


def _refusal(code: int) -> End:
    if code in _BUSY:
        return End.BUSY
    if code in _NOBODY:
        return End.NO_ANSWER
    return End.FAILED if 500 <= code < 600 else End.REJECTED
