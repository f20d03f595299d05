"""One exchange over TCP: what comes back, and what each way of not answering is called."""

import itertools

import pytest

from provd.schema.health import Cause
from tests.unit.probe.stream.asking import Asker, asking, tcp
from tests.unit.probe.stream.peers import (
    Visit,
    always_ok,
    answer,
    closed_port,
    deaf_port,
    running_peer,
    says,
)

SHORT_S = 0.3


async def test_an_answer_is_ok_with_its_response_and_times(asker: Asker) -> None:
    async with running_peer(always_ok) as peer:
        outcome = await asker.ask(tcp(peer.address))
    assert (outcome.cause, outcome.reason) == (Cause.OK, None)
    assert outcome.response is not None
    assert outcome.response.code == 200
    assert outcome.received == outcome.response.to_bytes()
    assert outcome.sent.startswith(b"OPTIONS sip:carrier.example SIP/2.0\r\n")
    assert outcome.connect_ms is not None
    assert outcome.rtt_ms is not None
    assert (outcome.tls_ms, outcome.certificate, outcome.reused) == (None, None, False)


async def test_our_address_is_the_one_that_the_request_was_made_for(asker: Asker) -> None:
    async with running_peer(always_ok) as peer:
        outcome = await asker.ask(tcp(peer.address))
    assert outcome.local is not None
    assert f"Via: SIP/2.0/TCP 127.0.0.1:{outcome.local[1]};branch=z9hG4bK".encode() in outcome.sent


async def test_each_stage_is_measured_with_the_clock() -> None:
    ticks = itertools.count()
    async with asking(clock=lambda: float(next(ticks))) as asker, running_peer(always_ok) as peer:
        outcome = await asker.ask(tcp(peer.address))
    assert (outcome.connect_ms, outcome.rtt_ms) == (1000.0, 1000.0)


async def test_ipv6_works(asker: Asker) -> None:
    async with running_peer(always_ok, host="::1") as peer:
        outcome = await asker.ask(tcp(peer.address))
    assert outcome.cause is Cause.OK
    assert outcome.local is not None
    assert outcome.local[0] == "::1"


async def test_a_chosen_address_of_ours_is_used(asker: Asker) -> None:
    async with running_peer(always_ok) as peer:
        outcome = await asker.ask(tcp(peer.address, bind=("127.0.0.9", 0)))
    assert outcome.cause is Cause.OK
    assert outcome.local is not None
    assert outcome.local[0] == "127.0.0.9"


async def test_one_port_of_ours_serves_several_peers_at_once(asker: Asker) -> None:
    ours = closed_port()
    async with running_peer(always_ok) as first, running_peer(always_ok) as second:
        outcomes = [await asker.ask(tcp(peer.address, bind=ours)) for peer in (first, second)]
    assert [outcome.cause for outcome in outcomes] == [Cause.OK, Cause.OK]
    assert [outcome.local for outcome in outcomes] == [ours, ours]


@pytest.mark.parametrize("code", [302, 404, 483, 503, 603])
async def test_any_final_response_is_an_answer(asker: Asker, code: int) -> None:
    async def script(visit: Visit) -> None:
        await visit.answer(await visit.request(), code)
        await visit.until_closed()

    async with running_peer(script) as peer:
        outcome = await asker.ask(tcp(peer.address))
    assert outcome.cause is Cause.OK
    assert outcome.response is not None
    assert outcome.response.code == code


# provisional responses


async def test_a_provisional_response_does_not_end_it(asker: Asker) -> None:
    async def script(visit: Visit) -> None:
        request = await visit.request()
        await visit.answer(request, 100)
        await visit.answer(request, 200)
        await visit.until_closed()

    async with running_peer(script) as peer:
        outcome = await asker.ask(tcp(peer.address))
    assert outcome.response is not None
    assert outcome.response.code == 200


async def test_a_provisional_response_alone_is_ok_at_the_timeout(asker: Asker) -> None:
    async def script(visit: Visit) -> None:
        request = await visit.request()
        await visit.answer(request, 100)
        await visit.answer(request, 183)
        await visit.until_closed()

    async with running_peer(script) as peer:
        outcome = await asker.ask(tcp(peer.address), SHORT_S)
    assert (outcome.cause, outcome.reason) == (Cause.OK, None)
    assert outcome.response is not None
    assert outcome.response.code == 100
    assert outcome.rtt_ms is not None


async def test_a_provisional_response_and_then_the_end_is_ok(asker: Asker) -> None:
    async def script(visit: Visit) -> None:
        await visit.answer(await visit.request(), 100)

    async with running_peer(script) as peer:
        outcome = await asker.ask(tcp(peer.address))
    assert outcome.cause is Cause.OK
    assert outcome.response is not None
    assert outcome.response.code == 100


# other people's responses


async def test_responses_to_other_requests_are_counted_and_left(asker: Asker) -> None:
    async def script(visit: Visit) -> None:
        request = await visit.request()
        wrong = answer(request, 500)
        branch = (request.top_via.branch or "").encode()
        await visit.send(wrong.replace(branch, b"z9hG4bKother"))
        await visit.send(wrong.replace(b"1 OPTIONS", b"1 INVITE"))
        await visit.send(wrong.replace(b"1 OPTIONS", b"2 OPTIONS"))
        await visit.send(wrong.replace(b"\r\nFrom:", b"\r\nVia: SIP/2.0/TCP proxy\r\nFrom:"))
        await visit.answer(request)
        await visit.until_closed()

    async with running_peer(script) as peer:
        outcome = await asker.ask(tcp(peer.address))
    assert outcome.response is not None
    assert outcome.response.code == 200
    assert asker.client.strays == 4


async def test_a_second_final_response_is_a_stray(asker: Asker) -> None:
    async def script(visit: Visit) -> None:
        first = await visit.request()
        await visit.answer(first)
        await visit.answer(first)
        await always_ok(visit)

    async with running_peer(script) as peer:
        for _ in range(2):
            assert (await asker.ask(tcp(peer.address))).cause is Cause.OK
    assert asker.client.strays == 1


# pieces


async def test_an_answer_that_comes_byte_by_byte_is_one(asker: Asker) -> None:
    async def script(visit: Visit) -> None:
        for byte in answer(await visit.request(), body=b"v=0\r\n"):
            await visit.send(bytes([byte]))
        await visit.until_closed()

    async with running_peer(script) as peer:
        outcome = await asker.ask(tcp(peer.address))
    assert outcome.response is not None
    assert outcome.response.body == b"v=0\r\n"


async def test_an_answer_of_almost_64_kib_is_taken(asker: Asker) -> None:
    async def script(visit: Visit) -> None:
        await visit.answer(await visit.request(), body=b"x" * 65_000)
        await visit.until_closed()

    async with running_peer(script) as peer:
        outcome = await asker.ask(tcp(peer.address))
    assert outcome.response is not None
    assert len(outcome.response.body) == 65_000


async def test_an_answer_without_content_length_is_taken(asker: Asker) -> None:
    async def script(visit: Visit) -> None:
        await visit.send(answer(await visit.request()).replace(b"Content-Length: 0\r\n", b""))
        await visit.until_closed()

    async with running_peer(script) as peer:
        assert (await asker.ask(tcp(peer.address))).cause is Cause.OK


# no answer


async def test_a_port_where_nobody_listens_is_refused(asker: Asker) -> None:
    outcome = await asker.ask(tcp(closed_port()))
    assert (outcome.cause, outcome.reason) == (Cause.REFUSED, "Connection refused")
    assert (outcome.response, outcome.sent, outcome.received) == (None, b"", b"")
    assert (outcome.connect_ms, outcome.rtt_ms, outcome.local) == (None, None, None)


async def test_a_connection_that_is_never_made_is_a_timeout_that_says_so(asker: Asker) -> None:
    with deaf_port() as address:
        outcome = await asker.ask(tcp(address), SHORT_S)
    assert (outcome.cause, outcome.reason) == (Cause.TIMEOUT, "no TCP connection within 0.3 s")
    assert outcome.connect_ms is None


async def test_a_silent_peer_is_a_timeout_that_says_so(asker: Asker) -> None:
    async with running_peer(Visit.until_closed) as peer:
        outcome = await asker.ask(tcp(peer.address), SHORT_S)
    assert (outcome.cause, outcome.reason) == (Cause.TIMEOUT, "connected, but no answer within 0.3 s")
    assert outcome.connect_ms is not None
    assert outcome.sent != b""


async def test_a_peer_that_is_too_slow_is_a_timeout_with_what_came(asker: Asker) -> None:
    async with running_peer(says(b"SIP/2.0 200 OK\r\nVia:")) as peer:
        outcome = await asker.ask(tcp(peer.address), SHORT_S)
    assert (outcome.cause, outcome.reason) == (
        Cause.TIMEOUT,
        "the answer was not complete within 0.3 s",
    )
    assert outcome.received == b"SIP/2.0 200 OK\r\nVia:"


async def test_keep_alives_alone_are_no_answer(asker: Asker) -> None:
    async with running_peer(says(b"\r\n\r\n\r\n")) as peer:
        outcome = await asker.ask(tcp(peer.address), SHORT_S)
    assert (outcome.cause, outcome.reason) == (Cause.TIMEOUT, "connected, but no answer within 0.3 s")


async def test_a_peer_that_closes_without_a_word_has_refused(asker: Asker) -> None:
    async def script(visit: Visit) -> None:
        await visit.some_bytes()

    async with running_peer(script) as peer:
        outcome = await asker.ask(tcp(peer.address))
    assert (outcome.cause, outcome.reason) == (
        Cause.REFUSED,
        "the peer closed the connection without an answer",
    )
    assert len(peer.visits) == 1


async def test_a_peer_that_resets_the_connection_has_refused(asker: Asker) -> None:
    async def script(visit: Visit) -> None:
        await visit.some_bytes()
        visit.reset()

    async with running_peer(script) as peer:
        outcome = await asker.ask(tcp(peer.address))
    assert (outcome.cause, outcome.reason) == (Cause.REFUSED, "Connection reset by peer")


# not SIP


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP"),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", "SSH"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "TLS"),
        (bytes(range(256)), "begins with"),
        (b"SIP/2.0 200 OK\r\nContent-Length: 70000\r\n\r\n", "more than 65535 bytes"),
        (b"SIP/2.0 200 OK\r\nContent-Length: x\r\n\r\n", "not a length"),
    ],
)
async def test_what_is_not_sip_is_told_at_once_with_its_bytes(asker: Asker, said: bytes, words: str) -> None:
    async with running_peer(says(said)) as peer:
        outcome = await asker.ask(tcp(peer.address))
    assert outcome.cause is Cause.PROTOCOL
    assert outcome.reason is not None
    assert words in outcome.reason
    assert outcome.received == said


async def test_a_peer_that_speaks_first_and_not_sip_is_told(asker: Asker) -> None:
    async def script(visit: Visit) -> None:
        await visit.send(b"SSH-2.0-OpenSSH_9.2p1\r\n")
        await visit.until_closed()

    async with running_peer(script) as peer:
        outcome = await asker.ask(tcp(peer.address))
    assert (outcome.cause, outcome.received) == (Cause.PROTOCOL, b"SSH-2.0-OpenSSH_9.2p1\r\n")


async def test_headers_without_an_end_are_told_and_only_their_beginning_is_kept(asker: Asker) -> None:
    async with running_peer(says(b"SIP/2.0 200 OK\r\n" + b"X-Endless: yes\r\n" * 10_000)) as peer:
        outcome = await asker.ask(tcp(peer.address))
    assert outcome.cause is Cause.PROTOCOL
    assert outcome.reason == "the message has more than 65535 bytes"
    assert len(outcome.received) == 2048
    assert asker.client.open_connections == 0


async def test_an_answer_that_is_broken_off_is_no_answer(asker: Asker) -> None:
    async def script(visit: Visit) -> None:
        await visit.send(answer(await visit.request())[:-10])

    async with running_peer(script) as peer:
        outcome = await asker.ask(tcp(peer.address))
    assert (outcome.cause, outcome.reason) == (
        Cause.PROTOCOL,
        "the peer closed the connection in the middle of a message",
    )
    assert outcome.received.startswith(b"SIP/2.0 200 OK")


async def test_a_response_that_cannot_be_read_is_told_when_no_better_one_comes(asker: Asker) -> None:
    broken = b"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"
    async with running_peer(says(broken)) as peer:
        outcome = await asker.ask(tcp(peer.address), SHORT_S)
    assert (outcome.cause, outcome.reason) == (Cause.PROTOCOL, "the Via header is missing")
    assert outcome.received == broken


async def test_a_response_that_cannot_be_read_is_told_when_the_connection_ends(asker: Asker) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(b"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n")

    async with running_peer(script) as peer:
        outcome = await asker.ask(tcp(peer.address))
    assert (outcome.cause, outcome.reason) == (Cause.PROTOCOL, "the Via header is missing")


async def test_a_response_that_cannot_be_read_is_forgotten_when_a_better_one_comes(asker: Asker) -> None:
    async def script(visit: Visit) -> None:
        request = await visit.request()
        await visit.send(b"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n")
        await visit.answer(request)
        await visit.until_closed()

    async with running_peer(script) as peer:
        outcome = await asker.ask(tcp(peer.address))
    assert outcome.cause is Cause.OK
    assert asker.client.strays == 1


# our own side


async def test_an_address_that_is_not_ours_is_our_own_fault(asker: Asker) -> None:
    outcome = await asker.ask(tcp(closed_port(), bind=("192.0.2.1", 0)))
    assert (outcome.cause, outcome.reason) == (Cause.LOCAL, "Cannot assign requested address")


async def test_a_way_that_our_own_routes_do_not_have_is_our_own_fault(asker: Asker) -> None:
    # nothing leaves this machine: the kernel routes no packet from loopback to the outside
    outcome = await asker.ask(tcp(("192.0.2.1", 5060), bind=("127.0.0.1", 0)))
    assert (outcome.cause, outcome.reason) == (Cause.LOCAL, "Invalid argument")
