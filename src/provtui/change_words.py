"""What saving would change, said while it is edited."""

from collections.abc import Sequence
from typing import NamedTuple

from provtui.text import clean, crop

_CELLS = 120  # of values, in two lines at 80 columns
_SHORTEST = 8


class Edited(NamedTuple):
    """A field with its value before, and as it would be."""

    label: str
    before: str
    after: str


def change_words(edited: Sequence[Edited]) -> str:
    """Tell of each field from what to what it would go, the shorter the more there are; empty without any."""
    room = max(_SHORTEST, _CELLS // max(1, len(edited)) // 2)
    return "  ".join(
        f"{label}: {_said(before, room)} → {_said(after, room)}" for label, before, after in edited
    )


def _said(value: str, cells: int) -> str:
    return crop(clean(value), cells) or "(empty)"
