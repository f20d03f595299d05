"""Figures over the latest results, which samples leave to who follows them."""

from provtui.recent import RecentFigures, recent_figures
from tests.fakes.fake_client import a_provider


def test_figures_are_over_the_results_at_hand_and_not_those_that_came_with_the_record() -> None:
    health = a_provider("Acme", health={"recent": [20.0, None, 24.0, 21.0], "targets_total": 1}).health
    assert recent_figures(health) == RecentFigures(21.0, 24.0, 3.5)


def test_without_results_there_are_none() -> None:
    health = a_provider("Acme", health={"recent": [], "targets_total": 1}).health
    assert recent_figures(health) == RecentFigures(None, None, None)


def test_of_several_addresses_the_jitter_is_what_provd_told() -> None:
    health = a_provider("Acme", health={"recent": [20.0, 90.0], "targets_total": 2, "jitter_ms": 0.4}).health
    assert recent_figures(health).jitter_ms == 0.4
