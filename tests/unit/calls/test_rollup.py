"""Rollups of calls add up to what the calls themselves would give, in any order."""

from hypothesis import given, settings
from hypothesis import strategies as st

from provd.calls.rollup import CallRollup

CALLS = st.lists(
    st.tuples(
        st.sampled_from([200, 404, 480, 486, 487, 500, 503, 603]),
        st.none() | st.floats(0, 86_400_000),
        st.none() | st.floats(0, 86_400_000),
        st.none() | st.floats(0, 1e7),
        st.none() | st.floats(1, 5),
        st.none() | st.floats(0, 100),
    )
)


def rolled_up(calls: list[tuple[float | None, ...]]) -> CallRollup:
    rollup = CallRollup()
    for call in calls:
        rollup.add(*call)  # type: ignore[arg-type]
    return rollup


@settings(deadline=None)
@given(CALLS, CALLS)
def test_encoded_or_not_two_rollups_add_up_to_one_of_all_calls(
    one: list[tuple[float | None, ...]], other: list[tuple[float | None, ...]]
) -> None:
    merged, encoded = rolled_up(one), rolled_up(one)
    merged.merge(rolled_up(other))
    encoded.merge_encoded(rolled_up(other).encode())
    assert merged == encoded == rolled_up(one + other)


def test_ratios_are_of_all_attempts_and_durations_of_answered_calls() -> None:
    rollup = CallRollup()
    rollup.add(200, pdd_ms=100, setup_ms=2000, duration_s=60, mos=4.2, loss_pct=0.5)
    rollup.add(200, pdd_ms=300, setup_ms=4000, duration_s=120, mos=4.0, loss_pct=1.5)
    rollup.add(486, pdd_ms=200, duration_s=9)
    rollup.add(503)
    assert (rollup.attempts, rollup.answered, rollup.effective) == (4, 2, 3)
    assert (rollup.asr_pct, rollup.ner_pct) == (50.0, 75.0)
    assert (rollup.acd_s, rollup.duration_s, rollup.setup_ms) == (90.0, 180.0, 3000.0)
    assert (rollup.mos, rollup.loss_pct) == (4.1, 1.0)
    assert rollup.pdd_ms(50) is not None
    assert abs(rollup.pdd_ms(50) - 200) <= 2  # type: ignore[operator]
    assert abs(rollup.pdd_ms(95) - 300) <= 3  # type: ignore[operator]


def test_calls_that_are_alike_may_be_taken_in_together() -> None:
    each, together = CallRollup(), CallRollup()
    for _ in range(3):
        each.add(200, 700, 2000, 60, 4.1, 0.5)
        each.add(503, 200, None, 5)
    together.add_alike(200, 3, [3, 180_000, 3, 6000, 3, 1230, 3, 1500])
    together.add_alike(503, 3, [3, 15_000, 0, 0, 0, 0, 0, 0])
    together.add_pdds([700] * 3)
    together.add_pdds([200] * 3)
    assert each == together


def test_of_no_calls_nothing_is_known() -> None:
    nothing = CallRollup()
    assert (nothing.asr_pct, nothing.ner_pct, nothing.acd_s, nothing.mos, nothing.pdd_ms(95)) == (None,) * 5


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e7), min_size=1), st.integers(1, 100))
def test_percentiles_are_within_a_hundredth_of_the_exact_ones(values: list[float], percent: int) -> None:
    rollup = rolled_up([(200, value) for value in values])
    exact = sorted(values)[max(1, -(-percent * len(values) // 100)) - 1]
    found = rollup.pdd_ms(percent)
    assert found is not None
    assert abs(found - exact) <= 1 + exact * 0.0101
