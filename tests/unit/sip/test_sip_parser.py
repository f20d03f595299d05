from collections.abc import Callable
from contextlib import suppress

import pytest
from sip_samples import request, response

from provd.sip.errors import SipParseError
from provd.sip.limits import Limits
from provd.sip.message import Request, Response
from provd.sip.parser import parse_message


def refusal(data: bytes, limits: Limits | None = None) -> SipParseError:
    with pytest.raises(SipParseError) as error:
        parse_message(data, limits or Limits())
    assert error.value.reason == str(error.value)
    assert error.value.reason.isprintable()
    return error.value


def parse_request(data: bytes) -> Request:
    message = parse_message(data)
    assert isinstance(message, Request)
    return message


def parse_response(data: bytes) -> Response:
    message = parse_message(data)
    assert isinstance(message, Response)
    return message


def test_a_request_shows_its_parts() -> None:
    message = parse_request(request())
    assert (message.method, message.uri, message.body) == ("OPTIONS", "sip:carrier.example.com", b"")
    assert str(message.target) == "sip:carrier.example.com"
    assert (message.cseq.number, message.cseq.method) == (63104, "OPTIONS")
    assert message.call_id == "a84b4c76e66710@192.0.2.10"
    assert (message.from_.tag, message.to.tag) == ("1928301774", None)
    assert (message.max_forwards, message.content_length) == (70, 0)
    assert message.server == "provd"


def test_a_response_shows_its_parts() -> None:
    message = parse_response(response())
    assert (message.code, message.reason) == (200, "OK")
    assert message.top_via.branch == "z9hG4bK776asdhds"
    assert (message.top_via.received, message.top_via.rport) == ("192.0.2.10", 5060)
    assert message.to.tag == "a6c85cf"
    assert message.max_forwards is None
    assert message.server == "Carrier SBC 7.2"


# What the wire may look like


@pytest.mark.parametrize("whole", [request(body=b"x"), response()])
def test_both_line_ends_mean_the_same(whole: bytes) -> None:
    assert parse_message(whole.replace(b"\r\n", b"\n")) == parse_message(whole)


def test_line_ends_may_be_mixed() -> None:
    head, _, tail = request().partition(b"\r\n")
    assert parse_message(head + b"\n" + tail[:-2] + b"\n") == parse_message(request())


def test_line_breaks_before_a_message_are_skipped() -> None:
    assert parse_message(b"\r\n\r\n\n" + request()) == parse_message(request())


@pytest.mark.parametrize("data", [b"", b"\r\n", b"\r\n\r\n", b"\n\n\n"])
def test_a_keep_alive_is_no_message(data: bytes) -> None:
    assert "holds no message" in refusal(data).reason


@pytest.mark.parametrize("data", [b"\0", b"\0\0\0\0", b"jaK", b"\xff" * 40, b" \r\n\r\n", request()[:-2]])
def test_what_has_no_headers_or_no_end_of_headers_is_refused(data: bytes) -> None:
    refusal(data)


def test_a_folded_line_is_one_value() -> None:
    message = parse_message(request({"Subject": "one \r\n two\r\n\t  three"}))
    assert message.headers.get("Subject") == "one two three"


def test_a_value_may_begin_on_a_folded_line() -> None:
    message = parse_message(request({"To": "\r\n <sip:carrier.example.com>\r\n ;\r\n tag = x"}))
    assert message.to.tag == "x"


def test_a_continuation_of_spaces_does_not_end_the_headers() -> None:
    message = parse_message(request({"Subject": "one\r\n  \r\n two"}))
    assert message.headers.get("Subject") == "one two"
    assert message.content_length == 0


def test_a_folded_start_line_is_refused() -> None:
    assert "folded" in refusal(request(start="OPTIONS sip:carrier.example.com SIP/2.0\r\n more")).reason


def test_compact_names_stand_for_the_long_ones() -> None:
    changes: dict[str, str | None] = dict.fromkeys(("Via", "From", "To", "Call-ID", "Content-Length"))
    compact = parse_message(
        request(
            changes,
            extra=[
                "v: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
                "f: <sip:a@example.com>;tag=1",
                "T: <sip:b@example.com>",
                "i: call",
                "L: 0",
                "k: timer",
                "X: 90",
            ],
        )
    )
    names = [name for name, _ in compact.headers]
    assert names[-7:] == ["Via", "From", "To", "Call-ID", "Content-Length", "Supported", "Session-Expires"]


def test_names_are_found_in_any_case() -> None:
    message = parse_message(
        request({"CSeq": None, "Via": None}, extra=["cSEQ: 1 OPTIONS", "VIA: SIP/2.0/UDP h"])
    )
    assert message.cseq.number == 1
    assert message.headers.get("cseq") == "1 OPTIONS"
    assert ("CSeq", "1 OPTIONS") in list(message.headers)


@pytest.mark.parametrize(
    "line", ["CSeq:1 OPTIONS", "CSeq  :  1 OPTIONS  ", "CSeq\t:\t1\tOPTIONS\t", "CSeq: 0001  OPTIONS"]
)
def test_spaces_around_the_colon_are_optional(line: str) -> None:
    assert parse_message(request({"CSeq": None}, extra=[line])).cseq.number == 1


def test_extra_spaces_in_the_start_line_are_ignored() -> None:
    message = parse_request(request(start="OPTIONS   sip:carrier.example.com\t SIP/2.0  "))
    assert message == parse_message(request())
    assert parse_response(response(start="SIP/2.0  200   OK  ")).reason == "OK"


def test_the_version_is_taken_in_any_case() -> None:
    assert parse_message(request(start="OPTIONS sip:carrier.example.com sip/2.0")) == parse_message(request())
    assert parse_message(response(start="sip/2.0 200 OK")) == parse_message(response())


def test_unknown_headers_are_kept_as_they_are() -> None:
    message = parse_message(request(extra=["X-Odd!%: ;;,,;;,;", "x-odd!%: 2"]))
    assert message.headers.get_all("X-ODD!%") == (";;,,;;,;", "2")


@pytest.mark.parametrize(
    "line", ["no colon here", ": no name", "na me: x", "n\u00e4me: x", "name\x01: x", "(x): y"]
)
def test_a_line_that_is_no_header_is_refused(line: str) -> None:
    assert "is not a header" in refusal(request(extra=[line])).reason


@pytest.mark.parametrize("line", ["X: a\rb", "X: a\r\r", "X: a\0b", 'X: "a\\\\\0b"', "\rX: y"])
def test_a_stray_cr_or_nul_is_refused(line: str) -> None:
    assert "CR" in refusal(request(extra=[line])).reason


def test_an_escaped_nul_is_text() -> None:
    message = parse_message(request({"To": '"a\\\0b" <sip:x@example.com>'}))
    assert message.to.display_name == "a\0b"


@pytest.mark.parametrize(
    "raw", [b"caf\xe9", b"\xc3\xa9t\xc3\xa9", b"\xff\xfe", b"\x80;\xc3", b"\xed\xb2\x80"]
)
def test_bytes_of_any_encoding_survive(raw: bytes) -> None:
    data = request(extra=["X-Text: ?"]).replace(b"?", raw)
    message = parse_message(data)
    assert message.to_bytes() == data


def test_bytes_of_any_encoding_survive_in_a_reason() -> None:
    data = response(start="SIP/2.0 486 ?").replace(b"?", b"Occup\xe9")
    assert parse_message(data).to_bytes() == data


# Start lines


@pytest.mark.parametrize("code", [100, 199, 299, 404, 500, 666, 699])
def test_an_unknown_code_of_the_six_classes_is_fine(code: int) -> None:
    assert parse_response(response(start=f"SIP/2.0 {code} Whatever")).code == code


@pytest.mark.parametrize(
    "code",
    ["4294967301", "099", "99", "700", "1000", "-200", "+20", "2_0", "\u0662\u0660\u0660", "20x", "200,"],
)
def test_a_code_outside_the_six_classes_is_refused(code: str) -> None:
    assert "response code" in refusal(response(start=f"SIP/2.0 {code} OK")).reason


@pytest.mark.parametrize("start", ["SIP/2.0 486", "SIP/2.0 486 ", "SIP/2.0 486   "])
def test_a_reason_phrase_may_be_missing(start: str) -> None:
    message = parse_response(response(start=start))
    assert (message.code, message.reason) == (486, "")


@pytest.mark.parametrize("version", ["SIP/7.0", "SIP/1.0", "SIP/2.1", "sip/20.0"])
def test_another_sip_version_is_a_505(version: str) -> None:
    assert refusal(request(start=f"OPTIONS sip:a@example.com {version}")).status == 505
    assert refusal(response(start=f"{version} 200 OK")).status == 505


@pytest.mark.parametrize(
    "start",
    [
        "OPTIONS sip:carrier.example.com",
        "OPTIONS sip:carrier.example.com; lr SIP/2.0",
        "OPTIONS sip:carrier.example.com HTTP/1.1",
        "OPTIONS sip:carrier.example.com \u017fIP/2.0",
        "\u017fIP/2.0 200 OK",
        " OPTIONS sip:carrier.example.com SIP/2.0",
        "OPT/IONS sip:carrier.example.com SIP/2.0",
        "OPTIONS\u00a0sip:carrier.example.com\u00a0SIP/2.0",
        "SIP/2.0",
        "SIP/x 200 OK",
        "GET / HTTP/1.1",
    ],
)
def test_a_line_that_starts_no_message_is_refused(start: str) -> None:
    assert refusal(request(start=start)).status == 400


@pytest.mark.parametrize(
    "uri",
    [
        "<sip:a@example.com>",
        "sip:a@example.com?Route=%3Csip:example.com%3E",
        "sip:",
        "sip:@example.com",
        "sip:2001:db8::10",
        "sip:a@[2001:db8::10",
        "sip:a@[fe80::1%eth0]",
        "sip:a@example.com:0",
        "sip:a@example.com:99999",
        "sip:a@example.com;;",
        "sip:a@exa_mple!.com",
        "*",
    ],
)
def test_a_malformed_request_uri_is_refused(uri: str) -> None:
    assert refusal(request(start=f"OPTIONS {uri} SIP/2.0")).status == 400


def test_an_unknown_scheme_is_left_to_the_application() -> None:
    message = parse_request(request(start="OPTIONS nobodyKnowsThisScheme:opaque?x@y SIP/2.0"))
    assert str(message.target) == "nobodyKnowsThisScheme:opaque?x@y"


# Headers that every message needs


@pytest.mark.parametrize("name", ["Via", "From", "To", "Call-ID", "CSeq"])
@pytest.mark.parametrize("whole", [request, response])
def test_a_missing_mandatory_header_is_refused(whole: Callable[..., bytes], name: str) -> None:
    assert f"the {name} header is missing" in refusal(whole({name: None})).reason


def test_rfc_2543_peers_need_no_max_forwards_branch_tag_or_length() -> None:
    message = parse_message(
        request(
            {
                "Max-Forwards": None,
                "Content-Length": None,
                "Via": "SIP/2.0/UDP h.example.com",
                "From": "sip:a@b",
            },
            body=b"v=0\r\n",
        )
    )
    assert (message.max_forwards, message.content_length) == (None, None)
    assert (message.top_via.branch, message.from_.tag) == (None, None)
    assert message.body == b"v=0\r\n"


@pytest.mark.parametrize(
    "line",
    [
        "From: <sip:other@example.com>;tag=2",
        "t: <sip:carrier.example.com>",
        "i: a84b4c76e66710@192.0.2.10",
        "cseq: 63104 OPTIONS",
        "l: 0",
        "max-forwards: 70",
    ],
)
def test_a_second_single_header_is_refused(line: str) -> None:
    assert "more than once" in refusal(request(extra=[line])).reason


@pytest.mark.parametrize(
    "cseq",
    [
        "",
        "1",
        "OPTIONS",
        "OPTIONS 1",
        "-1 OPTIONS",
        "+1 OPTIONS",
        "1_0 OPTIONS",
        "\u0661 OPTIONS",
        "1.0 OPTIONS",
        "2147483648 OPTIONS",
        "4294967296 OPTIONS",
        "9" * 5000 + " OPTIONS",
        "1 OPTIONS INVITE",
        "1 OPT/IONS",
        "1\u00a0OPTIONS",
    ],
)
def test_a_malformed_cseq_is_refused(cseq: str) -> None:
    assert "CSeq" in refusal(request({"CSeq": cseq})).reason


def test_the_largest_cseq_number_is_fine() -> None:
    assert parse_message(request({"CSeq": "2147483647 OPTIONS"})).cseq.number == 2**31 - 1


@pytest.mark.parametrize("cseq", ["1 INVITE", "1 options"])
def test_a_cseq_of_another_method_is_refused(cseq: str) -> None:
    assert refusal(request({"CSeq": cseq})).status == 400


def test_a_cseq_of_another_method_than_an_unknown_one_is_a_501() -> None:
    assert refusal(request({"CSeq": "1 OPTIONS"}, start="NEWMETHOD sip:a@example.com SIP/2.0")).status == 501


def test_an_unknown_method_is_fine() -> None:
    start = "RE%47IST%45R sip:registrar.example.com SIP/2.0"
    assert parse_request(request({"CSeq": "1 RE%47IST%45R"}, start)).method == "RE%47IST%45R"


@pytest.mark.parametrize("call_id", ["", "two words", "two\twords"])
def test_a_call_id_that_is_not_one_word_is_refused(call_id: str) -> None:
    assert "Call-ID" in refusal(request({"Call-ID": call_id})).reason


@pytest.mark.parametrize("name", ["From", "To"])
@pytest.mark.parametrize(
    "value",
    [
        "",
        "carrier.example.com",
        '"Mr. J. User <sip:j.user@example.com>',
        "Bell, Alexander <sip:a.g.bell@example.com>",
        "<sip:a@example.com>, <sip:b@example.com>",
        "<sip:a@example.com>;tag=1;tag=2",
        "<sip:a@example.com>;;tag=1",
        "<sip:a@example.com>;tag=",
        "sip:a@example.com?Subject=x",
        "<sip:a@example.com",
    ],
)
def test_a_malformed_from_or_to_is_refused(name: str, value: str) -> None:
    assert refusal(request({name: value})).status == 400


@pytest.mark.parametrize("value", ["-1", "", "7 0", "\u0667", "0x46", "7_0", "seventy"])
def test_max_forwards_that_is_no_number_is_refused(value: str) -> None:
    assert "Max-Forwards" in refusal(request({"Max-Forwards": value})).reason


@pytest.mark.parametrize(
    ("value", "hops"), [("0", 0), ("0068", 68), ("255", 255), ("256", None), ("9" * 5000, None)]
)
def test_max_forwards_above_255_counts_as_absent(value: str, hops: int | None) -> None:
    assert parse_message(request({"Max-Forwards": value})).max_forwards == hops


# The body


def test_the_body_is_what_content_length_says() -> None:
    assert parse_message(request({"Content-Length": "0004"}, body=b"\r\n\0\xff")).body == b"\r\n\0\xff"


def test_what_follows_the_body_is_ignored() -> None:
    message = parse_message(request({"Content-Length": "2"}, body=b"ab" + request()))
    assert message.body == b"ab"


def test_without_a_content_length_the_body_is_the_rest() -> None:
    assert parse_message(request({"Content-Length": None}, body=b"rest\r\n\r\n")).body == b"rest\r\n\r\n"


@pytest.mark.parametrize("length", ["3", "9999", "4294967295"])
def test_a_content_length_above_what_follows_is_refused(length: str) -> None:
    assert "only 2 bytes follow" in refusal(request({"Content-Length": length}, body=b"ab")).reason


@pytest.mark.parametrize(
    "length", ["", "-999", "+2", "2, 2", "2 2", "0x2", "1_0", "\u0662", "2.0", "9" * 5000, "two"]
)
def test_a_content_length_that_is_no_length_is_refused(length: str) -> None:
    assert "is not a length" in refusal(request({"Content-Length": length}, body=b"ab")).reason


# Bounds


def test_a_message_may_have_65535_bytes_and_no_more() -> None:
    head = request({"Content-Length": None})
    body = b"x" * (65_535 - len(head))
    assert parse_message(head + body).body == body
    assert refusal(head + body + b"x").status == 513


def test_the_number_of_headers_is_bounded() -> None:
    limits = Limits(header_count=10)
    assert len(parse_message(request(extra=["X: y"] * 2), limits).headers) == 10
    assert refusal(request(extra=["X: y"] * 3), limits).status == 513
    assert (
        parse_message(request(extra=["X: y", " folded", " folded", "X: z"]), limits).headers.count("X") == 2
    )


def test_the_length_of_a_line_is_bounded() -> None:
    limits = Limits(line_length=100)
    assert parse_message(request(extra=["X: " + "y" * 97]), limits)
    assert refusal(request(extra=["X: " + "y" * 98]), limits).status == 513


def test_a_request_uri_beyond_the_line_length_is_a_414() -> None:
    uri = "sip:" + "a" * 10_000 + "@example.com"
    assert refusal(request(start=f"OPTIONS {uri} SIP/2.0")).status == 414


def test_the_length_of_a_value_is_bounded_after_unfolding() -> None:
    limits = Limits(value_length=100)
    folds = "\r\n ".join(["y" * 9] * 10)
    assert parse_message(request(extra=["X: " + folds]), limits)
    assert refusal(request(extra=["X: " + folds + "\r\n yy"]), limits).status == 513


def test_the_number_of_vias_is_bounded_however_they_are_written() -> None:
    hop = "SIP/2.0/UDP h;branch=z9hG4bK1"
    limits = Limits(via_count=3)
    assert len(parse_message(request({"Via": f"{hop}, {hop}"}, extra=[f"v: {hop}"]), limits).vias) == 3
    assert refusal(request({"Via": f"{hop}, {hop}"}, extra=[f"v: {hop}, {hop}"]), limits).status == 513
    assert refusal(request(extra=[f"v: {hop}"] * 3), limits).status == 513


@pytest.mark.parametrize(
    "value",
    [" " * 8000 + "x", '"' + "\\a" * 4000, "a " * 4000, ";" * 8000, "<" * 8000, "/ " * 4000, "[" * 8000],
)
@pytest.mark.parametrize("name", ["Via", "From", "To", "CSeq", "Call-ID", "X", "Content-Length"])
def test_long_runs_of_one_character_are_read_or_refused(name: str, value: str) -> None:
    with suppress(SipParseError):
        parse_message(request({name: f"a{value}"}))


def test_a_reason_quotes_only_the_beginning_of_what_is_wrong() -> None:
    assert len(refusal(request({"CSeq": "x" * 8000})).reason) < 200
