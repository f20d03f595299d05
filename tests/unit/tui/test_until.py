import pytest

from provtui.until import end_of, presets
from tests.fakes.fake_client import NOW


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("", None),
        ("   ", None),
        ("90m", "2026-04-20 04:40:00"),
        ("4h", "2026-04-20 07:10:00"),
        ("2 d", "2026-04-22 03:10:00"),
        ("06:00", "2026-04-20 06:00:00"),
        ("3:10", "2026-04-21 03:10:00"),
        ("02:30", "2026-04-21 02:30:00"),
        ("2026-12-01 06:00", "2026-12-01 06:00:00"),
        ("2026-12-01T06:00:30Z", "2026-12-01 06:00:30"),
        ("2026-12-01 06:00+02:00", "2026-12-01 04:00:00"),
    ],
)
def test_an_end_can_be_a_length_a_time_of_day_or_a_date(text: str, end: str | None) -> None:
    assert end_of(text, NOW) == end


def test_lengths_count_from_the_next_whole_minute() -> None:
    assert end_of("1h", NOW + 20) == "2026-04-20 04:11:00"


@pytest.mark.parametrize("text", ["soon", "25:00", "4 weeks", "2026-13-01 06:00", "0001-01-01T00:00+14:00"])
def test_what_is_no_time_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time: write 2026-12-01 06:00"):
        end_of(text, NOW)


@pytest.mark.parametrize("text", ["2026-04-20 03:09", "1999-01-01 00:00", "0m"])
def test_an_end_that_is_past_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not in the future"):
        end_of(text, NOW)


def test_every_preset_can_be_read_back() -> None:
    ends = {words: end_of(text, NOW) for words, text in presets(NOW)}
    assert ends == {
        "1 hour": "2026-04-20 04:10:00",
        "4 hours": "2026-04-20 07:10:00",
        "until tomorrow 06:00": "2026-04-21 06:00:00",
        "no end": None,
    }
