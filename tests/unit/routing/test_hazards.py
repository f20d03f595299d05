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


@pytest.mark.parametrize(
    "number",
    ["911#", "911*", "112*1", "+1911#", "9#11", "*67911", "*831911", "#31#112", "*67*911", "**911", "+1*911"],
)
def test_what_a_switch_may_take_for_an_emergency_number_is_one(number: str) -> None:
    assert is_emergency(number)


@pytest.mark.parametrize(
    "number", ["+19005551234#", "+1900*5551234", "19005551234", "09098790000", "*6719005551234"]
)
def test_what_a_switch_may_take_for_a_number_that_costs_extra_is_one(number: str) -> None:
    assert is_premium(number)


@pytest.mark.parametrize("number", ["+19005551234", "+449098790000", "+979123456789", "900"])
def test_what_costs_extra_is_known(number: str) -> None:
    assert is_premium(number)
