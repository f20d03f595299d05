"""Exchanges, with time as an argument: RFC 3261 section 17.1.2 without a socket or a sleep."""

import re
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provd.probe.engine import Engine
from provd.probe.result import ProbeResult, result_of
from provd.probe.settings import ProbeSettings
from provd.probe.target import Answer, Target, Watch
from provd.schema.health import Cause
from provd.schema.hostname import parse_hostname
from provd.sip.answer import make_response
from provd.sip.message import Request
from provd.sip.parser import parse_message
from tests.fakes.source import NOWHERE

from .conftest import MakeTarget

PEER = ("192.0.2.1", 5060)
_numbers = count(1)


def counting_bytes(size: int) -> bytes:
    return b"".join(next(_numbers).to_bytes(8, "big") for _ in range(size // 8))


@pytest.fixture
def engine() -> Engine:
    return Engine(counting_bytes)


def reply(request: bytes, code: int = 200, **how: object) -> bytes:
    parsed = parse_message(request)
    assert isinstance(parsed, Request)
    return make_response(parsed, code, **how).to_bytes()  # type: ignore[arg-type]


def take(engine: Engine, data: bytes, source: tuple[str, int], now: float) -> None:
    """Give the engine a datagram as the prober does, with nobody who answers requests."""
    if engine.take(iter([(0, data, now)])) is not None and not engine.receive(data, source, now):
        engine.note_stray(data, source, now)


def only(results: list[ProbeResult]) -> ProbeResult:
    assert len(results) == 1
    return results[0]


def test_the_request_is_an_options_that_a_sip_parser_takes(engine: Engine, make_target: MakeTarget) -> None:
    data = engine.begin(make_target("sip.example.com:5080"), 0.0)
    request = parse_message(data)
    assert isinstance(request, Request)
    assert (request.method, request.uri) == ("OPTIONS", "sip:sip.example.com:5080")
    assert str(request.to.uri) == "sip:sip.example.com:5080"
    assert request.to.tag is None
    assert request.from_.tag
    assert request.max_forwards == 70
    assert (request.cseq.number, request.cseq.method) == (1, "OPTIONS")
    assert request.headers.get("Accept") == "application/sdp"
    assert request.headers.get("Content-Length") == "0"
    assert request.headers.get("User-Agent") == "provd"
    via = request.top_via
    assert via.branch is not None
    assert via.branch.startswith("z9hG4bK")
    assert ";rport" in str(via)


def test_each_exchange_has_its_own_branch_and_call_id(engine: Engine, make_target: MakeTarget) -> None:
    seen = [parse_message(engine.begin(make_target(), 0.0)) for _ in range(1500)]
    assert len({message.top_via.branch for message in seen}) == 1500
    assert len({message.call_id for message in seen}) == 1500


@pytest.mark.parametrize("code", [200, 301, 403, 404, 486, 500, 503, 603, 299, 699])
def test_any_final_response_ends_the_exchange(engine: Engine, make_target: MakeTarget, code: int) -> None:
    data = engine.begin(make_target(), 10.0)
    engine.receive(reply(data, code, reason="so"), PEER, 10.025)
    result = only(engine.take_results())
    assert (result.cause, result.code, result.reason_phrase) == (Cause.OK, code, "so")
    assert result.rtt_ms == pytest.approx(25.0)
    assert len(engine) == 0


def test_the_second_answer_takes_the_short_way_with_the_same_result(
    engine: Engine, make_target: MakeTarget
) -> None:
    target = make_target()
    results: list[ProbeResult] = []
    for start in (0.0, 30.0):
        data = engine.begin(target, start)
        take(engine, reply(data, 200, headers=[("Server", "Edge 1")]), PEER, start + 0.1)
        results += engine.take_results()
        results += map(result_of, repeats := engine.take_repeats())
        target.answer = results[-1].answer  # as the verdict does: the next one takes the short way
    first, second = results
    assert len(repeats) == 1
    assert second.answer is first.answer
    assert (second.cause, second.retransmits) == (first.cause, first.retransmits)
    assert second.answer is not None
    assert second.answer.server == "Edge 1"


def test_an_unanswered_request_is_sent_again_as_timer_e_says(engine: Engine, make_target: MakeTarget) -> None:
    first = engine.begin(make_target(timeout_s=13.0), 0.0)
    sent_at = []
    for tick in range(1301):
        now = tick / 100
        for again in engine.expire(now):
            assert again == (first, PEER)
            sent_at.append(now)
    assert sent_at == pytest.approx([0.5, 1.5, 3.5, 7.5, 11.5])
    result = only(engine.take_results())
    assert (result.cause, result.retransmits) == (Cause.TIMEOUT, 5)
    assert result.at == pytest.approx(13.0)


def test_a_timeout_shorter_than_timer_e_sends_once(engine: Engine, make_target: MakeTarget) -> None:
    engine.begin(make_target(timeout_s=0.2), 0.0)
    assert engine.expire(0.19) == []
    assert engine.take_results() == []
    assert engine.expire(0.2) == []
    assert only(engine.take_results()).cause is Cause.TIMEOUT


def test_an_exchange_that_is_over_is_waited_for_no_more(engine: Engine, make_target: MakeTarget) -> None:
    first, second = make_target(), make_target()
    request = engine.begin(first, 2.0)
    engine.begin(second, 2.1)
    take(engine, reply(request), PEER, 2.2)
    assert engine.next_timeout() == pytest.approx(2.6)
    engine.abandon(second)
    assert engine.next_timeout() is None


def test_next_timeout_is_when_something_is_due(engine: Engine, make_target: MakeTarget) -> None:
    assert engine.next_timeout() is None
    engine.begin(make_target(), 2.0)
    assert engine.next_timeout() == pytest.approx(2.5)
    engine.expire(2.5)
    assert engine.next_timeout() == pytest.approx(3.5)


def test_an_answer_to_a_retransmission_counts_from_the_first_send(
    engine: Engine, make_target: MakeTarget
) -> None:
    data = engine.begin(make_target(), 0.0)
    assert len(engine.expire(0.5)) == 1
    engine.receive(reply(data), PEER, 0.52)
    result = only(engine.take_results())
    assert result.rtt_ms == pytest.approx(520.0)
    assert result.retransmits == 1


def test_a_provisional_response_proves_the_peer_alive_and_waits_for_the_final_one(
    engine: Engine, make_target: MakeTarget
) -> None:
    data = engine.begin(make_target(timeout_s=5.0), 0.0)
    engine.receive(reply(data, 100), PEER, 0.1)
    assert engine.take_results() == []
    again = [tick / 10 for tick in range(1, 49) for _ in engine.expire(tick / 10)]
    assert again == pytest.approx([0.5, 4.5])  # Timer E becomes T2 in Proceeding
    engine.receive(reply(data, 404), PEER, 4.8)
    assert only(engine.take_results()).code == 404


def test_a_provisional_response_alone_is_healthy_at_the_timeout(
    engine: Engine, make_target: MakeTarget
) -> None:
    data = engine.begin(make_target(timeout_s=1.0), 0.0)
    engine.receive(reply(data, 183), PEER, 0.25)
    for now in (0.5, 1.0):
        engine.expire(now)
    result = only(engine.take_results())
    assert (result.cause, result.code) == (Cause.OK, 183)
    assert result.rtt_ms == pytest.approx(250.0)


def test_a_duplicate_and_a_late_answer_are_strays(engine: Engine, make_target: MakeTarget) -> None:
    data = engine.begin(make_target(timeout_s=0.3), 0.0)
    answer = reply(data)
    engine.receive(answer, PEER, 0.1)
    engine.receive(answer, PEER, 0.1)
    assert (len(engine.take_results()), engine.strays) == (1, 1)
    late = engine.begin(make_target(timeout_s=0.3), 1.0)
    engine.expire(1.3)
    engine.receive(reply(late), PEER, 1.31)
    assert only(engine.take_results()).cause is Cause.TIMEOUT
    assert engine.strays == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"CSeq: 1 OPTIONS", b"CSeq: 2 OPTIONS"),
        (b"CSeq: 1 OPTIONS", b"CSeq: 1 INVITE"),
        (b"SIP/2.0/UDP 198", b"SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKother\r\nVia: SIP/2.0/UDP 198"),
    ],
    ids=["another number", "another method", "a Via too many"],
)
def test_an_answer_that_is_not_ours_ends_nothing(
    engine: Engine, make_target: MakeTarget, old: bytes, new: bytes
) -> None:
    data = engine.begin(make_target(), 0.0)
    engine.receive(reply(data).replace(old, new, 1), PEER, 0.1)
    assert engine.take_results() == []
    assert engine.strays == 1
    engine.receive(reply(data), PEER, 0.2)
    assert only(engine.take_results()).cause is Cause.OK


def test_a_request_with_our_branch_is_no_answer(engine: Engine, make_target: MakeTarget) -> None:
    data = engine.begin(make_target(), 0.0)
    assert not engine.receive(data, PEER, 0.1)  # it is a request, for others to answer
    assert engine.take_results() == []


def test_an_answer_from_another_address_counts(engine: Engine, make_target: MakeTarget) -> None:
    data = engine.begin(make_target(), 0.0)
    engine.receive(reply(data), ("203.0.113.7", 5060), 0.1)
    assert only(engine.take_results()).cause is Cause.OK


def test_a_peer_that_speaks_something_else_is_a_protocol_failure(
    engine: Engine, make_target: MakeTarget
) -> None:
    engine.begin(make_target(timeout_s=0.4), 0.0)
    take(engine, b"HTTP/1.1 400 Bad Request\r\n\r\n", PEER, 0.05)
    engine.expire(0.4)
    assert only(engine.take_results()).cause is Cause.PROTOCOL


@pytest.mark.parametrize(
    "data", [b"\r\n\r\n", b"\0\0\0\0", b"ACK sip:us@198.51.100.1 SIP/2.0\r\nCSeq: 1 ACK\r\n\r\n"]
)
def test_a_peer_that_sends_what_sip_peers_do_is_silent_and_no_stranger_to_sip(
    engine: Engine, make_target: MakeTarget, data: bytes
) -> None:
    engine.begin(make_target(timeout_s=0.4), 0.0)
    take(engine, data, PEER, 0.05)
    assert engine.strays == 1
    engine.expire(0.4)
    assert only(engine.take_results()).cause is Cause.TIMEOUT


def test_what_a_stranger_sends_does_not_blame_the_peer(engine: Engine, make_target: MakeTarget) -> None:
    engine.begin(make_target(timeout_s=0.4), 0.0)
    take(engine, b"rubbish", ("203.0.113.7", 9), 0.05)
    engine.expire(0.4)
    assert only(engine.take_results()).cause is Cause.TIMEOUT


def test_a_503_tells_when_to_come_back_every_time(engine: Engine, make_target: MakeTarget) -> None:
    target = make_target()
    for start, seconds in ((0.0, 120), (30.0, 60)):
        data = engine.begin(target, start)
        engine.receive(reply(data, 503, headers=[("Retry-After", f"{seconds} (busy)")]), PEER, start + 0.1)
        assert only(engine.take_results()).retry_after_s == seconds


def test_a_network_error_ends_the_exchange_it_is_about(engine: Engine, make_target: MakeTarget) -> None:
    mine, other = make_target(), make_target()
    data = engine.begin(mine, 0.0)
    engine.begin(other, 0.0)
    assert engine.find(data) is mine
    engine.fail(mine, Cause.REFUSED, "Connection refused", 0.01)
    result = only(engine.take_results())
    assert (result.target, result.cause) == (mine, Cause.REFUSED)
    assert engine.find(data) is None
    assert len(engine) == 1


def test_an_abandoned_exchange_has_no_result(engine: Engine, make_target: MakeTarget) -> None:
    target = make_target()
    data = engine.begin(target, 0.0)
    engine.abandon(target)
    engine.receive(reply(data), PEER, 0.1)
    for now in (0.5, 5.0, 10.0):
        assert engine.expire(now) == []
    assert engine.take_results() == []
    assert engine.strays == 1


def test_odd_but_legal_answers_are_understood(engine: Engine, make_target: MakeTarget) -> None:
    data = engine.begin(make_target(), 0.0)
    branch = re.search(rb"branch=(\S+)", data)
    assert branch
    call_id = re.search(rb"Call-ID: (\S+)", data)
    assert call_id
    odd = (
        b"SIP/2.0 200 \nv:SIP / 2.0 / UDP 198.51.100.1:5061;received=192.0.2.77\n ;rport=9 ; branch="
        + branch[1]
        + b"\nf:<sip:a@b>;tag=1\nT : <sip:c>\n ;tag=2\ni:"
        + call_id[1]
        + b"\ncseq: 1\n OPTIONS\nl:0\n\n"
    )
    engine.receive(odd, PEER, 0.1)
    result = only(engine.take_results())
    assert (result.cause, result.code, result.reason_phrase) == (Cause.OK, 200, None)


@given(st.binary(max_size=2000))
def test_no_bytes_from_the_network_raise(data: bytes) -> None:
    engine = Engine(counting_bytes)
    take(engine, data, PEER, 1.0)
    assert engine.take_results() == []
    assert engine.strays == 1


@given(st.data())
def test_no_mangled_answer_raises_and_none_is_counted_twice(data: st.DataObject) -> None:
    engine = Engine(counting_bytes)
    watch = Watch("k", parse_hostname("192.0.2.1"), ProbeSettings())
    target = Target(watch, PEER)
    target.source = NOWHERE
    if data.draw(st.booleans()):
        target.answer = Answer(b"SIP/2.0 200 OK\r\n", 200, "OK", None)  # its answers take the short way
    answer = bytearray(reply(engine.begin(target, 0.0)))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(answer) - 1))
        if data.draw(st.booleans()):
            answer[place] = data.draw(st.integers(0, 255))
        else:
            del answer[place : place + data.draw(st.integers(1, 50))]
        if not answer:
            break
    take(engine, bytes(answer), PEER, 0.1)
    assert len(engine.take_results()) + len(engine.take_repeats()) + len(engine) == 1


@pytest.mark.parametrize("code", [404, 503])
def test_a_peer_that_begins_with_an_empty_line_is_still_heard_when_it_answers_otherwise(
    engine: Engine, make_target: MakeTarget, code: int
) -> None:
    target = make_target()
    take(engine, b"\r\n" + reply(engine.begin(target, 0.0)), PEER, 0.1)
    target.answer = only(engine.take_results()).answer  # as the verdict does
    take(engine, b"\r\n" + reply(engine.begin(target, 30.0), code), PEER, 30.1)
    assert engine.take_repeats() == []
    assert only(engine.take_results()).code == code


def test_a_peer_that_begins_with_an_empty_line_is_waited_for_after_a_provisional_response(
    engine: Engine, make_target: MakeTarget
) -> None:
    target = make_target()
    take(engine, b"\r\n" + reply(engine.begin(target, 0.0)), PEER, 0.1)
    target.answer = only(engine.take_results()).answer
    take(engine, b"\r\n" + reply(engine.begin(target, 30.0), 100), PEER, 30.1)
    assert len(engine) == 1


def test_no_answer_is_taken_for_the_one_before_when_there_was_none(
    engine: Engine, make_target: MakeTarget
) -> None:
    data = engine.begin(make_target(timeout_s=0.4), 0.0)
    take(engine, b"\0" + data, PEER, 0.05)  # our own request, framed by something that is not SIP
    assert engine.take_repeats() == []
    engine.expire(0.4)
    assert only(engine.take_results()).cause is Cause.TIMEOUT
