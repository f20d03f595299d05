from itertools import pairwise
from typing import Any

import pytest
from rich.cells import cell_len

from provd.schema.events import EventType
from provd.schema.health import HealthStatus
from provd.schema.maintenance import Maintenance
from provd.schema.provider import Provider
from provtui.widgets.alert_table import ALERT_COLUMNS, ALERT_GROWTH
from provtui.widgets.column_layout import Placed, lay_out
from provtui.widgets.fleet_columns import COLUMNS, GROWTH
from provtui.widgets.line_painter import gutter
from provtui.widgets.log_columns import (
    AUDIT_COLUMNS,
    AUDIT_GROWTH,
    EVENT_COLUMNS,
    EVENT_GROWTH,
    REVISION_COLUMNS,
    REVISION_GROWTH,
)
from provtui.widgets.route_columns import COLUMNS as ROUTE_COLUMNS
from provtui.widgets.route_columns import GROWTH as ROUTE_GROWTH
from tests.fakes.fake_client import NOW, a_fleet, a_provider

_SCROLLBAR = 1
_MARKABLE: list[tuple[Any, Any]] = [
    (COLUMNS, GROWTH),
    (ALERT_COLUMNS, ALERT_GROWTH),
    (ROUTE_COLUMNS, ROUTE_GROWTH),
]


def placed_at(cells: int, kept: str = "") -> tuple[Placed[Provider], ...]:
    return lay_out(COLUMNS, GROWTH, cells, first=gutter(marks=False), kept=kept)


@pytest.mark.parametrize("cells", [20, 40, 79, 80, 100, 120, 160, 200, 300])
def test_columns_stay_within_the_width_in_order_and_apart(cells: int) -> None:
    placed = placed_at(cells)
    assert placed
    assert placed[-1].x + placed[-1].width <= cells
    for left, right in pairwise(placed):
        assert left.x + left.width + 1 == right.x


def test_eighty_cells_show_all_that_an_operator_needs() -> None:
    titles = [placed.column.title for placed in placed_at(79)]
    assert titles == ["STATE", "NAME", "HOSTNAME", "RTT", "CHECKS", "CODE", "NOTES", "SINCE"]


@pytest.mark.parametrize("kept", [column.title for column in COLUMNS])
@pytest.mark.parametrize("cells", [20, 40, 60, 79, 80, 100])
def test_the_column_that_is_kept_is_there_at_any_width(kept: str, cells: int) -> None:
    placed = placed_at(cells, kept)
    assert kept in [each.column.title for each in placed]
    assert placed[-1].x + placed[-1].width <= cells


@pytest.mark.parametrize("kept", ["CARRIER", "LOSS", "AVAIL", "AGE"])
def test_at_eighty_cells_the_hostname_makes_room_for_a_column_that_is_kept(kept: str) -> None:
    titles = {each.column.title for each in placed_at(79, kept)}
    assert titles == {"STATE", "NAME", "RTT", "CHECKS", "CODE", "NOTES", "SINCE", kept}


@pytest.mark.parametrize(("columns", "growth"), _MARKABLE)
def test_at_eighty_cells_marks_take_no_column(columns: Any, growth: Any) -> None:
    plain, marked = (
        [each.column.title for each in lay_out(columns, growth, 80 - _SCROLLBAR, first=gutter(marks=marks))]
        for marks in (False, True)
    )
    assert marked == plain


def test_a_little_more_room_shows_the_age_and_120_cells_the_availability() -> None:
    assert "AGE" in {placed.column.title for placed in placed_at(84)}
    assert "AVAIL" in {placed.column.title for placed in placed_at(120)}


def test_two_hundred_cells_are_used() -> None:
    placed = {p.column.title: p.width for p in placed_at(200)}
    assert set(placed) == {column.title for column in COLUMNS}
    assert placed["CHECKS"] == 30
    assert sum(placed.values()) + len(placed) > 190


def test_names_and_hostnames_come_before_room_that_most_rows_leave_empty() -> None:
    wide = {p.column.title: p.width for p in placed_at(200)}
    assert (wide["NAME"], wide["HOSTNAME"]) == (36, 44)
    wider = {p.column.title: p.width for p in placed_at(280)}
    assert (wider["NAME"], wider["HOSTNAME"], wider["CODE"]) == (60, 64, 24)


def test_the_type_of_an_event_is_whole_or_cut_at_its_least_and_names_grow_with_the_width() -> None:
    longest = max(len(kind.value) for kind in EventType if kind.durable)
    for cells in range(80, 240, 5):
        widths = {
            p.column.title: p.width
            for p in lay_out(EVENT_COLUMNS, EVENT_GROWTH, cells, first=gutter(marks=False))
        }
        assert widths["TYPE"] in (14, longest)
    assert widths["TYPE"] == longest
    assert widths["OF"] == 50


@pytest.mark.parametrize(
    ("columns", "growth", "names"),
    [
        (AUDIT_COLUMNS, AUDIT_GROWTH, {"OF": 50, "WHO": 24}),
        (REVISION_COLUMNS, REVISION_GROWTH, {"BY": 24}),
        (ALERT_COLUMNS, ALERT_GROWTH, {"RULE": 40, "BY": 24}),
    ],
    ids=["audit", "revisions", "alerts"],
)
def test_two_hundred_cells_leave_room_for_long_names(
    columns: Any, growth: Any, names: dict[str, int]
) -> None:
    widths = {
        placed.column.title: placed.width
        for placed in lay_out(columns, growth, 200, first=gutter(marks=False))
    }
    assert {title: widths[title] for title in names} == names


@pytest.mark.parametrize("cells", [60, 80, 120, 200])
def test_every_cell_takes_exactly_its_width_whatever_the_text(cells: int) -> None:
    for provider in a_fleet():
        for placed in placed_at(cells):
            runs = placed.column.draw(provider, NOW, placed.width)
            assert sum(cell_len(text) for text, _ in runs) == placed.width, placed.column.title


def drawn(title: str, provider: Provider, cells: int) -> str:
    column = next(column for column in COLUMNS if column.title == title)
    return "".join(text for text, _ in column.draw(provider, NOW, cells)).rstrip()


def test_one_note_is_a_word_and_more_are_told_by_a_plus_until_there_is_room() -> None:
    flapping = a_provider("A", health={"flapping": True})
    both = a_provider("A", health={"flapping": True, "tls_days_left": 3})
    assert drawn("NOTES", flapping, 6) == "flaps"
    assert drawn("NOTES", both, 6) == "flaps+"
    assert drawn("NOTES", both, 11) == "flaps cert"
    assert drawn("NOTES", a_provider("A"), 6) == ""


def test_maintenance_leaves_the_measured_state_to_be_seen() -> None:
    maintained = a_provider("A", status=HealthStatus.UNHEALTHY, maintenance=Maintenance(by="ana"))
    assert drawn("STATE", maintained, 11) == "◇ unhealthy"


def test_availability_is_never_rounded_up_to_all() -> None:
    assert drawn("AVAIL", a_provider("A", health={"availability_24h_pct": 99.9999}), 6) == "99.99%"
    assert drawn("AVAIL", a_provider("A", health={"availability_24h_pct": None}), 6).strip() == "—"


def test_what_is_disabled_is_not_stale_too() -> None:
    assert drawn("NOTES", a_provider("A", enabled=False, health={"stale": True}), 6) == ""
