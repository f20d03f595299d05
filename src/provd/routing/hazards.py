"""Numbers that nobody may call for a test: those of emergency services, and those that cost extra."""

from collections.abc import Iterable
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType, ShortNumberCost

_LONGEST_SHORT = 8
_COSTLY = frozenset({PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST})


@lru_cache(maxsize=1024)
def is_emergency(number: str) -> bool:
    """Whether it is an emergency number: one with a country code in that country, another anywhere."""
    digits = number.removeprefix("+")
    if not number.startswith("+"):
        return _is_emergency_in(digits, phonenumbers.SUPPORTED_SHORT_REGIONS)
    return any(
        _is_emergency_in(digits[len(str(code)) :], regions)
        for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()
        if digits.startswith(str(code))
    )


@lru_cache(maxsize=1024)
def is_premium(number: str) -> bool:
    """Whether a call costs extra: one with a country code by its range, a short one if it does anywhere."""
    if not number.startswith("+"):
        if not number.isdigit() or len(number) > _LONGEST_SHORT:
            return False
        return any(_costs_extra_in(number, region) for region in phonenumbers.SUPPORTED_SHORT_REGIONS)
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(parsed) in _COSTLY


def _is_emergency_in(digits: str, regions: Iterable[str]) -> bool:
    if not digits.isdigit() or len(digits) > _LONGEST_SHORT:
        return False
    return any(phonenumbers.is_emergency_number(digits, region) for region in regions)


def _costs_extra_in(digits: str, region: str) -> bool:
    short = phonenumbers.PhoneNumber(
        country_code=phonenumbers.country_code_for_region(region), national_number=int(digits)
    )
    cost = phonenumbers.expected_cost_for_region(short, region)
    return bool(cost == ShortNumberCost.PREMIUM_RATE)
