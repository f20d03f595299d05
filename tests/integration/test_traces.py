"""Traces: the SIP of the checks that changed a status, and of every check while somebody looks."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from provd.client import Event
from provd.demo.behaviour import Behaviour
from provd.schema.events import EventType, Hello
from provd.schema.health import Cause
from provd.schema.provider import Transport
from provd.schema.trace import TracedExchange
from provd.sip.answer import make_response
from provd.sip.message import Request
from tests.fakes.daemon import RunningDaemon, running_daemon, temporary_folder

from .announced import announced
from .conftest import StartCarrier
from .peers.recording import recording_peer
from .test_checks import is_healthy, is_unhealthy

SELDOM = {"interval_s": 600, "timeout_s": 0.5}
SECRET = "k3y-of-the-trunk"
SENDING = {"interval_s": 600, "timeout_s": 0.5, "send_tech_headers": True}


def echo(request: Request) -> bytes:
    """An answer that has the request's X-Trunk-Key in it too."""
    headers = [("X-Trunk-Key", str(request.headers.get("X-Trunk-Key"))), ("X-Other", "shown")]
    return make_response(request, 200, headers=headers, to_tag="peer").to_bytes()


async def test_the_exchanges_that_changed_the_status_are_kept_as_they_were(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    carrier, hostname = await start_carrier(Behaviour(404, reason="Nobody Here"))
    added = await daemon.add(hostname, probe={"interval_s": 600, "timeout_s": 0.6})
    await daemon.until(added.id, is_healthy)
    carrier.behaviour = Behaviour(silent=True)
    for _ in range(2):
        await daemon.client.check_provider(added.id)
    trace = (await daemon.client.trace(added.id)).result
    assert trace == sorted(trace, key=lambda each: each.at, reverse=True)
    up = trace[-1]
    assert (up.provider_id, up.target, up.transport) == (added.id, hostname, Transport.UDP)
    assert (up.cause, up.code) == (Cause.OK, 404)
    assert up.rtt_ms is not None
    assert up.sent.startswith(f"OPTIONS sip:{hostname} SIP/2.0\r\nVia: SIP/2.0/UDP ")
    assert up.sent.endswith("\r\nContent-Length: 0\r\n\r\n")
    assert up.received.startswith("SIP/2.0 404 Nobody Here\r\nVia: ")
    branch = up.sent.partition("branch=")[2].partition("\r\n")[0]
    assert f"branch={branch}" in up.received
    down = trace[-2]
    assert (down.cause, down.code, down.received) == (Cause.TIMEOUT, None, "")
    assert down.sent.startswith("OPTIONS ")
    assert down.retransmits == 1
    events = await announced(daemon, EventType.HEALTH_CHANGED, added.id, at_least=2)
    times = [each.data["at"] for each in events]
    assert times == [up.at, down.at]


async def test_over_tcp_too(daemon: RunningDaemon) -> None:
    async with recording_peer(Transport.TCP) as peer:
        added = await daemon.add(peer.hostname, transport=Transport.TCP)
        await daemon.until(added.id, is_healthy)
    await daemon.until(added.id, is_unhealthy)
    down, up = (await daemon.client.trace(added.id)).result
    assert up.sent.startswith(f"OPTIONS sip:{peer.hostname} SIP/2.0\r\nVia: SIP/2.0/TCP ")
    assert up.received.startswith("SIP/2.0 200 OK\r\n")
    assert (down.cause, down.received) == (Cause.REFUSED, "")


async def test_they_are_there_after_a_restart() -> None:
    async with temporary_folder() as folder, recording_peer() as peer:
        peer.reply = echo
        async with running_daemon(folder) as daemon:
            tech = {"X-Trunk-Key": SECRET}
            added = await daemon.add(peer.hostname, probe=SENDING, tech_headers=tech)
            await daemon.until(added.id, is_healthy)
            before = await daemon.client.trace(added.id)
        async with running_daemon(folder) as daemon:
            after = await daemon.client.trace(added.id)
    assert len(before.result) == 1
    assert after == before


async def test_the_value_of_a_tech_header_is_never_shown(daemon: RunningDaemon) -> None:
    for transport in (Transport.UDP, Transport.TCP):
        async with recording_peer(transport) as peer:
            peer.reply = echo
            added = await daemon.add(
                peer.hostname, transport=transport, probe=SENDING, tech_headers={"X-Trunk-Key": SECRET}
            )
            await daemon.until(added.id, is_healthy)
            assert peer.requests[0].headers.get("X-Trunk-Key") == SECRET
            (exchange,) = (await daemon.client.trace(added.id)).result
        assert "\r\nX-Trunk-Key: ***\r\n" in exchange.sent
        assert "\r\nX-Trunk-Key: ***\r\n" in exchange.received
        assert "\r\nX-Other: shown\r\n" in exchange.received
        assert SECRET not in exchange.model_dump_json()


async def test_a_tech_header_that_the_peer_folds_is_not_shown_either(daemon: RunningDaemon) -> None:
    def fold(request: Request) -> bytes:
        return echo(request).replace(b"X-Trunk-Key: ", b"x-trunk-key :\r\n\t")

    async with recording_peer() as peer:
        peer.reply = fold
        tech = {"X-Trunk-Key": SECRET}
        added = await daemon.add(peer.hostname, probe=SENDING, tech_headers=tech)
        await daemon.until(added.id, is_healthy)
    (exchange,) = (await daemon.client.trace(added.id)).result
    assert SECRET not in exchange.received
    assert "\r\nX-Other: shown\r\n" in exchange.received


async def test_bytes_that_are_no_text_are_escaped(daemon: RunningDaemon) -> None:
    def coloured(request: Request) -> bytes:
        answer = make_response(request, 200, "XX", to_tag="peer").to_bytes()
        return answer.replace(b"200 XX", b"200 \x1b[31mred\x07\xff\xc2\x9b \xc3\xa9")

    async with recording_peer() as peer:
        peer.reply = coloured
        added = await daemon.add(peer.hostname, probe=SELDOM)
        await daemon.client.check_provider(added.id)
        trace = (await daemon.client.trace(added.id)).result
        found = await daemon.client.provider(added.id)
    assert trace[-1].received.startswith("SIP/2.0 200 \\x1b[31mred\\x07\\xff\\x9b é\r\n")
    for text in (*(each.model_dump_json() for each in trace), found.model_dump_json()):
        assert "\\u001b" not in text
        assert "\x1b" not in text


async def next_exchange(stream: AsyncIterator[Event]) -> TracedExchange:
    async with asyncio.timeout(20):
        event = await anext(stream)
    assert (event.type, event.seq) == (EventType.HEALTH_TRACE, None)
    assert isinstance(event.data, TracedExchange)
    return event.data


@pytest.mark.parametrize("transport", [Transport.UDP, Transport.TCP])
async def test_while_somebody_looks_every_check_is_shown(daemon: RunningDaemon, transport: Transport) -> None:
    async with recording_peer(transport) as peer:
        tech = {"X-Trunk-Key": SECRET}
        probe = {**SENDING, "interval_s": 1}
        added = await daemon.add(peer.hostname, transport=transport, probe=probe, tech_headers=tech)
        beside = await daemon.add(peer.hostname, transport=transport)
        await daemon.until(added.id, is_healthy)
        async with daemon.client.events(types=(EventType.HEALTH_TRACE,), provider_id=added.id) as stream:
            assert isinstance((await anext(stream)).data, Hello)
            seen = [await next_exchange(stream)]  # of the schedule: from here on it is known who looks
            for provider_id in (beside.id, added.id, added.id):
                await daemon.client.check_provider(provider_id)
            seen += [await next_exchange(stream) for _ in range(2)]
        log = await daemon.client.event_log(page_size=1000)
    assert {each.provider_id for each in seen} == {added.id}
    assert len({each.sent for each in seen}) == 3
    assert all(each.sent.startswith("OPTIONS ") for each in seen)
    assert all(each.received.startswith("SIP/2.0 200 ") for each in seen)
    assert all("X-Trunk-Key: ***" in each.sent for each in seen)
    assert not any(SECRET in each.model_dump_json() for each in seen)
    assert EventType.HEALTH_TRACE not in {each.type for each in log.result}


async def test_a_name_that_leads_nowhere_has_no_sip(daemon: RunningDaemon) -> None:
    added = await daemon.add("nowhere.invalid")
    await daemon.until(added.id, is_unhealthy)
    exchange = (await daemon.client.trace(added.id)).result[-1]
    assert (exchange.target, exchange.cause) == (None, Cause.DNS_NXDOMAIN)
    assert (exchange.sent, exchange.received) == ("", "")
