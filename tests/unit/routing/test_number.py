"""Dialled numbers, as people and phones write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provd.routing.number import LONGEST, parse_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+15551234567", "+15551234567"),
        (" +1 (555) 123-45.67 ", "+15551234567"),
        ("5551234", "5551234"),
        ("*98#", "*98#"),
        ("tel:+44-20-7183-8750;phone-context=example.com", "+442071838750"),
        ("sip:+15551234567@sip.example.com:5060;transport=tcp", "+15551234567"),
        ("sips:+15551234567;user=phone@example.com", "+15551234567"),
        ("sip:%2B15551234567@example.com", "+15551234567"),
        ("SIP:*98%23@example.com", "*98#"),
    ],
)
def test_a_number_is_read_as_it_is_written(text: str, number: str) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("+", "is empty"),
        ("-- ()", "is empty"),
        ("call me", "has 'c'"),
        ("+1555123456a", "has 'a'"),
        ("+1\u0665551234", "has '\u0665'"),
        ("\uff0b15551234567", "has '\uff0b'"),
        ("++15551234567", "has '+'"),
        ("1+555", "has '+'"),
        ("+1" + "5" * 40, f"more than {LONGEST} digits"),
        ("sip:example.com", "no user part"),
        ("sip:@example.com", "no user part"),
        ("sip:alice@example.com", "has 'a'"),
        ("sip:%FF%FE@example.com", "has"),
        ("http://example.com/", "is no number"),
        ("+1555\r\nVia: x", "is no number"),
        ("+1555\x00", "has '\\x00'"),
    ],
)
def test_what_is_no_number_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=r"\S") as refused:
        parse_number(text)
    assert words in str(refused.value)
    assert not set("\r\n\x00") & set(str(refused.value))


@given(st.text(max_size=300))
def test_any_text_is_a_number_or_a_value_error(text: str) -> None:
    try:
        number = parse_number(text)
    except ValueError:
        return
    assert set(number) <= set("+0123456789*#")
    assert parse_number(number) == number
