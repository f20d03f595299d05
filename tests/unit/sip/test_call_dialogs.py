"""What happens within a call: reliable progress, and what the peer asks."""

import pytest
from tests.fakes.simulated_callee import CONTACT, SDP, TYPED, Callee

from provd.sip.calls.call import CallState
from provd.sip.sdp import parse

RELIABLE = ("Require", "100rel")


def answered() -> Callee:
    callee = Callee()
    callee.accept()
    callee.new()
    return callee


def test_a_reliable_response_is_confirmed_by_a_prack() -> None:
    callee = Callee()
    callee.ring(180, RELIABLE, ("RSeq", "7"))
    prack = callee.take("PRACK")
    assert prack.headers.get("RAck") == "7 1 INVITE"
    assert (prack.uri, prack.cseq.number, prack.to.tag) == ("sip:callee@192.0.2.9:5070", 2, "callee")


def test_a_reliable_response_that_comes_again_is_confirmed_once() -> None:
    callee = Callee()
    callee.ring(180, RELIABLE, ("RSeq", "7"))
    callee.ring(180, RELIABLE, ("RSeq", "7"))
    assert len(callee.requests("PRACK")) == 1


def test_reliable_responses_are_confirmed_in_their_order_alone() -> None:
    callee = Callee()
    callee.ring(183, RELIABLE, ("RSeq", "7"))
    callee.ring(183, RELIABLE, ("RSeq", "9"))
    assert len(callee.requests("PRACK")) == 1
    callee.ring(183, RELIABLE, ("RSeq", "8"))
    callee.ring(183, RELIABLE, ("RSeq", "9"))
    assert [each.message.headers.get("RAck") for each in callee.requests("PRACK")] == [
        "7 1 INVITE",
        "8 1 INVITE",
        "9 1 INVITE",
    ]


def test_branches_count_their_reliable_responses_each_by_itself() -> None:
    callee = Callee()
    callee.ring(183, RELIABLE, ("RSeq", "7"), tag="one")
    callee.ring(183, RELIABLE, ("RSeq", "1"), tag="two")
    assert [each.message.to.tag for each in callee.requests("PRACK")] == ["one", "two"]


def test_a_response_that_is_not_reliable_is_not_confirmed() -> None:
    callee = Callee()
    callee.ring(183, ("RSeq", "7"))
    callee.ring(183, RELIABLE)
    callee.ring(183, RELIABLE, ("RSeq", "none"))
    assert callee.requests("PRACK") == []


def test_a_prack_is_sent_again_until_it_is_answered() -> None:
    callee = Callee()
    callee.ring(180, RELIABLE, ("RSeq", "1"))
    prack = callee.take("PRACK")
    callee.pass_time(2)
    callee.respond(prack, 200)
    callee.pass_time(20)
    assert [each.at for each in callee.requests("PRACK")] == [0, 0.5, 1.5]


def test_the_numbers_of_requests_go_on_after_a_prack() -> None:
    callee = Callee()
    callee.ring(180, RELIABLE, ("RSeq", "1"))
    callee.accept()
    callee.hang_up()
    assert callee.take("BYE").cseq.number == 3


def test_the_peer_may_change_the_sound_before_it_answers() -> None:
    callee = Callee()
    callee.ring(183, RELIABLE, ("RSeq", "1"))
    callee.ask("UPDATE", 1, TYPED, CONTACT, body=SDP.replace(b"6000", b"6002"))
    assert parse(callee.answered(200).body).port == 40000
    assert (callee.spoken[-1].sound.port, callee.spoken[-1].early) == (6002, True)


def test_nobody_ends_by_bye_what_was_not_answered() -> None:
    callee = Callee()
    callee.ring(183, RELIABLE, ("RSeq", "1"))
    callee.ask("BYE", 1)
    assert callee.new()[-1] == "481"
    assert callee.call.state is CallState.RINGING


def test_a_bye_of_the_peer_ends_the_call() -> None:
    callee = answered()
    callee.ask("BYE", 1)
    assert callee.new() == ["200"]
    assert callee.call.state is CallState.OVER
    assert callee.call.ended_by_peer
    callee.hang_up()
    assert callee.requests("BYE") == []


def test_a_bye_that_comes_again_has_the_same_answer() -> None:
    callee = answered()
    bye = callee.ask("BYE", 1)
    first = callee.answered(200)
    callee.say(bye)
    assert callee.new() == ["200", "200"]
    assert callee.answered(200).to_bytes() == first.to_bytes()


def test_byes_that_cross_end_the_call_once() -> None:
    callee = answered()
    callee.hang_up()
    callee.ask("BYE", 1)
    assert callee.call.state is CallState.OVER
    assert not callee.call.ended_by_peer
    callee.respond(callee.take("BYE"), 481)
    assert callee.call.is_settled


@pytest.mark.parametrize("method", ["BYE", "INVITE", "INFO", "OPTIONS", "UPDATE"])
def test_a_request_of_no_dialog_is_refused_with_a_tag(method: str) -> None:
    callee = answered()
    callee.ask(method, 1, to_tag="another")
    callee.ask(method, 2, tag="another")
    callee.ask(method, 3, to_tag="")
    assert callee.new() == ["481", "481", "481"]
    assert callee.answered(481).to.tag
    assert callee.call.state is CallState.ANSWERED
    callee.pass_time(40)
    assert callee.new() == []  # nothing of it is sent again


def test_a_request_before_any_dialog_is_refused() -> None:
    callee = Callee()
    callee.ask("BYE", 1)
    assert callee.new() == ["481"]


def test_a_request_that_is_older_than_the_last_is_refused() -> None:
    callee = answered()
    callee.ask("INFO", 5)
    callee.ask("INFO", 4)
    assert callee.new() == ["200", "500"]


def test_a_request_that_requires_what_we_lack_is_refused() -> None:
    callee = answered()
    callee.ask("INVITE", 1, ("Require", "timer"), TYPED, body=SDP)
    assert callee.answered(420).headers.get("Unsupported") == "timer"


def test_a_method_that_we_lack_is_refused_with_those_that_we_have() -> None:
    callee = answered()
    callee.ask("MESSAGE", 1)
    assert "UPDATE" in (callee.answered(405).headers.get("Allow") or "")


def test_a_re_invite_with_an_offer_is_answered_in_its_codecs() -> None:
    callee = answered()
    offer = SDP.replace(b"6000 RTP/AVP 0 101", b"6004 RTP/AVP 8 0 96").replace(b"101 tele", b"96 tele")
    callee.ask("INVITE", 1, TYPED, ("Contact", "<sip:moved@192.0.2.9>"), body=offer)
    ours = parse(callee.answered(200).body)
    assert (ours.payloads, ours.events, ours.port) == ((8, 0), 96, 40000)
    assert callee.spoken[-1].sound.port == 6004
    callee.ask("ACK", 1, branch="z9hG4bKack")
    callee.hang_up()
    assert callee.take("BYE").uri == "sip:moved@192.0.2.9"


def test_the_version_of_our_description_grows_with_each() -> None:
    callee = answered()
    callee.ask("INVITE", 1, TYPED, body=SDP)
    callee.ask("ACK", 1, branch="z9hG4bKack")
    first = callee.answered(200).body
    callee.ask("INVITE", 2, TYPED, body=SDP)
    assert b"o=provd 42 2 " in first
    assert b"o=provd 42 3 " in callee.answered(200).body


def test_a_re_invite_without_an_offer_is_answered_with_ours_and_its_ack_says_where_to_speak() -> None:
    callee = answered()
    callee.ask("INVITE", 1)
    assert parse(callee.answered(200).body).payloads == (0, 8)
    callee.ask("ACK", 1, TYPED, branch="z9hG4bKack", body=SDP.replace(b"6000", b"6006"))
    assert callee.spoken[-1].sound.port == 6006


def test_a_re_invites_200_is_sent_again_until_its_ack() -> None:
    callee = answered()
    callee.ask("INVITE", 1, TYPED, body=SDP)
    callee.pass_time(4)
    assert callee.new() == ["200"] * 4  # at 0, 0.5, 1.5 and 3.5
    callee.ask("ACK", 1, branch="z9hG4bKack")
    callee.pass_time(40)
    assert callee.new() == []
    assert callee.call.state is CallState.ANSWERED


def test_an_ack_of_another_call_confirms_nothing() -> None:
    callee = answered()
    callee.ask("INVITE", 1, TYPED, body=SDP)
    callee.new()
    callee.ask("ACK", 1, TYPED, to_tag="another", body=SDP.replace(b"6000", b"6666"))
    callee.pass_time(1)
    assert callee.new() == ["200"]
    assert callee.spoken[-1].sound.port == 6000


def test_a_re_invite_whose_200_nobody_acknowledges_ends_the_call_by_bye() -> None:
    callee = answered()
    callee.ask("INVITE", 1, TYPED, body=SDP)
    callee.pass_time(32.25)
    assert len(callee.requests("BYE")) == 1
    assert "never acknowledged" in callee.call.problem


def test_a_refusal_of_a_re_invite_is_sent_again_until_its_ack_and_ends_nothing() -> None:
    callee = answered()
    callee.ask("INVITE", 1, TYPED, body=SDP.replace(b" 0 101", b" 9"))
    callee.pass_time(1)
    assert callee.new() == ["488", "488"]
    assert "no codec of ours" in (callee.answered(488).headers.get("Warning") or "")
    callee.pass_time(40)
    assert callee.call.state is CallState.ANSWERED


def test_hold_is_answered_in_its_direction_and_told() -> None:
    callee = answered()
    callee.ask("INVITE", 1, TYPED, body=SDP + b"a=sendonly\r\n")
    assert parse(callee.answered(200).body).direction == "recvonly"
    assert callee.spoken[-1].sound.on_hold


def test_an_update_is_answered_without_an_ack() -> None:
    callee = answered()
    callee.ask("UPDATE", 1, TYPED, body=SDP.replace(b"6000", b"6010"))
    callee.ask("UPDATE", 2)
    assert callee.new() == ["200", "200"]
    callee.pass_time(40)
    assert callee.new() == []
    assert callee.spoken[-1].sound.port == 6010
