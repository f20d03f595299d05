"""Rollups: exact where they say so, within 1 % elsewhere, and the same however they were added up."""

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provd.probe.buckets import BOUNDS, bucket_of, middle_of
from provd.probe.rollup import Rollup, counts, decode, encoded, roll_up
from provd.probe.samples import UNANSWERED, pack, unpack
from provd.probe.varints import decode_varints, encode_varints

LONGEST = UNANSWERED - 1
times = st.one_of(st.integers(0, 300), st.integers(0, 100_000), st.integers(0, LONGEST))
packed = st.builds(
    lambda value, ok, up: pack(1.78e9, None if value is None else value / 100.0, ok, up),
    st.one_of(st.none(), times),
    st.booleans(),
    st.booleans(),
)
some = st.lists(packed, min_size=1, max_size=80)


@given(st.lists(st.integers(0, 2**62)))
def test_varints_come_back(numbers: list[int]) -> None:
    assert decode_varints(encode_varints(numbers)) == numbers


@given(times)
def test_a_bucket_is_within_one_percent_of_what_is_in_it(value: int) -> None:
    bucket = bucket_of(value)
    assert BOUNDS[bucket] <= value < BOUNDS[bucket + 1]
    assert abs(middle_of(bucket) - value) <= 0.01 * value


@given(some)
def test_the_figures_are_those_of_the_samples(samples: list[int]) -> None:
    rollup = roll_up(samples)
    read = [unpack(each) for each in samples]
    values = sorted(each & UNANSWERED for each in samples if each & UNANSWERED != UNANSWERED)
    assert rollup.count == len(samples)
    assert rollup.ok == sum(sample.ok for sample in read)
    assert rollup.up == sum(sample.up for sample in read)
    assert rollup.answered == len(values)
    assert rollup.loss_pct == 100.0 * (len(samples) - len(values)) / len(samples)
    if not values:
        assert rollup.min_ms is rollup.mean_ms is rollup.max_ms is rollup.percentile_ms(50) is None
        return
    assert rollup.min_ms == values[0] / 100.0
    assert rollup.max_ms == values[-1] / 100.0
    assert rollup.mean_ms == sum(values) / len(values) / 100.0
    for percent in (0, 1, 50, 95, 100):
        exact = values[max(1, ceil(percent * len(values) / 100)) - 1] / 100.0
        estimate = rollup.percentile_ms(percent)
        assert estimate is not None
        assert rollup.min_ms <= estimate <= rollup.max_ms
        assert estimate == pytest.approx(exact, rel=0.0 if len(values) <= 4 else 0.0101)


@given(some)
def test_encoding_loses_nothing(samples: list[int]) -> None:
    rollup = roll_up(samples)
    assert decode(rollup.encode()) == rollup
    assert encoded(samples) == rollup.encode()
    assert counts(rollup.encode()) == (rollup.count, rollup.up)


@given(some, some, st.booleans())
def test_rollups_add_up_to_what_their_samples_would_have_given(
    first: list[int], second: list[int], backwards: bool
) -> None:
    whole = roll_up([*first, *second])
    parts = [roll_up(first), roll_up(second)]
    if backwards:
        parts.reverse()
    merged, from_bytes, one_by_one = Rollup(), Rollup(), Rollup()
    for part in parts:
        merged.merge(part)
        from_bytes.merge_encoded(part.encode())
    for each in (*second, *first):
        one_by_one.add(each)
    assert merged == from_bytes == one_by_one == whole
    assert merged.encode() == whole.encode()


@given(st.lists(st.integers(0, 500), min_size=1, max_size=6))
def test_a_few_good_samples_are_encoded_alike(values: list[int]) -> None:
    samples = [pack(1.78e9, value / 100, True, True) for value in values]
    assert encoded(samples) == roll_up(samples).encode()


def test_a_rollup_of_nothing_is_known_as_such() -> None:
    empty = Rollup()
    assert decode(empty.encode()) == empty
    assert empty.loss_pct is empty.availability_pct is empty.mean_ms is None


def test_two_ordinary_samples_take_few_bytes() -> None:
    assert len(roll_up([pack(1.78e9, 30.1, True, True), pack(1.78e9, 30.9, True, True)]).encode()) == 4


def test_an_hour_of_ordinary_samples_takes_less_than_a_hundred() -> None:
    samples = [pack(1.78e9, 25.0 + each % 60 / 10, True, True) for each in range(3600)]
    assert len(roll_up(samples).encode()) < 100
