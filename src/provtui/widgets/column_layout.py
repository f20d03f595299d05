"""The columns of a table of lines: what each shows, and how they share the width there is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

R = TypeVar("R")

Run = tuple[str, str]
"""Text, and the component class of its ink; the empty string is the ordinary ink."""

Cell = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column, at least ``least`` cells wide. ``draw`` gives runs that fill exactly the given width.

    ``rank`` is its place among the columns that are there only when there is room, 1 being the first to be
    taken; 0: it is always there. One that ``yields`` is the first to be left out when those do not fit.
    """

    title: str
    least: int
    draw: Callable[[R, float, int], Cell]
    rank: int = 0
    right: bool = False
    yields: bool = False


@dataclass(frozen=True, slots=True)
class Growth:
    """A wish for more width: up to ``cells``, or when ``whole`` all of it or nothing."""

    title: str
    cells: int
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Placed(Generic[R]):
    """A column at its place: ``x`` cells from the left edge, ``width`` cells wide."""

    column: Column[R]
    x: int
    width: int


def lay_out(
    columns: Sequence[Column[R]], growth: Sequence[Growth], cells: int, *, first: int, kept: str = ""
) -> tuple[Placed[R], ...]:
    """Share ``cells`` among ``columns``, beginning at ``first``, with one cell between them.

    Those with a rank are taken by it while there is room beside all the others; what is left goes
    to the wishes in ``growth``, in their order. Columns that do not fit at all are left out: those that
    yield, then from the right, and last the one whose title is ``kept``, which has its place whatever its
    rank.
    """
    room = cells - first
    chosen = [column for column in columns if not column.rank or column.title == kept]
    for column in sorted((c for c in columns if c not in chosen), key=lambda column: column.rank):
        if _least([*chosen, column]) <= room:
            chosen.append(column)
    chosen.sort(key=lambda column: (column.title != kept, column.yields))
    while chosen and _least(chosen) > room:
        chosen.pop()
    widths = {column.title: column.least for column in chosen}
    spare = room - _least(chosen)
    for wish in growth:
        wanted = wish.cells - widths.get(wish.title, wish.cells)
        extra = min(wanted, spare)
        if extra == wanted or not wish.whole:
            widths[wish.title] = widths.get(wish.title, 0) + extra
            spare -= extra
    placed, x = [], first
    for column in columns:
        if column in chosen:
            placed.append(Placed(column, x, widths[column.title]))
            x += widths[column.title] + 1
    return tuple(placed)


def _least(columns: Sequence[Column[R]]) -> int:
    return sum(column.least for column in columns) + len(columns) - 1
