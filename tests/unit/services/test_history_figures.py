"""Figures over the samples in memory, and the points of a history."""

from array import array

import pytest

from provd.probe.rollup import Rollup
from provd.probe.samples import RING, pack
from provd.schema.history import Resolution
from provd.schema.rtt_figures import jitter
from provd.schema.timestamps import to_timestamp
from provd.services.history.figures import sample_figures
from provd.services.history.points import Points, Span

START = 1_778_400_000.0


def ring(*times: float | None) -> "array[int]":
    return array(
        "Q", [pack(START + 30 * at, rtt_ms, rtt_ms is not None, True) for at, rtt_ms in enumerate(times)]
    )


def test_figures_are_over_what_was_answered_and_loss_over_all() -> None:
    figures = sample_figures(ring(10.0, None, 14.0, 11.0))
    assert (figures.rtt_p50_ms, figures.rtt_p95_ms, figures.jitter_ms) == (11.0, 14.0, 3.5)
    assert figures.loss_pct == 25.0
    assert [(each.at, each.rtt_ms, each.ok) for each in figures.samples[:2]] == [
        (to_timestamp(START), 10.0, True),
        (to_timestamp(START + 30), None, False),
    ]


@pytest.mark.parametrize(("samples", "loss_pct"), [(None, None), (ring(), None), (ring(None), 100.0)])
def test_without_answers_there_are_no_times(samples: "array[int] | None", loss_pct: float | None) -> None:
    figures = sample_figures(samples)
    assert (figures.rtt_p50_ms, figures.jitter_ms, figures.loss_pct) == (None, None, loss_pct)


def test_only_the_last_samples_count() -> None:
    figures = sample_figures(ring(*[500.0] * 40, *[1.0] * RING))
    assert len(figures.samples) == RING
    assert figures.rtt_p95_ms == 1.0


def points(span: Span, resolution: Resolution) -> int:
    return len(Points(span, resolution).shown())


@pytest.mark.parametrize("span_s", [60.0, 61.7, 86_400.0, 86_400.123456, 400 * 86_400.0])
@pytest.mark.parametrize("number", [1, 7, 120, 2000])
@pytest.mark.parametrize("resolution", Resolution)
def test_points_are_as_many_as_asked_for_unless_that_is_too_fine(
    span_s: float, number: int, resolution: Resolution
) -> None:
    unit_s = {Resolution.SAMPLE: 1, Resolution.MINUTE: 60, Resolution.HOUR: 3600}[resolution]
    made = Points(Span(START, START + span_s, number), resolution)
    if span_s / number >= unit_s:
        assert (len(made.shown()), made.step_s) == (number, pytest.approx(span_s / number))
    else:
        assert made.step_s == unit_s
        assert len(made.shown()) == -(-span_s // unit_s)


def test_an_entry_belongs_to_the_point_that_its_middle_is_in() -> None:
    made = Points(Span(START, START + 600, 5), Resolution.MINUTE)
    places = {}
    for minute in range(-2, 12):
        place = made.at(START + 60 * minute)
        places[minute] = None if place is None else [each is place for each in made._rollups].index(True)
    assert [places[minute] for minute in range(-2, 12)] == [
        None,
        None,
        0,
        0,
        1,
        1,
        2,
        2,
        3,
        3,
        4,
        4,
        None,
        None,
    ]


def test_an_entry_that_an_edge_cuts_counts_whole() -> None:
    made = Points(Span(START + 30, START + 90, 1), Resolution.MINUTE)
    assert [isinstance(made.at(START + 60 * minute), Rollup) for minute in (-1, 0, 1, 2)] == [
        False,
        True,
        True,
        False,
    ]


def test_the_finest_that_covers_the_time_is_chosen() -> None:
    full, young, none = ring(*[1.0] * RING), ring(1.0), ring()
    two_days_ago = START - 2 * 86_400
    until = START + 30 * RING

    def chosen(start: float, end: float, number: int, *rings: "array[int]") -> Resolution:
        return Span(start, end, number).resolution(rings, two_days_ago)

    assert chosen(START, until, 1000, full, young, none) is Resolution.SAMPLE
    assert chosen(START - 1, until, 1000, full) is Resolution.MINUTE
    assert chosen(START - 1, until, 1000, young) is Resolution.SAMPLE  # it has every sample there ever was
    assert chosen(START, until, 10, full) is Resolution.MINUTE
    assert chosen(two_days_ago, until, 1000, full) is Resolution.MINUTE
    assert chosen(two_days_ago - 1, until, 1000, full) is Resolution.HOUR


def test_two_steady_paths_of_one_provider_have_no_jitter() -> None:
    assert jitter([[10.0, None, 10.0, 10.0], [110.0, 110.0]]) == 0.0
    assert jitter([[10.0, 12.0], [110.0]]) == 2.0
    assert jitter([[10.0], [None, 110.0]]) is None
