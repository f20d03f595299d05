"""Packets counted as RFC 3550 counts them."""

from hypothesis import given
from hypothesis import strategies as st

from provd.agent.media.reception import Reception


def stream(*sequences: int, reception: Reception | None = None, ssrc: int = 1) -> Reception:
    """Packets of 20 ms that come when they should."""
    counted = reception or Reception()
    for number in sequences:
        counted.take(ssrc, number & 0xFFFF, number * 160 & 0xFFFFFFFF, number * 0.02)
    return counted


def test_a_whole_stream_has_no_loss_and_no_jitter() -> None:
    counted = stream(*range(100, 200))
    assert (counted.received, counted.loss_pct) == (100, 0.0)
    assert counted.jitter_ms < 0.001
    assert counted.first_at == 2.0


def test_what_is_missing_between_the_first_and_the_last_is_lost() -> None:
    counted = stream(*(number for number in range(100) if number % 20 != 5))
    assert (counted.received, counted.loss_pct) == (95, 5.0)


def test_a_packet_that_comes_twice_counts_once() -> None:
    counted = stream(1, 2, 2, 3)
    assert (counted.received, counted.loss_pct) == (3, 0.0)


def test_packets_out_of_order_are_not_lost() -> None:
    counted = stream(5, 3, 4, 1, 2)
    assert (counted.received, counted.loss_pct) == (5, 0.0)


def test_numbers_begin_anew_after_65535() -> None:
    counted = stream(*(number for number in range(65500, 65600) if number != 65536))
    assert (counted.received, counted.loss_pct) == (99, 1.0)


def test_timestamps_begin_anew_after_2_to_the_32() -> None:
    start = 2**32 // 160
    counted = stream(*range(start - 50, start + 50))
    assert counted.jitter_ms < 1


def test_jitter_is_that_of_rfc_3550_a_8() -> None:
    counted = Reception()
    late, expected = 0.005, 0.0
    for number in range(200):
        at = number * 0.02 + (late if number % 2 else 0.0)
        counted.take(1, number, number * 160, at)
        if number:
            expected += (late * 8000 - expected) / 16
    assert abs(counted.jitter_ms - expected / 8) < 0.001
    assert 4.9 < counted.jitter_ms < 5.1


def test_sources_are_counted_each_by_itself() -> None:
    counted = stream(*range(50))
    stream(*range(1000, 1050), reception=counted, ssrc=2)
    assert (counted.received, counted.loss_pct) == (100, 0.0)


def test_a_jump_of_a_source_is_no_loss() -> None:
    counted = stream(*range(50), *range(20000, 20050))
    assert (counted.received, counted.loss_pct) == (100, 0.0)


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 65535), st.integers(0, 2**32 - 1)), max_size=300)
)
def test_any_packets_have_a_loss_between_none_and_all(packets: list[tuple[int, int, int]]) -> None:
    counted = Reception()
    for at, (ssrc, sequence, timestamp) in enumerate(packets):
        counted.take(ssrc, sequence, timestamp, float(at))
    assert 0.0 <= counted.loss_pct < 100.0
    assert counted.received <= len(packets)
