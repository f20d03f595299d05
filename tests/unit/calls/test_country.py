"""The country of a number."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provd.calls.country import country_of


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+12125551234", "US"),
        ("+14165551234", "CA"),
        ("+18765551234", "JM"),
        ("+442071838750", "GB"),
        ("+441534123456", "JE"),
        ("+74951234567", "RU"),
        ("+77011234567", "KZ"),
        ("+4930123456", "DE"),
        ("0049 30 123456", "DE"),
        ("sip:+4930123456@sip.example", "DE"),
        ("tel:+390612345678", "IT"),
        ("+870773111632", ""),
        ("+999123", ""),
        ("2125551234", ""),
        ("*43#", ""),
        ("+*43", ""),
        ("", ""),
        ("+", ""),
        ("anonymous", ""),
    ],
)
def test_it_is_what_the_number_begins_with(number: str, country: str) -> None:
    assert country_of(number) == country


@settings(deadline=None)
@given(st.text() | st.from_regex(r"\+?[0-9]{0,40}", fullmatch=True))
def test_nothing_that_may_be_sent_is_a_surprise(text: str) -> None:
    assert len(country_of(text)) in (0, 2)
