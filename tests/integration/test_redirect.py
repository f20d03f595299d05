"""Calls that are redirected: real sockets, real routes, and what is told about it."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest

from provd.agent.redirect.listeners import RedirectListenError
from provd.schema.events import EventType
from provd.schema.health import Cause
from provd.schema.maintenance import MaintenanceRequest
from provd.schema.provider import Provider
from provd.schema.redirect import CallRedirected
from provd.schema.route import RouteCreate
from provd.schema.status import RedirectStatus
from provd.sip.message import Response
from tests.fakes.daemon import RunningDaemon, eventually, running_daemon, temporary_folder
from tests.fakes.ports import free_port

from .callers import LONDON, UdpCaller, address_of, calling_by_tcp, calling_by_udp, invite
from .conftest import StartCarrier
from .peers import HOST
from .test_checks import is_healthy, is_unhealthy

QUIET = {"enabled": False}
LISTEN = {"listen": ["udp:127.0.0.1:0", "tcp:127.0.0.1:0"]}


@pytest.fixture
async def redirecting() -> AsyncIterator[RunningDaemon]:
    async with temporary_folder() as folder, running_daemon(folder, redirect=LISTEN) as running:
        yield running


@pytest.fixture
async def caller(redirecting: RunningDaemon) -> AsyncIterator[UdpCaller]:
    async with calling_by_udp(await place(redirecting)) as calling:
        yield calling


async def counts(daemon: RunningDaemon) -> RedirectStatus:
    return (await daemon.client.status()).redirect


async def place(daemon: RunningDaemon, number: int = 0) -> tuple[str, int]:
    return address_of((await counts(daemon)).listening[number])


async def add(daemon: RunningDaemon, name: str, hostname: str = "192.0.2.1", **fields: Any) -> Provider:
    return await daemon.add(hostname, name, **{"probe": QUIET, **fields})


async def route(daemon: RunningDaemon, provider: Provider, **fields: Any) -> None:
    await daemon.client.create_route(
        RouteCreate(name=f"to {provider.name}", provider_id=provider.id, **fields)
    )


def contacts(response: Response) -> list[str]:
    return list(response.headers.get_all("Contact"))


async def test_a_call_is_sent_to_its_providers_in_order(
    redirecting: RunningDaemon, caller: UdpCaller
) -> None:
    plain = await add(redirecting, "plain", "192.0.2.1:5070")
    other = await add(redirecting, "other", "sip.acme.example", transport="tls", tech_prefix="99#")
    await route(redirecting, other, priority=2)
    await route(redirecting, plain)
    response = await caller.ask(invite())
    assert (response.code, contacts(response)) == (
        302,
        [
            f"<sip:{LONDON}@192.0.2.1:5070;transport=udp>;q=1.0",
            f"<sip:99%23{LONDON}@sip.acme.example;transport=tls>;q=0.9",
        ],
    )
    assert await caller.ask(invite()) == response
    (told,) = (await redirecting.client.redirects()).result
    assert [each.provider for each in told.attempts] == ["plain", "other"]
    assert told.attempts[0].uri == f"sip:{LONDON}@192.0.2.1:5070;transport=udp"
    assert (told.number, told.caller, told.call_id, told.code) == (LONDON, "+4930123", "1", 302)
    assert (told.transport, told.source.partition(":")[0], told.message) == ("udp", HOST, "")
    counted = await counts(redirecting)
    assert (counted.redirects_total, counted.repeated_total, counted.refused_total) == (1, 1, 0)


async def test_the_sick_are_left_out_and_the_reason_is_told(
    redirecting: RunningDaemon, caller: UdpCaller, start_carrier: StartCarrier
) -> None:
    carrier, hostname = await start_carrier()
    sick = await redirecting.add(hostname, "sick")
    well = await add(redirecting, "well")
    await route(redirecting, sick)
    await route(redirecting, well, priority=2)
    await redirecting.until(sick.id, is_healthy)
    assert len(contacts(await caller.ask(invite()))) == 2
    carrier.close()
    await redirecting.until(sick.id, is_unhealthy)
    assert len(contacts(await caller.ask(invite(call="2")))) == 1
    told = (await redirecting.client.redirects()).result[0]
    assert [(each.provider, each.reason) for each in told.skipped] == [("sick", "unhealthy")]
    await redirecting.client.patch_provider(well.id, {"enabled": False})
    response = await caller.ask(invite(call="3"))
    assert (response.code, len(contacts(response))) == (302, 1)
    told = (await redirecting.client.redirects()).result[0]
    assert (told.attempts[0].provider, told.attempts[0].last_resort) == ("sick", True)
    assert "tried all the same" in told.message


async def test_nobody_that_can_be_used_is_503_with_retry_after(
    redirecting: RunningDaemon, caller: UdpCaller
) -> None:
    held = await add(redirecting, "held")
    await route(redirecting, held)
    await redirecting.client.set_maintenance(held.id, MaintenanceRequest(reason="new SBC"))
    response = await caller.ask(invite())
    assert (response.code, response.retry_after) == (503, 5)
    assert "no provider with a route" in str(response.headers.get("Reason"))
    (told,) = (await redirecting.client.redirects()).result
    assert [each.reason for each in told.skipped] == ["maintenance"]
    assert (await counts(redirecting)).refused_total == 1


async def test_a_change_counts_for_the_next_call(redirecting: RunningDaemon, caller: UdpCaller) -> None:
    provider = await add(redirecting, "one")
    await route(redirecting, provider)
    assert contacts(await caller.ask(invite())) == [f"<sip:{LONDON}@192.0.2.1;transport=udp>;q=1.0"]
    await redirecting.client.patch_provider(provider.id, {"hostname": "192.0.2.2", "tech_prefix": "7"})
    assert contacts(await caller.ask(invite(call="2"))) == [f"<sip:7{LONDON}@192.0.2.2;transport=udp>;q=1.0"]


@pytest.mark.parametrize(
    ("uri", "number"),
    [
        ("tel:+44-20-7183-8750", LONDON),
        ("tel:+442071838750;phone-context=x", LONDON),
        ("sip:%2B442071838750@provd", LONDON),
        ("sip:+44.20(7183)8750;npdi:secret@provd;user=phone", LONDON),
        ("SIP:+442071838750@provd", LONDON),
        ("sip:*123%23@provd", "*123#"),
    ],
)
async def test_numbers_are_read_however_they_are_written(
    redirecting: RunningDaemon, caller: UdpCaller, uri: str, number: str
) -> None:
    await route(redirecting, await add(redirecting, "one"))
    assert (await caller.ask(invite(uri))).code == 302
    assert (await redirecting.client.redirects()).result[0].number == number


@pytest.mark.parametrize(
    ("uri", "code", "says"),
    [
        ("sip:provd", 404, "no user part"),
        ("sip:alice@provd", 404, "has 'a'"),
        ("sip:+44%20x@provd", 404, "has 'x'"),
        (f"sip:+{'1' * 40}@provd", 404, "more than 32 digits"),
        ("sip:+44%D9%A5@provd", 404, "a number has the digits"),
        ("sip:%00%0d%0aVia:x@provd", 404, "a number has the digits"),
        ("sips:+442071838750@provd", 416, "sips: needs TLS"),
        ("mailto:x@provd", 416, "only sip: and tel:"),
        ("sip:+442071838750@provd?X-A=1", 400, None),
        ("sip:+44 20@provd", 400, None),
    ],
)
async def test_what_is_no_number_is_refused_with_what_is_wrong(
    redirecting: RunningDaemon, caller: UdpCaller, uri: str, code: int, says: str | None
) -> None:
    await route(redirecting, await add(redirecting, "one"))
    response = await caller.ask(invite(uri))
    assert response.code == code
    assert says is None or says in str(response.headers.get("Reason"))
    assert len(response.vias) == 1


async def test_a_number_without_a_route_is_404_and_told(
    redirecting: RunningDaemon, caller: UdpCaller
) -> None:
    await route(redirecting, await add(redirecting, "one"), target="+1")
    response = await caller.ask(invite())
    assert response.code == 404
    assert response.headers.get("Reason") == 'Q.850;cause=3;text="no route is for this number"'
    assert (await redirecting.client.redirects()).result[0].message == "no route is for this number"


async def test_a_provider_that_the_call_came_to_is_not_told_to_try_again(
    redirecting: RunningDaemon, caller: UdpCaller
) -> None:
    host, port = await place(redirecting)
    await route(redirecting, await add(redirecting, "ourselves", f"{host}:{port}"))
    assert (await caller.ask(invite(f"sip:{LONDON}@{host}:{port};user=phone"))).code == 503
    assert (await redirecting.client.redirects()).result[0].skipped[0].reason == "loop"


async def test_tech_headers_are_in_the_contact_when_that_is_configured() -> None:
    section = {**LISTEN, "uri_headers": True}
    async with temporary_folder() as folder, running_daemon(folder, redirect=section) as daemon:
        plain = await add(daemon, "one", tech_headers={"X-Account": 'a>,"b&c'})
        huge = await add(daemon, "huge", tech_headers={f"X-{number}": "ü" * 1024 for number in range(4)})
        await route(daemon, plain)
        await route(daemon, huge, priority=0)
        async with calling_by_udp(await place(daemon)) as caller:
            response = await caller.ask(invite())
        assert contacts(response) == [
            f"<sip:{LONDON}@192.0.2.1;transport=udp?X-Account=a%3E%2C%22b%26c>;q=1.0"
        ]
        (told,) = (await daemon.client.redirects()).result
        assert "X-Account" not in told.model_dump_json()
        assert [(each.provider, each.reason) for each in told.skipped] == [("huge", "too_long")]


async def test_redirects_are_events(redirecting: RunningDaemon, caller: UdpCaller) -> None:
    await route(redirecting, await add(redirecting, "one"))
    async with redirecting.client.events(types=(EventType.CALL_REDIRECTED,)) as stream:
        await anext(stream)
        await caller.ask(invite())
        event = await anext(stream)
    assert event.seq is None
    assert isinstance(event.data, CallRedirected)
    assert [each.number for each in event.data.redirects] == [LONDON]
    assert event.data.redirects == (await redirecting.client.redirects()).result


async def test_only_the_latest_are_kept(redirecting: RunningDaemon, caller: UdpCaller) -> None:
    for number in range(205):
        await caller.ask(invite(call=str(number)))
    kept = (await redirecting.client.redirects()).result
    assert [each.call_id for each in kept] == [str(number) for number in range(204, 4, -1)]


async def test_sources_outside_of_allow_get_no_answer_and_are_counted() -> None:
    section = {**LISTEN, "allow": ["127.0.0.2"]}
    async with temporary_folder() as folder, running_daemon(folder, redirect=section) as daemon:

        async def dropped() -> int:
            return (await counts(daemon)).dropped_total

        async with calling_by_udp(await place(daemon)) as caller:
            caller.transport.sendto(invite())
            await eventually(dropped, lambda count: count == 1)
            assert caller.received.empty()
        async with calling_by_tcp(await place(daemon, 1)) as refused:
            await refused.closed.wait()
        assert await dropped() == 2


async def test_over_tcp_a_stream_of_calls_is_answered_in_order(redirecting: RunningDaemon) -> None:
    await route(redirecting, await add(redirecting, "one"))
    wanted = [str(number) for number in range(100)]
    async with calling_by_tcp(await place(redirecting, 1)) as caller:
        stream = b"\r\n\r\n".join(invite(call=call) for call in wanted)
        for start in range(0, len(stream), 1000):
            caller.transport.write(stream[start : start + 1000])
        answers = [await caller.answer() for _ in wanted]
        assert [each.call_id for each in answers] == wanted
        assert {each.code for each in answers} == {302}
        assert (await caller.ask(invite(method="OPTIONS", call="o"))).code == 200
        assert (await redirecting.client.redirects()).result[0].transport == "tcp"


async def test_over_tcp_what_is_not_sip_ends_the_connection(redirecting: RunningDaemon) -> None:
    address = await place(redirecting, 1)
    for junk in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01", invite()[:-2] + b"l: -1\r\n\r\n"):
        async with calling_by_tcp(address) as caller:
            caller.transport.write(junk)
            await caller.closed.wait()
    async with calling_by_tcp(address) as caller:
        assert (await caller.ask(invite())).code == 404


async def test_one_source_has_so_many_connections_and_no_more(redirecting: RunningDaemon) -> None:
    address = await place(redirecting, 1)
    held: list[socket.socket] = []
    try:
        held += (socket.create_connection(address) for _ in range(64))
        async with calling_by_tcp(address) as caller:
            await caller.closed.wait()
    finally:
        for each in held:
            each.close()

    async def answered() -> int | None:
        async with calling_by_tcp(address) as caller:
            caller.transport.write(invite(method="OPTIONS"))
            await eventually(lambda: _is_settled(caller.closed.is_set() or not caller.received.empty()), bool)
            return None if caller.received.empty() else (await caller.answer()).code

    await eventually(answered, lambda code: code == 200)


async def _is_settled(settled: bool) -> bool:
    return settled


async def test_without_listen_there_is_no_server(daemon: RunningDaemon) -> None:
    assert (await counts(daemon)).listening == []
    assert (await daemon.client.redirects()).result == []


@pytest.mark.parametrize(("transport", "kind"), [("udp", socket.SOCK_DGRAM), ("tcp", socket.SOCK_STREAM)])
async def test_an_address_that_is_taken_stops_the_daemon_with_a_clear_message(
    transport: str, kind: socket.SocketKind
) -> None:
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind((HOST, free_port()))
        if transport == "tcp":
            taken.listen()
        place = f"{transport}:{HOST}:{taken.getsockname()[1]}"
        section = {"listen": [f"udp:{HOST}:0", place]}
        with pytest.raises(RedirectListenError, match=f"{place} .*Address already in use.* listen elsewhere"):
            async with temporary_folder() as folder, running_daemon(folder, redirect=section):
                pass


async def test_a_flood_of_calls_leaves_options_and_checks_as_they_are(
    redirecting: RunningDaemon, caller: UdpCaller, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier()
    provider = await redirecting.add(hostname, "well")
    await route(redirecting, provider)
    address, over = await place(redirecting), threading.Event()

    def flood() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for number in range(10_000_000):
                sender.sendto(invite(call=f"flood{number}"), address)
                if over.is_set():
                    return

    async def heard() -> int:
        counted = await counts(redirecting)
        return counted.redirects_total + counted.ignored_total

    async def asked() -> int:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                return (await caller.ask(invite(method="OPTIONS", call="o"))).code
        return 0

    flooding = asyncio.create_task(asyncio.to_thread(flood))
    try:
        await eventually(heard, lambda calls: calls > 1000)
        assert await eventually(asked, lambda code: code == 200)
        (target,) = (await redirecting.client.check_provider(provider.id)).targets
        assert target.cause is Cause.OK
        assert not flooding.done()
    finally:
        over.set()
        await flooding
