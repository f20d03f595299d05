"""Samples in 64 bits, and the ring of the last ones."""

from array import array

import pytest

from provd.probe.samples import Sample, pack, unpack


@pytest.mark.parametrize("rtt_ms", [None, 0.0, 0.01, 23.45, 5000.0, 60_000.0])
@pytest.mark.parametrize("ok", [True, False])
@pytest.mark.parametrize("up", [True, False])
def test_a_sample_says_what_was_packed(rtt_ms: float | None, ok: bool, up: bool) -> None:
    assert unpack(pack(1_780_000_000.9, rtt_ms, ok, up)) == Sample(1_780_000_000, rtt_ms, ok, up)


def test_times_are_rounded_to_10_us() -> None:
    assert unpack(pack(0.0, 1.234, True, True)).rtt_ms == 1.23
    assert unpack(pack(0.0, 1.236, True, True)).rtt_ms == 1.24


@pytest.mark.parametrize("wall", [-1.0, -1e12, 0.0, 2.0**32, 1e15])
@pytest.mark.parametrize("rtt_ms", [None, -5.0, 0.0, 1e12])
def test_no_clock_and_no_time_is_too_strange_to_pack(wall: float, rtt_ms: float | None) -> None:
    packed = pack(wall, rtt_ms, True, False)
    array("Q").append(packed)
    read = unpack(packed)
    assert (read.rtt_ms is None) == (rtt_ms is None)
    assert (read.ok, read.up) == (True, False)


def test_later_samples_are_larger_numbers() -> None:
    assert pack(100.0, None, True, True) < pack(101.0, 0.0, False, False)
