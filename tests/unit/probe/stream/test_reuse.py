"""Connections are kept, shared, renewed and given up."""

import asyncio
import gc

from provd.probe.stream.connection import Connection
from provd.probe.stream.exchange import Exchange
from provd.probe.stream.pool import Line
from provd.schema.health import Cause
from provd.schema.provider import Transport
from provd.sip.answer import make_response
from provd.sip.message import Response
from provd.sip.parser import parse_message
from tests.fakes.daemon import eventually
from tests.unit.probe.stream.asking import Asker, asking, connections_are, open_sockets, tcp, tls
from tests.unit.probe.stream.peers import Peer, Visit, always_ok, closed_port, deaf_port, running_peer

PEERS_REQUEST = (
    b"OPTIONS sip:provd@h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bKpeer\r\nFrom: <sip:a@h>;tag=1\r\n"
    b"To: <sip:b@h>\r\nCall-ID: peer\r\nCSeq: 7 OPTIONS\r\nContent-Length: 0\r\n\r\n"
)


async def visits_are(peer: Peer, count: int) -> None:
    async def ask() -> int:
        return len(peer.visits)

    await eventually(ask, lambda found: found == count)


# one after another


async def test_several_exchanges_share_one_connection(asker: Asker) -> None:
    async with running_peer(always_ok) as peer:
        outcomes = [await asker.ask(tcp(peer.address)) for _ in range(5)]
        assert asker.client.open_connections == 1
    assert [outcome.cause for outcome in outcomes] == [Cause.OK] * 5
    assert [outcome.reused for outcome in outcomes] == [False, True, True, True, True]
    assert [outcome.connect_ms is None for outcome in outcomes] == [False, True, True, True, True]
    assert len({outcome.local for outcome in outcomes}) == 1
    assert len({outcome.sent for outcome in outcomes}) == 5
    assert len(peer.visits) == 1


async def test_without_reuse_each_exchange_has_its_own_connection_and_closes_it(asker: Asker) -> None:
    async with running_peer(always_ok) as peer:
        for _ in range(3):
            outcome = await asker.ask(tcp(peer.address, reuse=False))
            assert (outcome.cause, outcome.reused) == (Cause.OK, False)
            assert asker.client.open_connections == 0
    assert len(peer.visits) == 3


async def test_routes_that_differ_share_nothing(asker: Asker) -> None:
    async with running_peer(always_ok) as peer:
        await asker.ask(tcp(peer.address))
        outcome = await asker.ask(tcp(peer.address, bind=("127.0.0.1", 0)))
        assert asker.client.open_connections == 2
    assert not outcome.reused


async def test_an_idle_connection_that_the_peer_closed_is_replaced(asker: Asker) -> None:
    async with running_peer(always_ok) as peer:
        await asker.ask(tcp(peer.address))
        peer.visits[0].close()
        await connections_are(asker, 0)
        outcome = await asker.ask(tcp(peer.address))
    assert (outcome.cause, outcome.reused) == (Cause.OK, False)


async def test_a_connection_that_closes_under_a_request_is_no_failure(asker: Asker) -> None:
    async def script(visit: Visit) -> None:
        await visit.answer(await visit.request())
        await visit.request()

    async with running_peer(script) as peer:
        first, second = [await asker.ask(tcp(peer.address)) for _ in range(2)]
    assert (second.cause, second.reused) == (Cause.OK, False)
    assert second.connect_ms is not None
    assert second.local != first.local
    assert len(peer.visits) == 2


async def test_a_connection_that_is_reset_under_a_request_is_no_failure(asker: Asker) -> None:
    async def script(visit: Visit) -> None:
        await visit.answer(await visit.request())
        await visit.request()
        visit.reset()

    async with running_peer(script) as peer:
        outcomes = [await asker.ask(tcp(peer.address)) for _ in range(2)]
    assert [outcome.cause for outcome in outcomes] == [Cause.OK, Cause.OK]


async def test_a_connection_that_a_firewall_has_forgotten_is_no_failure(asker: Asker) -> None:
    async with running_peer(always_ok) as peer:
        await asker.ask(tcp(peer.address))
        peer.visits[0].vanish()
        outcome = await asker.ask(tcp(peer.address), 2.0)
    assert (outcome.cause, outcome.reused) == (Cause.OK, False)
    assert len(peer.visits) == 2


async def test_the_request_on_the_new_connection_is_another_one(asker: Asker) -> None:
    branches = []

    async def script(visit: Visit) -> None:
        await visit.answer(await visit.request())
        request = await visit.request()
        branches.append(request.top_via.branch)
        if len(branches) > 1:
            await visit.answer(request)

    async with running_peer(script) as peer:
        await asker.ask(tcp(peer.address))
        outcome = await asker.ask(tcp(peer.address))
    assert outcome.response is not None
    assert outcome.response.top_via.branch not in branches
    assert str(outcome.response.top_via.branch).encode() in outcome.sent


async def test_a_peer_that_closes_the_new_connection_too_has_refused(asker: Asker) -> None:
    async def script(visit: Visit) -> None:
        request = await visit.request()
        if visit is peer.visits[0]:
            await visit.answer(request)
            await visit.request()

    async with running_peer(script) as peer:
        await asker.ask(tcp(peer.address))
        outcome = await asker.ask(tcp(peer.address))
    assert outcome.cause is Cause.REFUSED
    assert len(peer.visits) == 2


async def test_of_two_at_once_neither_tries_a_third_connection(asker: Asker) -> None:
    async def script(visit: Visit) -> None:
        if visit is peer.visits[0]:
            await visit.answer(await visit.request())
        await visit.request()
        await visit.request()

    async with running_peer(script) as peer:
        await asker.ask(tcp(peer.address))
        outcomes = await asyncio.gather(asker.ask(tcp(peer.address)), asker.ask(tcp(peer.address)))
    assert [outcome.cause for outcome in outcomes] == [Cause.REFUSED, Cause.REFUSED]
    assert len(peer.visits) == 2


async def test_a_provisional_response_and_then_the_end_is_not_tried_again(asker: Asker) -> None:
    async def script(visit: Visit) -> None:
        await visit.answer(await visit.request())
        await visit.answer(await visit.request(), 100)

    async with running_peer(script) as peer:
        await asker.ask(tcp(peer.address))
        outcome = await asker.ask(tcp(peer.address))
    assert (outcome.cause, outcome.reused) == (Cause.OK, True)
    assert len(peer.visits) == 1


async def test_a_peer_that_is_gone_when_its_connection_closes_is_told_from_the_new_try(asker: Asker) -> None:
    async def script(visit: Visit) -> None:
        await visit.answer(await visit.request())
        await visit.request()

    async with running_peer(script) as peer:
        await asker.ask(tcp(peer.address))
        route = tcp(peer.address)
        peer.stop_listening()
        outcome = await asker.ask(route)
    assert (outcome.cause, outcome.reason) == (Cause.REFUSED, "Connection refused")


async def test_garbage_on_an_open_connection_is_not_tried_again(asker: Asker) -> None:
    async def script(visit: Visit) -> None:
        await visit.answer(await visit.request())
        await visit.request()
        await visit.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await visit.until_closed()

    async with running_peer(script) as peer:
        await asker.ask(tcp(peer.address))
        outcome = await asker.ask(tcp(peer.address))
    assert (outcome.cause, outcome.reused) == (Cause.PROTOCOL, True)
    assert len(peer.visits) == 1


async def test_garbage_on_an_idle_connection_closes_it(asker: Asker) -> None:
    async def script(visit: Visit) -> None:
        await visit.answer(await visit.request())
        if visit is peer.visits[0]:
            await visit.send(b"\0")
        await visit.until_closed()

    async with running_peer(script) as peer:
        await asker.ask(tcp(peer.address))
        await connections_are(asker, 0)
        assert (await asker.ask(tcp(peer.address))).cause is Cause.OK


async def test_after_a_timeout_the_next_exchange_has_a_new_connection(asker: Asker) -> None:
    async def script(visit: Visit) -> None:
        if visit is peer.visits[0]:
            await visit.until_closed()
        await always_ok(visit)

    async with running_peer(script) as peer:
        assert (await asker.ask(tcp(peer.address), 0.2)).cause is Cause.TIMEOUT
        assert asker.client.open_connections == 0
        outcome = await asker.ask(tcp(peer.address))
    assert (outcome.cause, outcome.reused) == (Cause.OK, False)


# at once


async def test_two_exchanges_at_once_share_a_connection_whatever_the_answers_order(asker: Asker) -> None:
    async def script(visit: Visit) -> None:
        first, second = await visit.request(), await visit.request()
        await visit.send(make_response(second, 202).to_bytes() + make_response(first, 201).to_bytes())
        await visit.until_closed()

    async with running_peer(script) as peer:
        outcomes = await asyncio.gather(asker.ask(tcp(peer.address)), asker.ask(tcp(peer.address)))
        assert asker.client.open_connections == 1
    assert [outcome.response.code for outcome in outcomes if outcome.response] == [201, 202]
    assert [outcome.reused for outcome in outcomes] == [False, True]
    assert len(peer.visits) == 1


async def test_one_that_times_out_leaves_the_connection_to_the_other(asker: Asker) -> None:
    gone = asyncio.Event()

    async def script(visit: Visit) -> None:
        await visit.request()
        second = await visit.request()
        await gone.wait()
        await visit.answer(second)
        await visit.until_closed()

    async with running_peer(script) as peer:
        hasty = asyncio.create_task(asker.ask(tcp(peer.address), 0.2))
        patient = asyncio.create_task(asker.ask(tcp(peer.address)))
        assert (await hasty).cause is Cause.TIMEOUT
        gone.set()
        assert (await patient).cause is Cause.OK
        assert asker.client.open_connections == 0


async def test_beside_a_connection_that_is_given_up_a_new_one_is_opened(asker: Asker) -> None:
    gone = asyncio.Event()

    async def script(visit: Visit) -> None:
        if visit is peer.visits[0]:
            await visit.request()
            second = await visit.request()
            await gone.wait()
            await visit.answer(second)
        await always_ok(visit)

    async with running_peer(script) as peer:
        hasty = asyncio.create_task(asker.ask(tcp(peer.address), 0.2))
        patient = asyncio.create_task(asker.ask(tcp(peer.address)))
        assert (await hasty).cause is Cause.TIMEOUT
        new = await asker.ask(tcp(peer.address))
        assert (new.cause, new.reused) == (Cause.OK, False)
        assert asker.client.open_connections == 2
        gone.set()
        assert (await patient).cause is Cause.OK
        assert asker.client.open_connections == 1
        assert (await asker.ask(tcp(peer.address))).local == new.local


async def test_one_that_waits_for_the_others_connection_keeps_its_own_deadline(asker: Asker) -> None:
    with deaf_port() as address:
        patient = asyncio.create_task(asker.ask(tcp(address), 10.0))
        outcome = await asker.ask(tcp(address), 0.2)
        assert (outcome.cause, outcome.reason) == (Cause.TIMEOUT, "no TCP connection within 0.2 s")
        patient.cancel()
        await asyncio.gather(patient, return_exceptions=True)


async def test_without_a_peer_each_of_two_at_once_is_refused(asker: Asker) -> None:
    route = tcp(closed_port())
    outcomes = await asyncio.gather(asker.ask(route), asker.ask(route))
    assert [outcome.cause for outcome in outcomes] == [Cause.REFUSED, Cause.REFUSED]


# what peers send by themselves


async def test_a_ping_is_answered_with_a_pong(asker: Asker) -> None:
    ponged = asyncio.Event()

    async def script(visit: Visit) -> None:
        request = await visit.request()
        await visit.send(b"\r\n\r\n")
        assert await visit.some_bytes() == b"\r\n"
        ponged.set()
        await visit.send(b"\r\n\r\n\r\n\r\n")
        await visit.answer(request)
        await visit.until_closed()

    async with running_peer(script) as peer:
        assert (await asker.ask(tcp(peer.address))).cause is Cause.OK
    assert ponged.is_set()


async def test_a_ping_on_an_idle_connection_is_answered_and_keeps_it(asker: Asker) -> None:
    ponged = asyncio.Event()

    async def script(visit: Visit) -> None:
        await visit.answer(await visit.request())
        await visit.send(b"\r\n\r\n")
        assert await visit.some_bytes() == b"\r\n"
        ponged.set()
        await always_ok(visit)

    async with running_peer(script) as peer:
        await asker.ask(tcp(peer.address))
        async with asyncio.timeout(10):
            await ponged.wait()
        assert (await asker.ask(tcp(peer.address))).reused


async def test_a_request_of_the_peer_is_handed_over_and_answered(asker: Asker) -> None:
    answers: list[Response] = []

    async def script(visit: Visit) -> None:
        request = await visit.request()
        await visit.send(PEERS_REQUEST)
        message = await visit.message()
        assert isinstance(message, Response)
        answers.append(message)
        await visit.answer(request)
        await visit.until_closed()

    async with running_peer(script) as peer:
        address = peer.address
        assert (await asker.ask(tcp(address))).cause is Cause.OK
    assert [(one.code, str(one.cseq)) for one in answers] == [(200, "7 OPTIONS")]
    assert asker.requests == [(parse_message(PEERS_REQUEST), address, Transport.TCP)]
    assert asker.client.strays == 0


async def test_a_request_that_is_not_to_be_answered_is_not(asker: Asker) -> None:
    async def script(visit: Visit) -> None:
        request = await visit.request()
        await visit.send(PEERS_REQUEST.replace(b"OPTIONS", b"ACK"))
        await visit.send(b"\r\n\r\n")
        assert await visit.some_bytes() == b"\r\n"
        await visit.answer(request)
        await visit.until_closed()

    async with running_peer(script) as peer:
        assert (await asker.ask(tcp(peer.address))).cause is Cause.OK
    assert [request.method for request, _, _ in asker.requests] == ["ACK"]


# bounds and the end


async def test_the_idle_connection_that_was_used_longest_ago_is_closed() -> None:
    async with asking(max_connections=2) as asker, running_peer(always_ok) as peer:
        first, second, third = [tcp(peer.address, bind=(f"127.0.0.{n}", 0)) for n in (1, 2, 3)]
        for route in (first, second, first, third):
            await asker.ask(route)
        assert asker.client.open_connections == 2
        assert [(await asker.ask(route)).reused for route in (first, third, second)] == [True, True, False]


async def test_a_connection_that_has_ended_takes_no_place() -> None:
    async with asking(max_connections=2) as asker, running_peer(always_ok) as peer:
        first, second, third = [tcp(peer.address, bind=(f"127.0.0.{n}", 0)) for n in (1, 2, 3)]
        await asker.ask(first)
        await asker.ask(second)
        peer.visits[1].close()
        await connections_are(asker, 1)
        await asker.ask(third)
        assert (await asker.ask(first)).reused


async def test_a_peer_that_cannot_be_reached_takes_no_place() -> None:
    async with asking(max_connections=1) as asker, running_peer(always_ok) as peer:
        await asker.ask(tcp(peer.address))
        await asker.ask(tcp(closed_port()))
        assert (await asker.ask(tcp(peer.address))).reused


async def test_a_connection_is_idle_only_when_none_of_its_exchanges_is_under_way() -> None:
    patient_may_end = asyncio.Event()

    async def script(visit: Visit) -> None:
        hasty = await visit.request()
        if visit is peer.visits[0]:
            patient = await visit.request()
            await visit.answer(hasty)
            await patient_may_end.wait()
            await visit.answer(patient)
        else:
            await visit.answer(hasty)
        await always_ok(visit)

    async with asking(max_connections=1) as asker, running_peer(script) as peer:
        shared, other = tcp(peer.address), tcp(peer.address, bind=("127.0.0.2", 0))
        hasty, patient = [asyncio.create_task(asker.ask(shared)) for _ in range(2)]
        await hasty
        await asker.ask(other)
        patient_may_end.set()
        await patient
        assert (await asker.ask(shared)).reused
        assert not (await asker.ask(other)).reused


async def test_what_has_ended_is_forgotten(asker: Asker) -> None:
    async def remembered() -> list[str]:
        gc.collect()
        return [repr(one) for one in gc.get_objects() if isinstance(one, Connection | Line | Exchange)]

    async with running_peer(always_ok) as peer:
        await asker.ask(tcp(peer.address))
        await asker.ask(tcp(peer.address, reuse=False))
        await asker.ask(tcp(peer.address, bind=("127.0.0.2", 0)))
        asker.client.close_route(tcp(peer.address, bind=("127.0.0.2", 0)))
        peer.visits[0].close()
        await eventually(remembered, lambda found: not found)


async def test_connections_in_use_are_not_closed_for_others() -> None:
    async def script(visit: Visit) -> None:
        request = await visit.request()
        await all_here.wait()
        await visit.answer(request)
        await visit.until_closed()

    all_here = asyncio.Event()
    async with asking(max_connections=1) as asker, running_peer(script) as peer:
        routes = [tcp(peer.address, bind=(f"127.0.0.{n}", 0)) for n in (1, 2, 3)]
        tasks = [asyncio.create_task(asker.ask(route)) for route in routes]
        await visits_are(peer, 3)
        all_here.set()
        assert [outcome.cause for outcome in await asyncio.gather(*tasks)] == [Cause.OK] * 3
        assert asker.client.open_connections == 1


async def test_a_route_that_is_closed_begins_anew(asker: Asker) -> None:
    async with running_peer(always_ok) as peer:
        await asker.ask(tcp(peer.address))
        asker.client.close_route(tcp(peer.address))
        assert asker.client.open_connections == 0
        asker.client.close_route(tcp(peer.address))
        assert not (await asker.ask(tcp(peer.address))).reused


async def test_closing_a_route_lets_the_exchange_under_way_end(asker: Asker) -> None:
    closed = asyncio.Event()

    async def script(visit: Visit) -> None:
        request = await visit.request()
        await closed.wait()
        await visit.answer(request)
        await visit.until_closed()

    async with running_peer(script) as peer:
        task = asyncio.create_task(asker.ask(tcp(peer.address)))
        await visits_are(peer, 1)
        asker.client.close_route(tcp(peer.address))
        closed.set()
        assert (await task).cause is Cause.OK
        assert asker.client.open_connections == 0


async def test_what_ends_on_a_closed_route_leaves_the_new_connection_alone(asker: Asker) -> None:
    closed = asyncio.Event()

    async def script(visit: Visit) -> None:
        request = await visit.request()
        if visit is peer.visits[0]:
            await closed.wait()
        await visit.answer(request)
        await always_ok(visit)

    async with running_peer(script) as peer:
        task = asyncio.create_task(asker.ask(tcp(peer.address)))
        await visits_are(peer, 1)
        asker.client.close_route(tcp(peer.address))
        await asker.ask(tcp(peer.address))
        closed.set()
        assert (await task).cause is Cause.OK
        await connections_are(asker, 1)
        assert (await asker.ask(tcp(peer.address))).reused


async def test_closing_ends_what_is_under_way_as_our_own_doing() -> None:
    async with asking() as asker, running_peer(Visit.until_closed) as peer:
        with deaf_port() as deaf:
            routes = (tcp(peer.address), tcp(deaf), tls(peer.address))
            tasks = [asyncio.create_task(asker.ask(route, 600.0)) for route in routes]
            await visits_are(peer, 2)
            await asker.client.close()
            outcomes = await asyncio.gather(*tasks)
        assert [(outcome.cause, outcome.reason) for outcome in outcomes] == [
            (Cause.LOCAL, "checks are being stopped")
        ] * 3


async def test_after_closing_nothing_is_begun() -> None:
    async with asking() as asker, running_peer(always_ok) as peer:
        await asker.client.close()
        assert (await asker.ask(tcp(peer.address))).cause is Cause.LOCAL
        assert peer.visits == []


async def test_a_cancelled_exchange_leaves_no_socket(asker: Asker) -> None:
    async with running_peer(Visit.until_closed) as peer:
        with deaf_port() as deaf:
            before = open_sockets()
            tasks = [asyncio.create_task(asker.ask(tcp(address))) for address in (peer.address, deaf)]
            await visits_are(peer, 1)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            assert all(task.cancelled() for task in tasks)
            assert asker.client.open_connections == 0

            async def left() -> set[str]:
                return open_sockets() - before

            await eventually(left, lambda found: not found)


async def test_a_cancelled_exchange_leaves_the_connection_to_the_other(asker: Asker) -> None:
    answer_now = asyncio.Event()

    async def script(visit: Visit) -> None:
        await visit.request()
        second = await visit.request()
        await answer_now.wait()
        await visit.answer(second)
        await visit.until_closed()

    async with running_peer(script) as peer:
        tasks = [asyncio.create_task(asker.ask(tcp(peer.address))) for _ in range(2)]
        await visits_are(peer, 1)
        tasks[0].cancel()
        await asyncio.gather(tasks[0], return_exceptions=True)
        answer_now.set()
        assert (await tasks[1]).cause is Cause.OK


async def test_cancelled_while_it_connects_it_lets_the_other_connect() -> None:
    async with asking() as asker, running_peer(always_ok) as peer:
        first = asyncio.create_task(asker.ask(tcp(peer.address)))
        second = asyncio.create_task(asker.ask(tcp(peer.address)))
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).cause is Cause.OK
        assert first.cancelled()
