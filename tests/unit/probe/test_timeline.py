"""Timelines: every sample is in exactly one rollup or in the open minute, whatever the clock does."""

from array import array
from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from provd.probe.rollup import Rollup, roll_up
from provd.probe.samples import RING, pack
from provd.probe.series import add_entry, by_hour, drop_oldest, entries, finished, mark_hour
from provd.probe.timeline import MAX_OPEN, open_hour, open_minute, take

HOUR = 494_000


class Line:
    def __init__(self, *, stored: bool = True) -> None:
        self.samples: array[int] | None = array("Q") if stored else None
        self.minutes: bytearray | None = bytearray() if stored else None
        self.number: int | None = 1 if stored else None

    def by_minute(self) -> dict[int, Rollup]:
        """What the timeline has counted of each minute."""
        found: dict[int, Rollup] = defaultdict(Rollup)
        for minute, rollup in entries(self.minutes or b""):
            found[minute].merge_encoded(rollup)
        if self.samples:
            found[(self.samples[-1] >> 32) // 60].merge(roll_up(self.samples[open_minute(self.samples) :]))
        return found


def expected(samples: list[int]) -> dict[int, Rollup]:
    found: dict[int, Rollup] = defaultdict(Rollup)
    for packed in samples:
        found[(packed >> 32) // 60].add(packed)
    return found


steps = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 1, 10, 29, 30, 61, 700, 3600, 7300, -1, -59, -60, -3600, -3601]),
        st.one_of(st.none(), st.floats(0, 500)),
        st.integers(1, 70),
    ),
    max_size=30,
)


@given(steps)
def test_every_sample_counts_once_whatever_the_clock_does(walk: list[tuple[int, float | None, int]]) -> None:
    line, taken, now = Line(), [], HOUR * 3600.0
    for step, rtt_ms, times in walk:
        for _ in range(times):
            now += step
            taken.append(pack(now, rtt_ms, rtt_ms is not None, True))
            take(line, taken[-1])
    assert line.by_minute() == expected(taken)


@given(steps)
def test_what_is_finished_can_be_taken_away_at_any_time(
    walk: list[tuple[int, float | None, int]],
) -> None:
    line, taken, now = Line(), [], HOUR * 3600.0
    stored: dict[int, Rollup] = defaultdict(Rollup)
    for step, rtt_ms, times in walk:
        for _each in range(times):
            now += step
            taken.append(pack(now, rtt_ms, True, True))
            take(line, taken[-1])
        assert line.samples is not None
        assert line.minutes is not None
        hour = open_hour(line.samples)
        assert hour is not None
        over = finished(line.minutes, hour)
        for of_hour, minutes in by_hour(line.minutes[:over]).items():
            for place, rollup in minutes:
                stored[of_hour * 60 + place].merge_encoded(rollup)
        del line.minutes[:over]
        assert {minute // 60 for minute, _rollup in entries(line.minutes)} <= {hour} or over == 0
    for minute, rollup in line.by_minute().items():
        stored[minute].merge(rollup)
    assert stored == expected(taken)


def test_many_checks_on_demand_within_a_minute_are_all_counted_and_the_ring_stays_bounded() -> None:
    line, taken = Line(), []
    for number in range(3 * MAX_OPEN + 5):
        taken.append(pack(HOUR * 3600.0, number % 50, True, True))
        take(line, taken[-1])
        assert line.samples is not None
        assert len(line.samples) <= MAX_OPEN
    assert line.by_minute() == expected(taken)
    for second in range(60, 4000):
        take(line, pack(HOUR * 3600.0 + second, 1.0, True, True))
    assert RING <= len(line.samples) <= RING + RING // 4


def test_of_a_target_whose_history_is_not_kept_there_is_none() -> None:
    line = Line(stored=False)
    assert not take(line, pack(HOUR * 3600.0, 1.0, True, True))
    assert (line.samples, line.minutes) == (None, None)


def test_a_long_rollup_has_its_place_in_a_series() -> None:
    series = bytearray()
    mark_hour(series, HOUR)
    add_entry(series, 3, b"x" * 300)
    add_entry(series, 59, b"y")
    mark_hour(series, HOUR + 1)
    add_entry(series, 0, b"z" * 127)
    assert [(minute - HOUR * 60, rollup[:1], len(rollup)) for minute, rollup in entries(series)] == [
        (3, b"x", 300),
        (59, b"y", 1),
        (60, b"z", 127),
    ]
    assert by_hour(series[: finished(series, HOUR + 1)]) == {HOUR: [(3, b"x" * 300), (59, b"y")]}


def test_the_oldest_hours_are_dropped_from_what_is_too_long() -> None:
    series = bytearray()
    for hour in range(HOUR, HOUR + 10):
        mark_hour(series, hour)
        add_entry(series, 0, b"x" * 93)  # 100 bytes an hour
    drop_oldest(series, 350)
    assert [minute // 60 for minute, _ in entries(series)] == [HOUR + 7, HOUR + 8, HOUR + 9]
    drop_oldest(series, 10)
    assert [minute // 60 for minute, _ in entries(series)] == [HOUR + 9]
