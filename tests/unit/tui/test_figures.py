import pytest

from provd.schema.health import Cause
from provd.schema.maintenance import Maintenance
from provd.schema.timestamps import NEVER, to_timestamp
from provtui import figures, verdict
from provtui.sparkline import bars, levels, spark
from tests.fakes.fake_client import NOW, a_provider


@pytest.mark.parametrize(
    ("seconds", "age", "duration"),
    [
        (None, "—", "—"),
        (0.0, "now", "now"),
        (29.9, "now", "now"),
        (30.0, "30s", "30s"),
        (59.9, "30s", "30s"),
        (60.0, "1m", "1m"),
        (3599.0, "59m", "59m"),
        (7500.0, "2h", "2h05m"),
        (90000.0, "25h", "1d01h"),
        (8_640_000.0, "100d", "100d"),
    ],
)
def test_ages_and_durations_are_short_and_coarse(seconds: float | None, age: str, duration: str) -> None:
    assert (figures.age_text(seconds), figures.duration_text(seconds)) == (age, duration)


@pytest.mark.parametrize("seconds", [0, 59, 61, 3601, 86399, 86401, 8.6e6, 9e8])
def test_ages_fit_their_columns(seconds: float) -> None:
    assert len(figures.age_text(seconds)) <= 4
    assert len(figures.duration_text(seconds)) <= 6


@pytest.mark.parametrize(
    ("rtt_ms", "text"),
    [(None, "—"), (0.4, "0.4ms"), (23.4, "23ms"), (9.97, "10ms"), (1234.0, "1234ms"), (31000.0, "31s")],
)
def test_round_trip_times_carry_their_unit(rtt_ms: float | None, text: str) -> None:
    assert figures.rtt_text(rtt_ms) == text


@pytest.mark.parametrize(
    ("percent", "text"), [(None, "—"), (0.0, "0%"), (0.2, "<1%"), (33.3, "33%"), (100, "100%")]
)
def test_a_small_loss_is_never_shown_as_none(percent: float | None, text: str) -> None:
    assert figures.percent_text(percent) == text


def test_every_cause_has_a_word_that_fits_its_column() -> None:
    assert all(len(figures.CAUSE_WORDS[cause]) <= 8 for cause in Cause)


def test_an_outcome_is_the_code_else_the_cause() -> None:
    assert figures.answer_text(503, Cause.OK) == "503"
    assert figures.answer_text(None, Cause.DNS_NXDOMAIN) == "nxdomain"
    assert figures.answer_text(None, None) == "—"


def test_times_of_day_carry_the_date_when_that_was_not_today() -> None:
    assert figures.clock_text(to_timestamp(NOW - 60), NOW) == "03:09"
    assert figures.clock_text(to_timestamp(NOW - 2 * 86400), NOW) == "04-18 03:10"


def test_a_steady_trunk_is_a_flat_line_whatever_its_rtt() -> None:
    assert spark([20.0] * 5, 5) == spark([900.0] * 5, 5) == "▄▄▄▄▄"


def test_lost_checks_and_those_not_made_yet_have_their_own_signs() -> None:
    assert spark([20.0, 20.0, None, 80.0], 5) == "·▄▄×█"
    assert spark([None, None], 3) == "·××"


def test_a_short_line_shows_the_newest_checks() -> None:
    assert spark([10.0] * 5 + [None], 2) == "▄×"


def test_levels_stay_within_their_steps() -> None:
    assert all(level is None or 1 <= level <= 8 for level in levels([0.0, 0.001, 5.0, 1e9], 8))


def test_bars_stand_on_the_lowest_line() -> None:
    top, middle, bottom = bars([20.0, 20.0, None, 100.0], rows=3, bar=1)
    assert (top, middle, bottom) == ("      █ ", "▄ ▄   █ ", "█ █ × █ ")


def test_the_verdict_falls_back_to_a_sentence_of_our_own() -> None:
    provider = a_provider(
        "A", health={"explanation": "", "cause": Cause.REFUSED, "code": None, "rtt_ms": None}
    )
    assert verdict.explanation(provider) == "The last check was refused: nothing listens there."


def test_the_headline_says_state_duration_and_time() -> None:
    said = str(verdict.headline(a_provider("A", for_s=1740), NOW))
    assert said == "✓ healthy for 29m, since 02:41 UTC"


def test_a_disabled_provider_is_said_to_be_so_and_how_to_undo_it() -> None:
    provider = a_provider("A", enabled=False)
    assert verdict.explanation(provider).startswith("It is disabled, so it is not checked.")
    assert "x enables it again" in str(verdict.next_step(provider))


@pytest.mark.parametrize(
    ("percent", "text"),
    [(None, "—"), (100.0, "100%"), (99.999, "99.99%"), (97.5, "97.50%"), (0.0, "0.00%"), (8.0, "8.00%")],
)
def test_availability_fits_six_cells_and_is_rounded_down(percent: float | None, text: str) -> None:
    assert figures.availability_text(percent) == text


@pytest.mark.parametrize(
    ("days", "text"),
    [(-1, "has ended"), (0, "ends within a day"), (1, "ends in 1 day"), (9, "ends in 9 days")],
)
def test_certificates_end_in_days(days: int, text: str) -> None:
    assert figures.days_left_text(days) == text


@pytest.mark.parametrize(
    ("end", "text"),
    [(to_timestamp(NOW + 3600), "04:10"), (to_timestamp(NOW + 86400), "04-21 03:10"), (NEVER, "no end")],
)
def test_an_end_carries_the_date_when_it_is_not_soon(end: str, text: str) -> None:
    assert figures.end_text(end, NOW) == text


def test_the_notes_go_after_the_headline() -> None:
    provider = a_provider(
        "A", for_s=1740, health={"flapping": True, "tls_days_left": 3}, maintenance=Maintenance(by="ana")
    )
    said = str(verdict.headline(provider, NOW)) + str(verdict.noted(provider, NOW))
    assert said.startswith("◇ healthy for 29m, since 02:41 UTC, maintenance without end")
    assert said.endswith(", flapping, certificate ends soon")


def test_remarks_say_what_else_to_know_with_times_and_what_to_do() -> None:
    provider = a_provider(
        "A",
        warnings=["probe.tls_sni has no effect\x1b[31m with transport udp"],
        maintenance=Maintenance(until=to_timestamp(NOW + 3600), reason="CHG-1\x07", by="ana"),
        health={
            "stale": True,
            "flapping": True,
            "busy_until": to_timestamp(NOW + 120),
            "dns_problem": "the DNS servers did not answer in time",
            "resolved_age_s": 7300.0,
            "tls_days_left": 9,
        },
    )
    said = [str(line) for line in verdict.remarks(provider, NOW)]
    assert said == [
        "◇ In maintenance until 04:10 UTC, set by ana: CHG-1",
        "! These figures are stale: it has not been checked for longer than it should be.",
        "! It is flapping: its state goes up and down again and again.",
        "! It is busy: it asked to be left alone until 03:12 UTC, and is.",
        "! Looking its name up fails: the DNS servers did not answer in time. Its addresses are 2h old.",
        "! Its certificate ends in 9 days. Ask the carrier to renew it.",
        "! probe.tls_sni has no effect[31m with transport udp",
    ]
    assert verdict.remarks(a_provider("A"), NOW) == []


def test_every_cause_has_a_sentence() -> None:
    for cause in Cause:
        provider = a_provider("A", health={"explanation": "", "cause": cause, "code": None, "rtt_ms": None})
        assert verdict.explanation(provider).endswith(".")
