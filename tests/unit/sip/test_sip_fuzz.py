"""No bytes raise anything but SipParseError, and what parses can be written and read again."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sip_samples import request, response

from provd.sip.errors import SipParseError
from provd.sip.message import Message
from provd.sip.parser import parse_message

QUICK = settings(deadline=None, database=None, max_examples=300)
BASES = [
    request(),
    response(),
    response({"Retry-After": "120 (busy);duration=3600"}, start="SIP/2.0 503 Service Unavailable"),
    request({"Via": "SIP / 2.0 / UDP [2001:db8::1]:5060 ;rport ;received=[2001:db8::2],\r\n SIP/2.0/TCP h"}),
    request(
        {"To": '"A \\" \\\0 B" <sip:a;b@[2001:db8::1]:5060;lr?X=y> ; tag = 1', "Content-Length": None},
        body=b"v=0",
    ),
    request({"From": '"Caf\u00e9" <sip:%00@h>'}, extra=["v: SIP/2.0/TLS x", "X-E: \u00e9"]),
]
SPECIAL = [
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b" ",
    b"\t",
    b":",
    b";",
    b",",
    b"<",
    b">",
    b'"',
    b"\\",
    b"=",
    b"@",
    b"[",
    b"]",
    b"%",
]
SPECIAL += [
    b"\xff",
    b"\xc3\xa9",
    b"\xe2\x84\xaa",
    b"\xd9\xa1",
    b"9" * 30,
    b"-1",
    b"_",
    b"\r\n\r\n",
    b"\r\n ",
    b"SIP/2.0",
    b"/",
]


def read(data: bytes) -> Message | SipParseError:
    try:
        return parse_message(data)
    except SipParseError as error:
        return error


def check(data: bytes) -> None:
    message = read(data)
    if isinstance(message, SipParseError):
        assert message.reason.isprintable()
        assert 400 <= message.status <= 699
        return
    assert parse_message(message.to_bytes()) == message
    assert message.top_via.rport is None or message.top_via.rport > 0
    assert message.retry_after is None or message.retry_after >= 0
    assert message.server is None or message.server.isprintable()


@pytest.mark.parametrize("base", BASES)
def test_an_unharmed_message_is_read(base: bytes) -> None:
    assert not isinstance(read(base), SipParseError)
    check(base)


@QUICK
@given(st.binary(max_size=300))
def test_random_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(SipParseError):
        parse_message(data)


@QUICK
@given(st.sampled_from(BASES), st.data())
def test_a_cut_message_is_read_or_refused(base: bytes, data: st.DataObject) -> None:
    check(base[: data.draw(st.integers(0, len(base)))])
    check(base[data.draw(st.integers(0, len(base))) :])


@QUICK
@given(st.sampled_from(BASES), st.sampled_from(range(10)), st.binary(max_size=40))
def test_a_value_of_any_bytes_is_read_or_refused(base: bytes, number: int, value: bytes) -> None:
    lines = base.split(b"\r\n")
    number %= len(lines)
    name, _, _ = lines[number].partition(b":")
    check(b"\r\n".join([*lines[:number], name + b": " + value, *lines[number + 1 :]]))


def mutate(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    end = min(len(data), at + chance.randrange(1, 30))
    match chance.randrange(5):
        case 0:
            return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
        case 1:
            return data[:at] + chance.choice(SPECIAL) + data[at:]
        case 2:
            return data[:at] + data[end:]
        case 3:
            return data[:end] + data[at:end] + data[end:]
        case _:
            lines = data.split(b"\r\n")
            chance.shuffle(lines) if chance.random() < 0.2 else lines.insert(
                at % len(lines), chance.choice(lines)
            )
            return b"\r\n".join(lines)


@pytest.mark.parametrize("seed", range(20))
def test_a_mutated_message_is_read_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    for base in BASES:
        for _ in range(50):
            data = base
            for _ in range(chance.randrange(1, 4)):
                data = mutate(data, chance)
            check(data)
