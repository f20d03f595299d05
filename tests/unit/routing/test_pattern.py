"""Which destinations a list allows."""

import pytest

from provd.routing.pattern import check_pattern, fits_any


@pytest.mark.parametrize(
    ("number", "patterns", "fits"),
    [
        ("+15550100", ["+15550100"], True),
        ("+155501001", ["+15550100"], False),
        ("+15550100", ["+44*", "+1555*"], True),
        ("+1555", ["+1555*"], True),
        ("+1444", ["+1555*"], False),
        ("*43", ["*43"], True),
        ("*431", ["*43"], False),
        ("15550100", ["+1555*"], False),
        ("+15550100", [], False),
    ],
)
def test_a_number_fits_itself_or_its_beginning(number: str, patterns: list[str], fits: bool) -> None:
    assert fits_any(number, patterns) is fits


@pytest.mark.parametrize("text", ["+15550100", "+1555*", "*43", "44*", "600"])
def test_a_pattern_is_a_number_or_its_beginning(text: str) -> None:
    assert check_pattern(text) == text


@pytest.mark.parametrize("text", ["", "*", "+*", "1*", "+1 555", "+1?", "sip:a@b", "**"])
def test_what_stands_for_too_much_or_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write a number"):
        check_pattern(text)
