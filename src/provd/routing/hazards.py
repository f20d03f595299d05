"""Numbers that nobody may call for a test: those of emergency services, and those that cost extra."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType, ShortNumberCost

_LONGEST_SHORT = 8
_SERVICE_SIGNS = re.compile("[*#]")
_CODE_LENGTHS = (2, 3)  # of a service code behind its star
_COSTLY = frozenset({PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST})


@lru_cache(maxsize=1024)
def is_emergency(number: str) -> bool:
    """Whether it is an emergency number, or may be taken for one: with a country code one of that country,
    without it one of any."""
    return any(map(_is_emergency, _readings(number)))


@lru_cache(maxsize=1024)
def is_premium(number: str) -> bool:
    """Whether a call costs extra, or may: with a country code by its range, without it anywhere."""
    return any(map(_is_premium, _readings(number)))


def _readings(number: str) -> Iterator[str]:
    """What a switch may take a number for: all of it, its digits alone, what stands between ``*`` and ``#``,
    and what follows a service code, as in *67911."""
    yield number
    plus = "+" if number.startswith("+") else ""
    parts = _SERVICE_SIGNS.split(number.removeprefix("+"))
    if len(parts) == 1:
        return
    yield plus + "".join(parts)
    if parts[0]:
        yield plus + parts[0]
    else:
        yield from (parts[1][length:] for length in _CODE_LENGTHS)
    yield from parts[1 if parts[0] else 2 :]


def _is_emergency(number: str) -> bool:
    digits = number.removeprefix("+")
    if not number.startswith("+"):
        return _is_emergency_in(digits, phonenumbers.SUPPORTED_SHORT_REGIONS)
    return any(
        _is_emergency_in(digits[len(str(code)) :], regions)
        for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()
        if digits.startswith(str(code))
    )


def _is_premium(number: str) -> bool:
    if number.startswith("+"):
        return _is_costly(number, None)
    if not number.isdecimal():
        return False
    if len(number) <= _LONGEST_SHORT:
        return any(_costs_extra_in(number, region) for region in phonenumbers.SUPPORTED_SHORT_REGIONS)
    return _is_costly(f"+{number}", None) or any(
        _is_costly(number, region) for region in phonenumbers.SUPPORTED_REGIONS
    )


def _is_costly(number: str, region: str | None) -> bool:
    """Whether a number costs extra, as it is written in ``region``."""
    try:
        return phonenumbers.number_type(phonenumbers.parse(number, region)) in _COSTLY
    except phonenumbers.NumberParseException:
        return False


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
