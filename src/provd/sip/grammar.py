"""The lexical rules that several headers share (RFC 3261 section 25.1)."""

import re

TOKEN_CHARS = r"A-Za-z0-9\-.!%*_+`'~"  # noqa: S105
"""The characters of a ``token``, for use inside a regular expression's brackets."""

QUOTED_STRING = r'"[^"\\]*(?:\\[\s\S][^"\\]*)*"'
"""A regular expression for a ``quoted-string``, its quotes included."""

LWS = " \t"
"""Linear whitespace once lines are unfolded. ``str.strip()`` alone would take more than that."""

_TOKEN = re.compile(f"[{TOKEN_CHARS}]+")
_QUOTED_PAIR = re.compile(r"\\([\s\S])")
_NEEDS_QUOTING = re.compile(r'["\\\x00]')


def is_token(text: str) -> bool:
    """Whether ``text`` is a ``token``: a method, a header name, a tag."""
    return _TOKEN.fullmatch(text) is not None


def parse_scalar(text: str, maximum: int) -> int | None:
    """The number that ``text`` writes in ASCII digits, or None when it is not one up to ``maximum``.

    Leading zeros are allowed (RFC 4475 section 3.1.1.1); signs, spaces, underscores and the digits of
    other scripts, which ``int()`` takes, are not.
    """
    if not (text.isascii() and text.isdigit()):
        return None
    digits = text.lstrip("0") or "0"
    if len(digits) > len(str(maximum)):
        return None
    number = int(digits)
    return number if number <= maximum else None


def unquote(quoted: str) -> str:
    """What a ``quoted-string`` says, without its quotes and escapes."""
    inside = quoted[1:-1]
    return _QUOTED_PAIR.sub(r"\1", inside) if "\\" in inside else inside


def quote(text: str) -> str:
    """``text`` as a ``quoted-string``. CR and LF have no such form and are left to the serialiser."""
    return f'"{_NEEDS_QUOTING.sub(lambda match: chr(92) + match.group(), text)}"'
