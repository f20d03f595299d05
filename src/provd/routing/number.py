"""Dialled numbers, as people and phones write them."""

import re
from urllib.parse import unquote

LONGEST = 32
_SEPARATORS = re.compile(r"[-.() ]")  # visual separators of RFC 3966 section 5.1.1, and the space
_NUMBER = re.compile(r"\+?[0-9*#]+")


def parse_number(text: str) -> str:
    """Read ``+15551234567``, ``+1 (555) 123-4567``, ``tel:+15551234567`` or ``sip:+15551234567@host``.

    Gives the digits, ``*`` and ``#``, after a ``+`` if there was one. Raises ValueError, to stand after
    the field's name, for anything else.
    """
    scheme, colon, rest = text.strip().partition(":")
    if colon and scheme.lower() in ("sip", "sips"):
        user, at, _ = rest.partition("@")
        if not at or not user:
            raise ValueError(f"{text[:64]!r} has no user part: a number must stand before the @")
        return _digits(unquote(user.partition(";")[0].partition(":")[0], errors="replace"), text)
    if colon and scheme.lower() == "tel":
        return _digits(rest.partition(";")[0], text)
    if colon:
        raise ValueError(f"{text[:64]!r} is no number: of URIs, tel:, sip: and sips: are read")
    return _digits(text.strip(), text)


def _digits(text: str, whole: str) -> str:
    number = _SEPARATORS.sub("", text)
    if not number or number == "+":
        raise ValueError("is empty: give a number, like +15551234567")
    if not _NUMBER.fullmatch(number):
        wrong = next(c for c in number.removeprefix("+") or number if c not in "0123456789*#")
        raise ValueError(
            f"{whole[:64]!r} has {wrong!r}: a number has the digits 0-9, * and #, and may begin with +"
        )
    if len(number.removeprefix("+")) > LONGEST:
        raise ValueError(f"has more than {LONGEST} digits: no number is that long (E.164 allows 15)")
    return number
