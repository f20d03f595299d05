"""The sockets of the redirect server by themselves: bounds, and an end."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from provd.agent.redirect.address import parse_listen_address
from provd.agent.redirect.allow import AllowList
from provd.agent.redirect.choice import Choice
from provd.agent.redirect.redirect import Redirector
from provd.agent.redirect.tcp import TcpListener
from provd.agent.redirect.udp import DRAIN_LIMIT, UdpListener

from .callers import address_of, calling_by_tcp, calling_by_udp, invite

CONTACT = "<sip:1@192.0.2.1>;q=1.0"


@pytest.fixture
def redirector() -> Redirector:
    return Redirector(lambda _: Choice(302, (CONTACT,)), AllowList(["127.0.0.0/8", "::1"]), "provd", b"s")


@pytest.fixture
async def impatient(redirector: Redirector) -> AsyncIterator[TcpListener]:
    listener = TcpListener(parse_listen_address("tcp:127.0.0.1:0"), redirector, idle_s=0.05)
    await listener.attach()
    yield listener
    listener.close()


async def test_a_silent_connection_is_closed(impatient: TcpListener) -> None:
    async with calling_by_tcp(address_of(str(impatient.address))) as caller:
        assert (await caller.ask(invite())).code == 302
        async with asyncio.timeout(10):
            await caller.closed.wait()


async def test_a_half_message_does_not_keep_a_connection(impatient: TcpListener) -> None:
    async with calling_by_tcp(address_of(str(impatient.address))) as caller:
        caller.transport.write(invite()[:50])
        async with asyncio.timeout(10):
            await caller.closed.wait()


async def test_a_peer_that_reads_nothing_is_given_up(redirector: Redirector) -> None:
    listener = TcpListener(parse_listen_address("tcp:127.0.0.1:0"), redirector)
    await listener.attach()
    async with calling_by_tcp(address_of(str(listener.address))) as caller:
        caller.transport.pause_reading()
        padding = b"To: <sip:1@provd>;x=" + b"y" * 7000
        for _ in range(3000):
            caller.transport.write(invite().replace(b"To: <sip:+442071838750@provd>", padding))
            await asyncio.sleep(0)
            if caller.closed.is_set() or caller.transport.is_closing():
                break
        caller.transport.resume_reading()
        async with asyncio.timeout(20):
            await caller.closed.wait()
    listener.close()


async def test_closing_ends_every_connection(redirector: Redirector) -> None:
    listener = TcpListener(parse_listen_address("tcp:[::1]:0"), redirector)
    await listener.attach()
    async with calling_by_tcp(address_of(str(listener.address))) as caller:
        assert (await caller.ask(invite())).code == 302
        listener.close()
        await caller.closed.wait()


async def test_a_burst_is_answered_in_turns_with_everybody_else(redirector: Redirector) -> None:
    listener = UdpListener(parse_listen_address("udp:[::1]:0"), redirector)
    count = DRAIN_LIMIT * 3
    async with calling_by_udp(address_of(str(listener.address))) as caller:
        for number in range(count):
            caller.transport.sendto(invite(call=str(number)))
        await listener.attach()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert redirector.counts.redirected <= DRAIN_LIMIT * 2
        assert {(await caller.answer()).call_id for _ in range(count)} == {str(n) for n in range(count)}
    listener.close()
