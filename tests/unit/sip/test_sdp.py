"""Session descriptions: ours, those of carriers, and hostile ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.simulated_callee import OURS, SDP

from provd.sip.sdp import EVENTS, PCMA, PCMU, SdpError, Sound, answer_to, describe, parse


def test_what_we_write_is_read_back() -> None:
    assert parse(describe(OURS, 1, 1)) == OURS
    six = Sound("2001:db8::1", 4000, (PCMA,), None, "sendonly")
    assert parse(describe(six, 1, 1)) == six


def test_ours_says_what_is_offered() -> None:
    text = describe(OURS, 42, 3).decode()
    assert "o=provd 42 3 IN IP4 192.0.2.1\r\n" in text
    assert "m=audio 40000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n" in text
    assert text.endswith("a=ptime:20\r\na=sendrecv\r\n")


def test_the_streams_own_address_and_direction_come_before_the_sessions() -> None:
    body = SDP.replace(b"t=0 0\r\n", b"t=0 0\r\na=recvonly\r\n") + b"c=IN IP4 192.0.2.77\r\na=sendonly\r\n"
    found = parse(body)
    assert (found.address, found.direction) == ("192.0.2.77", "sendonly")


def test_static_payload_types_need_no_rtpmap_and_dynamic_ones_do() -> None:
    assert parse(SDP.replace(b"a=rtpmap:101 telephone-event/8000\r\n", b"")).events is None
    assert parse(SDP).payloads == (PCMU,)


def test_a_payload_type_that_was_given_to_another_codec_is_not_ours() -> None:
    body = SDP.replace(b" 0 101", b" 0 8 101") + b"a=rtpmap:0 G722/8000\r\n"
    assert parse(body).payloads == (PCMA,)


def test_video_and_rejected_streams_are_passed_over() -> None:
    body = SDP.replace(b"m=audio", b"m=video 0 RTP/AVP 34\r\nm=audio 0 RTP/AVP 0\r\nm=audio", 1)
    assert parse(body).port == 6000


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b"m=audio 6000", b"m=audio 0", "rejected"),
        (b"RTP/AVP", b"RTP/SAVP", "RTP/AVP alone"),
        (b"m=audio", b"m=video", "no sound"),
        (b"6000 RTP", b"66000 RTP", "port"),
        (b"6000 RTP", b"9" * 9000 + b" RTP", "port"),
        (b" 0 101", b" 9 18", "no codec of ours"),
        (b" 0 101", b" " + b"9" * 9000, "no codec of ours"),
        (b"c=IN IP4 192.0.2.9\r\n", b"", "no address"),
        (b"c=IN IP4 192.0.2.9", b"c=IN IP4 sbc.example.com", "no IP address"),
        (b"c=IN IP4 192.0.2.9", b"c=IN IP4 224.0.0.1/127", "address of one peer"),
        (b"c=IN IP4 192.0.2.9", b"c=IN IP4 224.0.0.1", "address of one peer"),
        (b"s=-", b"nonsense", "no line"),
        (b"m=audio 6000 RTP/AVP 0 101", b"m=audio", "malformed"),
    ],
)
def test_what_can_not_be_used_is_refused_with_a_reason(old: bytes, new: bytes, words: str) -> None:
    with pytest.raises(SdpError, match=words):
        parse(SDP.replace(old, new))


def test_an_rtpmap_with_a_number_beyond_all_bounds_is_ignored() -> None:
    assert parse(SDP + b"a=rtpmap:0 PCMU/" + b"8" * 9000).payloads == (PCMU,)


def test_an_answer_has_what_both_have_as_the_offer_prefers() -> None:
    offer = Sound("192.0.2.9", 6000, (PCMA, PCMU), 96, "sendonly")
    ours = answer_to(offer, OURS)
    assert (ours.payloads, ours.events, ours.direction) == ((PCMA, PCMU), 96, "recvonly")
    assert (ours.address, ours.port) == (OURS.address, OURS.port)
    with pytest.raises(SdpError):
        answer_to(Sound("192.0.2.9", 6000, (PCMA,)), Sound("192.0.2.1", 1, (PCMU,)))


@pytest.mark.parametrize("direction", ["sendonly", "inactive"])
def test_who_wants_to_hear_nothing_is_on_hold(direction: str) -> None:
    assert Sound("192.0.2.9", 6000, (PCMU,), None, direction).on_hold
    assert Sound("0.0.0.0", 6000, (PCMU,)).on_hold
    assert not Sound("192.0.2.9", 6000, (PCMU,), EVENTS, "recvonly").on_hold


@given(st.binary(max_size=400), st.integers(0, len(SDP)), st.integers(0, len(SDP)))
def test_any_bytes_are_a_description_or_refused(noise: bytes, start: int, end: int) -> None:
    for body in (noise, SDP[:start] + noise + SDP[end:]):
        try:
            found = parse(body)
        except SdpError:
            continue
        assert found.payloads
        assert 0 < found.port < 65536
