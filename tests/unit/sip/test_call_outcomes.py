"""How calls begin and end: answers, refusals, silence, forks."""

import pytest
from tests.fakes.simulated_callee import SDP, TYPED, Callee

from provd.sip.answer import make_response
from provd.sip.calls.call import MAX_BRANCHES, CallState
from provd.sip.message import Response


def times(callee: Callee, method: str) -> list[float]:
    return [each.at for each in callee.requests(method)]


def test_an_invite_over_udp_is_sent_again_at_doubling_intervals_until_timer_b() -> None:
    callee = Callee()
    callee.pass_time(40)
    assert times(callee, "INVITE") == [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert callee.call.timed_out
    assert callee.call.over_at == 32
    assert callee.call.state is CallState.OVER


def test_an_invite_over_a_stream_is_sent_once_and_times_out_all_the_same() -> None:
    callee = Callee(reliable=True)
    callee.pass_time(40)
    assert times(callee, "INVITE") == [0]
    assert callee.call.timed_out


def test_a_provisional_response_stops_the_repetition_and_timer_b() -> None:
    callee = Callee()
    callee.respond(callee.invite, 100)
    callee.pass_time(100)
    assert times(callee, "INVITE") == [0]
    assert callee.call.state is CallState.CALLING
    assert not callee.call.timed_out


@pytest.mark.parametrize("code", [300, 302, 403, 404, 480, 486, 488, 500, 503, 600, 603])
def test_a_refusal_is_acknowledged_and_ends_the_call(code: int) -> None:
    callee = Callee()
    callee.respond(callee.invite, code)
    assert callee.new() == ["ACK"]
    assert callee.call.state is CallState.OVER
    assert callee.call.final is not None
    assert callee.call.final.code == code
    ack = callee.take("ACK")
    assert ack.top_via == callee.invite.top_via
    assert (ack.uri, ack.cseq.number, ack.to.tag) == (callee.invite.uri, 1, "callee")


def test_a_refusal_that_comes_again_is_acknowledged_again_for_timer_d() -> None:
    callee = Callee()
    refusal = callee.respond(callee.invite, 486)
    callee.pass_time(31)
    callee.say(refusal)
    assert len(callee.requests("ACK")) == 2
    callee.pass_time(2)
    callee.say(refusal)
    assert len(callee.requests("ACK")) == 2


def test_a_refusal_over_a_stream_leaves_no_timer() -> None:
    callee = Callee(reliable=True)
    callee.respond(callee.invite, 486)
    callee.pass_time(0)
    assert callee.call.next_at == float("inf")
    assert callee.call.is_settled


def test_an_answer_is_acknowledged_within_the_dialog_and_heard() -> None:
    callee = Callee()
    callee.ring(100)
    callee.ring(180)
    assert callee.call.state is CallState.RINGING
    callee.pass_time(2)
    callee.accept()
    ack = callee.take("ACK")
    assert ack.uri == "sip:callee@192.0.2.9:5070"
    assert ack.top_via.branch != callee.invite.top_via.branch
    assert ack.cseq.number == callee.invite.cseq.number
    assert callee.call.state is CallState.ANSWERED
    assert (callee.call.rang_at, callee.call.answered_at) == (0, 2)
    assert [(each.sound.port, each.early) for each in callee.spoken] == [(6000, False)]


def test_a_200_that_comes_again_has_the_same_ack_until_timer_m() -> None:
    callee = Callee()
    answer = callee.accept()
    first = callee.take("ACK")
    callee.say(answer)
    assert callee.new() == ["ACK"]
    assert callee.take("ACK").to_bytes() == first.to_bytes()
    callee.pass_time(33)
    callee.say(answer)
    assert callee.new() == []


def test_a_bye_of_ours_ends_the_call_when_it_is_answered() -> None:
    callee = Callee()
    callee.accept()
    callee.hang_up()
    bye = callee.take("BYE")
    assert (bye.uri, bye.cseq.number, bye.to.tag) == ("sip:callee@192.0.2.9:5070", 2, "callee")
    assert callee.call.state is CallState.LEAVING
    callee.respond(bye, 200)
    assert callee.call.state is CallState.OVER
    assert callee.call.is_settled


def test_a_bye_is_sent_again_by_timer_e_and_given_up_by_timer_f() -> None:
    callee = Callee()
    callee.accept()
    callee.hang_up()
    callee.pass_time(40)
    assert times(callee, "BYE") == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert callee.call.over_at == 32
    assert callee.call.is_settled


def test_a_provisional_answer_to_a_bye_slows_it_down_to_t2() -> None:
    callee = Callee()
    callee.accept()
    callee.hang_up()
    callee.respond(callee.take("BYE"), 100)
    callee.pass_time(13)
    assert times(callee, "BYE") == [0, 0.5, 4.5, 8.5, 12.5]


def test_hanging_up_twice_sends_one_bye() -> None:
    callee = Callee()
    callee.accept()
    callee.hang_up()
    callee.hang_up()
    assert len(callee.requests("BYE")) == 1


def test_a_cancel_waits_for_a_provisional_response() -> None:
    callee = Callee()
    callee.hang_up()
    assert callee.requests("CANCEL") == []
    callee.respond(callee.invite, 100)
    cancel = callee.take("CANCEL")
    assert cancel.top_via == callee.invite.top_via
    assert (cancel.uri, str(cancel.cseq)) == (callee.invite.uri, "1 CANCEL")
    callee.respond(cancel, 200)
    assert callee.call.state is CallState.LEAVING
    callee.respond(callee.invite, 487)
    assert callee.take("ACK").cseq.number == 1
    assert callee.call.state is CallState.OVER
    assert callee.call.is_settled


def test_a_call_that_is_left_unheard_ends_by_timer_b() -> None:
    callee = Callee()
    callee.hang_up()
    callee.pass_time(33)
    assert callee.requests("CANCEL") == []
    assert callee.call.timed_out
    assert callee.call.state is CallState.OVER


def test_a_cancel_after_ringing_goes_out_at_once_and_once() -> None:
    callee = Callee()
    callee.ring()
    callee.hang_up()
    callee.ring(183)
    callee.hang_up()
    assert len(callee.requests("CANCEL")) == 1


def test_a_cancel_that_nobody_heeds_is_given_up() -> None:
    callee = Callee()
    callee.ring()
    callee.hang_up()
    callee.respond(callee.take("CANCEL"), 200)
    callee.pass_time(33)
    assert callee.call.state is CallState.OVER


def test_an_answer_that_crosses_the_cancel_is_acknowledged_and_hung_up() -> None:
    callee = Callee()
    callee.ring()
    callee.hang_up()
    callee.take("CANCEL")
    callee.accept()
    assert [len(callee.requests(each)) for each in ("ACK", "BYE")] == [1, 1]
    assert callee.call.state is CallState.LEAVING
    callee.respond(callee.take("BYE"), 200)
    assert callee.call.state is CallState.OVER


def test_an_answer_after_the_end_is_acknowledged_and_hung_up() -> None:
    callee = Callee()
    callee.ring()
    callee.hang_up()
    callee.pass_time(33)
    assert callee.call.state is CallState.OVER
    callee.accept()
    assert [len(callee.requests(each)) for each in ("ACK", "BYE")] == [1, 1]
    assert not callee.call.is_settled
    callee.respond(callee.take("BYE"), 200)
    assert callee.call.is_settled


def test_a_second_branch_that_answers_is_acknowledged_and_hung_up_alone() -> None:
    callee = Callee()
    callee.ring(tag="one")
    callee.ring(tag="two")
    callee.accept(tag="one")
    callee.accept(tag="two")
    assert [each.message.to.tag for each in callee.requests("ACK")] == ["one", "two"]
    assert [each.message.to.tag for each in callee.requests("BYE")] == ["two"]
    callee.respond(callee.take("BYE"), 200)
    assert callee.call.state is CallState.ANSWERED


def test_a_second_branch_that_answers_no_bye_does_not_end_the_first() -> None:
    callee = Callee()
    callee.accept(tag="one")
    callee.accept(tag="two")
    callee.pass_time(40)
    assert callee.call.state is CallState.ANSWERED
    callee.hang_up()
    assert callee.take("BYE").to.tag == "one"


def test_no_more_branches_are_heeded_than_an_honest_proxy_has() -> None:
    callee = Callee()
    for number in range(2 * MAX_BRANCHES):
        callee.accept(tag=f"tag{number}")
    assert len(callee.requests("ACK")) == MAX_BRANCHES


def test_an_answer_without_a_description_is_hung_up() -> None:
    callee = Callee()
    callee.accept(body=b"")
    assert len(callee.requests("BYE")) == 1
    assert "without a description" in callee.call.problem


def test_an_answer_that_can_not_be_heard_is_hung_up() -> None:
    callee = Callee()
    callee.accept(body=SDP.replace(b" 0 101", b" 9"))
    assert len(callee.requests("BYE")) == 1
    assert "no codec of ours" in callee.call.problem


def test_an_answer_without_a_description_is_heard_as_the_same_branch_said_before() -> None:
    callee = Callee()
    callee.ring(183, TYPED, tag="one", body=SDP)
    callee.ring(183, TYPED, tag="two", body=SDP.replace(b"6000", b"7000"))
    callee.accept(tag="one", body=b"")
    assert callee.call.sound is not None
    assert callee.call.sound.port == 6000
    assert callee.call.state is CallState.ANSWERED


def test_early_media_is_heard_as_early() -> None:
    callee = Callee()
    callee.ring(183, TYPED, body=SDP)
    assert [each.early for each in callee.spoken] == [True]
    callee.accept()
    assert [each.early for each in callee.spoken] == [True, False]


def test_a_response_with_two_vias_is_none_of_ours() -> None:
    callee = Callee()
    refusal = make_response(callee.invite, 486, to_tag="x")
    callee.say(Response(486, "Busy", refusal.headers.add("Via", "SIP/2.0/UDP 198.51.100.1")))
    assert callee.call.state is CallState.CALLING


def test_a_failed_connection_ends_the_call_and_every_timer() -> None:
    callee = Callee()
    callee.ring()
    callee.call.fail("the connection was closed", callee.now)
    assert callee.call.state is CallState.OVER
    assert callee.call.next_at == float("inf")
    assert callee.call.is_settled


def test_requests_go_by_the_loose_routes_of_the_answer_the_last_first() -> None:
    callee = Callee()
    callee.accept(("Record-Route", "<sip:near.test;lr>, <sip:far.test;lr>"))
    ack = callee.requests("ACK")[-1]
    assert ack.message.headers.get_all("Route") == ("<sip:far.test;lr>", "<sip:near.test;lr>")
    assert str(ack.uri) == "sip:far.test;lr"
    assert ack.message.uri == "sip:callee@192.0.2.9:5070"


def test_a_strict_router_is_the_request_uri_and_the_target_the_last_route() -> None:
    callee = Callee()
    callee.accept(("Record-Route", "<sip:near.test;lr>"), ("Record-Route", "<sip:strict.test>"))
    ack = callee.requests("ACK")[-1]
    assert ack.message.uri == "sip:strict.test"
    assert ack.message.headers.get_all("Route") == ("<sip:near.test;lr>", "<sip:callee@192.0.2.9:5070>")


def test_a_route_or_contact_that_is_no_address_does_no_harm() -> None:
    callee = Callee()
    response = callee.respond(
        callee.invite, 200, ("Record-Route", "no address"), ("Contact", "*"), TYPED, body=SDP
    )
    assert response.code == 200
    ack = callee.requests("ACK")[-1]
    assert ack.message.uri == callee.invite.uri
    assert ack.message.headers.get_all("Route") == ()


def test_a_contact_with_headers_is_dialled_without_them() -> None:
    callee = Callee()
    callee.respond(callee.invite, 200, ("Contact", "<sip:a@192.0.2.9?Subject=x>"), TYPED, body=SDP)
    assert callee.take("ACK").uri == "sip:a@192.0.2.9"


def test_the_ladder_says_what_went_each_way_and_is_bounded() -> None:
    callee = Callee()
    callee.ring()
    callee.accept()
    assert [(each.outgoing, each.line) for each in callee.call.steps] == [
        (True, "INVITE"),
        (False, "180 Ringing"),
        (False, "200 OK (INVITE)"),
        (True, "ACK"),
    ]
    for number in range(1000):
        callee.ask("OPTIONS", number + 1)
    assert len(callee.call.steps) == 200
