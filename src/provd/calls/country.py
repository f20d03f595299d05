"""The country that a number leads to, by what it begins with."""

from functools import lru_cache

import phonenumbers

from provd.routing.number import parse_number

UNKNOWN = ""
_NOT_A_COUNTRY = "001"
_DECISIVE = 6  # digits after the country calling code; further ones tell no countries apart
_REST = "2"
_MOST = 15


def country_of(destination: str) -> str:
    """The ISO 3166 code, like ``GB``, of a number as people and phones write it.

    UNKNOWN for numbers without ``+`` or ``00`` before the country calling code, those of no country, as of
    satellites, and what is no number.
    """
    try:
        number = parse_number(destination)
    except ValueError:
        return UNKNOWN
    if number.startswith("00"):
        number = "+" + number[2:]
    if not number.startswith("+") or not number[1:].isdigit() or len(number) > _MOST + 1:
        return UNKNOWN
    for length in (1, 2, 3):
        code = int(number[1 : 1 + length] or 0)
        if code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            rest = number[1 + length :]
            return _region(code, rest[:_DECISIVE], len(rest))
    return UNKNOWN


@lru_cache(65536)
def _region(code: int, begin: str, length: int) -> str:
    """The country of a number of ``length`` digits after the calling code; its main one when none fits."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]
    if len(regions) > 1:
        national = begin.ljust(length, _REST)
        number = phonenumbers.PhoneNumber(country_code=code, national_number=int(national or 0))
        found = phonenumbers.region_code_for_number(number)
        if found is not None:
            return found
    return UNKNOWN if regions[0] == _NOT_A_COUNTRY else regions[0]
