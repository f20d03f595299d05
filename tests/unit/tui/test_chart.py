import pytest

from provd.schema.health import HealthStatus
from provd.schema.history import HistoryPoint
from provd.schema.timestamps import to_timestamp
from provtui import chart
from provtui.span import Asked, Span
from tests.fakes.fake_client import NOW
from tests.fakes.health_figures import a_history, a_transition


def point(
    p50: float | None = None, p95: float | None = None, *, count: int = 1, loss: float = 0.0
) -> HistoryPoint:
    return HistoryPoint(
        at=to_timestamp(NOW), count=count, ok=count, loss_pct=loss if count else None, p50_ms=p50, p95_ms=p95
    )


def drawn(lines: list[chart.Line]) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines]


def test_bars_reach_the_median_and_shade_the_95th_percentile() -> None:
    columns = [point(10, 10), point(20, 40), point(40, 40)]
    assert drawn(chart.bars(columns, 40.0, 4)) == [" ░█", " ░█", " ██", "███"]


def test_a_time_without_checks_is_a_gap_and_one_without_answers_is_marked() -> None:
    columns = [point(20, 20), point(count=0), point(loss=100.0), point(20, 20)]
    assert drawn(chart.bars(columns, 20.0, 2)) == ["█  █", "█ ×█"]
    assert drawn([chart.losses(columns)]) == ["· █·"]


def test_a_small_loss_is_seen() -> None:
    assert drawn([chart.losses([point(1, 1, loss=0.1), point(1, 1, loss=50.0)])]) == ["▁▄"]


def test_something_measured_is_never_drawn_as_nothing() -> None:
    assert drawn(chart.bars([point(0.001, 0.001)], 500.0, 3))[-1] == "▁"


@pytest.mark.parametrize(
    ("p95", "top"), [(0.04, 0.1), (9.0, 10.0), (31.0, 40.0), (100.0, 100.0), (101.0, 150.0), (7001.0, 8000.0)]
)
def test_the_scale_ends_at_a_round_figure_above_everything(p95: float, top: float) -> None:
    assert chart.top_ms([point(p95 / 2, p95), point(count=0)]) == pytest.approx(top)


def test_without_an_answer_there_is_no_scale() -> None:
    assert chart.top_ms([point(count=0), point(loss=100.0)]) is None


def test_points_are_spread_over_the_columns() -> None:
    points = [point(1), point(2)]
    assert [p.p50_ms for p in chart.spread(points, 5)] == [1, 1, 1, 2, 2]
    assert [p.p50_ms for p in chart.spread([point(float(n)) for n in range(10)], 5)] == [0, 2, 4, 6, 8]
    assert chart.spread([], 5) == []


@pytest.mark.parametrize(
    ("measured", "filled"),
    [
        ("1..1..1..1......1..1", "1111111111......1111"),
        ("11.1111.11...111", "1111111111...111"),
        ("22.2222.22...222", "22.2222.22...222"),
        ("1..............", "1.............."),
        ("...............", "..............."),
        ("", ""),
    ],
)
def test_only_what_lies_between_two_usual_checks_is_no_gap(measured: str, filled: str) -> None:
    points = [point(5.0 if n != "." else None, 5.0, count=int(n) if n != "." else 0) for n in measured]
    assert "".join(str(p.count) if p.count else "." for p in chart.bridged(points)) == filled


def test_states_are_marked_where_they_changed_and_the_latest_wins_a_column() -> None:
    changes = [a_transition(NOW + 51, HealthStatus.HEALTHY), a_transition(NOW + 50, HealthStatus.UNHEALTHY)]
    line = drawn([chart.states(changes, NOW, NOW + 100, 10)])[0]
    assert line == "─────✓────"
    assert drawn([chart.states(changes, NOW + 200, NOW + 300, 10)]) == ["─" * 10]


@pytest.mark.parametrize("span", Span)
@pytest.mark.parametrize("cells", [12, 40, 66, 100, 190])
def test_the_axis_fits_its_cells_and_its_times_stand_apart(span: Span, cells: int) -> None:
    line, words = chart.axis(NOW - span.seconds, NOW, cells)
    assert len(line) == cells
    assert len(words) <= cells
    assert line.count("┬") == len(words.split())


def test_the_axis_shows_round_times_and_over_days_the_date() -> None:
    assert chart.axis(NOW - 3600, NOW, 66)[1].split() == ["02:15", "02:30", "02:45", "03:00"]
    assert chart.axis(NOW - 900, NOW, 66)[1].split() == ["02:55", "03:00", "03:05", "03:10"]
    assert chart.axis(NOW - 7 * 86400, NOW, 110)[1].split()[0] == "04-14"


@pytest.mark.parametrize(
    ("span", "cells", "interval_s", "points"),
    [
        (Span.QUARTER, 66, None, 30),
        (Span.QUARTER, 66, 30.0, 15),
        (Span.HOUR, 66, None, 60),
        (Span.HOUR, 66, 60.0, 30),
        (Span.HOUR, 66, 3600.0, 12),
        (Span.DAY, 66, None, 66),
        (Span.DAY, 400, None, 288),
        (Span.WEEK, 190, None, 168),
        (Span.MONTH, 190, None, 190),
    ],
)
def test_no_point_is_narrower_than_what_is_measured(
    span: Span, cells: int, interval_s: float | None, points: int
) -> None:
    assert span.points(cells, interval_s) == points


def test_ranges_end_at_the_shortest_and_the_longest() -> None:
    assert Span.QUARTER.other(-1) is Span.QUARTER
    assert Span.QUARTER.other(1) is Span.HOUR
    assert Span.HOUR.other(1) is Span.DAY
    assert Span.MONTH.other(1) is Span.MONTH


def test_a_history_serves_until_a_point_has_gone_by_or_the_state_changed() -> None:
    asked = Asked(Span.HOUR, 60, "a", NOW)
    assert asked.serves(Asked(Span.HOUR, 60, "a", NOW + 59))
    assert not asked.serves(Asked(Span.HOUR, 60, "a", NOW + 60))
    assert not asked.serves(Asked(Span.HOUR, 60, "b", NOW))
    assert not asked.serves(Asked(Span.DAY, 60, "a", NOW))
    assert not asked.serves(Asked(Span.HOUR, 30, "a", NOW))


@pytest.mark.parametrize("cells", [12, 66, 190])
@pytest.mark.parametrize("rows", [1, 8])
def test_every_line_takes_exactly_its_cells(cells: int, rows: int) -> None:
    history = a_history("id", NOW - 86400, NOW, 66)
    columns = chart.spread(history.points, cells)
    top = chart.top_ms(columns) or 1.0
    lines = [*chart.bars(columns, top, rows), chart.losses(columns)]
    assert {len(line) for line in drawn(lines)} == {cells}
    assert len(lines) == rows + 1
