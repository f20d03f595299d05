import pytest

from provd.sip.errors import SipParseError
from provd.sip.params import Params
from provd.sip.via import Via, parse_vias


def one(text: str) -> Via:
    (via,) = parse_vias([text])
    return via


def test_a_via_shows_its_parts() -> None:
    via = one("SIP/2.0/UDP host.example.com:5070;branch=z9hG4bK1;received=192.0.2.1;rport=5071;ttl=16")
    assert (via.protocol, via.transport, via.host, via.port) == ("SIP/2.0", "UDP", "host.example.com", 5070)
    assert (via.branch, via.received, via.rport) == ("z9hG4bK1", "192.0.2.1", 5071)
    assert via.params.get("TTL") == "16"


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("SIP/2.0/UDP [2001:db8::1]:5060;branch=z9hG4bK1", "2001:db8::1", 5060),
        ("SIP/2.0/UDP [2001:db8::9:1]", "2001:db8::9:1", None),
        ("SIP/2.0/TLS [::ffff:192.0.2.1] : 5061 ;x", "::ffff:192.0.2.1", 5061),
        ("SIP/2.0/UDP [2001:DB8::10:5070]", "2001:DB8::10:5070", None),
    ],
)
def test_an_ipv6_hop_has_its_address_in_brackets(text: str, host: str, port: int | None) -> None:
    via = one(text)
    assert (via.host, via.port) == (host, port)
    assert str(via).partition(" ")[2].startswith(f"[{host}]")
    assert one(str(via)) == via


@pytest.mark.parametrize("received", ["2001:db8::9:255", "[2001:db8::9:255]"])
def test_received_has_no_brackets_whether_or_not_they_were_sent(received: str) -> None:
    via = one(f"SIP/2.0/UDP [2001:db8::9:1];received={received};branch=z9hG4bKas3")
    assert via.received == "2001:db8::9:255"
    assert via.branch == "z9hG4bKas3"


def test_rport_may_be_asked_for_without_a_value() -> None:
    via = one("SIP/2.0/UDP h;rport;branch=z9hG4bK1")
    assert via.rport is None
    assert "rport" in via.params
    assert "received" not in via.params


def test_spaces_may_stand_between_all_parts() -> None:
    (first, second) = parse_vias(
        ["SIP  /    2.0 /\tUDP  192.168.255.111 : 5060  ; branch=  z9hG4bK30239 ;  x , SIP/2.0/TCP h"]
    )
    assert str(first) == "SIP/2.0/UDP 192.168.255.111:5060;branch=z9hG4bK30239;x"
    assert str(second) == "SIP/2.0/TCP h"


def test_hops_come_in_order_from_several_headers_and_from_commas() -> None:
    vias = parse_vias(["SIP/2.0/UDP a;x=1,SIP/2.0/TCP b", 'SIP/2.0/TLS c;y="1,2;3" , SIP/2.0/SCTP d'])
    assert [via.host for via in vias] == ["a", "b", "c", "d"]
    assert vias[2].params.get("y") == '"1,2;3"'


def test_an_unknown_transport_is_kept_in_upper_case() -> None:
    assert one("SIP/2.0/unknown h").transport == "UNKNOWN"


def test_a_branch_may_have_characters_beyond_a_token() -> None:
    assert one("SIP/2.0/UDP h;branch=z9hG4bK+a/b=c@d:1==").branch == "z9hG4bK+a/b=c@d:1=="


def test_the_magic_cookie_alone_is_a_branch() -> None:
    assert one("SIP/2.0/UDP h;branch=z9hG4bK").branch == "z9hG4bK"


@pytest.mark.parametrize(
    "text",
    [
        "",
        ",",
        "SIP/2.0/UDP",
        "SIP/2.0/UDP ",
        "SIP/2.0 h",
        "UDP h",
        "SIP/2.0/UDP 192.0.2.15;;,;,,",
        "SIP/2.0/UDP h;",
        "SIP/2.0/UDP h;branch=",
        "SIP/2.0/UDP h,",
        "SIP/2.0/UDP h,,SIP/2.0/UDP i",
        "SIP/2.0/UDP h i",
        "SIP/2.0/UDP h;branch=1;BRANCH=2",
        "SIP/2.0/UDP 2001:db8::1",
        "SIP/2.0/UDP [2001:db8::1",
        "SIP/2.0/UDP [2001:db8:::1]",
        "SIP/2.0/UDP [fe80::1%eth0]",
        "SIP/2.0/UDP [h]",
        "SIP/2.0/UDP 999.1.1.1",
        "SIP/2.0/UDP h:",
        "SIP/2.0/UDP h:0",
        "SIP/2.0/UDP h:65536",
        "SIP/2.0/UDP h:-1",
        "SIP/2.0/UDP h:5_060",
        "SIP/2.0/UDP h:\u0665",
        "SIP/2.0/UDP h\u00e9",
        "SIP/2.0/UDP h;rport=x",
        "SIP/2.0/UDP h;rport=70000",
        "SIP/2.0/UDP h;received=1:2",
        "SIP/2.0/UDP h;received=[192.0.2.1]",
        "SIP/2.0/UDP h;received=[2001:db8::1",
        'SIP/2.0/UDP h;x="open',
        "SIP/2.0/UDP\u00a0h",
    ],
)
def test_a_malformed_via_is_refused(text: str) -> None:
    with pytest.raises(SipParseError):
        parse_vias([text])


def test_a_receiver_notes_an_address_other_than_the_one_named() -> None:
    seen = one("SIP/2.0/UDP host.example.com:5060;branch=z9hG4bK1").seen_from("192.0.2.7", 9000)
    assert str(seen) == "SIP/2.0/UDP host.example.com:5060;branch=z9hG4bK1;received=192.0.2.7"


def test_a_receiver_notes_nothing_when_the_address_is_the_one_named() -> None:
    via = one("SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK1")
    assert via.seen_from("192.0.2.7", 9000) == via


def test_a_receiver_answers_a_wish_for_the_port() -> None:
    seen = one("SIP/2.0/UDP 192.0.2.7;rport;branch=z9hG4bK1").seen_from("192.0.2.7", 9000)
    assert str(seen) == "SIP/2.0/UDP 192.0.2.7;rport=9000;branch=z9hG4bK1;received=192.0.2.7"
    assert (seen.received, seen.rport) == ("192.0.2.7", 9000)


def test_a_via_is_written_from_its_parts() -> None:
    via = Via("UDP", "2001:db8::1", 5060, Params((("branch", "z9hG4bK1"), ("rport", None))))
    assert str(via) == "SIP/2.0/UDP [2001:db8::1]:5060;branch=z9hG4bK1;rport"
