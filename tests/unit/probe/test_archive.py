"""What is made small for the store comes back as it was."""

from array import array

from hypothesis import given
from hypothesis import strategies as st

from provd.probe.archive import compress_minutes, compress_samples, decompress_minutes, decompress_samples
from provd.probe.rollup import roll_up
from provd.probe.samples import pack


@given(st.lists(st.integers(0, 2**64 - 1)))
def test_samples_come_back(values: list[int]) -> None:
    samples = array("Q", values)
    assert decompress_samples(compress_samples(samples)) == samples


@given(st.lists(st.tuples(st.integers(0, 59), st.binary(max_size=400)), max_size=150))
def test_minutes_come_back_in_any_order_and_more_than_once(minutes: list[tuple[int, bytes]]) -> None:
    assert decompress_minutes(compress_minutes(minutes)) == minutes


def test_an_ordinary_hour_is_made_half_as_long() -> None:
    times = [30.0 + step % 7 / 5 for step in range(240)]
    samples = array("Q", [pack(1.78e9 + 30 * step, rtt_ms, True, True) for step, rtt_ms in enumerate(times)])
    assert len(compress_samples(samples)) < 4 * len(samples)
    minutes = [(minute, roll_up(samples[2 * minute : 2 * minute + 2]).encode()) for minute in range(60)]
    assert len(compress_minutes(minutes)) < sum(2 + len(rollup) for _, rollup in minutes) / 2
