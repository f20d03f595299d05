"""Numbers that nobody may call for a test."""

import pytest

from provd.routing.hazards import is_emergency, is_premium


@pytest.mark.parametrize("number", ["911", "112", "999", "110", "000", "+1911", "+44999", "+49112", "+3318"])
def test_emergency_numbers_are_known_with_and_without_their_country(number: str) -> None:
    assert is_emergency(number)


@pytest.mark.parametrize(
    "number", ["+15550100", "+33153000000", "+442071838750", "+49301234567", "15551234567", "*43", "+1", ""]
)
def test_ordinary_numbers_are_none(number: str) -> None:
    assert not is_emergency(number)
    assert not is_premium(number)


@pytest.mark.parametrize("number", ["+19005551234", "+449098790000", "+979123456789", "900"])
def test_what_costs_extra_is_known(number: str) -> None:
    assert is_premium(number)
