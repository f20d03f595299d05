"""Times as people type them."""

import pytest

from provd.cli.times import moment, span_s
from tests.fakes.fake_client import NOW


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0s", 0),
        ("90s", 90),
        ("90m", 5400),
        ("24h", 86400),
        ("7d", 604800),
        ("2w", 1209600),
        ("1d12h", 129600),
    ],
)
def test_a_span_has_units(text: str, seconds: int) -> None:
    assert span_s(text) == seconds


@pytest.mark.parametrize("text", ["", "2", "h", "2 h", "-2h", "2H", "1.5h", "2h!", "9999999999h", "\u0662h"])
def test_what_is_no_span_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="is not a span of time: write 90m, 24h"):
        span_s(text)


@pytest.mark.parametrize(
    ("text", "past", "timestamp"),
    [
        ("1h", False, "2026-04-20 04:10:00.000000"),
        ("1h", True, "2026-04-20 02:10:00.000000"),
        ("2026-12-01", False, "2026-12-01 00:00:00.000000"),
        ("2026-12-01 06:00", True, "2026-12-01 06:00:00.000000"),
        ("2026-12-01 06:00:30", False, "2026-12-01 06:00:30.000000"),
        ("2026-12-01T06:00:00.5Z", False, "2026-12-01 06:00:00.500000"),
        ("2026-12-01t06:00+02:00", False, "2026-12-01 04:00:00.000000"),
    ],
)
def test_a_moment_is_a_date_or_a_span_from_now(text: str, past: bool, timestamp: str) -> None:
    assert moment(text, NOW, past=past) == timestamp


@pytest.mark.parametrize("text", ["", "soon", "2026", "20261201", "2026-13-01", "2026-12-01 25:00", "12:00"])
def test_what_is_no_moment_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time: write a span like 90m"):
        moment(text, NOW)


@pytest.mark.parametrize(("text", "past"), [("999999999w", False), ("199999w", True)])
def test_a_moment_beyond_the_calendar_is_refused_in_words(text: str, past: bool) -> None:
    with pytest.raises(ValueError, match="outside the years"):
        moment(text, NOW, past=past)
