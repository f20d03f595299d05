"""Calls over real sockets on loopback, when the network, the peer or our own parts fail."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from provd.agent.calling.caller import Caller, Handle
from provd.agent.calling.placing import End, Placed, Rung, Until, Wanted
from provd.agent.media.process import SoundProcess
from provd.probe.naming.resolution import Candidate, Resolution
from provd.probe.resolver import Resolver
from provd.probe.stream.tls import TlsFiles
from provd.schema.hostname import HostPort, parse_hostname
from provd.schema.provider import Transport
from tests.fakes.daemon import eventually
from tests.fakes.phone import Mood, Phone, running_phone, running_tcp_phone
from tests.fakes.ports import free_port

HOST = "127.0.0.1"


def wanted(phone: Phone, transport: Transport = Transport.UDP, **how: Any) -> Wanted:
    plain = Wanted(
        uri=f"sip:+15550100@{phone.hostname}",
        host=parse_hostname(phone.hostname),
        transport=transport,
        user="provd",
        until=Until.ANSWER,
        user_agent="provd",
        ring_s=20.0,
        talk_s=0.3,
    )
    return replace(plain, **how)


class NameServer(Resolver):
    """Every name leads to these ports of loopback."""

    def __init__(self, *ports: int) -> None:
        self._ports = ports

    async def resolve(
        self, host: HostPort, timeout_s: float, transport: Transport = Transport.UDP, *, fresh: bool = False
    ) -> Resolution:
        return Resolution(tuple(Candidate((HOST, port)) for port in self._ports))


@asynccontextmanager
async def calling(resolver: Resolver | None = None, **how: Any) -> AsyncIterator[Caller]:
    made = Caller(resolver or Resolver(), TlsFiles(), **how)
    try:
        yield made
    finally:
        await made.stop()


async def place(caller: Caller, call: Wanted, handle: Handle | None = None) -> Placed:
    return await caller.place(call, handle or Handle(), lambda _rung: None)


def told(value: Callable[[], Any]) -> Callable[[], Awaitable[Any]]:
    async def ask() -> Any:
        return value()

    return ask


def sent(placed: Placed) -> list[str]:
    return [each.text for each in placed.rungs if each.way == "out"]


async def test_a_call_over_ipv6_has_its_sound_there_too() -> None:
    async with running_phone(host="::1") as phone, calling() as caller:
        placed = await place(caller, wanted(phone))
    assert (placed.end, placed.sound.audio) == (End.ANSWERED, "sound")
    assert phone.requests[0].top_via.host == "::1"
    assert b"c=IN IP6 ::1" in phone.requests[0].body


async def test_an_address_that_refuses_is_passed_over_for_the_next() -> None:
    async with running_phone() as phone, calling(NameServer(free_port(), phone.port)) as caller:
        placed = await place(caller, wanted(phone, host=parse_hostname("sbc.example.com")))
    assert placed.end is End.ANSWERED
    assert placed.address == (HOST, phone.port)
    assert "can't be reached: refused" in placed.rungs[0].text


async def test_the_preferred_address_is_called_first() -> None:
    async with (
        running_phone() as one,
        running_phone() as two,
        calling(NameServer(one.port, two.port)) as caller,
    ):
        call = wanted(one, host=parse_hostname("sbc.example.com"), preferred=frozenset({(HOST, two.port)}))
        placed = await place(caller, call)
    assert placed.address == (HOST, two.port)
    assert one.requests == []


@pytest.mark.parametrize("transport", [Transport.UDP, Transport.TCP])
async def test_a_peer_that_is_not_there_ends_the_call_at_once(transport: Transport) -> None:
    phone = Phone(Mood.SILENT, 0)
    phone.port = free_port()
    async with calling() as caller:
        placed = await place(caller, wanted(phone, transport))
    assert placed.end is End.FAILED
    assert "refused" in placed.problem.lower()


async def test_an_early_refusal_leaves_no_process_for_the_sound() -> None:
    opened: list[SoundProcess] = []

    def opening(host: str, limit_s: int) -> SoundProcess:
        opened.append(SoundProcess(host, limit_s))
        return opened[-1]

    async with running_phone(Mood.BUSY) as phone, calling(open_sound=opening) as caller:
        assert (await place(caller, wanted(phone))).end is End.BUSY
    assert [each.process.returncode is not None for each in opened] == [True]


@pytest.mark.parametrize("mood", [Mood.RINGS, Mood.TRIES])
async def test_a_connection_that_ends_while_it_may_ring_is_cancelled_over_another(mood: Mood) -> None:
    async with running_tcp_phone(mood) as phone, calling() as caller:
        placing = asyncio.create_task(place(caller, wanted(phone, Transport.TCP)))
        await eventually(told(lambda: phone.methods), lambda methods: methods == ["INVITE"])
        phone.hang_the_connection_up()
        placed = await placing
    assert placed.end is End.FAILED
    assert "closed the connection" in placed.problem
    assert phone.methods == ["INVITE", "CANCEL", "ACK"]
    assert phone.connections == 2


async def test_a_connection_that_ends_in_the_talk_is_made_anew_for_the_bye() -> None:
    async with running_tcp_phone() as phone, calling() as caller:
        placing = asyncio.create_task(place(caller, wanted(phone, Transport.TCP)))
        await eventually(told(lambda: phone.methods), lambda methods: "ACK" in methods)
        phone.hang_the_connection_up()
        placed = await placing
    assert placed.end is End.ANSWERED
    assert phone.methods == ["INVITE", "ACK", "BYE"]
    assert phone.connections == 2


async def test_a_peer_that_goes_away_in_the_talk_ends_the_call() -> None:
    async with calling() as caller:
        async with running_tcp_phone() as phone:
            placing = asyncio.create_task(place(caller, wanted(phone, Transport.TCP, talk_s=1.0)))
            await eventually(told(lambda: phone.methods), lambda methods: "ACK" in methods)
        placed = await placing
    assert placed.end is End.ANSWERED
    assert "no connection" in placed.problem


async def test_a_ringing_call_whose_contact_cannot_be_reached_is_cancelled() -> None:
    async with running_phone(Mood.RINGS) as phone, calling() as caller:
        phone.reliably, phone.contact = True, f"sip:phone@{HOST}:{free_port()}"
        placed = await place(caller, wanted(phone))
    assert placed.end is End.FAILED
    assert "refused" in placed.problem
    assert phone.methods == ["INVITE", "CANCEL", "ACK"]


async def test_what_is_no_sip_ends_the_connection_and_the_call() -> None:
    async with running_tcp_phone(Mood.TRIES) as phone, calling() as caller:
        placing = asyncio.create_task(place(caller, wanted(phone, Transport.TCP, ring_s=1.0)))
        await eventually(told(lambda: phone.methods), lambda methods: methods == ["INVITE"])
        phone.send(b"HTTP/1.1 200 OK\r\n\r\n")
        placed = await placing
    assert placed.end in (End.FAILED, End.TIMEOUT)


async def test_a_ping_of_the_peer_is_answered() -> None:
    async with running_tcp_phone() as phone, calling() as caller:
        placing = asyncio.create_task(place(caller, wanted(phone, Transport.TCP)))
        await eventually(told(lambda: phone.methods), lambda methods: "ACK" in methods)
        phone.send(b"\r\n\r\n")
        assert (await placing).end is End.ANSWERED


async def test_the_requests_of_a_call_go_to_the_contact() -> None:
    async with running_phone() as phone, running_phone() as elsewhere, calling() as caller:
        phone.contact = f"sip:phone@{elsewhere.hostname}"
        placed = await place(caller, wanted(phone))
    assert placed.end is End.ANSWERED
    assert (phone.methods, elsewhere.methods) == (["INVITE"], ["ACK", "BYE"])


async def test_a_contact_that_is_a_name_is_looked_up() -> None:
    async with running_phone() as phone, calling(NameServer(phone.port)) as caller:
        phone.contact = "sip:phone@phone.example.com"
        placed = await place(caller, wanted(phone))
    assert placed.end is End.ANSWERED
    assert phone.methods == ["INVITE", "ACK", "BYE"]


async def test_a_crash_of_the_sound_is_a_note_and_the_call_is_hung_up() -> None:
    crashing = [sys.executable, "-c", "print('{\"port\": 4000}', flush=True); raise SystemExit('no codec')"]

    async with (
        running_phone() as phone,
        calling(open_sound=lambda host, limit_s: SoundProcess(host, limit_s, crashing)) as caller,
    ):
        placed = await place(caller, wanted(phone))
    assert placed.end is End.ANSWERED
    assert (placed.sound.audio, "no codec" in placed.sound.note) == ("none", True)
    assert phone.methods == ["INVITE", "ACK", "BYE"]


async def test_a_sound_that_is_stuck_does_not_hold_the_bye_up() -> None:
    stuck = [sys.executable, "-c", "import time; print('{\"port\": 4000}', flush=True); time.sleep(600)"]

    def opening(host: str, limit_s: int) -> SoundProcess:
        return SoundProcess(host, limit_s, stuck, result_s=0.5)

    async with running_phone() as phone, calling(open_sound=opening) as caller:
        placed = await place(caller, wanted(phone))
    assert "got stuck" in placed.sound.note
    texts = [each.text for each in placed.rungs]
    assert texts.index("BYE") < texts.index(placed.sound.note)
    assert phone.methods == ["INVITE", "ACK", "BYE"]


async def test_without_a_process_for_the_sound_nobody_is_called() -> None:
    async with (
        running_phone() as phone,
        calling(open_sound=lambda host, limit_s: SoundProcess(host, limit_s, ["/nowhere"])) as caller,
    ):
        placed = await place(caller, wanted(phone))
    assert placed.end is End.FAILED
    assert "can't be started" in placed.problem
    assert phone.requests == []


async def test_a_call_that_is_cancelled_before_it_began_is_not_placed() -> None:
    handle = Handle()
    handle.cancel()
    async with running_phone() as phone, calling() as caller:
        placed = await place(caller, wanted(phone), handle)
    assert placed.end is End.CANCELLED
    assert phone.requests == []


@pytest.mark.parametrize(("mood", "farewell"), [(Mood.RINGS, "CANCEL"), (Mood.ANSWERS, "BYE")])
async def test_whoever_stops_waiting_for_a_call_hangs_it_up(mood: Mood, farewell: str) -> None:
    async with running_phone(mood) as phone, calling() as caller:
        placing = asyncio.create_task(place(caller, wanted(phone, talk_s=60.0)))
        await eventually(told(lambda: phone.methods), bool)
        placing.cancel()
        await asyncio.wait({placing})
        await eventually(told(lambda: phone.methods), lambda methods: farewell in methods)


async def test_a_caller_that_stops_hangs_every_call_up() -> None:
    async with running_phone(Mood.RINGS) as one, running_phone() as two:
        async with calling() as caller:
            calls = [asyncio.create_task(place(caller, wanted(each, talk_s=60.0))) for each in (one, two)]
            await eventually(told(lambda: (one.methods, two.methods)), all)
            await eventually(told(lambda: two.methods), lambda methods: "ACK" in methods)
        await asyncio.wait(calls)
    assert (one.methods[1], two.methods[-1]) == ("CANCEL", "BYE")


async def test_the_rungs_are_told_as_they_come() -> None:
    rungs: list[Rung] = []
    async with running_phone(Mood.BUSY) as phone, calling() as caller:
        placed = await caller.place(wanted(phone), Handle(), rungs.append)
    assert tuple(rungs) == placed.rungs
    assert sent(placed) == ["INVITE", "ACK"]
