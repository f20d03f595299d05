"""Simulated carriers do what their name says."""

import random

import pytest

from provd.demo.behaviour import Behaviour


def test_it_answers_within_its_delay() -> None:
    chance = random.Random(1)
    behaviour = Behaviour(code=404, delay_s=0.1, jitter_s=0.05)
    for _ in range(100):
        answer = behaviour.answer(uptime_s=1.0, chance=chance.random())
        assert answer is not None
        assert answer.code == 404
        assert 0.1 <= answer.delay_s <= 0.15


def test_a_lossy_one_loses_its_share() -> None:
    chance = random.Random(1)
    behaviour = Behaviour(loss=0.33)
    lost = sum(behaviour.answer(uptime_s=1.0, chance=chance.random()) is None for _ in range(3000))
    assert lost / 3000 == pytest.approx(0.33, abs=0.03)


def test_a_flapping_one_is_silent_in_every_second_stretch() -> None:
    behaviour = Behaviour(flap_s=30.0)
    answers = [behaviour.answer(uptime_s=at, chance=0.5) is not None for at in (0, 29, 30, 59, 60, 89, 90)]
    assert answers == [True, True, False, False, True, True, False]


def test_a_silent_one_never_answers() -> None:
    assert Behaviour(silent=True).answer(uptime_s=0.0, chance=0.9) is None
