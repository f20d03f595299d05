"""A provider's history as people see it."""

from typing import Any

import pytest

from provd.cli.history_text import history_text
from provd.cli.sparkline import spark
from provd.schema.history import History

FROM, TO = "2026-04-20 03:00:00.000000", "2026-04-20 04:00:00.000000"
FIGURES = ("min_ms", "mean_ms", "p50_ms", "p95_ms", "max_ms")
EMPTY = {"count": 0, "ok": 0}


def a_point(**fields: Any) -> dict[str, Any]:
    figures = dict.fromkeys(FIGURES, 20.0)
    return {"at": FROM, "count": 4, "ok": 4, "loss_pct": 0.0, **figures, "availability_pct": 100.0, **fields}


def a_history(*points: dict[str, Any], **fields: Any) -> History:
    wire = {"provider_id": "1", "from": FROM, "to": TO, "step_s": 900.0, "resolution": "minute"}
    shown = [{"at": FROM, **point} for point in points]
    return History.model_validate({**wire, "points": shown, "transitions": [], **fields})


@pytest.mark.parametrize(
    ("values", "top", "drawn"),
    [
        ([], 1.0, ""),
        ([0.0, 50.0, 100.0], 100.0, "▁▅█"),
        ([None, 1.0, None], 1.0, "·█·"),
        ([0.0, 0.0], 0.0, "▁▁"),
        ([2.0], 1.0, "█"),
    ],
)
def test_a_sparkline_has_a_character_for_each_value(
    values: list[float | None], top: float, drawn: str
) -> None:
    assert spark(values, top) == drawn


def test_it_says_what_time_how_fine_and_draws_it() -> None:
    lost = a_point(count=4, ok=3, loss_pct=25.0, p95_ms=40.0)
    head, p95, loss = history_text("Acme", a_history(a_point(), EMPTY, lost)).split("\n\n")[0].splitlines()
    assert head == (
        "Acme: 2026-04-20 03:00:00 to 2026-04-20 04:00:00, 15 min a point, from figures of each minute"
    )
    assert p95 == "p95   ▅·█  20.0 ms to 40.0 ms"
    assert loss == "loss  ▁·▃  12.5 % of all"


def test_points_without_checks_have_no_line() -> None:
    table = history_text("Acme", a_history(EMPTY, a_point(at="2026-04-20 03:15:00.000000"), EMPTY))
    assert table.split("\n\n")[1].splitlines() == [
        "FROM                 CHECKS  LOSS  MIN      MEAN     P50      P95      MAX      HEALTHY",
        "2026-04-20 03:15:00  4       0 %   20.0 ms  20.0 ms  20.0 ms  20.0 ms  20.0 ms  100 %",
    ]


def test_a_time_without_checks_says_so() -> None:
    assert history_text("Acme", a_history(EMPTY, EMPTY)).splitlines()[1:] == [
        "no check is known of this time"
    ]


def test_checks_without_any_answer_have_no_time() -> None:
    silent = a_point(
        ok=0, loss_pct=100.0, **dict.fromkeys(("min_ms", "mean_ms", "p50_ms", "p95_ms", "max_ms"))
    )
    said = history_text("Acme", a_history(silent))
    assert "p95   ·  no answer" in said
    assert "loss  █  100 % of all" in said


def test_changes_are_told_oldest_first() -> None:
    changes = [
        {"at": at, "previous": "healthy", "status": "unhealthy", "explanation": words}
        for at, words in ((TO, "second"), (FROM, "first"))
    ]
    said = history_text("Acme", a_history(EMPTY, transitions=changes))
    assert said.index("first") < said.index("second")


def test_a_name_cannot_move_the_cursor() -> None:
    assert "\x1b" not in history_text("\x1b[2J", a_history(EMPTY))
