"""Peers that stall, dribble, flood or speak something else: each has its cause, and nobody else is harmed."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress

import pytest

from provd.schema.health import Cause
from provd.schema.provider import Provider, Transport
from provd.sip.answer import make_response
from provd.sip.message import Request
from tests.fakes.daemon import RunningDaemon
from tests.unit.probe.stream.peers import Visit, answer, deaf_port, running_peer, says

from .conftest import StartCarrier
from .peers.recording import recording_peer
from .test_checks import is_checked, is_healthy

HTTP = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\nno!\n"
QUICK = {"interval_s": 1, "timeout_s": 0.5}
Script = Callable[[Visit], Awaitable[None]]


async def stall(visit: Visit) -> None:
    """Take everything, say nothing."""
    await visit.until_closed()


async def dribble(visit: Visit) -> None:
    """Answer, a byte a second."""
    with suppress(EOFError):
        for octet in answer(await visit.request()):
            await visit.send(bytes([octet]))
            await asyncio.sleep(1.0)


async def endless_header(visit: Visit) -> None:
    """Answer with a header that never ends."""
    with suppress(EOFError):
        await visit.request()
        await visit.send(b"SIP/2.0 200 OK\r\nX-Endless: ")
        while True:
            await visit.send(b"x" * 4096)
            await asyncio.sleep(0)


async def endless_body(visit: Visit) -> None:
    """Announce a body of 4 GB, and begin with it."""
    with suppress(EOFError):
        start = answer(await visit.request()).replace(b"Content-Length: 0", b"Content-Length: 4294967295")
        await visit.send(start)
        while True:
            await visit.send(b"x" * 4096)
            await asyncio.sleep(0)


async def hang_up(visit: Visit) -> None:
    """End the connection in the middle of the answer."""
    with suppress(EOFError):
        await visit.send(answer(await visit.request())[:40])


async def many_strays(visit: Visit) -> None:
    """Answer what nobody asked a thousand times, then what was asked."""
    with suppress(EOFError):
        while True:
            request = await visit.request()
            await visit.send(answer(request).replace(b"z9hG4bK", b"z9hG4bKnot") * 1000)
            await visit.answer(request)


async def goes_on(daemon: RunningDaemon, provider: Provider) -> None:
    """Wait until a provider was checked twice more, each time with an answer."""
    checked = {(await daemon.client.provider(provider.id)).health_checked_at}

    def twice(found: Provider) -> bool:
        assert is_healthy(found)
        checked.add(found.health_checked_at)
        return len(checked) >= 3

    found = await daemon.until(provider.id, twice)
    assert None not in found.health.recent


HOSTILE: dict[str, tuple[Transport, Script, Cause, str]] = {
    "TLS stalls": (Transport.TLS, stall, Cause.TIMEOUT, "the TLS handshake did not end"),
    "TLS of another kind": (Transport.TLS, says(b"\x17\x03\x03\x00\x01x"), Cause.TLS_ERROR, "TLS"),
    "HTTP on TLS": (Transport.TLS, says(HTTP), Cause.TLS_ERROR, "TLS"),
    "silence": (Transport.TCP, stall, Cause.TIMEOUT, "connected, but no answer"),
    "a byte a second": (Transport.TCP, dribble, Cause.TIMEOUT, "the answer was not complete"),
    "an endless header": (Transport.TCP, endless_header, Cause.PROTOCOL, "not in SIP"),
    "an endless body": (Transport.TCP, endless_body, Cause.PROTOCOL, "not in SIP"),
    "half an answer": (Transport.TCP, hang_up, Cause.PROTOCOL, "in the middle of a message"),
    "HTTP": (Transport.TCP, says(HTTP), Cause.PROTOCOL, "HTTP"),
    "TLS on TCP": (Transport.TCP, says(b"\x15\x03\x01\x00\x02\x02\x16"), Cause.PROTOCOL, "TLS"),
    "zeroes": (Transport.TCP, says(bytes(70_000)), Cause.PROTOCOL, "not in SIP"),
}


async def test_each_has_its_cause_and_harms_nobody_else(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier()
    beside = await daemon.add(hostname)
    await daemon.until(beside.id, is_healthy)
    found = {}
    async with AsyncExitStack() as peers:
        for name, (transport, script, _, _) in HOSTILE.items():
            peer = await peers.enter_async_context(running_peer(script))
            where = f"{peer.address[0]}:{peer.address[1]}"
            found[name] = await daemon.add(where, name=name, transport=transport, probe=QUICK)
        for name, provider in found.items():
            found[name] = await daemon.until(provider.id, is_checked)
        await goes_on(daemon, beside)
    told = {name: (each.health_status, each.health.cause) for name, each in found.items()}
    assert told == {name: ("unhealthy", cause) for name, (_, _, cause, _) in HOSTILE.items()}
    for name, (_, _, _, words) in HOSTILE.items():
        assert words in found[name].health.explanation
        assert found[name].health.next_step


async def test_a_port_whose_queue_is_full_is_a_timeout(daemon: RunningDaemon) -> None:
    with deaf_port() as (host, port):
        for transport in (Transport.TCP, Transport.TLS):
            added = await daemon.add(f"{host}:{port}", transport=transport, probe=QUICK)
            down = await daemon.until(added.id, is_checked)
            assert (down.health.cause, "no TCP connection" in down.health.explanation) == (
                Cause.TIMEOUT,
                True,
            )


async def test_answers_to_nobody_are_strays_and_the_right_one_counts(daemon: RunningDaemon) -> None:
    async with running_peer(many_strays) as peer:
        added = await daemon.add(f"{peer.address[0]}:{peer.address[1]}", transport=Transport.TCP)
        found = await daemon.until(added.id, is_checked)
    assert (found.health_status, found.health.code) == ("healthy", 200)
    assert (await daemon.client.status()).monitor.strays_total >= 1000


@pytest.mark.parametrize("transport", [Transport.UDP, Transport.TCP])
async def test_a_large_answer_is_an_answer(daemon: RunningDaemon, transport: Transport) -> None:
    size = 60_000 if transport is Transport.UDP else 65_000

    def large(request: Request) -> bytes:
        return make_response(request, 200, to_tag="peer", body=b"x" * size).to_bytes()

    async with recording_peer(transport) as peer:
        peer.reply = large
        added = await daemon.add(peer.hostname, transport=transport)
        found = await daemon.until(added.id, is_checked)
        (exchange,) = (await daemon.client.trace(added.id)).result
    assert (found.health.cause, found.health.code) == (Cause.OK, 200)
    assert len(exchange.received) <= 16_384


async def test_a_body_beyond_all_measure_is_no_sip(daemon: RunningDaemon) -> None:
    def huge(request: Request) -> bytes:
        return make_response(request, 200, to_tag="peer", body=b"x" * 2_000_000).to_bytes()

    async with recording_peer(Transport.TCP) as peer:
        peer.reply = huge
        added = await daemon.add(peer.hostname, transport=Transport.TCP)
        found = await daemon.until(added.id, is_checked)
    assert found.health.cause is Cause.PROTOCOL


async def test_http_over_udp_is_no_sip(daemon: RunningDaemon) -> None:
    async with recording_peer() as peer:
        peer.reply = lambda _: HTTP
        added = await daemon.add(peer.hostname, probe=QUICK)
        found = await daemon.until(added.id, is_checked)
        report = await daemon.client.check_provider(added.id)
    assert found.health.cause is Cause.PROTOCOL
    assert found.health.next_step
    assert report.targets[0].cause is Cause.PROTOCOL
    assert "HTTP/1.1 400" in (await daemon.client.trace(added.id)).result[0].received
