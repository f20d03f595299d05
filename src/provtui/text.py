"""Remote text made fit to draw: names, SIP phrases and carriers' messages are data, not control."""

import json
import unicodedata
from functools import lru_cache

from rich.cells import cell_len, split_text

ELLIPSIS = "…"
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_SPACED = frozenset("\t\n\r\v\f\x85\u2028\u2029")
_VARIATION_SELECTORS = frozenset(chr(code) for code in range(0xFE00, 0xFE10))
_MOST_MARKS = 3  # on one letter; more would make one cell cost any number of bytes


def clean(text: str) -> str:
    """Give ``text`` as one line of printable characters.

    Tabs and line ends become spaces. Dropped are the other control characters (C0, C1), bidirectional
    controls, joiners and other format characters, variation selectors, lone surrogates, and more than
    three combining marks in a row: what would move the cursor or make terminals disagree on the width.
    """
    if text.isascii() and text.isprintable():
        return text
    return _cleaned(text)


@lru_cache(maxsize=4096)
def _cleaned(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for character in text:
        if character in _SPACED:
            character = " "
        elif unicodedata.category(character) in _DROPPED or character in _VARIATION_SELECTORS:
            continue
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def printable(text: str) -> str:
    """Write in JSON ``text`` as ``\\u...`` what a terminal would take for more than a character."""
    return "".join(c if c == "\n" or clean(c) == c else json.dumps(c)[1:-1] for c in text)


def sentence(text: str) -> str:
    """Give ``text`` with a capital at its beginning, for where it begins a sentence."""
    return text[:1].upper() + text[1:]


def width(text: str) -> int:
    """Tell how many terminal cells a cleaned ``text`` takes."""
    return len(text) if text.isascii() else cell_len(text)


def crop(text: str, cells: int) -> str:
    """Give at most ``cells`` cells of a cleaned ``text``, with an ellipsis where it was cut."""
    if width(text) <= cells:
        return text
    if cells < 1:
        return ""
    if text.isascii():
        return text[: cells - 1] + ELLIPSIS
    return split_text(text, cells - 1)[0].rstrip() + ELLIPSIS


def fit(text: str, cells: int, *, right: bool = False) -> str:
    """Give exactly ``cells`` cells: a cleaned ``text`` cropped or padded, at the left unless ``right``."""
    cropped = crop(text, cells)
    padding = " " * (cells - width(cropped))
    return padding + cropped if right else cropped + padding
