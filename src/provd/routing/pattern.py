"""Which numbers a list allows: some as they are, others by how they begin."""

import re
from collections.abc import Iterable

_PATTERN = re.compile(r"\+?[0-9*#]*[0-9#]|\+?[0-9*#]{2,}\*")
_MANY = "*"


def check_pattern(text: str) -> str:
    """The pattern itself. Raises ValueError, to stand after a key's name, for what is none."""
    if not _PATTERN.fullmatch(text):
        raise ValueError(
            f'has {text!r}: write a number, like "+15550100", or how numbers begin, with two digits or more, '
            'like "+1555*"'
        )
    return text


def fits_any(number: str, patterns: Iterable[str]) -> bool:
    """Whether a number is one of them, or begins as one that ends in ``*``."""
    return any(
        number.startswith(each.removesuffix(_MANY)) if each.endswith(_MANY) else number == each
        for each in patterns
    )
