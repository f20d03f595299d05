"""Messages come out of a stream as they were put in, and what is none is told at once."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sip_samples import request, response

from provd.sip.errors import SipParseError
from provd.sip.framing import FramingError, MessageFramer
from provd.sip.limits import Limits
from provd.sip.parser import parse_message

QUICK = settings(deadline=None, database=None, max_examples=300)
PING = b"\r\n\r\n"
BODY = b"v=0\r\n\r\nSIP/2.0 200 OK\r\n\r\n"  # a body that looks like the end of a message, and the next
LONG_FORM = response({"Content-Length": str(len(BODY))}, body=BODY)
COMPACT_FORM = request({"Content-Length": None}, extra=[f"l : {len(BODY)}"], body=BODY)
FOLDED = request({"Content-Length": f"\r\n  {len(BODY)}"}, body=BODY)
WITHOUT_LENGTH = response({"Content-Length": None})
BARE_LF = request().replace(b"\r\n", b"\n")
MESSAGES = [request(), response(), LONG_FORM, COMPACT_FORM, FOLDED, WITHOUT_LENGTH, BARE_LF]


def read(*pieces: bytes, limits: Limits | None = None) -> list[bytes]:
    framer = MessageFramer(limits or Limits())
    messages = []
    for piece in pieces:
        framer.feed(piece)
        messages += list(framer)
    return messages


def one_by_one(data: bytes) -> list[bytes]:
    return [bytes([byte]) for byte in data]


def bytes_until_refused(data: bytes) -> int:
    """How many bytes of ``data`` it takes."""
    framer = MessageFramer()
    for count, byte in enumerate(one_by_one(data), 1):
        framer.feed(byte)
        try:
            assert list(framer) == []
        except FramingError:
            return count
    raise AssertionError(f"all of {data!r} was taken")


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_is_given_when_its_last_byte_is_there(message: bytes) -> None:
    framer = MessageFramer()
    framer.feed(message[:-1])
    assert list(framer) == []
    framer.feed(message[-1:])
    assert list(framer) == [message]
    assert framer.unread == b""


@pytest.mark.parametrize("message", MESSAGES)
def test_what_is_given_can_be_parsed(message: bytes) -> None:
    (given_message,) = read(message)
    parse_message(given_message)


def test_several_messages_in_one_piece_are_taken_apart() -> None:
    assert read(b"".join(MESSAGES)) == MESSAGES


def test_without_a_content_length_the_message_ends_at_its_empty_line() -> None:
    assert read(WITHOUT_LENGTH + request()) == [WITHOUT_LENGTH, request()]


@pytest.mark.parametrize("name", ["content-length", "CONTENT-LENGTH", "l", "L", "Content-Length \t"])
def test_the_length_is_found_however_its_name_is_written(name: str) -> None:
    message = request({"Content-Length": None}, extra=[f"{name}:{len(BODY)}"], body=BODY)
    assert read(message + request()) == [message, request()]


@pytest.mark.parametrize("header", ["X-Content-Length: 9", "Subject: a\r\n l: 9", "Subject: l: 9"])
def test_a_header_that_only_resembles_the_length_is_none(header: str) -> None:
    message = request({"Content-Length": None}, extra=[header])
    assert read(message + request()) == [message, request()]


@given(st.lists(st.sampled_from([*MESSAGES, PING, b"\r\n", b"\r", b"\n"]), max_size=6), st.data())
@QUICK
def test_the_messages_and_pings_are_the_same_however_the_stream_is_cut(
    parts: list[bytes], data: st.DataObject
) -> None:
    stream = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    whole, cut = MessageFramer(), MessageFramer()
    whole.feed(stream)
    expected = list(whole)
    assert expected == [part for part in parts if part in MESSAGES]
    found = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        cut.feed(stream[start:end])
        found += list(cut)
    assert found == expected
    assert cut.take_pings() == whole.take_pings()
    assert cut.unread == whole.unread


@given(st.binary(max_size=60) | st.from_regex(re.compile(r"[A-Z]{1,9}[ /\r][ -~]{0,20}\r\n[ -~\r\n]*")))
@QUICK
def test_of_any_bytes_the_messages_and_the_refusal_are_the_same_however_they_are_cut(
    noise: bytes | str,
) -> None:
    stream = request() + (noise if isinstance(noise, bytes) else noise.encode()) + response()

    def result(pieces: list[bytes]) -> tuple[list[bytes], str | None]:
        framer, messages = MessageFramer(), []
        for piece in pieces:
            framer.feed(piece)
            try:
                for message in framer:
                    messages.append(message)  # noqa: PERF402 - those before the refusal count too
            except FramingError as error:
                return messages, error.reason
        return messages, None

    assert result([stream]) == result(one_by_one(stream))


# keep-alives (RFC 5626 section 3.5.1)


def test_line_breaks_before_a_message_are_skipped() -> None:
    assert read(b"\r\n\r\n\r\n\n\r" + request()) == [request()]


@pytest.mark.parametrize(
    ("keep_alive", "pings"), [(b"", 0), (b"\r\n", 0), (PING, 1), (PING * 3, 3), (PING + b"\r\n", 1)]
)
def test_each_double_line_break_is_a_ping(keep_alive: bytes, pings: int) -> None:
    framer = MessageFramer()
    framer.feed(request() + keep_alive + request())
    assert list(framer) == [request(), request()]
    assert framer.take_pings() == pings
    assert framer.take_pings() == 0


def test_a_ping_between_messages_is_told_at_once() -> None:
    framer = MessageFramer()
    framer.feed(PING)
    assert list(framer) == []
    assert framer.take_pings() == 1


def test_line_breaks_alone_are_no_unread_message() -> None:
    framer = MessageFramer()
    framer.feed(request() + b"\r\n")
    assert list(framer) == [request()]
    assert framer.unread == b""


# what is not SIP


@pytest.mark.parametrize(
    ("stream", "taken", "speaks"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", len(b"HTTP/"), "HTTP"),
        (b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n", 40, "SSH"),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", len(b"SSH-2.0-OpenSSH_9.2p1\r"), "SSH"),
        (b"\x15\x03\x01\x00\x02\x02\x46", 1, "TLS"),
        (b"\x16\x03\x01\x02\x00\x01", 1, "TLS"),
        (b"220 mail.example.com ESMTP\r\n", 28, "220 mail"),
        (b"RTSP/1.0 400 Bad Request\r\n", len(b"RTSP/"), "RTSP/"),
        (b"J\0\0\0\n8.0.36", 2, "J\\x00"),
        (b"\xff\xfb\x01", 1, "udcff"),
        (b"Via: SIP/2.0/TCP h\r\n", 4, "Via:"),
        (b" OPTIONS sip:a SIP/2.0\r\n", 1, "' '"),
        (b"v=0\r\n", 2, "v="),
    ],
)
def test_what_can_begin_no_sip_message_is_refused_as_early_as_it_can_be_told(
    stream: bytes, taken: int, speaks: str
) -> None:
    assert bytes_until_refused(stream) == taken
    with pytest.raises(FramingError, match=re.escape(speaks)):
        read(stream)


@pytest.mark.parametrize(
    "start", ["sip/2.0 200 OK", "SIP/3.0 200 OK", "NEW-METHOD sip:a SIP/2.0", "A B c Sip/2"]
)
def test_a_start_line_of_another_version_or_method_is_left_to_the_parser(start: str) -> None:
    message = f"{start}\r\nl: 0\r\n\r\n".encode()
    assert read(*one_by_one(message)) == [message]


def test_a_refusal_is_a_parse_error_and_says_nothing_unprintable() -> None:
    with pytest.raises(SipParseError) as caught:
        read(b"\x1b[2J\xff\xfe" * 2000)
    assert caught.value.reason.isprintable()
    assert len(caught.value.reason) < 300


def test_the_messages_before_a_refusal_are_given() -> None:
    framer = MessageFramer()
    framer.feed(request() + b"\0")
    messages = iter(framer)
    assert next(messages) == request()
    with pytest.raises(FramingError):
        next(messages)
    assert framer.unread == b"\0"


def test_after_a_refusal_nothing_is_read_any_more() -> None:
    framer = MessageFramer()
    framer.feed(b"\0")
    for _ in range(2):
        with pytest.raises(FramingError):
            list(framer)
        framer.feed(request())
    assert framer.unread == b"\0"


# lengths and bounds


@pytest.mark.parametrize(
    "length", ["", "-1", "+1", "1.0", "0x10", "1 2", "1\r\n 2", "many", "\u0661", "9" * 30]
)
def test_a_length_that_is_none_is_refused(length: str) -> None:
    with pytest.raises(FramingError, match="Content-Length"):
        read(request({"Content-Length": length}))


def test_two_lengths_are_refused() -> None:
    with pytest.raises(FramingError, match="more than once"):
        read(request(extra=["l: 3"]))


def test_a_message_of_exactly_the_largest_size_is_taken() -> None:
    largest = Limits().message_size
    room = largest - len(request({"Content-Length": "10000"}))
    message = request({"Content-Length": str(room)}, body=b"x" * room)
    assert len(message) == largest
    assert read(message, message) == [message, message]


def test_a_message_that_would_be_larger_is_refused_before_its_body_comes() -> None:
    with pytest.raises(FramingError, match="more than 65535") as caught:
        read(request({"Content-Length": "65500"}))
    assert caught.value.status == 513


@pytest.mark.parametrize(
    "endless",
    [b"OPTIONS sip:", b"SIP/2.0 200 ", request().removesuffix(b"\r\n"), request()[:-4] + b"\r\nX-Endless: "],
    ids=["request line", "status line", "headers", "one header"],
)
def test_headers_without_an_end_are_refused_at_the_largest_size(endless: bytes) -> None:
    filling = b"X: y\r\n" * 100 if endless.endswith(b"\n") else b"x" * 600
    framer = MessageFramer()
    framer.feed(endless)
    while len(framer.unread) + len(filling) <= 65_535:
        assert list(framer) == []
        framer.feed(filling)
    framer.feed(filling)
    with pytest.raises(FramingError, match="more than 65535") as caught:
        list(framer)
    assert caught.value.status == 513


def test_long_headers_that_come_byte_by_byte_are_one_message() -> None:
    head = request().removesuffix(b"\r\n") + b"X: y\r\n" * 10_000 + b"\r\n"
    assert read(*one_by_one(head)) == [head]


def test_a_method_without_an_end_is_refused() -> None:
    with pytest.raises(FramingError):
        read(b"A" * 8192, b"A")


def test_the_limits_are_those_that_are_given() -> None:
    with pytest.raises(FramingError, match="more than 100 bytes"):
        read(request(), limits=Limits(message_size=100))
