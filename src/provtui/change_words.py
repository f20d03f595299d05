"""What saving would change, said while it is edited."""

from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple

from provtui.text import ELLIPSIS, clean, crop, width

_CELLS = 120  # of values, in two lines at 80 columns
_SHORTEST = 8


class Edited(NamedTuple):
    """A field with its value before, and as it would be."""

    label: str
    before: str
    after: str


def change_words(edited: Sequence[Edited]) -> str:
    """Tell of each field from what to what it would go, the shorter the more there are; empty without any.

    Of long values the part is shown in which they begin to differ.
    """
    room = max(_SHORTEST, _CELLS // max(1, len(edited)) // 2)
    return "  ".join(_change(each.label, clean(each.before), clean(each.after), room) for each in edited)


def _change(label: str, before: str, after: str, cells: int) -> str:
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    begin = max(0, alike - cells // 2)
    if begin and max(width(before), width(after)) > cells:
        before, after = ELLIPSIS + before[begin:], ELLIPSIS + after[begin:]
    return f"{label}: {crop(before, cells) or '(empty)'} → {crop(after, cells) or '(empty)'}"
