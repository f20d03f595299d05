from itertools import pairwise

import pytest
from rich.cells import cell_len

from provtui.widgets.columns import COLUMNS, GROWTH, Placed, lay_out
from tests.fakes.fake_client import NOW, a_fleet


def placed_at(cells: int) -> tuple[Placed, ...]:
    return lay_out(COLUMNS, GROWTH, cells, first=1)


@pytest.mark.parametrize("cells", [20, 40, 79, 80, 100, 120, 160, 200, 300])
def test_columns_stay_within_the_width_in_order_and_apart(cells: int) -> None:
    placed = placed_at(cells)
    assert placed
    assert placed[-1].x + placed[-1].width <= cells
    for left, right in pairwise(placed):
        assert left.x + left.width + 1 == right.x


def test_eighty_cells_show_all_that_an_operator_needs() -> None:
    titles = [placed.column.title for placed in placed_at(79)]
    assert titles == ["STATE", "NAME", "HOSTNAME", "RTT", "CHECKS", "CODE", "AGE", "SINCE"]


def test_two_hundred_cells_are_used() -> None:
    placed = {p.column.title: p.width for p in placed_at(200)}
    assert set(placed) == {column.title for column in COLUMNS}
    assert placed["CHECKS"] == 30
    assert sum(placed.values()) + len(placed) > 190


@pytest.mark.parametrize("cells", [60, 80, 120, 200])
def test_every_cell_takes_exactly_its_width_whatever_the_text(cells: int) -> None:
    for provider in a_fleet():
        for placed in placed_at(cells):
            runs = placed.column.draw(provider, NOW, placed.width)
            assert sum(cell_len(text) for text, _ in runs) == placed.width, placed.column.title
